"""Plays the commands of the worked examples to the lock and compares its answers byte by byte: examples.py CLOCK EXAMPLES.

The lock's random source is fixed to what the page's stream gives. What the page says was there before (an owner, a policy, a
floor, certificates) is brought about by taps first, with draws of their own."""

import hashlib
import json
import os
import re
import sys

import factory
from factory import *
from lines import Shim
from phone import *

CLOCK, EXAMPLES = sys.argv[1:3]


def stream(label, n):
    out = b""
    for i in range((n + 31) // 32):
        out += hashlib.sha256(label.encode() + i.to_bytes(8, "big")).digest()
    return out[:n]


def blocks(text):
    """Each code block under a bold title: (title, bytes)."""
    for title, body in re.findall(r"\*\*(.+?)\*\*.*?\n\n```\n(.*?)```", text, re.S):
        left = "".join(line[:50] if len(line) > 50 else line for line in body.splitlines())
        left = re.sub(r"[^0-9A-F]", "", left)
        yield title, bytes.fromhex(left)


def objects(text):
    """Objects of the page by their headings."""
    part = text.split("## Objects")[1].split("\n## ")[0]
    for section in part.split("\n### ")[1:]:
        yield section.splitlines()[0], next(b for t, b in blocks(section) if t == "Object")


def private_keys(text):
    for name, suite, value in re.findall(r"^(.+?): private key = (Ed25519|P-256)[^\n]*\n  ([0-9A-F]{64})", text, re.M):
        yield name, Key("", 2 if suite == "P-256" else 0, bytes.fromhex(value))


def identities(text, keys):
    certs = [o for name, o in objects(text) if "ock certificate" in name]
    out = []
    for cert in certs:
        x = dec(dec(cert)[2])[8][1][-2]
        k = next(k for k in keys.values() if k.x == x)
        out.append({"suite": k.suite, "private": k.private.hex(), "certificate": cert.hex()})
    return out


def other_identity(lock_id, suite):
    """A page with one certificate of the lock leaves out the other: any will do, it is not used."""
    k = factory.lock_key if suite == 0 else factory.lock_key_2
    return {"suite": suite, "private": k.private.hex(), "certificate": lock_certificate(maker, k, lock_id, 1).hex()}


def play(page):
    text = open(os.path.join(EXAMPLES, page + ".md")).read()
    keys = dict(private_keys(text))
    owner_key = keys.get("owner") or factory.owner
    ids = identities(text, keys)
    capabilities = int(re.search(r"18([0-9A-F]{2})\s+capabilities", text)[1], 16)
    if capabilities & 1:
        ids += [other_identity(LOCK_ID, s) for s in (0, 2) if s not in [i["suite"] for i in ids]]
    floor = int(re.search(r"1020304050607080[0-9A-F]{8}([0-9A-F]{8})00000001 \)", text)[1], 16)
    given = {"area": b"FR75011042".hex()}
    if page == "refused":
        given["authorities"] = [o.hex() for name, o in objects(text) if name == "Operator's certificate"]
    taps = re.findall(r"stream\( \"(postern test stream [^\"]+ lock)\" \)\[0\.\.31\]", text)
    prelude = [bytes(range(32)), bytes(range(1, 33))]
    draws = b"".join(prelude) + b"".join(stream(t, 64) for t in taps)
    s = Shim(CLOCK, "--capabilities", str(capabilities), "--draws", draws.hex())
    s.verb("provision", lock=LOCK_ID.hex(), setup=SETUP.hex(), roots=[enc(keys["scheme"].cose).hex()], identities=ids, **given)
    s.verb("power", on=True)
    p = Phone(s.transceive)
    if capabilities & 1:
        factory.lock_key = __import__("phone").lock_key = Key("", 0, bytes.fromhex(next(i for i in ids if i["suite"] == 0)["private"]))
    first = next((o for name, o in objects(text) if "policy" in name), None)
    admit = policy(owner_key, 1, {2: [[1, 127]]}, iat=floor)
    assert p.tap(owner_key, CONFIGURE, prove=True)[OUTCOME] == 0
    a = p.ask(STATUS, documents=[admit])
    if first:
        a = p.ask(STATUS, documents=[Raw(first), policy(owner_key, 2, iat=floor)])
        assert a[DOCUMENTS] == [0, 41], a
    if s.verb("state")["floor"] != floor:
        # the operator that the page's lock knows from manufacture raised the floor
        op = keys["operator"]
        t = token(op, floor)
        assert p.ask(STATUS, documents=[t])[DOCUMENTS] == [0]
    pairs, taps_done = [], 0
    for title, data in blocks(text):
        if title.startswith("Command"):
            pairs.append([data, None])
        elif title.startswith("Response") and title != "Response opened":
            pairs[-1][1] = data
    for n, (command, want) in enumerate(pairs, 1):
        if command[1] == 0xA4:
            s.verb("power", on=False)
            s.verb("power", on=True)
        got = s.transceive(command)
        if got != want:
            print(f"{page}: pair {n}: got {got.hex()}, want {want.hex()}, refusal {s.verb('refusal')}")
            return False
    print(f"{page}: {len(pairs)} answers are the page's")
    return True


pages = ["opening", "opening-p256", "first-visit", "resumed", "delegated", "refused"]
sys.exit(not all([play(p) for p in pages]))
