"""Finds what other distributions register with this tool, and loads it when it is asked for."""
