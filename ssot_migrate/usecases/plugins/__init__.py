"""The start of a plug-in."""
