"""What a run has found, in formats for programs."""
