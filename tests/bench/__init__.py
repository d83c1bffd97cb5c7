"""The benchmark: whole processes on a real tree, beside the tools that people compare with."""
