"""Binding R, chapter 21: the lock is the reader and the phone its card. The tap is the same; it waits for the lock to ask."""

import standard  # noqa: F401

import queue
import threading

from apdu import AID, GET_RESPONSE, OK, SELECT, Link
from card import SELECT_COMMAND, Ended, Garbled, Lost
from refused import LIMIT, need
from rights import OPENS
from tap import Tap

AID_R = AID[:-1] + bytes([AID[-1] | 0x80])
TURN = 0x18
INSTRUCTIONS = {0x00: {SELECT, GET_RESPONSE}, 0x80: {TURN, GET_RESPONSE}, 0x90: {TURN}}
NO_COMMAND = b""


class Turned:
    """The lock at the other end as a tap sees it: what it sends is the answer to the next TURN."""

    select_command = SELECT_COMMAND[:5] + AID_R + SELECT_COMMAND[-1:]
    room = LIMIT["command-bytes"] - 2  # INS and P1 stand before the data

    def __init__(self):
        self.extended = False
        self._turns, self._says = queue.Queue(), queue.Queue()
        self._asked = False  # a TURN waits for what the phone says

    # The phone's side, in the thread of the tap

    def select(self):
        """The data of the first TURN of a transaction."""
        if self._asked:
            self._say(bytes([SELECT, 0x04]) + AID)
        return self._next()

    def send(self, instruction, data, p1=0):
        self._say(bytes([instruction, p1]) + data)
        return self._next()

    def _say(self, command):
        self._asked = False
        self._says.put(command)

    def _next(self):
        turn = self._turns.get()
        if turn is None:
            raise Lost(handed=True)
        self._asked = True
        data, status = turn
        if status[0] == 0x61 or len(data) > LIMIT["response-bytes"]:
            raise Garbled  # answers are whole
        if status != OK:
            raise Ended(fetching=False)
        return data

    def end(self):
        """The tap is over: a TURN that waits, and every further one, is answered with no data."""
        self._says.put(NO_COMMAND)

    # The lock's side

    def turn(self, data, status):
        """What the phone says to this TURN."""
        self._turns.put((data, status))
        return self._says.get()

    def lose(self):
        self._turns.put(None)


class Presented:
    """A phone that waits to be read for one tap."""

    def __init__(self, wallet, wish):
        self.wish, self._told, self._fault, self._over = wish, None, None, False
        self._card, self._selected, self._read = Turned(), False, False
        self._tap = Tap(wallet, wish, self._card, lambda nonce: None)
        self._link = Link(True, self._carry, self._cut, INSTRUCTIONS)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            self._told = self._tap.run()
        except Exception as fault:
            self._fault = fault
        self._over = True
        self._card.end()

    def command(self, data):
        """The answer to a command of the lock, with its status word."""
        return self._link.process(data)

    def leave(self):
        """The field ends; what the user is told."""
        while not self._over:
            self._card.lose()
            self._thread.join(0.01)
        if self._fault:
            raise self._fault
        return self._told

    def _carry(self, cla, ins, p1, p2, data):
        if ins == SELECT:
            return self._select(p1, p2, data)
        need(self._selected, "out-of-order", "TURN before SELECT")
        self._read = True
        return (NO_COMMAND if self._over else self._card.turn(data, bytes([p1, p2]))) + OK

    def _cut(self):
        """What was said so far is over: section 8.6 as for a link that was lost."""
        if self._read:
            self._card.lose()
        self._selected = self._read = False

    def _select(self, p1, p2, data):
        self._cut()
        need((p1, p2) == (4, 0), "wrong-p1-p2")
        need(data == AID_R, "not-found")
        need(self.wish.lock or self.wish.operation not in OPENS, "refused", "no lock was chosen")
        self._selected = True
        return OK
