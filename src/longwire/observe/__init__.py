"""Frozen records of what a client sees of itself."""
