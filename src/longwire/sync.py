"""The client for code without an event loop: the same engine, the same options, blocking calls.

>>> with longwire.sync.connect("wss://feed.example/ws") as client:
...     for message in client:
...         print(message)
"""

from longwire.client.sync import Client, connect

__all__ = ["Client", "connect"]
