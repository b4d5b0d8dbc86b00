"""The faults, one file each. ``noop.py`` is the model for a new one."""
