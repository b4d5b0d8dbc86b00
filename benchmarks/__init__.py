"""longwire against its peers: every number in the README comes from ``python -m benchmarks``."""
