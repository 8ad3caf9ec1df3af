"""Plays vpcd: waits for Clock to connect as a card, switches it on, and has its owner open: vpcd.py CLOCK.
Then with the shim beside it, in both directions."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time

import factory
from factory import *
from phone import *



class Reader:
    def __init__(self, link):
        link.settimeout(10)
        self.link = link

    def frame(self, data):
        self.link.sendall(len(data).to_bytes(2, "big") + data)

    def read(self, n):
        data = b""
        while len(data) < n:
            more = self.link.recv(n - len(data))
            assert more, "the card went away"
            data += more
        return data

    def send(self, command):
        self.frame(command)
        return self.read(int.from_bytes(self.read(2), "big"))


with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
    given = os.path.join(folder, "provision.json")
    with open(given, "w") as f:
        f.write(json.dumps({"id": 1, "verb": "provision", **factory.lock()}) + "\n")
    card = subprocess.Popen([sys.argv[1], "--provision", given, "--vpcd", f"127.0.0.1:{server.getsockname()[1]}"])
    server.settimeout(10)
    r = Reader(server.accept()[0])
    assert r.send(b"\4")[0] == 0x3B
    r.frame(b"\1")
    assert Phone(r.send).tap(owner, CONFIGURE, prove=True)[OUTCOME] == 0
    r.frame(b"\0")
    r.frame(b"\1")
    r.frame(b"\2")
    assert Phone(r.send).tap(owner, OPEN) == {1: 1, 3: [0, BASE - 30 * DAY, 2]}
    r.link.close()
    assert card.wait(timeout=10) == 0


def controlled(address, reach):
    """Clock with the shim: provisioned over its lines, opened over the link, and back in the reader when that was lost."""
    card = subprocess.Popen([sys.argv[1], "--vpcd", address], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(verb, **members):
        card.stdin.write((json.dumps({"id": 1, "verb": verb, **members}) + "\n").encode())
        card.stdin.flush()
        return json.loads(card.stdout.readline())["ok"]

    assert ask("hello", protocol=1)["product"] == "Clock"
    r = reach()
    r.frame(b"\1")
    r.frame(b"\x00\xA4\x04\x00")
    assert r.link.recv(1) == b"", "a lock that was never provisioned is silent: it leaves the reader"
    r = reach()
    ask("provision", **factory.lock())
    for _ in range(2):
        r.link.close()
        r = reach()
        r.frame(b"\0")
        r.frame(b"\1")  # not answered: it goes before the line that follows
        assert ask("state")["vacant"]
    assert Phone(r.send).tap(owner, CONFIGURE, prove=True)[OUTCOME] == 0
    assert not ask("state")["vacant"]
    card.stdin.close()
    assert card.wait(timeout=10) == 0


def dial():
    for _ in range(100):
        try:
            return Reader(socket.create_connection(("127.0.0.1", port), 10))
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise AssertionError("clock does not listen")


with socket.create_server(("127.0.0.1", 0)) as server:
    server.settimeout(10)
    port = server.getsockname()[1]
    controlled(f"127.0.0.1:{port}", lambda: Reader(server.accept()[0]))
controlled(str(port), dial)
print("vpcd: the card answers, forgets with its power what it should, and opens, with the shim beside it and without")
