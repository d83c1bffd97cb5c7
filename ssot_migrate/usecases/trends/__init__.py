"""Findings over the revisions of a history."""
