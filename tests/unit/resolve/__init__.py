"""Names, modules, shims and the import graph."""
