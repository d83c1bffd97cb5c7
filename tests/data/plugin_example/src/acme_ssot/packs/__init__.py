"""Packs: registries that others extend."""
