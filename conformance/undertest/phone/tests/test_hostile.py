#!/usr/bin/python3
"""Locks that send what they like, at every layer: the phone always ends with a result, soon, and opens as before afterwards.

ROUNDS and SEED can be given by the environment for a longer run."""

import json
import os
import random
import subprocess
import sys
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import street
from factory import SETUP, Key, entry, enc, grant, neighbour, owner, policy, scheme, maker
from street import CONFIGURE, OPEN, POST, READ_LOG, REASONS, STATUS, taken, wallet

import asking
import channel
import handshake
from presented import Presented
from wish import Wish

ROUNDS, SEED = int(os.environ.get("ROUNDS", "250")), int(os.environ.get("SEED", "1"))
COMMANDS = 1200  # a lock can spin an answer of 1024 bytes out to one command a byte
HEADS = (b"\xff", b"\x5b" + b"\xff" * 8, b"\x9b" + b"\xff" * 8, b"\xbb" + b"\xff" * 8, b"\x81" * 9, b"\x58\xff", b"\x18\x00", b"\x61a", b"\xf6", b"\xf5")


def setUpModule():
    global built
    built = street.Factory()


def tearDownModule():
    built.close()


class Mess:
    """Bytes that are wrong, by a seed."""

    def __init__(self, seed):
        self.r = random.Random(seed)

    def bytes(self, data):
        data = bytearray(data)
        for _ in range(self.r.choice((1, 1, 1, 2, 5))):
            kind, at = self.r.randrange(7), self.r.randrange(len(data) + 1)
            if kind == 0 and at < len(data):
                data[at] = self.r.randrange(256)
            elif kind == 1 and at < len(data):
                data[at] ^= 1 << self.r.randrange(8)
            elif kind == 2:
                data[at:at] = self.r.randbytes(self.r.choice((1, 2, 40, 900)))
            elif kind == 3:
                del data[at : at + self.r.choice((1, 2, 30))]
            elif kind == 4:
                data[at : at + 1] = self.r.choice(HEADS)
            elif kind == 5:
                del data[at:]
            else:
                data = bytearray(self.item(3))
        return bytes(data)

    def item(self, depth):
        """Any CBOR, good or bad."""
        kind = self.r.randrange(7 if depth else 3)
        if kind == 0:
            return enc(self.r.choice((0, 1, 2, 3, 4, 5, 9, 35, 255, 2**32 - 1, 2**32, 2**64 - 1)))
        if kind == 1:
            return enc(self.r.randbytes(self.r.choice((0, 7, 8, 16, 32, 64, 768, 792))))
        if kind == 2:
            return self.r.choice(HEADS)
        if kind < 5:
            items = [self.item(depth - 1) for _ in range(self.r.randrange(5))]
            return bytes([0x80 + len(items)]) + b"".join(items)
        keys = sorted(self.r.sample(range(12), self.r.randrange(5)))
        return bytes([0xA0 + len(keys)]) + b"".join(bytes([key]) + self.item(depth - 1) for key in keys)


class Hostile(unittest.TestCase):
    def setUp(self):
        self.slept = []
        for patch in (mock.patch.object(asking.time, "sleep", self.slept.append), mock.patch.object(street.Street, "live", lambda lock, nonce: self.live(nonce))):
            patch.start()
            self.addCleanup(patch.stop)
        self.live = lambda nonce: None

    def rounds(self, damage):
        """Taps of all kinds while damage, a context of the round's mess, spoils them; and a good one now and then."""
        lock, _, bare = taken(built, settings={2: [[1, 127]]})
        key = Key("second")
        first = grant(owner, neighbour, entry(127, delegation=1))
        makers = (
            lambda: wallet(neighbour, grant(owner, neighbour, entry(127)), documents=[policy(owner, 2), policy(owner, 3, {4: bytes(range(128))})]),
            lambda: wallet(key, grant(neighbour, key, entry(127), parent=first), parents=[first], authorities=[POST]),
            lambda: wallet(street.factory.post, grant(street.factory.post, street.factory.post), authorities=[POST]),
            lambda: bare,
        )
        phones = [make() for make in makers]
        for number in range(ROUNDS):
            mess = Mess(SEED * 1000003 + number)
            phone = mess.r.choice(phones)
            wish = mess.r.choice(({}, {"receipt": True}, {"pages": 4}, {"operation": STATUS, "pages": 2}, {"operation": READ_LOG, "pages": 4},
                                  {"operation": CONFIGURE}, {"operation": CONFIGURE, "lock": street.factory.LOCK_ID, "setup": SETUP}))
            lock.fresh()
            with damage(mess):
                words, told = lock.tap(phone, **wish)
            self.assertLessEqual(len(lock.commands), COMMANDS, number)
            self.assertLessEqual(sum(self.slept), asking.PATIENCE * (number + 1))
            self.assertTrue(told["reason"] is None or told["reason"] in REASONS or told["believed"], number)
            self.assertTrue(told["believed"] or not words.startswith(("opened", "done")), number)
            if number % 25 == 24:
                lock.fresh()
                self.assertEqual(lock.tap(phones[0])[0], "opened", number)

    def test_answers(self):
        """Whatever comes over the air."""
        def damage(mess):
            honest = street.Street.transceive

            def transceive(lock, command):
                answer = honest(lock, command)
                kind = mess.r.randrange(12)
                if kind == 0:
                    return mess.bytes(answer)
                if kind == 1:
                    return answer[:-2] + bytes([mess.r.choice((0x61, 0x6C, 0x69, 0x6D, 0x90, 0x91)), mess.r.randrange(256)])
                return mess.r.choice((b"", b"\x90", b"\x61\x00", b"\x61\x05x")) if kind == 2 else answer

            return mock.patch.object(street.Street, "transceive", transceive)

        self.rounds(damage)

    def test_plaintext_2(self):
        """What only who made message_2 can spoil."""
        def damage(mess):
            honest = handshake.Handshake._read_plaintext_2

            def read(run):
                run._plaintext_2 = mess.bytes(run._plaintext_2)
                return honest(run)

            return mock.patch.object(handshake.Handshake, "_read_plaintext_2", read)

        self.rounds(damage)

    def test_sealed_responses(self):
        """What only a lock with good keys can say: maps and lists of all kinds, and its own answers spoilt."""
        def damage(mess):
            honest = channel.Direction.open

            def open_response(direction, sealed):
                plaintext = honest(direction, sealed)
                kind = mess.r.randrange(4)
                return mess.bytes(plaintext) if kind == 0 else mess.item(4) if kind == 1 else self.decision(mess) if kind == 2 else plaintext

            return mock.patch.object(channel.Direction, "open", open_response)

        self.rounds(damage)

    def decision(self, mess):
        """A response that is one by its form, and tells the phone to go on and on."""
        return mess.r.choice((
            enc({1: 2, 3: [1, 1, 1], 5: [50, mess.r.choice((0, 1, 10000))]}), enc({4: [mess.r.randbytes(8)]}), enc({4: [owner.id]}), enc({1: 4, 2: 35}),
            enc({1: 0, 3: [1, 1, 1], 10: bytes(792)}), enc({1: 0, 3: [1, 1, 1], 10: bytes(768)}), enc({1: 4, 2: 2**32 - 1}), enc({1: 77}),
            enc({1: 4, 2: 12, 9: [6]}), enc({1: 0, 3: [1, 1, 1], 9: [6, 6, 6, 6]}),
        ))

    def test_live_tokens(self):
        self.live = lambda nonce: Mess(len(self.slept)).bytes(street.factory.token(street.factory.post, 5, nonce=nonce))
        self.rounds(lambda mess: mock.patch.object(channel.Direction, "open", lambda *given: enc({1: 4, 2: 35})))

    def test_readers(self):
        """Binding R: whatever a reader sends, each command has an answer, and the tap an end."""
        guest = wallet(neighbour, grant(owner, neighbour))
        select, turn = bytes.fromhex("00a4040009f0504f535445524e8100"), bytes.fromhex("80189000")
        chosen = bytes.fromhex("6f1f851d84010148") + street.factory.LOCK_ID + b"\x50" + bytes(16)
        for number in range(ROUNDS):
            mess = Mess(SEED * 1000003 + number)
            phone = Presented(guest, Wish(OPEN, lock=street.factory.LOCK_ID))
            commands = [select, turn + bytes([len(chosen)]) + chosen + b"\0"]
            for _ in range(mess.r.randrange(8)):
                commands.append(mess.r.choice((select, turn + b"\0", turn + b"\x03\x41\x00\x01\0", b"\x90" + commands[1][1:], bytes.fromhex("00c0000000"))))
            for command in commands:
                answer = phone.command((mess.bytes(command) or b"\0")[:2048] if mess.r.random() < 0.3 else command)
                self.assertTrue(2 <= len(answer) <= 1026, number)
            told = phone.leave()
            self.assertFalse(told["believed"], number)

    def test_a_lock_that_never_ends(self):
        lock, _, _ = taken(built)
        for endless, words in ((enc({1: 2, 3: [1, 1, 1], 5: [0, 0]}), "refused: busy"), (enc({4: [owner.id]}), "refused: issuer-unknown"), (enc({1: 4, 2: 35}), "refused: evidence")):
            lock.fresh()
            with mock.patch.object(channel.Direction, "open", lambda *given: endless):
                self.assertEqual(lock.tap(wallet(neighbour, grant(owner, neighbour)), STATUS)[0], words)
            self.assertLess(len(lock.commands), 70)


class Lines(unittest.TestCase):
    """phone.py itself, as the tool starts it."""

    def say(self, *lines):
        text = "".join(line if isinstance(line, str) else json.dumps(dict(line, id=number + 1)) + "\n" for number, line in enumerate(lines))
        done = subprocess.run([sys.executable, os.path.join(street.PHONE, "phone.py")], input=text, capture_output=True, text=True, timeout=60)
        self.assertNotIn("Traceback", done.stdout + done.stderr)
        return done, [json.loads(line) for line in done.stdout.splitlines()]

    def provision(self, **other):
        return {"verb": "provision", "key": {"suite": 0, "private": neighbour.private.hex()}, "roots": [enc(scheme.cose).hex()],
                "makers": [street.factory.authority(scheme, maker).hex()], **other}

    def test_what_cannot_be_installed(self):
        stranger = grant(owner, Key("stranger")).hex()
        bad = [self.provision(grant="83"), self.provision(grant=stranger), self.provision(roots=["a0"]), self.provision(parents=["ff"]),
               self.provision(key={"suite": 2, "private": "00" * 32}), self.provision(key={"suite": 2, "private": "ff" * 32}), {"verb": "tap", "operation": 1}]
        done, answers = self.say(*bad)
        self.assertEqual([sorted(answer) for answer in answers], [["error", "id"]] * len(bad))
        self.assertNotIn(neighbour.private.hex(), done.stdout + done.stderr)

    def test_objects_that_are_none_are_left_out(self):
        done, answers = self.say(self.provision(makers=["83"], authorities=["84", "00"], documents=["80", "f6"]), {"verb": "tap", "operation": 1}, '{"id":2,"lost":true}\n' * 3)
        self.assertEqual(answers[-1], {"id": 2, "ok": {"outcome": 4, "reason": 27, "believed": False}})

    def test_lines_that_are_none(self):
        for line in ("x\n", "[]\n", "\0\n", "{" * 5000 + "\n", '{"id":1,"verb":"tap","operation":1}'):
            done, answers = self.say(line)
            self.assertEqual((done.returncode, answers), (1, []), line[:20])
            self.assertEqual(done.stderr.count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
