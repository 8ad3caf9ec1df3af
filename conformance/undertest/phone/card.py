"""Binding L as the phone speaks it, sections 5.2 to 5.5: commands in links or extended, answers fetched whole."""

import standard  # noqa: F401  (finds the modules below)

from apdu import AID, GET_RESPONSE, OK, SELECT
from refused import LIMIT

SELECT_COMMAND = bytes([0x00, SELECT, 0x04, 0x00, len(AID)]) + AID + b"\x00"
SHORT = 255  # bytes of data of a command with short length fields


class Lost(Exception):
    """The link is gone; handed says whether the last command of what was sent had been handed to it."""

    def __init__(self, handed):
        self.handed = handed


class Ended(Exception):
    """A status word that ends the transaction; fetching says whether it answered GET RESPONSE."""

    def __init__(self, fetching):
        self.fetching = fetching


class Garbled(Exception):
    """An answer of which there is no end, or too much."""


class Card:
    """The lock at the other end; transceive gives the answer to a command, None where the link is gone."""

    select_command, room = SELECT_COMMAND, LIMIT["command-bytes"]

    def __init__(self, transceive):
        self._transceive, self.extended = transceive, False

    def select(self):
        """The data that answer SELECT."""
        self.extended = False
        return self._whole(self._hand(SELECT_COMMAND, last=True))

    def send(self, instruction, data, p1=0):
        """The data that answer a command of class 80, in as many links as it takes."""
        if self.extended and len(data) > SHORT:
            lengths = b"\x00" + len(data).to_bytes(2, "big")
            return self._whole(self._hand(bytes([0x80, instruction, p1, 0]) + lengths + data + b"\x00\x00", last=True))
        links = [data[at : at + SHORT] for at in range(0, len(data), SHORT)]
        for link in links[:-1]:
            if self._hand(bytes([0x90, instruction, p1, 0, len(link)]) + link, last=False)[-2:] != OK:
                raise Ended(fetching=False)
        return self._whole(self._hand(bytes([0x80, instruction, p1, 0, len(links[-1])]) + links[-1] + b"\x00", last=True))

    def _hand(self, command, last):
        answer = self._transceive(command)
        if answer is None or len(answer) < 2:
            raise Lost(handed=last)
        return answer

    def _whole(self, answer):
        """The data of an answer with all that GET RESPONSE brings."""
        data, fetching = answer[:-2], False
        while answer[-2] == 0x61:
            answer = self._hand(bytes([0x00, GET_RESPONSE, 0, 0, answer[-1]]), last=True)
            fetching = True
            data += answer[:-2]
            if len(data) > LIMIT["response-bytes"] or answer[-2] == 0x61 and len(answer) == 2:
                raise Garbled
        if answer[-2:] != OK:
            raise Ended(fetching)
        if len(data) > LIMIT["response-bytes"]:
            raise Garbled
        return data
