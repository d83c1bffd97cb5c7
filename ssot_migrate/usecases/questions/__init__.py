"""Questions about names and classes, which change nothing."""
