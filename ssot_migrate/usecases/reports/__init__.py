"""The whole state of a project, for one page."""
