"""The rules, a room for each language."""
