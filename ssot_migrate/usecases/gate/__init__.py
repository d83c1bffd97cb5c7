"""What the gate does: lint, and hold the findings against what is known and what changed."""
