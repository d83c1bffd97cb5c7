"""One rule a file, called like the file."""
