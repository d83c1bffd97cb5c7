"""Frozen values that pass between the stages."""
