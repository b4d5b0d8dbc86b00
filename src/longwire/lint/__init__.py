"""The linter: finds in source code what stops reception, before it runs.

It reads Python and Rust, needs nothing of what the program imports, and imports no network code.
"""

from longwire.lint.catalogue import RULES

__all__ = ["RULES"]
