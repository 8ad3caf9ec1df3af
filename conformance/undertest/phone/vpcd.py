"""A reader of vsmartcard's vpcd, in which the lock is the card: it connects as long as it is there."""

import socket
import time

POWER_ON, TELL_ATR = b"\x01", b"\x04"
APPEARS = 30.0  # seconds for a card to appear
ANSWERS = 30.0  # and to answer


class Reader:
    def __init__(self, port):
        self._listening = socket.create_server(("127.0.0.1", port))
        self._card = None

    def begin(self):
        """A new tap: whatever card was there has gone."""
        if self._card:
            self._card.close()
        self._card = None

    def transceive(self, command):
        """The answer to a command, None where there is no card or it has left the field."""
        try:
            if self._card is None:
                self._meet()
            self._send(command)
            return self._receive()
        except OSError:
            self.begin()
            return None

    def _meet(self):
        """Waits for a card, and gives it power. One that left again meanwhile is passed over."""
        until = time.monotonic() + APPEARS
        while True:
            self._listening.settimeout(max(until - time.monotonic(), 0.001))
            self._card, _ = self._listening.accept()
            self._card.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._card.settimeout(ANSWERS)
            try:
                self._send(POWER_ON)
                self._send(TELL_ATR)
                self._receive()
                return
            except OSError:
                self._card.close()

    def _send(self, message):
        self._card.sendall(len(message).to_bytes(2, "big") + message)

    def _receive(self):
        return self._exactly(int.from_bytes(self._exactly(2), "big"))

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            part = self._card.recv(count - len(data))
            if not part:
                raise ConnectionResetError
            data += part
        return data
