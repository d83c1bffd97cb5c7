"""Classes of a project: what they derive from, in which order, and what they inherit."""
