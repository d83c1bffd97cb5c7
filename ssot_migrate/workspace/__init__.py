"""The files on disk: what belongs to the tree, what each file is for, and how it is read."""
