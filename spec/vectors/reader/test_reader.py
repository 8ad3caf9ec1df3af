#!/usr/bin/python3
"""Checks of the reader itself, by vectors of RFCs and by the worked examples:

python3 -m unittest discover -s spec/vectors/reader
"""

import importlib
import json
import os
import re
import sys
import tempfile
import types
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import cbor2

import apdu
import cbor
import channel
import check
import cose
import decision
import exchange
import log
import messages
import objects
import resumption
import trust
from refused import SPEC, Refused

h = bytes.fromhex


class Cbor(unittest.TestCase):
    """RFC 8949, appendix A: items that chapter 03 admits, and others."""

    GOOD = {
        "00": 0, "17": 23, "1818": 24, "1903e8": 1000, "1a000f4240": 1000000, "1b000000e8d4a51000": 1000000000000,
        "1bffffffffffffffff": 18446744073709551615, "3bffffffffffffffff": -18446744073709551616, "20": -1, "29": -10,
        "3903e7": -1000, "f4": False, "f5": True, "40": b"", "4401020304": h("01020304"), "80": [], "83010203": [1, 2, 3],
        "8301820203820405": [1, [2, 3], [4, 5]],
    }  # fmt: skip
    BAD = """c249010000000000000000 fb3ff8000000000000 f90000 f6 f7 f0 f8ff c074323031332d30332d32315432303a30343a30305a 60 6161
        5f42010243030405ff 7f657374726561646d696e67ff 9fff bf61610161629f0203ffff 1800 190017 1b00000000ffffffff 5800
        9800 b800 a20201 a201020102 a202010102 81 4101ff 0000 ff 1c 5c""".split()

    def test_appendix_a(self):
        for data, value in self.GOOD.items():
            self.assertEqual(cbor.decode(h(data)), value)
            self.assertEqual(cbor.encode(value), h(data))
            self.assertEqual(cbor2.loads(h(data)), value)
        self.assertEqual(cbor.decode(h("a201020304")).integers(), {1: 2, 3: 4})
        self.assertEqual(cbor.diagnostic(cbor.decode(h("a2014100208102"))), "{1: h'00', -1: [2]}")

    def test_refused(self):
        for data in self.BAD:
            with self.assertRaises(Refused, msg=data) as caught:
                cbor.decode(h(data))
            self.assertEqual(caught.exception.reason, "malformed")

    def test_bounds(self):
        cbor.decode(h("81" * 7 + "80"))
        cbor.decode(h("9820" + "00" * 32))
        for data in ("81" * 8 + "80", "9821" + "00" * 33):
            with self.assertRaises(Refused) as caught:
                cbor.decode(h(data))
            self.assertEqual(caught.exception.reason, "limit")

    def test_key_order(self):
        value = {10: 1, 100: 2, -1: 3, False: 4}
        self.assertEqual(cbor.encode(value), h("a40a0118640220 03f404".replace(" ", "")))


class Signatures(unittest.TestCase):
    """RFC 8032, section 7.1, and RFC 6979, appendix A.2.5."""

    def test_ed25519(self):
        public = h("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        seed = h("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        signature = h(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        )
        self.assertEqual(exchange.sign(0, seed, h("72")), signature)
        key = cose.key_of_private(cose.ED25519, seed)
        self.assertEqual(key.x, public)
        self.assertTrue(key.verifies(signature, h("72")))
        self.assertFalse(key.verifies(signature, h("73")))
        s = int.from_bytes(signature[32:], "little") + cose.L
        self.assertFalse(key.verifies(signature[:32] + s.to_bytes(32, "little"), h("72")))
        self.assertFalse(key.verifies(signature[:63], h("72")))

    def test_ed25519_keys(self):
        y8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
        faults = {
            "01" + "00" * 31: "small order",  # the neutral element
            "ec" + "ff" * 30 + "7f": "small order",  # order 2
            "00" * 32: "small order",  # order 4
            y8: "small order",
            "01" + "00" * 30 + "80": "not canonical",  # x = 0 with the sign bit
            "ed" + "ff" * 30 + "7f": "not canonical",  # y = p
            "02" + "00" * 31: "no point",
        }
        for data, fault in faults.items():
            self.assertEqual(cose.ed25519_fault(h(data)), fault)
        self.assertIsNone(cose.ed25519_fault(h("58" + "66" * 31)))  # the base point

    def test_p256(self):
        private = h("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
        key = cose.key_of_private(cose.P256, private)
        self.assertEqual(key.x, h("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"))
        self.assertEqual(key.y, h("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"))
        signature = exchange.sign(2, private, b"sample")
        r = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        s = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
        self.assertEqual(signature.hex(), r + s)
        other = (cose.P256_N - int(s, 16)).to_bytes(32, "big")
        self.assertTrue(key.verifies(signature, b"sample") and key.verifies(signature[:32] + other, b"sample"))
        for part in (bytes(32), cose.P256_N.to_bytes(32, "big")):
            self.assertFalse(key.verifies(signature[:32] + part, b"sample"))


class Channel(unittest.TestCase):
    """RFC 5869, appendix A.1, RFC 7748, section 6.1, and the traces of RFC 9529, section 2."""

    def test_hkdf(self):
        prk = channel.extract(h("000102030405060708090a0b0c"), h("0b" * 22))
        self.assertEqual(prk.hex(), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
        okm = channel.expand(prk, h("f0f1f2f3f4f5f6f7f8f9"), 42)
        self.assertEqual(okm.hex(), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")

    def test_x25519(self):
        a = h("77076d0a7318a57d3c16c17251b26645df4ebc92ebc099a9c7a9a2a3a4a5a5a5"[:60] + "2c2a")
        b = h("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
        self.assertEqual(exchange.shared(0, a, exchange.public(0, b)), exchange.shared(0, b, exchange.public(0, a)))
        self.assertEqual(exchange.public(0, b).hex(), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
        with self.assertRaises(Refused):
            exchange.shared(0, b, bytes(32))

    def test_counters(self):
        keys = channel.Keys(bytes(range(58)))
        one, other = channel.Channel(keys), channel.Channel(keys)
        first, second = one.requests.seal(b"1"), one.requests.seal(b"2")
        self.assertEqual(other.open_request(first), b"1")
        with self.assertRaises(Refused):
            other.open_request(first)
        with self.assertRaises(Refused):
            other.open_request(second)


# The worked examples


def blocks(page):
    """The titles, names and bytes of a page of examples, in order: [(section, name, bytes)]."""
    with open(os.path.join(SPEC, "examples", page + ".md"), encoding="utf-8") as file:
        lines = file.read().split("\n")
    found, section, title, inside = [], "", "", False
    for line in lines:
        if line.startswith("```"):
            inside = not inside
            name, held = title, ""
            if not inside:
                title = ""
        elif not inside:
            if line.startswith("#"):
                section = line.strip("# ")
            bold = re.match(r"\*\*([^*]+)\*\*", line)
            title = bold.group(1) if bold else title if not line else ""
        elif title:
            found_hex = re.fullmatch(r"[0-9A-F ]*", line[:54])
            assert found_hex, line
            found.append((section, name, bytes.fromhex(line[:54].replace(" ", ""))))
        elif re.match(r"  [0-9A-F]+$", line):
            found.append((section, name, bytes.fromhex(line)))
        elif line:
            name = line.split(" = ")[0]
    joined = []
    for section, name, data in found:
        if joined and joined[-1][:2] == (section, name) and name not in ("",):
            joined[-1] = (section, name, joined[-1][2] + data)
        else:
            joined.append((section, name, data))
    return joined


class Page:
    """A page's values in order, looked up from a place on."""

    def __init__(self, name):
        self.items = blocks(name)
        self.at = 0

    def next(self, *names):
        for place in range(self.at, len(self.items)):
            if self.items[place][1] in names:
                self.at = place + 1
                return self.items[place][2]
        raise KeyError(names)

    def any(self, name):
        return next(data for _, each, data in self.items if each == name)

    def object(self, section):
        return next(data for each, name, data in self.items if each.startswith(section) and name == "Object")


def command_data(data):
    return apdu.Command(data, True).data


EMPTY_POLICY = types.SimpleNamespace(
    version=1, co_owners=[], anchors=[], denied=[], least=0, block=0, admissions=[], notice=None
)


class Examples(unittest.TestCase):
    NAMES = {
        "G_X": "gX", "G_Y": "gY", "G_XY": "gXY", "H(message_1)": "hashMessage1", "TH_2": "th2", "PRK_2e": "prk2e",
        "context_2": "context2", "MAC_2": "mac2", "input of Signature_or_MAC_2": "toBeSigned2", "KEYSTREAM_2": "keystream2",
        "PLAINTEXT_2": "plaintext2", "TH_3": "th3", "K_3": "k3", "IV_3": "iv3", "A_3": "a3", "context_3": "context3",
        "MAC_3": "mac3", "input of Signature_or_MAC_3": "toBeSigned3", "PLAINTEXT_3": "plaintext3", "TH_4": "th4",
        "PRK_out": "prkOut", "PRK_exporter": "prkExporter",
    }  # fmt: skip

    def full(self, page, suite=0):
        """Plays both sides of the next full tap of a page; gives the request and response in the clear."""
        select, answer = page.next("Command"), page.next("Response")
        lock_private = page.any("lock: private key" if suite == 0 else "lock (P-256): private key")
        x = page.next("X")
        handshake_1 = command_data(page.next("Command"))
        message_2 = page.next("Response")[:-2]
        start = page.at
        y = page.next("Y")
        message = exchange.Message1(handshake_1, {0, 2})
        self.assertEqual(message.gx, exchange.public(suite, x))
        gy = exchange.public(suite, y)
        schedule = exchange.Schedule(
            handshake_1, message.gx, gy, exchange.shared(suite, x, gy), exchange.select_hash(select, answer)
        )
        self.assertEqual(schedule.gXY, exchange.shared(suite, y, message.gx))
        sent_gy, ciphertext = exchange.read_message_2(message_2)
        self.assertEqual(sent_gy, gy)
        plaintext = schedule.crypt_2(ciphertext)
        read = exchange.Plaintext2(plaintext)
        cred_r = read.certificate or page.object("Lock certificate")
        signed = schedule.signed_2(read.cr, read.id_cred, cred_r)
        self.assertEqual(exchange.sign(suite, lock_private, signed), read.signature)
        self.assertEqual(schedule.seal_2(plaintext), message_2)
        schedule.after_2(plaintext, cred_r)
        request = page.next("Request")
        plain_3 = next(data for _, name, data in page.items[start:] if name == "PLAINTEXT_3")
        read_3 = exchange.Plaintext3(plain_3)
        key = exchange.credential_key(read_3.read_credential())
        signed = schedule.signed_3(read_3.id_cred, read_3.cred)
        self.assertTrue(key.verifies(read_3.signature, signed))
        message_3 = schedule.seal_3(plain_3)
        keys = channel.Keys(schedule.after_3(plain_3, read_3.cred))
        both = channel.Channel(keys)
        joined = message_3 + both.requests.seal(request)
        self.assertEqual(joined, command_data(page.next("Command")))
        for name, ours in self.NAMES.items():
            theirs = next(data for _, title, data in page.items if title == name and data.hex() == schedule.values[ours])
            self.assertEqual(theirs.hex(), schedule.values[ours])
        sealed = page.next("Response")[:-2]
        opened = both.responses.open(sealed)
        self.assertEqual(opened, page.next("Response opened"))
        return read_3, request, opened, schedule, both

    def test_objects(self):
        for name in ("opening", "opening-p256", "first-visit", "resumed", "delegated", "refused"):
            page = Page(name)
            found = [data for _, title, data in page.items if title == "Object"]
            self.assertTrue(found)
            digests = {data for _, title, data in page.items if title == "digest"}
            for data in found:
                self.assertIn(objects.read(data).digest, digests)
            roots = [cose.Key(cose.ED25519, page.any("scheme: public key"))]
            maker = objects.read(page.object("Manufacturer's certificate"), "authority")
            trust.authority_root(maker, roots)
            trust.lock_certificate_authority(objects.read(page.object("Lock certificate")), [maker])

    def test_openings(self):
        for name, suite in (("opening", 0), ("opening-p256", 2), ("first-visit", 0), ("resumed", 0), ("refused", 0)):
            page = Page(name)
            _, request, opened, _, _ = self.full(page, suite)
            messages.Request(request)
            messages.response(opened)

    def test_resumed(self):
        page = Page("resumed")
        *_, schedule, _ = self.full(page)
        secret = schedule.resumption
        select, answer = page.next("Command"), page.next("Response")
        request = page.next("Request")
        data = command_data(page.next("Command"))
        nonce, tap_id, sealed = resumption.read_resume(data)
        tap = resumption.Resumed(secret, nonce, exchange.select_hash(select, answer))
        self.assertEqual(tap.id, tap_id)
        both = channel.Channel(tap.keys)
        self.assertEqual(both.requests.seal(request), sealed)
        self.assertEqual(both.responses.open(page.next("Response")[:-2]), page.next("Response opened"))

    def test_decisions(self):
        """What the pages' locks answer to their first requests."""
        expected = {"opening": "opened", "opening-p256": "opened", "delegated": "opened", "refused": "refused"}
        for name, outcome in expected.items():
            page = Page(name)
            suite = 2 if name == "opening-p256" else 0
            if name == "delegated":
                credential = objects.read(page.object("Cousin's grant"))
                request = page.next("Request")
            else:
                read, request, opened, _, _ = self.full(page, suite)
                credential = read.credential
                self.assertEqual(messages.response(opened)["outcome"], messages.OUTCOME[outcome])
            owner = cose.key_of_private(cose.ED25519, page.any("owner: private key"))
            roots = [cose.Key(cose.ED25519, page.any("scheme: public key"))]
            given = [data for title, what, data in page.items if title == "Operator's certificate" and what == "Object"]
            given = [objects.read(each) for each in given]
            area = h("46523735303131303432")
            lock = decision.Lock(h("1020304050607080"), area, roots, given, 0x6B6AC780, 0x1F, 0, owner)
            lock.policy_version, lock.policy = 1, EMPTY_POLICY
            self.assertEqual(decision.Transaction(lock, credential).request(request).outcome, outcome)


class Log(unittest.TestCase):
    def test_seal(self):
        entry = [1, 1803888000, 0, 1, 1, 0, 1, 0, h("0102030405060708"), 0, b""]
        page = cbor.encode([h("1020304050607080"), bytes(32), [entry]]).ljust(768, b"\0")
        sealed = log.seal_page(h("11" * 32), page, h("22" * 16))
        self.assertEqual(len(sealed), 792)
        self.assertEqual(log.open_page([h("33" * 32), h("11" * 32)], sealed), page)
        self.assertEqual(log.Page(page).entries, [entry])
        with self.assertRaises(Refused):
            log.open_page([h("33" * 32)], sealed)


class Checker(unittest.TestCase):
    """The command notices what is wrong, in a test and in a file."""

    def setUp(self):
        with open(os.path.join(SPEC, "vectors", "index.json"), encoding="utf-8") as file:
            self.entry = next(each for each in json.load(file)["areas"] if each["area"] == "cbor")
        with open(os.path.join(SPEC, "vectors", "cbor.json"), "rb") as file:
            self.data = file.read()

    def file(self, data):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "cbor.json"), "wb") as file:
                file.write(data)
            return check.check_file(folder, self.entry)

    def test_file(self):
        self.assertEqual(self.file(self.data), [])
        self.assertEqual(self.file(self.data + b"\n"), ["SHA-256 is not that of the index"])

    def test_differences(self):
        area = importlib.import_module("areas.cbor")
        good = {"tcId": 1, "comment": "1", "flags": ["x"], "result": "valid", "data": "01", "diagnostic": "1"}
        bad = {"tcId": 2, "comment": "1", "flags": ["x"], "result": "invalid", "reason": "malformed", "data": "1801"}
        params = {"form": "item"}
        self.assertEqual(check.differences(area, params, good), [])
        self.assertEqual(check.differences(area, params, bad), [])
        for other in (
            dict(good, data="02"),
            dict(good, diagnostic="2"),
            dict(good, diagnostic=True),
            dict(good, data="0"),
            dict(good, result="invalid"),
            dict(good, result="invalid", reason="malformed"),
            dict(bad, reason="limit"),
            dict(bad, reason="none of the registry"),
            dict(bad, result="valid"),
            dict(bad, data="01"),
        ):
            self.assertTrue(check.differences(area, params, other), other)
        self.assertEqual(check.flips(area, params, good, 10), (3, []))

    def test_flipped(self):
        self.assertEqual(check.flipped({"a": ["0f", True, 2]}, ("a", 0, 1)), {"a": ["0e", True, 2]})
        self.assertEqual(check.flipped({"a": ["0f", True, 2]}, ("a", 1)), {"a": ["0f", False, 2]})
        self.assertEqual(check.flipped({"a": ["0f", True, 2]}, ("a", 2)), {"a": ["0f", True, 3]})


if __name__ == "__main__":
    unittest.main()
