"""The language server: what an editor asks, and the process of each project that answers it."""
