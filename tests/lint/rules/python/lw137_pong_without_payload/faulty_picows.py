"""picows, in a listener."""

from picows import WSFrame, WSListener, WSMsgType, WSTransport


class Listener(WSListener):
    def __init__(self, handle):
        self.handle = handle

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame):
        if frame.msg_type == WSMsgType.PING:
            transport.send_pong(b"")  # LW137
        elif frame.msg_type == WSMsgType.TEXT:
            self.handle(frame.get_payload_as_utf8_text())
