"""Measures the runtime. Everything is printed, nothing is asserted."""
