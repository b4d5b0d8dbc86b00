"""As the target of a thread, in a lambda, by partial."""

import functools
import threading

import websocket


class Feed:
    def __init__(self, url):
        self.app = websocket.WebSocketApp(url)

    def start(self):
        thread = threading.Thread(target=self.app.run_forever, daemon=True)  # LW132
        thread.start()

    def start_with_options(self):
        threading.Thread(  # LW132
            target=self.app.run_forever, kwargs={"ping_interval": 20}
        ).start()

    def start_by_lambda(self):
        threading.Thread(target=lambda: self.app.run_forever()).start()  # LW132

    def start_by_partial(self):
        run = functools.partial(self.app.run_forever, ping_interval=20)  # LW132
        threading.Thread(target=run).start()
