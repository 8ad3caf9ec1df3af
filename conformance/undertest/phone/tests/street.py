"""Phones at a lock of another maker: the clock of conformance/undertest/clock, behind its shim, with keys and objects of its tests."""

import json
import os
import subprocess
import sys
import tempfile

PHONE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CLOCK = os.path.join(os.path.dirname(PHONE), "clock")
sys.path[:0] = [PHONE, os.path.join(CLOCK, "tests")]

import standard  # noqa: F401

import factory
from card import Card
from factory import enc
from lines import Shim
from messages import OUTCOME
from presented import Presented
from refused import REASON
from rights import OPERATION
from tap import Tap
from wallet import Wallet
from wish import Wish

OPEN, STATUS, CONFIGURE, READ_LOG = (OPERATION[name] for name in ("open", "status", "configure", "read-log"))
NAME = {number: name for name, number in OUTCOME.items()}
REASONS = {number: name for name, number in REASON.items()}
POST = factory.authority(factory.scheme, factory.post, [1], 7, 5 * factory.DAY)


class Factory:
    """Builds the clock, and gives locks as they leave it; close ends them all."""

    def __init__(self):
        self._folder, self._running = tempfile.TemporaryDirectory(), {}
        subprocess.run(["make", "-s", "-C", CLOCK, "BUILD=" + self._folder.name, "CFLAGS=-O1"], check=True)

    def lock(self, capabilities, **more):
        if capabilities not in self._running:
            self._running[capabilities] = Shim(os.path.join(self._folder.name, "clock"), "--capabilities", str(capabilities))
        self._running[capabilities].verb("provision", **factory.lock(**more))
        return self._running[capabilities]

    def close(self):
        for each in self._running.values():
            each.close()
            each.p.stdout.close()
        self._folder.cleanup()


class Street:
    """A lock, and the link to it: lose is a function of the number of a command and the command, and says which way it is lost."""

    def __init__(self, made, capabilities=127, **more):
        self.lock = made.lock(capabilities, **more)
        self.fresh()

    def fresh(self, lose=lambda number, command: None, network=True):
        """A new tap; what is counted begins anew."""
        self.lose, self.network, self.commands, self.gone = lose, network, [], False
        self.lock.verb("power", on=False)
        self.lock.verb("power", on=True)

    def transceive(self, command):
        self.commands.append(command)
        way = self.lose(len(self.commands), command)
        self.gone = self.gone or way is not None
        if way == "there":
            return None
        answer = self.lock.transceive(command)
        return None if way == "back" else answer

    def live(self, nonce):
        return bytes(factory.token(factory.post, factory.BASE + 2 * factory.DAY, nonce=nonce)) if self.network else None

    def read(self, wallet, operation=OPEN, **wish):
        """As tap, by binding R: the lock reads the phone."""
        phone = Presented(wallet, Wish(operation, **wish))
        self.lock.id += 1
        question = {"id": self.lock.id, "verb": "meet"}
        while "ok" not in (answer := json.loads(self.lock.ask(json.dumps(question)))):
            self.commands.append(bytes.fromhex(answer["transceive"]))
            way = self.lose(len(self.commands), self.commands[-1])
            said = None if way == "there" else phone.command(self.commands[-1])
            question = {"id": self.lock.id, "lost": True} if way else {"id": self.lock.id, "apdu": said.hex()}
        return self._words(phone.leave())

    def moves(self):
        return sum(move["count"] for move in self.lock.verb("bolt")["moves"])

    def sent(self):
        """The instructions of the commands, without links before the last and GET RESPONSE."""
        return [command[1] for command in self.commands if command[0] != 0x90 and command[1] != 0xC0]

    def tap(self, wallet, operation=OPEN, **wish):
        """Outcome and reason as words, and the rest of what the user is told."""
        return self._words(Tap(wallet, Wish(operation, **wish), Card(self.transceive), self.live).run())

    def _words(self, told):
        words = NAME[told["outcome"]] + (": " + REASONS.get(told["reason"], str(told["reason"])) if told["reason"] else "")
        return words, told


def wallet(key, grant=None, **more):
    given = {"key": {"suite": key.suite, "private": key.private}, "roots": [enc(factory.scheme.cose)],
             "makers": [bytes(factory.authority(factory.scheme, factory.maker))]}
    if grant:
        given["grant"] = bytes(grant)
    return Wallet(**given, **{name: [bytes(each) for each in objects] for name, objects in more.items()})


def taken(made, capabilities=127, settings=None, **more):
    """A street whose lock the owner has taken, and the log key."""
    street = Street(made, capabilities, **more)
    owner = wallet(factory.owner, documents=[factory.policy(factory.owner, 1, settings)])
    words, told = street.tap(owner, CONFIGURE, lock=factory.LOCK_ID, setup=factory.SETUP)
    assert words == "done", words
    street.fresh()
    words, judged = street.tap(owner, STATUS)
    assert (words, judged["documents"]) == ("done", [0]), (words, judged)
    street.fresh()
    return street, told["logkey"], owner
