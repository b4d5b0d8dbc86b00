"""One WebSocket connection, either side: opening, frames, liveness, end.

Importing this package settles which form of its compiled modules runs, before any is imported.
"""

from longwire.link import compiled as compiled
