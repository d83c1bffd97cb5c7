"""Turns decisions about code into proven edits of files."""
