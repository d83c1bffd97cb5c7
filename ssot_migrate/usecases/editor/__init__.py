"""What an editor asks while files are typed in."""
