"""One program for each client, as its own documentation recommends."""
