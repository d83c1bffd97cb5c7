"""One codemod a file."""
