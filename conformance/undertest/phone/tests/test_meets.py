#!/usr/bin/python3
"""The phone at a lock by another maker, without a line of the reference: python3 -m unittest discover -s conformance/undertest/phone/tests

It needs make, a C compiler and OpenSSL for the lock."""

import base64
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import street
import objects
import passing
from factory import BASE, DAY, LOCK_ID, SETUP, Key, entry, enc, grant, neighbour, owner, policy, post, revocation, scheme, token
from log import Page, open_page
from refused import REASON
from street import CONFIGURE, OPEN, POST, READ_LOG, STATUS, Street, taken, wallet

SELECT, GREET, PROVE, ASK, RESUME = 0xA4, 0x10, 0x12, 0x14, 0x16
FULL = [SELECT, GREET, PROVE]
ADMITS = {2: [[1, 127]]}
PASS = "postern:pass/"


def passed(chain, documents):
    """A pass of a chain and documents: each is an object of its own, and so an item in the lists."""
    return b"\xa2\x01" + bytes([0x80 | len(chain)]) + b"".join(map(bytes, chain)) + b"\x03" + bytes([0x80 | len(documents)]) + b"".join(map(bytes, documents))


def setUpModule():
    global built
    built = street.Factory()


def tearDownModule():
    built.close()


class Opening(unittest.TestCase):
    def test_both_suites(self):
        for suite in (0, 2):
            lock, _, _ = taken(built)
            guest = Key("guest", suite)
            self.assertEqual(lock.tap(wallet(guest, grant(owner, guest)))[0], "opened")
            self.assertEqual((lock.sent(), lock.moves()), (FULL, 1))

    def test_a_known_lock_takes_two_pairs_until_the_slot_is_spent(self):
        lock, _, _ = taken(built)
        guest = wallet(neighbour, grant(owner, neighbour))
        for number in range(34):
            lock.fresh()
            self.assertEqual(lock.tap(guest)[0], "opened")
            self.assertEqual(lock.sent(), FULL if number in (0, 33) else [SELECT, RESUME], number)
        self.assertEqual(lock.moves(), 34)

    def test_a_lock_without_resumption_and_extended_length(self):
        lock, _, _ = taken(built, capabilities=1)
        guest = wallet(neighbour, grant(owner, neighbour), documents=[policy(owner, 2, {4: bytes(range(128))})])
        for _ in range(2):
            lock.fresh()
            self.assertEqual(lock.tap(guest)[0], "opened")
            self.assertEqual(lock.sent(), FULL)
            self.assertLessEqual(max(map(len, lock.commands)), 261)

    def test_what_the_grant_does_not_allow(self):
        lock, _, _ = taken(built, compartments=3)
        guest = wallet(neighbour, grant(owner, neighbour, entry(resource=2)))
        self.assertEqual(lock.tap(guest)[0], "refused: resource")
        lock.fresh()
        self.assertEqual(lock.tap(guest, resource=2, reference=b"12345678")[0], "opened")
        lock.fresh()
        self.assertEqual(lock.tap(guest, lock=bytes(8))[0], "refused: lock-identity")
        self.assertEqual(lock.sent(), [SELECT])

    def test_a_receipt(self):
        lock, _, _ = taken(built)
        guest = wallet(neighbour, grant(owner, neighbour))
        for _ in range(2):
            lock.fresh()
            words, told = lock.tap(guest, receipt=True)
            self.assertEqual(words, "opened")
            self.assertEqual(objects.read(told["receipt"], "receipt").lock, LOCK_ID)


class Chains(unittest.TestCase):
    def links(self, root_key):
        """Three grants, each of which lets the next one be."""
        keys = [Key("first"), Key("second"), Key("third")]
        root = grant(root_key, keys[0], entry(delegation=2))
        middle = grant(keys[0], keys[1], entry(delegation=1), parent=root, iat=BASE + 2 * DAY)
        return keys[2], root, middle, grant(keys[1], keys[2], parent=middle, iat=BASE + 3 * DAY)

    def test_a_delegated_grant_takes_its_parents_along(self):
        for capabilities in (127, 127 & ~2):
            lock, _, _ = taken(built, capabilities)
            key, root, middle, leaf = self.links(owner)
            self.assertEqual(lock.tap(wallet(key, leaf, parents=[root, middle]))[0], "opened")
            self.assertEqual(lock.sent(), FULL)

    def test_the_certificate_that_the_lock_misses(self):
        lock, _, _ = taken(built, settings=ADMITS)
        first = wallet(Key("postman"), grant(post, Key("postman"), exp=BASE + 3 * DAY), authorities=[POST])
        self.assertEqual(lock.tap(first)[0], "opened")
        self.assertEqual(lock.sent(), FULL + [ASK])
        lock.fresh()
        self.assertEqual(lock.tap(wallet(Key("postman"), grant(post, Key("postman"), exp=BASE + 3 * DAY)))[0], "opened")

    def test_parents_and_certificate_together(self):
        lock, _, _ = taken(built, settings=ADMITS)
        keys = [Key("carrier"), Key("driver")]
        root = grant(post, keys[0], entry(delegation=1), exp=BASE + 5 * DAY)
        leaf = grant(keys[0], keys[1], parent=root, iat=BASE + 2 * DAY)
        driver = wallet(keys[1], leaf, parents=[root], authorities=[street.factory.authority(scheme, Key("other"), [2], 1, DAY), POST])
        self.assertEqual(lock.tap(driver)[0], "opened")
        self.assertEqual(lock.sent(), FULL + [ASK])

    def test_nothing_at_hand(self):
        lock, _, _ = taken(built, settings=ADMITS)
        self.assertEqual(lock.tap(wallet(Key("postman"), grant(post, Key("postman"), exp=BASE + 3 * DAY)))[0], "refused: issuer-unknown")
        self.assertEqual(lock.moves(), 0)


class Passing(unittest.TestCase):
    def test_a_pass_opens_where_the_phone_had_no_right(self):
        lock, _, _ = taken(built)
        key, root, middle, leaf = Chains().links(owner)
        asking = wallet(key)
        self.assertEqual(lock.tap(asking)[0], "refused: status-word")
        lock.fresh()
        link = PASS + base64.urlsafe_b64encode(passed([root, middle, leaf], documents=[policy(owner, 2)])).decode().rstrip("=")
        self.assertIsNone(passing.take(asking, link=link))
        words, told = lock.tap(asking)
        self.assertEqual((words, told["documents"]), ("opened", [0]))

    def test_a_pass_that_is_refused_changes_nothing(self):
        lock, _, _ = taken(built)
        key = Key("guest")
        guest = wallet(key, grant(owner, key))
        bad = passed([grant(owner, key)], documents=[policy(owner, 2)])
        self.assertEqual(REASON["malformed"], passing.take(guest, bytes=bad + b"\0"))
        self.assertEqual(REASON["possession"], passing.take(guest, bytes=passed([grant(owner, Key("another"))], documents=[policy(owner, 2)])))
        words, told = lock.tap(guest)
        self.assertEqual((words, told["documents"]), ("opened", None))


class Carrying(unittest.TestCase):
    def test_documents_go_in_their_order_and_once(self):
        lock, _, _ = taken(built)
        heir = Key("heir")
        many = [token(post, BASE + 2 * DAY), revocation(post, 1), revocation(scheme, 1), policy(heir, 3, {4: bytes(range(120))}), policy(owner, 2, key=heir)]
        guest = wallet(neighbour, grant(heir, neighbour, entry(policy=3)), authorities=[POST], documents=many)
        words, told = lock.tap(guest, STATUS)
        self.assertEqual((words, told["documents"]), ("refused: issuer-unknown", None))  # the lock does not know the heir yet, and reads nothing
        lock.fresh()
        carrier = wallet(Key("carrier"), grant(owner, Key("carrier")), authorities=[POST], documents=many)
        words, told = lock.tap(carrier, STATUS)
        self.assertEqual(told["documents"], [0] * 5, words)
        self.assertEqual(lock.lock.verb("state")["policy"], 3)
        lock.fresh()
        self.assertEqual(lock.tap(guest)[0], "opened")

    def test_what_the_lock_holds_is_not_sent_again(self):
        lock, _, _ = taken(built)
        guest = wallet(neighbour, grant(owner, neighbour), documents=[policy(owner, 2), policy(owner, 3, lock=b"another.")])
        first, second = [], []
        for told in (first, second):
            lock.fresh()
            told += [lock.tap(guest)[1]["documents"], len(lock.commands)]
        self.assertEqual((first[0], second[0]), ([0], None))

    def test_a_live_time_in_the_middle_of_a_tap(self):
        lock, _, _ = taken(built, settings=ADMITS)
        lock.tap(wallet(Key("postman"), grant(post, Key("postman"), exp=BASE + 3 * DAY), authorities=[POST]))  # the lock learns the certificate
        hours = grant(owner, neighbour, entry(schedule=[[127, 0, 1440]]))
        for asked in range(2):
            lock.fresh()
            self.assertEqual(lock.tap(wallet(neighbour, hours))[0], "opened")
            self.assertEqual(lock.sent(), FULL + [ASK])
        lock.fresh(network=False)
        self.assertEqual(lock.tap(wallet(neighbour, hours))[0], "refused: evidence")

    def test_a_live_time_brings_the_certificate_of_its_signer(self):
        lock, _, _ = taken(built)
        self.assertEqual(lock.tap(wallet(neighbour, grant(owner, neighbour, entry(evidence=2)), authorities=[POST]))[0], "opened")

    def test_pages_of_the_log(self):
        lock, key, bare = taken(built)
        guest = wallet(neighbour, grant(owner, neighbour))
        for _ in range(20):
            lock.fresh()
            lock.tap(guest)
        lock.fresh()
        words, told = lock.tap(guest, pages=4)
        pages = [Page(open_page([key], each)) for each in told["pages"]]
        self.assertEqual((words, [len(page.entries) for page in pages], {page.lock for page in pages}), ("opened", [16, 6, 0, 0], {LOCK_ID}))
        lock.fresh()
        told = lock.tap(guest, STATUS, pages=1)[1]
        self.assertEqual((len(told["pages"]), lock.sent()), (1, [SELECT, RESUME]))
        lock.fresh()
        words, told = lock.tap(bare, READ_LOG, pages=4)
        self.assertEqual((words, [len(Page(each).entries) for each in told["pages"]]), ("done", [16, 6]))


class Owning(unittest.TestCase):
    def test_a_new_log_key(self):
        lock, key, bare = taken(built)
        words, told = lock.tap(bare, CONFIGURE)
        self.assertEqual((words, len(told["logkey"]), told["logkey"] == key), ("done", 32, False))
        lock.fresh()
        sealed = lock.tap(bare, STATUS, pages=1)[1]["pages"]
        self.assertTrue(open_page([key, told["logkey"]], sealed[0]))

    def test_the_answer_to_the_proof_is_lost(self):
        for way, then in (("back", "done"), ("there", "refused: status-word")):
            lock = Street(built)
            new = wallet(owner)
            lock.fresh(lambda number, command: way if command[1] == PROVE else None)
            self.assertEqual(lock.tap(new, CONFIGURE, lock=LOCK_ID, setup=SETUP)[0], "unconfirmed: link")
            lock.fresh()
            words, told = lock.tap(new, CONFIGURE, lock=LOCK_ID, setup=SETUP)
            self.assertEqual(words, then)
            lock.fresh()
            if then != "done":
                words, told = lock.tap(new, CONFIGURE, lock=LOCK_ID, setup=SETUP)
            self.assertEqual(words, "done")
            lock.fresh()
            page = lock.tap(new, STATUS, pages=1)[1]["pages"][0]
            self.assertTrue(open_page([told["logkey"]], page))

    def test_no_proof_without_a_lock_that_was_chosen(self):
        lock = Street(built)
        self.assertEqual(lock.tap(wallet(owner), CONFIGURE, setup=SETUP)[0], "refused: lock-identity")
        self.assertEqual(lock.commands, [])


class Reading(unittest.TestCase):
    """Binding R: the clock is the reader."""

    def test_an_opening_and_a_resumed_one(self):
        lock, _, _ = taken(built)
        guest = wallet(neighbour, grant(owner, neighbour), documents=[policy(owner, 2, {4: bytes(range(128))})])
        for commands in (4, 3):
            lock.fresh()
            self.assertEqual(lock.read(guest, lock=LOCK_ID, receipt=True)[0], "opened")
            self.assertEqual(len([each for each in lock.commands if each[0] != 0x90 and each[1] != 0xC0]), commands)
        self.assertEqual(lock.moves(), 2)

    def test_a_slot_of_binding_r_is_good_by_binding_l(self):
        lock, _, _ = taken(built)
        guest = wallet(neighbour, grant(owner, neighbour))
        self.assertEqual(lock.read(guest, lock=LOCK_ID)[0], "opened")
        lock.fresh()
        self.assertEqual((lock.tap(guest)[0], lock.sent()), ("opened", [SELECT, RESUME]))

    def test_the_phone_opens_nothing_that_nobody_chose(self):
        lock, _, _ = taken(built)
        guest = wallet(neighbour, grant(owner, neighbour))
        self.assertEqual(lock.read(guest)[0], "refused: link")
        lock.fresh()
        self.assertEqual(lock.read(guest, lock=bytes(8))[0], "refused: lock-identity")
        self.assertEqual(lock.moves(), 0)

    def test_cuts(self):
        for way in ("there", "back"):
            for number in range(1, 6):
                lock, _, _ = taken(built)
                guest = wallet(neighbour, grant(owner, neighbour))
                lock.fresh(lambda at, command: way if at >= number else None)
                words, moved = lock.read(guest, lock=LOCK_ID)[0], lock.moves()
                self.assertIn(words, ("opened", "unconfirmed: link") if moved else ("refused: link", "unconfirmed: link"), (way, number))
                lock.fresh()
                self.assertEqual(lock.read(guest, lock=LOCK_ID)[0], "opened", (way, number))


class Cuts(unittest.TestCase):
    """Whatever command is lost, on its way or its answer on the way back, the phone never says refused of a bolt that moved."""

    def cut_everywhere(self, prepare, **wish):
        for way in ("there", "back"):
            number, seen = 0, True
            while seen:
                number += 1
                lock, guest = prepare()
                moved = lock.moves()
                lock.fresh(lambda at, command: way if at >= number else None)
                words = lock.tap(guest, **wish)[0]
                seen, moved = lock.gone, lock.moves() > moved
                self.assertIn(words, ("opened", "unconfirmed: link") if moved else ("refused: link", "unconfirmed: link"), (way, number))
                self.assertEqual(moved, way == "back" and words != "refused: link" or not seen, (way, number))
                lock.fresh()
                self.assertEqual(lock.tap(guest, **wish)[0], "opened", (way, number))
            self.assertGreater(number, 2)

    def test_a_full_exchange_in_links(self):
        def prepare():
            lock, _, _ = taken(built, capabilities=127 & ~2)
            return lock, wallet(neighbour, grant(owner, neighbour), documents=[policy(owner, 2, {4: bytes(range(128))})])

        self.cut_everywhere(prepare, receipt=True)

    def test_a_resumed_tap(self):
        def prepare():
            lock, _, _ = taken(built)
            guest = wallet(neighbour, grant(owner, neighbour))
            lock.tap(guest)
            return lock, guest

        self.cut_everywhere(prepare)


if __name__ == "__main__":
    unittest.main()
