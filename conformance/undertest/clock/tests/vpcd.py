"""Plays vpcd: waits for Clock to connect as a card, switches it on, and has its owner open: vpcd.py CLOCK."""

import json
import os
import socket
import subprocess
import sys
import tempfile

import factory
from factory import *
from phone import *

with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
    given = os.path.join(folder, "provision.json")
    with open(given, "w") as f:
        f.write(json.dumps({"id": 1, "verb": "provision", **factory.lock()}) + "\n")
    card = subprocess.Popen([sys.argv[1], "--provision", given, "--vpcd", f"127.0.0.1:{server.getsockname()[1]}"])
    server.settimeout(10)
    link, _ = server.accept()
    link.settimeout(10)

    def frame(data):
        link.sendall(len(data).to_bytes(2, "big") + data)

    def read(n):
        data = b""
        while len(data) < n:
            more = link.recv(n - len(data))
            assert more, "the card went away"
            data += more
        return data

    def send(command):
        frame(command)
        return read(int.from_bytes(read(2), "big"))

    assert send(b"\4")[0] == 0x3B
    frame(b"\1")
    assert Phone(send).tap(owner, CONFIGURE, prove=True)[OUTCOME] == 0
    frame(b"\0")
    frame(b"\1")
    frame(b"\2")
    assert Phone(send).tap(owner, OPEN) == {1: 1, 3: [0, BASE - 30 * DAY, 2]}
    link.close()
    assert card.wait(timeout=10) == 0
print("vpcd: the card answers, forgets with its power what it should, and opens")
