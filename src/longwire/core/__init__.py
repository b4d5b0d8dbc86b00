"""Everything that decides. No input, no output; clock and chance are arguments."""
