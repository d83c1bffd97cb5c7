"""Changes of many files as one: journaled, all or nothing, whole after any crash, undoable."""
