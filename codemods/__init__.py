"""One LibCST codemod a file."""
