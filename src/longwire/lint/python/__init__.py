"""What is known of a Python file, for the rules."""
