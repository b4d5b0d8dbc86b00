"""The rules for Python, one file each; each is its own manual."""
