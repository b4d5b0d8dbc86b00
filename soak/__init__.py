"""Half an hour of random faults for one client, in virtual time, with every promise watched.

``python -m soak --seed 7`` plays what a seed draws; ``make soak`` plays many seeds. A failure tells
its seed and the shortest list of faults that still fails.
"""
