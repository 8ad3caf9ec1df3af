#!/usr/bin/python3
"""Tests of the shim: python3 -m unittest discover -s conformance/shims/python"""

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import postern_shim
from postern_shim import App, Issuer, Lock, Nonsense, Refuses, RigError, Shim

SECRET = "cafe" * 8


class Box(Lock):
    product, version = "Box", "1"

    def __init__(self):
        self.calls = []

    def power(self, on):
        self.calls.append(on)

    def transceive(self, apdu):
        if apdu == b"\x00":
            return None
        return (apdu + b"\x90\x00", 12) if apdu == b"\x01" else apdu + b"\x90\x00"

    def provision(self, **given):
        self.calls.append(given)

    def bolt(self):
        return {3: 2, 0: 1, 7: 0}

    def operations(self):
        return 5, False

    def refusal(self):
        return 9

    def tamper(self):
        raise RigError("no wire to the sensor")

    def deselect(self):
        raise ValueError(SECRET)

    def meet(self, link):
        self.calls.append(link.transceive(b"\x00\xa4"))


class Phone(App):
    product, version = "Phone", "1"

    def tap(self, link, operation, lock=None, receipt=False):
        answers = [link.transceive(b"\x00\xa4"), link.live(bytes(16)), link.transceive(b"\x80")]
        return {"outcome": operation, "reason": None, "believed": answers == [b"\x90\x00", b"\x83", None], "pages": [b"\x01", lock]}


class Card(Phone):
    def present(self, operation, **chosen):
        self.chosen = chosen

    def command(self, apdu):
        return None if apdu == b"\x00" else apdu[::-1]

    def leave(self):
        return {"outcome": 3, "reason": 27, "believed": False, "receipt": None, "lock": self.chosen["lock"]}


class Guest(Phone):
    def ask(self):
        return b"\xa1\x08", "postern:request/oQg"

    def take(self, bytes=None, link=None):
        return {b"\xa1": None, None: 1}.get(bytes, 0) if link != "postern:pass/oQ" else None


class Post(Issuer):
    def issue(self, kind, claims):
        if kind != "grant":
            raise Refuses("it signs grants")
        return bytes([claims["iat"]])


def told(product, *lines):
    """What the shim writes on these lines."""
    write = io.BytesIO()
    given = b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
    Shim(product, io.BytesIO(given), write).serve()
    return [json.loads(line) for line in write.getvalue().splitlines()]


def asks(product, verb, **members):
    (answer,) = told(product, dict(members, id=7, verb=verb))
    assert answer.pop("id") == 7
    return answer


class Verbs(unittest.TestCase):
    def test_hello_announces_the_methods_that_are_there(self):
        hello = asks(Box(), "hello", protocol=1)["ok"]
        verbs = ["power", "transceive", "deselect", "meet", "provision", "bolt", "tamper", "operations", "refusal"]
        self.assertEqual(hello, {"role": "lock", "product": "Box", "version": "1", "protocol": 1, "verbs": verbs})
        self.assertEqual(asks(Phone(), "hello", protocol=1)["ok"]["verbs"], ["tap"])
        self.assertIn("protocol", asks(Box(), "hello", protocol=2)["error"])

    def test_what_is_not_there_is_unsupported(self):
        self.assertEqual(asks(Box(), "clock"), {"unsupported": "clock"})
        self.assertEqual(asks(Box(), "serve"), {"unsupported": "serve"})

    def test_values_of_the_lock(self):
        self.assertEqual(asks(Box(), "power", on=True), {"ok": {}})
        self.assertEqual(asks(Box(), "transceive", apdu="00a4"), {"ok": {"apdu": "00a49000"}})
        self.assertEqual(asks(Box(), "transceive", apdu="00"), {"ok": {"silent": True}})
        self.assertEqual(asks(Box(), "transceive", apdu="01"), {"ok": {"apdu": "019000", "us": 12}})
        self.assertEqual(asks(Box(), "bolt")["ok"], {"moves": [{"resource": 0, "count": 1}, {"resource": 3, "count": 2}]})
        self.assertEqual(asks(Box(), "operations")["ok"], {"flash": 5, "cut": False})
        self.assertEqual(asks(Box(), "refusal")["ok"], {"reason": 9})

    def test_provision_gives_bytes_and_leaves_out_what_is_absent(self):
        box, key = Box(), {"suite": 2, "private": "11" * 32, "certificate": "84"}
        asks(box, "provision", lock="22" * 8, identities=[key], roots=["a3"], setup="33" * 16)
        made = {"suite": 2, "private": b"\x11" * 32, "certificate": b"\x84"}
        self.assertEqual(box.calls, [{"lock": b"\x22" * 8, "identities": [made], "roots": [b"\xa3"], "setup": b"\x33" * 16}])

    def test_a_tap_asks_in_the_middle(self):
        lines = told(Phone(), {"id": 4, "verb": "tap", "operation": 1, "lock": "00" * 8, "receipt": True},
                     {"id": 4, "apdu": "9000"}, {"id": 4, "token": "83"}, {"id": 4, "lost": True})
        self.assertEqual(lines[:3], [{"id": 4, "transceive": "00a4"}, {"id": 4, "live": "00" * 16}, {"id": 4, "transceive": "80"}])
        self.assertEqual(lines[3], {"id": 4, "ok": {"outcome": 1, "believed": True, "pages": ["01", "00" * 8]}})

    def test_a_phone_is_read_as_a_card(self):
        card = Card()
        self.assertEqual(asks(card, "hello", protocol=1)["ok"]["verbs"], ["tap", "present", "command", "leave"])
        self.assertEqual(asks(card, "present", operation=1, lock="11" * 8), {"ok": {}})
        self.assertEqual(asks(card, "command", apdu="00a4"), {"ok": {"apdu": "a400"}})
        self.assertEqual(asks(card, "command", apdu="00"), {"ok": {"silent": True}})
        self.assertEqual(asks(card, "leave"), {"ok": {"outcome": 3, "reason": 27, "believed": False, "lock": "11" * 8}})
        self.assertIn("error", asks(card, "present", operation=1, setup="11" * 16))

    def test_a_phone_asks_for_a_right_and_takes_a_pass(self):
        guest = Guest()
        self.assertEqual(asks(guest, "hello", protocol=1)["ok"]["verbs"], ["tap", "ask", "take"])
        self.assertEqual(asks(guest, "ask"), {"ok": {"bytes": "a108", "link": "postern:request/oQg"}})
        self.assertEqual(asks(guest, "take", bytes="a1"), {"ok": {"taken": True}})
        self.assertEqual(asks(guest, "take", link="postern:pass/oQ"), {"ok": {"taken": True}})
        self.assertEqual(asks(guest, "take", link="postern:pass/oQ=\n"), {"ok": {"taken": False, "reason": 1}})
        self.assertEqual(asks(guest, "take", bytes="a2"), {"ok": {"taken": False}})
        for members in ({"bytes": ""}, {"bytes": "00" * 4097}, {"link": ""}, {"link": "a" * 6001}, {"link": 5}, {"link": ["a"]}):
            self.assertIn("take: ", asks(guest, "take", **members)["error"], members)

    def test_a_lock_meets_a_phone(self):
        box = Box()
        self.assertEqual(told(box, {"id": 4, "verb": "meet"}, {"id": 4, "apdu": "6f9000"})[1], {"id": 4, "ok": {}})
        self.assertEqual(box.calls, [b"\x6f\x90\x00"])

    def test_an_issuer_signs_or_says_why_not(self):
        self.assertEqual(asks(Post(), "issue", kind="grant", claims={"iat": 5}), {"ok": {"object": "05"}})
        self.assertEqual(asks(Post(), "issue", kind="policy", claims={}), {"ok": {"refused": "it signs grants"}})


class Faults(unittest.TestCase):
    def test_the_rig_failed(self):
        self.assertEqual(asks(Box(), "tamper"), {"error": "no wire to the sensor"})

    def test_a_fault_in_the_product_is_named_without_its_text(self):
        held, sys.stderr = sys.stderr, io.StringIO()
        try:
            answer, shown = asks(Box(), "deselect"), sys.stderr.getvalue()
        finally:
            sys.stderr = held
        self.assertEqual(answer, {"error": "deselect ended with a ValueError, see standard error"})
        self.assertNotIn(SECRET, shown)
        self.assertIn("in deselect", shown)

    def test_a_wrong_return_value_is_answered_with_what_is_right(self):
        tap = {"outcome": 1, "believed": True}
        for product, verb, right, bad in (
            (Lock, "transceive", "bytes, (bytes, microseconds) or None", ("9000", 5, (b"", True), (b"", 1.5), (b"",), [SECRET, 1])),
            (Lock, "bolt", "{resource: count}", (None, [1], {"door": 1}, {1: "two"}, {1: None})),
            (Lock, "operations", "(flash, cut)", (None, 5, (5,), (5, 0), ("5", False), (True, False))),
            (Lock, "state", "a dict", (None, 5, [SECRET])),
            (Lock, "refusal", "a number", (None, True, SECRET, 9.0)),
            (App, "tap", '"outcome" and "believed"', (None, True, {}, {"outcome": 1}, dict(tap, outcome=None), [tap], SECRET)),
            (App, "leave", '"outcome" and "believed"', (None, {"believed": True})),
            (App, "command", "bytes, (bytes, microseconds) or None", (SECRET, {})),
            (App, "ask", "(request, its link), bytes and a str", (None, {"request": b"1", "link": SECRET}, (b"1",), (SECRET, b"1"), (b"1", None), "ab")),
            (App, "take", "None where the pass is taken", (True, False, {"taken": True}, SECRET, (1,))),
            (Issuer, "issue", "bytes", (None, SECRET, (b"1",))),
        ):
            members = {"transceive": {"apdu": "00"}, "command": {"apdu": "00"}, "tap": {"operation": 1}, "issue": {"kind": "grant", "claims": {}}}.get(verb, {})
            for value in bad:
                error = asks(type("Bad", (product,), {verb: lambda self, *link, **given: value})(), verb, **members)["error"]
                self.assertTrue(error.startswith(f"{verb} returned a value of type {type(value).__name__}, where "), error)
                self.assertIn(right, error)
                self.assertNotIn(SECRET, error)
        for bad in ({1}, 0.5, type):
            error = asks(type("Bad", (App,), {"tap": lambda self, link, **given: dict(tap, pages=[bad])})(), "tap", operation=1)["error"]
            self.assertEqual(error, f"tap returned a member of type {type(bad).__name__}, where bytes, str, int, bool, list or dict is right")

    def test_members_that_are_not_as_the_page_says(self):
        for members in ({}, {"apdu": "0A"}, {"apdu": "0"}, {"apdu": ""}, {"apdu": 5}, {"apdu": "00", "more": 1}, {"apdu": "00" * 2049}, {"apdu": "0 00"}):
            self.assertIn("transceive: ", asks(Box(), "transceive", **members)["error"], members)
        for members in ({"on": 1}, {"on": None}, {"on": "true"}, {}):
            self.assertIn("error", asks(Box(), "power", **members), members)
        for members in ({"operation": True}, {"operation": -1}, {"operation": 256}, {"operation": 1, "receipt": False}, {"operation": 1.0}):
            self.assertIn("error", asks(Phone(), "tap", **members), members)

    def test_lines_that_are_no_requests(self):
        for line in (b"", b"[]", b"{", b"\xff", b'{"id":1,"id":1,"verb":"hello"}', b'{"id":true,"verb":"hello"}', b'{"id":1}', b'{"id":1,"verb":2}',
                     b"[" * 16000, b'"' + b"a" * 16384 + b'"', b'{"id":1e999,"verb":"hello"}'):
            with self.assertRaises(Nonsense, msg=line[:40]):
                told(Box(), line)
        with self.assertRaises(Nonsense):
            Shim(Box(), io.BytesIO(b'{"id":1,"verb":"bolt"}'), io.BytesIO()).serve()

    def test_a_reply_to_something_else(self):
        for reply in ({"id": 5, "apdu": "9000"}, {"id": 4}, {"id": 4, "apdu": "9000", "lost": True}, {"id": 4, "apdu": "9"}, {"id": 4, "token": "83"}):
            answer = told(Phone(), {"id": 4, "verb": "tap", "operation": 1}, reply)[-1]
            self.assertEqual(list(answer), ["error", "id"], reply)


class Whole(unittest.TestCase):
    def run_shim(self, text, lines):
        with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
            file.write(text)
            file.flush()
            return subprocess.run([sys.executable, file.name], input=lines, capture_output=True, env={"PYTHONPATH": HERE}, timeout=60)

    def test_the_example_of_the_module(self):
        example = re.search(r"(?m)^(    from postern_shim(?:.*\n|\n)+?    serve\(MyLock\(\)\)\n)", postern_shim.__doc__).group(1)
        text = re.sub(r"(?m)^    ", "", example).replace("import board", "import types; board = types.SimpleNamespace(field=print, send=bytes, flash=print) #")
        done = self.run_shim(text, b'{"id":1,"verb":"hello","protocol":1}\n{"id":2,"verb":"power","on":true}\n{"id":3,"verb":"transceive","apdu":"9000"}\n')
        hello, power, transceive = map(json.loads, done.stdout.splitlines())
        self.assertEqual(hello["ok"]["verbs"], ["power", "transceive", "provision"])
        self.assertEqual((power, transceive), ({"id": 2, "error": "the board does not answer"}, {"id": 3, "ok": {"apdu": "9000"}}))
        self.assertEqual((done.returncode, done.stderr), (0, b"True\n"))  # what the product prints does not disturb

    def test_the_example_of_the_page(self):
        with open(os.path.join(HERE, "..", "README.md"), encoding="utf-8") as file:
            text = re.search(r"(?s)```python\n(.*?)```", file.read()).group(1)
        app = """import types
class myapp:
    install = classmethod(lambda cls, *given: cls())
    tap = lambda self, send, live, operation, wish: types.SimpleNamespace(outcome=operation, reason=None, by_the_lock=send(b"\\1") is None)
    request = lambda self: (b"\\xa1", "postern:request/oQ")
    take = lambda self, **form: types.SimpleNamespace(taken="bytes" in form, reason=1)
"""
        key = {"suite": 2, "private": "11" * 32}
        asked = [{"verb": "provision", "key": key, "roots": ["a3"], "makers": ["a3"]}, {"verb": "tap", "operation": 1}, {"lost": True},
                 {"verb": "ask"}, {"verb": "take", "bytes": "a1"}, {"verb": "take", "link": "postern:pass/oQ"}]
        done = self.run_shim(text.replace("import myapp", app + "#"), b"".join(json.dumps(dict(each, id=3)).encode() + b"\n" for each in asked))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        answers = [json.loads(line).get("ok") for line in done.stdout.splitlines()]
        self.assertEqual(answers, [{}, None, {"outcome": 1, "believed": True}, {"bytes": "a1", "link": "postern:request/oQ"},
                                   {"taken": True}, {"taken": False, "reason": 1}])

    def test_nonsense_ends_the_shim_with_a_sentence(self):
        done = self.run_shim("from postern_shim import *\nserve(Lock())\n", b"hello\n")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, b"", b"postern_shim: the tool sent a line that is not JSON\n"))

    def test_the_verbs_are_those_of_the_schema(self):
        with open(os.path.join(HERE, "..", "..", "shim", "schema.json"), encoding="utf-8") as file:
            schema = json.load(file)["$defs"]
        said = {}
        for each in schema["request"]["oneOf"]:
            members, title = dict(each["properties"]), each.get("title", "")
            verb = members.pop("verb")
            members.pop("id", None)
            form = {name + ("" if name in each.get("required", ()) else "?") for name in members}
            for name in verb.get("enum", [verb.get("const")]):
                said[title.removeprefix("provision, role ") or "any", name] = form
        for role, verbs in postern_shim.VERBS.items():
            for name, fields in verbs.items():
                self.assertEqual(set(fields), said.pop((role if name == "provision" else "any", name)), (role, name))
        self.assertEqual(list(said), [("any", "hello")])


if __name__ == "__main__":
    unittest.main()
