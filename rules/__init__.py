"""One rule a file; the file's name is the rule's name. The catalogue finds them here."""
