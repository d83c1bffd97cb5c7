"""What the index reads out of a file, and how it keeps it."""
