"""Who means what: modules, symbols through every re-export, and the import graph."""
