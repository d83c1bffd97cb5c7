"""A migration as a document, and how `apply --plan` follows it."""
