"""Proposes concepts and moves for a tree whose registry does not have them yet."""
