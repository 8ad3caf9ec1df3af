"""Taps at the lock, one test each: taps.py CLOCK [NAME]. Each begins with a lock as it leaves the factory."""

import os
import sys
import tempfile
import time
import traceback

import factory
from factory import *
from lines import Shim
from phone import *

CLOCK = sys.argv[1]
cousin, son, other = Key("cousin"), Key("son"), Key("other")
postman = Key("postman")
post_cert = authority(scheme, post, [1], 7, 5 * DAY, BASE - DAY, BASE + 90 * DAY)
ADMIT = {2: [[1, 14]]}


class Case:
    def __init__(self, *args, **provision):
        self.s = Shim(CLOCK, *args)
        if provision is not None:
            self.s.verb("provision", **factory.lock(**provision))
        self.s.verb("power", on=True)

    def phone(self):
        return Phone(self.s.transceive)

    def off_on(self):
        self.s.verb("power", on=False)
        self.s.verb("power", on=True)

    def commission(self, settings=None, key=owner, version=1):
        p = self.phone()
        a = p.tap(key, CONFIGURE, prove=True)
        assert a[OUTCOME] == 0 and a[STATE][2] == 1, a
        self.log_key = p.export(32771, 32)
        if version:
            a = p.ask(STATUS, documents=[policy(key, version, settings)])
            assert a == {1: 0, 3: [version, max(BASE, BASE), 1], 9: [0]}, a
        return self

    def moves(self):
        return {m["resource"]: m["count"] for m in self.s.verb("bolt")["moves"]}

    def state(self):
        return self.s.verb("state")


def refused(f, status="6982"):
    try:
        got = f()
    except Refused as e:
        assert str(e) == status, (str(e), status)
        return
    raise AssertionError(f"answered {got}")


def reason(a):
    assert a[OUTCOME] == 4, a
    assert STATE not in a
    return a[REASON]


def test_vacant():
    c = Case()
    assert c.state() == {"vacant": True, "floor": BASE - 30 * DAY, "policy": 0, "sequence": 0}
    refused(lambda: c.phone().tap(owner, OPEN))
    refused(lambda: c.phone().tap(owner, CONFIGURE))
    refused(lambda: c.phone().tap(owner, CONFIGURE, proof=bytes(16)))
    c.commission()
    assert c.state() == {"vacant": False, "floor": BASE, "policy": 1, "sequence": 1}
    refused(lambda: c.phone().tap(other, CONFIGURE, prove=True))
    assert reason(c.phone().tap(owner, CONFIGURE, prove=True)) == 17
    assert c.moves() == {}


def test_owner_opens():
    c = Case().commission()
    for suite_key in (owner,):
        p = c.phone()
        a = p.tap(suite_key, OPEN, reference=b"12345678")
        assert a == {1: 1, 3: [1, BASE, 2]}, a
        refused(lambda: p.ask(OPEN), "6985")
    assert c.moves() == {0: 1}
    c.off_on()
    a = c.phone().tap(owner, STATUS)
    assert a == {1: 0, 3: [1, BASE, 2]}
    assert c.phone().tap(owner, OPEN, resource=3) == {1: 4, 2: 39}


def test_suite_2():
    c = Case().commission()
    her = Key("her", 2)
    a = c.phone().tap(her, OPEN, grant=grant(owner, her))
    assert a == {1: 1, 3: [1, BASE, 0]}, a
    a = c.phone().tap(her, OPEN, grant=grant(owner, her, *[entry()] * 4), extended=True, flags=1)
    assert a[OUTCOME] == 1
    body = dec(a[RECEIPT][2])
    lock_key_2.verify(a[RECEIPT][3], sig_structure(a[RECEIPT][0], b"", a[RECEIPT][2]))
    refused(lambda: c.phone().tap(neighbour, OPEN, grant=grant(owner, her)))
    p = c.phone().select()
    assert p.hello(0, suites=[1, 0]) is p
    assert c.phone().select().hello(0, suites=[2, 0]) == bytes.fromhex("02820002")
    assert c.phone().select().hello(0, suites=3) == bytes.fromhex("02820002")
    c2 = Case("--capabilities", "30").commission()
    assert c2.phone().select().hello(0, suites=[0, 2]) == bytes.fromhex("0200")
    two = Key("second owner", 2)
    assert c2.phone().tap(owner, STATUS, documents=[policy(owner, 2, key=two)])[DOCUMENTS] == [4]


def test_guest():
    c = Case().commission()
    g = grant(owner, neighbour)
    assert c.phone().tap(neighbour, OPEN, grant=g) == {1: 1, 3: [1, BASE, 0]}
    assert reason(c.phone().tap(neighbour, DELIVER, grant=g)) == 12
    assert c.phone().tap(neighbour, STATUS, grant=g) == {1: 0, 3: [1, BASE, 0]}
    assert reason(c.phone().tap(neighbour, CONFIGURE, grant=g)) == 12
    refused(lambda: c.phone().tap(cousin, OPEN, grant=g))
    assert reason(c.phone().tap(neighbour, OPEN, grant=grant(owner, neighbour, entry(target=bytes(8))))) == 11
    assert reason(c.phone().tap(neighbour, OPEN, grant=grant(owner, neighbour, entry(other=1)))) == 13
    assert reason(c.phone().tap(neighbour, OPEN, grant=grant(owner, neighbour, entry(policy=2)))) == 16
    assert reason(c.phone().tap(neighbour, OPEN, grant=grant(owner, neighbour, nbf=BASE + 2 * DAY))) == 14
    assert reason(c.phone().tap(neighbour, OPEN, grant=grant(owner, neighbour, iat=BASE - 5 * DAY, exp=BASE))) == 15
    assert reason(c.phone().tap(neighbour, OPEN, grant=grant(owner, neighbour, entry(evidence=1)))) == 35
    assert reason(c.phone().tap(neighbour, OPEN, grant=grant(owner, neighbour, entry(service=1)))) == 10
    assert reason(c.phone().tap(neighbour, OPEN, grant=grant(owner, neighbour, entry(resource=1)))) == 39
    assert c.phone().tap(neighbour, OPEN, grant=g, f0=1) == {1: 4, 2: 17}
    refused(lambda: c.phone().tap(neighbour, OPEN, grant=g, flags=0))
    # made up under the owner's key id: as if the owner were not known
    fake = dec(g)
    fake[3] = bytes(64)
    p = c.phone()
    assert p.tap(neighbour, OPEN, grant=Raw(enc(fake))) == {4: [owner.id]}
    refused(lambda: p.ask(OPEN, chain=[authority(scheme, owner, [1], 1, 5)]))
    assert c.moves() == {0: 1}


def test_operator():
    c = Case(area=b"FR75011042".hex()).commission(ADMIT)
    g = grant(post, postman, entry(6, 2, b"FR75011042"), iat=BASE + DAY, exp=BASE + 2 * DAY)
    p = c.phone()
    assert p.tap(postman, DELIVER, grant=g) == {4: [post.id]}
    assert p.ask(DELIVER) == {4: [post.id]}
    assert p.ask(DELIVER, chain=[post_cert], flags=1)[OUTCOME] == 1
    assert c.state()["floor"] == BASE + DAY
    assert c.phone().tap(postman, DELIVER, grant=g) == {1: 1, 3: [1, BASE + DAY, 0]}
    assert reason(c.phone().tap(postman, SERVICE, grant=g)) == 12
    far = grant(post, postman, entry(6, 2, b"FR75011042"), iat=BASE + DAY, exp=BASE + 12 * DAY)
    p = c.phone()
    assert p.tap(postman, DELIVER, grant=far) == {4: [post.id]}
    assert reason(p.ask(DELIVER, chain=[post_cert])) == 9
    # not admitted, then the block, with the notice
    a = c.phone().tap(owner, STATUS, documents=[policy(owner, 2, {2: [[2, 14]]})])
    assert a[DOCUMENTS] == [0]
    assert c.phone().tap(postman, DELIVER, grant=g) == {1: 4, 2: 38}
    block = policy(owner, 3, ADMIT | {1: 1, 6: [1, 5, 6, 1, 2]})
    a = c.phone().tap(postman, DELIVER, grant=g, documents=[block, block])
    assert a == {1: 4, 2: 32, 6: [1, 5, 6, 1], 9: [0, 41]}, a
    assert c.moves() == {0: 2}
    # the scheme takes the operator back
    lst = revocation(scheme, 1, [digest(post_cert)[:8], BASE + 90 * DAY])
    p = c.phone()
    a = p.tap(postman, STATUS, grant=g, documents=[lst, lst])
    assert a == {1: 4, 2: 31, 9: [0, 41]}, a
    assert c.phone().tap(postman, STATUS, grant=g) == {4: [post.id]}


def test_time():
    c = Case("--capabilities", "15").commission(ADMIT)
    cert = post_cert
    hours = [[31, 360, 1440], [32, 480, 720]]
    g = grant(owner, neighbour, entry(schedule=hours), exp=BASE + 60 * DAY)
    p = c.phone()
    assert reason(p.tap(neighbour, OPEN, grant=g)) == 35
    monday = BASE - BASE % DAY + 20 * DAY
    t = token(post, 1803888000, 60, p.nonce)
    assert reason(p.ask(OPEN, documents=[t])) == 35           # signer unknown: the document's reason is 6
    bad = token(post, 1803888000, 60, bytes(16))
    a = p.ask(OPEN, documents=[bad, t], chain=[cert])
    assert a[OUTCOME] == 1 and a[DOCUMENTS] == [35, 0], a
    assert c.state()["floor"] == 1803888000
    p = c.phone()
    a = p.tap(neighbour, OPEN, grant=g, documents=[token(post, 1803888000 + DAY, -600)], chain=[cert])
    assert reason(a) == 35 and a[DOCUMENTS] == [0]
    a = p.ask(OPEN, documents=[token(post, 1803888000 + DAY + 599, -180, p.nonce)], chain=[cert])
    assert reason(a) == 33 and a[DOCUMENTS] == [0], a
    assert c.state()["floor"] == 1803888000 + DAY
    c.s.verb("advance", ms=61000)
    a = p.ask(OPEN, documents=[token(post, 1803888000 + DAY + 700, 60, p.nonce)], chain=[cert])
    assert reason(a) == 35 and a[DOCUMENTS] == [35], a
    # a reset of the floor by the owner
    a = c.phone().tap(owner, STATUS, documents=[policy(owner, 2, {8: True}, iat=BASE + DAY)])
    assert a == {1: 0, 3: [2, BASE + DAY, 1 + 1], 9: [0]}, a


def test_clock():
    c = Case().commission()
    g = grant(owner, neighbour, entry(schedule=[[1, 480, 600]]), exp=BASE + 60 * DAY)
    assert reason(c.phone().tap(neighbour, OPEN, grant=g)) == 35
    c.s.verb("clock", unix=1803888000, offset=60)
    assert c.phone().tap(neighbour, OPEN, grant=g)[OUTCOME] == 1
    c.s.verb("clock", unix=1803888000, offset=600)
    assert reason(c.phone().tap(neighbour, OPEN, grant=g)) == 33
    c.s.verb("clock", unix=BASE - 1, offset=0)
    assert reason(c.phone().tap(neighbour, OPEN, grant=g)) == 35
    assert c.state()["floor"] == BASE


def test_resumption():
    c = Case().commission()
    g = grant(owner, neighbour)
    p = c.phone()
    a = p.tap(neighbour, OPEN, grant=g, flags=2)
    assert a == {1: 1, 3: [1, BASE, 0], 8: 32}, a
    secret = p.export(32769, 32)
    p = c.phone()
    assert p.resume(secret, STATUS) == {1: 0, 3: [1, BASE, 0]}
    assert p.ask(OPEN) == {1: 1, 3: [1, BASE, 0]}
    refused(lambda: c.phone().resume(secret, OPEN))
    secret = next_secret(secret)
    c.off_on()
    for i in range(31):
        assert c.phone().resume(secret, OPEN, flags=2) == {1: 1, 3: [1, BASE, 0]}
        secret = next_secret(secret)
    refused(lambda: c.phone().resume(secret, OPEN))
    # owner by bare key; configure not by a resumed channel; ends with a full opening
    p = c.phone()
    assert p.tap(owner, OPEN, flags=2)[SLOT] == 32
    secret = p.export(32769, 32)
    assert reason(c.phone().resume(secret, CONFIGURE)) == 17
    assert c.phone().tap(owner, OPEN)[OUTCOME] == 1
    refused(lambda: c.phone().resume(secret, STATUS))
    # nine credentials in eight places
    secrets = []
    for i in range(9):
        k = Key(f"guest {i}")
        p = c.phone()
        assert p.tap(k, OPEN, grant=grant(owner, k), flags=2)[SLOT] == 32
        secrets.append(p.export(32769, 32))
    refused(lambda: c.phone().resume(secrets[0], STATUS))
    assert all(c.phone().resume(s, STATUS)[OUTCOME] == 0 for s in secrets[1:])
    # denied by its own tag
    k = Key("guest 5")
    assert c.phone().tap(owner, STATUS, documents=[policy(owner, 2, {4: digest(grant(owner, k))[:8]})])[DOCUMENTS] == [0]
    refused(lambda: c.phone().resume(secrets[5], STATUS))
    assert c.phone().resume(secrets[4], STATUS)[OUTCOME] == 0


def test_delegation():
    c = Case().commission()
    root = grant(owner, neighbour, entry(5, delegation=2), exp=BASE + 30 * DAY)
    middle = grant(neighbour, cousin, entry(5, delegation=1), parent=root)
    leaf = grant(cousin, son, entry(1), parent=middle)
    p = c.phone()
    assert p.tap(son, OPEN, grant=leaf) == {4: [cousin.id]}
    assert p.ask(OPEN, chain=[middle]) == {4: [neighbour.id]}
    assert p.ask(OPEN, chain=[root, middle])[OUTCOME] == 1
    assert c.phone().tap(cousin, OPEN, grant=middle, chain=[root])[OUTCOME] == 1
    assert reason(c.phone().tap(son, COLLECT, grant=leaf, chain=[root, middle])) == 12
    short = grant(owner, neighbour, entry(5, delegation=1))
    m2 = grant(neighbour, cousin, entry(5, delegation=1), parent=short)
    l2 = grant(cousin, son, parent=m2)
    assert reason(c.phone().tap(son, OPEN, grant=l2, chain=[m2, short])) == 37
    deep = grant(son, other, parent=leaf)
    refused(lambda: c.phone().tap(other, OPEN, grant=deep, chain=[leaf, middle, root]))
    late = grant(neighbour, cousin, parent=root, iat=BASE)
    assert reason(c.phone().tap(cousin, OPEN, grant=late, chain=[root])) == 37
    refused(lambda: c.phone().tap(cousin, OPEN, grant=grant(other, cousin, parent=root), chain=[root]))
    assert reason(c.phone().tap(cousin, OPEN, grant=grant(neighbour, cousin, entry(service=1), parent=root), chain=[root])) == 10
    assert c.phone().tap(owner, STATUS, documents=[policy(owner, 2, {4: digest(root)[:8]})])[DOCUMENTS] == [0]
    assert reason(c.phone().tap(son, OPEN, grant=leaf, chain=[root, middle])) == 31
    # a resumed chain of two
    r2, p = grant(owner, neighbour, entry(5, delegation=1), iat=BASE + 2 * DAY), c.phone()
    l3 = grant(neighbour, cousin, parent=r2, iat=BASE + 2 * DAY)
    assert p.tap(cousin, OPEN, grant=l3, chain=[r2], flags=2)[SLOT] == 32
    assert c.phone().resume(p.export(32769, 32), OPEN)[OUTCOME] == 1


def test_uses():
    c = Case().commission()
    g = grant(owner, neighbour, entry(uses=[2, 1]))
    assert [c.phone().tap(neighbour, OPEN, grant=g)[OUTCOME] for _ in range(3)] == [1, 1, 4]
    assert reason(c.phone().tap(neighbour, OPEN, grant=g)) == 34
    assert c.phone().tap(neighbour, STATUS, grant=g)[OUTCOME] == 0
    g2 = grant(owner, cousin, entry(uses=[1, 3]))
    c.s.verb("drive", motion="sticks", percent=100, wait=0)
    assert [c.phone().tap(cousin, OPEN, grant=g2)[REASON] for _ in range(2)] == [20, 20]
    c.s.verb("drive", motion="moves", percent=100, wait=0)
    assert c.phone().tap(cousin, OPEN, grant=g2)[OUTCOME] == 1
    assert reason(c.phone().tap(cousin, OPEN, grant=g2)) == 34
    plain = Case("--capabilities", "15").commission()
    assert reason(plain.phone().tap(neighbour, OPEN, grant=g)) == 13
    # 32 records, none of which may go
    for i in range(30):
        k = Key(f"many {i}")
        assert c.phone().tap(k, OPEN, grant=grant(owner, k, entry(uses=[1, 1])))[OUTCOME] == 1
    assert reason(c.phone().tap(son, OPEN, grant=grant(owner, son, entry(uses=[1, 1])))) == 40
    assert c.phone().tap(owner, STATUS, documents=[policy(owner, 2, iat=BASE + 30 * DAY)])[DOCUMENTS] == [0]
    new = grant(owner, son, entry(uses=[1, 1]), exp=BASE + 31 * DAY)
    assert c.phone().tap(son, OPEN, grant=new)[OUTCOME] == 1
    assert c.phone().tap(owner, STATUS, documents=[policy(owner, 3, {8: True}, iat=BASE)])[DOCUMENTS] == [0]
    assert reason(c.phone().tap(other, OPEN, grant=grant(owner, other, entry(uses=[1, 1])))) == 34


def test_pending_and_drive():
    c = Case().commission()
    c.s.verb("drive", motion="moves", percent=40, wait=700)
    p = c.phone()
    a = p.tap(owner, OPEN, documents=[policy(owner, 2)])
    assert a == {1: 2, 3: [2, BASE, 1], 5: [40, 700], 9: [0]}, a
    c.s.verb("drive", motion="unseen", percent=100, wait=0)
    a = p.ask(OPEN)
    assert a == {1: 3, 3: [2, BASE, 2]}, a
    c.s.verb("drive", motion="sticks", percent=100, wait=0)
    a = c.phone().tap(owner, OPEN, flags=1)
    assert a[OUTCOME] == 5 and a[REASON] == 20 and a[STATE] == [2, BASE, 4], a
    assert dec(dec(a[RECEIPT][2])[9])[4][4:6] == [2, 20]
    assert c.moves() == {0: 2}


def test_log():
    c = Case().commission()
    for i in range(70):
        assert c.phone().tap(owner, OPEN)[OUTCOME] == 1
    p = c.phone()
    p.tap(owner, STATUS)
    pages = [p.ask(READ_LOG, page=k)[LOG] for k in range(4)]
    numbers, head = [], None
    for raw in reversed(pages):
        (lock, base, entries), rest = dec_first(raw)
        assert lock == LOCK_ID and len(raw) == 768 and not any(rest) and len(entries) == 16
        assert head is None or head == base
        head = base
        for e in entries:
            numbers.append(e[0])
            head = head_after(head, e)
    assert numbers == list(range(8, 72))
    receipt = p.ask(STATUS, flags=1)[RECEIPT]
    lock_key.verify(receipt[3], sig_structure(receipt[0], b"", receipt[2]))
    claims = dec(receipt[2])
    scope = dec(claims[9])
    assert claims[6] == BASE and scope[:4] == [LOCK_ID, 1, digest(policy(owner, 1)) [:8], head] and scope[4][0] == 71
    assert scope[4] == [71, BASE, 0, 1, 1, 0, 1, 0, owner.id, 0, b""]
    # a guest carries a page, and gets a receipt that hides
    g = grant(owner, neighbour)
    p = c.phone()
    sealed = p.tap(neighbour, STATUS, grant=g, flags=4, page=3)[LOG]
    assert len(sealed) == 792 and open_page(c.log_key, sealed) == pages[3]
    assert p.ask(STATUS, flags=4)[LOG] != sealed
    assert reason(p.ask(STATUS, flags=5)) == 17 and reason(p.ask(READ_LOG)) == 12 and reason(p.ask(STATUS, page=1)) == 17 and reason(p.ask(OPEN, page=0)) == 17
    a = p.ask(OPEN, flags=1, reference=b"parcel 7")
    scope = dec(dec(a[RECEIPT][2])[9])
    assert scope[4] == [0, BASE, 0, 1, 1, 0, 2, 0, digest(g)[:8], 0, b"parcel 7"]
    assert scope[3] == kdf(c.log_key, 3, head_after(head, [72] + scope[4][1:]), 32)


def test_transfer_and_reset():
    c = Case().commission({5: [other.cose]})
    p = c.phone()
    assert p.tap(other, OPEN, flags=2) == {1: 1, 3: [1, BASE, 2], 8: 32}
    secret = p.export(32769, 32)
    assert reason(c.phone().tap(other, CONFIGURE)) == 12
    g = grant(other, neighbour)
    assert c.phone().tap(neighbour, OPEN, grant=g)[OUTCOME] == 1
    p = c.phone()
    a = p.tap(owner, OPEN, documents=[policy(owner, 2, {5: [other.cose]}, key=son)])
    assert a == {1: 4, 2: 31, 9: [0]}, a
    assert p.ask(STATUS) == {1: 4, 2: 31}
    assert c.state() == {"vacant": False, "floor": BASE, "policy": 2, "sequence": 4}
    refused(lambda: c.phone().tap(owner, STATUS))
    refused(lambda: c.phone().tap(other, STATUS))
    refused(lambda: c.phone().resume(secret, STATUS))
    assert c.phone().tap(neighbour, OPEN, grant=g) == {4: [other.id]}
    p = c.phone()
    assert p.tap(son, READ_LOG)[OUTCOME] == 0
    assert LOG not in p.ask(STATUS, flags=4)
    assert p.ask(CONFIGURE)[OUTCOME] == 0 and LOG in p.ask(STATUS, flags=4)
    entries = dec_first(p.ask(READ_LOG)[LOG])[0][2]
    assert entries == [[4, BASE, 0, 7, 4, 0, 1, 0, son.id, 0, b""]]
    assert reason(c.phone().tap(cousin, OPEN, grant=grant(son, cousin))) == 31
    assert reason(c.phone().tap(cousin, OPEN, grant=grant(son, cousin, entry(policy=3)))) == 16
    assert c.phone().tap(cousin, OPEN, grant=grant(son, cousin, entry(policy=2)))[OUTCOME] == 1
    # reset: the button, at both moments
    refused(lambda: c.phone().tap(owner, CONFIGURE, prove=True))
    c.s.verb("button", pressed=True)
    p = c.phone().select().hello()
    m3 = p.message_3(owner)
    sealed = p.channel.seal(p.request(CONFIGURE, proof=p.proof(), flags=1))
    a = dec(p.channel.open(p.command(0x12, m3 + sealed)))
    c.s.verb("button", pressed=False)
    assert a[OUTCOME] == 0 and a[STATE] == [2, BASE, 6] and dec(dec(a[RECEIPT][2])[9])[4][4] == 5
    refused(lambda: c.phone().tap(son, STATUS))
    assert reason(c.phone().tap(cousin, OPEN, grant=grant(owner, cousin, entry(policy=2)))) == 31


def test_lists():
    c = Case().commission(ADMIT)
    ops = [Key(f"operator {i}") for i in range(6)]
    certs = [authority(scheme, k, [1], 7, 5 * DAY, BASE - DAY, BASE + (20 + i) * DAY) for i, k in enumerate(ops)]
    lists = [revocation(k, 1, [bytes([i] * 8), BASE + 5 * DAY]) for i, k in enumerate(ops)]
    p = c.phone()
    p.tap(owner, STATUS)
    assert [p.ask(STATUS, documents=[l], chain=[x])[DOCUMENTS][0] for l, x in zip(lists, certs)] == [0, 0, 0, 0, 40, 40]
    assert p.ask(STATUS, documents=[lists[0]], chain=[certs[0]])[DOCUMENTS] == [41]
    assert p.ask(STATUS, documents=[lists[0]])[DOCUMENTS] == [6]
    assert p.ask(STATUS, documents=[revocation(ops[1], 2)], chain=[certs[1]])[DOCUMENTS] == [0]
    root_list = revocation(scheme, 7, [digest(certs[5])[:8], BASE + 90 * DAY])
    assert p.ask(STATUS, documents=[root_list, lists[5]], chain=[certs[5]])[DOCUMENTS] == [0, 31]
    assert p.ask(STATUS, documents=[policy(owner, 2, ADMIT, iat=BASE + 20 * DAY), lists[4]], chain=[certs[4]])[DOCUMENTS] == [0, 0]
    g = grant(ops[3], postman, entry(2), iat=BASE + DAY, exp=BASE + 2 * DAY)


def test_anchor():
    c = Case().commission({7: [other.cose], 2: [[1, 127]]})
    house = Key("house service")
    cert = authority(other, house, [1], 1, 40 * DAY, BASE - DAY, BASE + 60 * DAY)
    g = grant(house, postman, entry(2, uses=[1, 1]))
    p = c.phone()
    assert p.tap(postman, DELIVER, grant=g, chain=[cert])[OUTCOME] == 1
    assert reason(c.phone().tap(postman, DELIVER, grant=g)) == 34
    a = c.phone().tap(postman, STATUS, grant=g, documents=[policy(owner, 2, {2: [[1, 127]]})])
    assert a == {1: 4, 2: 31, 9: [0]}
    assert c.phone().tap(postman, STATUS, grant=g) == {4: [house.id]}
    refused(lambda: c.phone().tap(postman, STATUS, grant=g, chain=[cert]))


def test_compartments():
    c = Case(compartments=3).commission()
    g = grant(owner, neighbour, entry(resource=2))
    assert reason(c.phone().tap(neighbour, OPEN, grant=g)) == 39
    assert reason(c.phone().tap(neighbour, OPEN, grant=g, resource=1)) == 39
    assert reason(c.phone().tap(neighbour, OPEN, grant=g, resource=4)) == 39
    assert c.phone().tap(neighbour, OPEN, grant=g, resource=2)[OUTCOME] == 1
    assert c.phone().tap(owner, OPEN, resource=3)[OUTCOME] == 1
    assert c.moves() == {2: 1, 3: 1}


def test_tamper():
    c = Case()
    c.s.verb("tamper")
    assert c.state()["sequence"] == 0
    c.commission()
    c.s.verb("tamper"), c.s.verb("tamper")
    assert c.state()["sequence"] == 2
    c.off_on()
    c.s.verb("tamper")
    assert c.state()["sequence"] == 2
    c.phone().tap(owner, OPEN)
    c.s.verb("tamper")
    assert c.state()["sequence"] == 4


def test_random():
    c = Case().commission()
    for source in ("fails", "equal"):
        c.s.verb("random", source=source)
        refused(lambda: c.phone().tap(owner, STATUS), "6f00")
    c.s.verb("random", source="good")
    seen = set()
    for _ in range(4):
        p, before = c.phone(), len(seen)
        for _ in range(2):
            seen.add(p.select().nonce)
        p.hello()
        seen.add(p.prk)
        assert len(seen) == before + 3
        c.off_on()
    assert c.phone().tap(owner, STATUS)[OUTCOME] == 0


def test_requests_of_a_channel():
    c = Case().commission()
    p = c.phone()
    p.tap(owner, STATUS)
    for _ in range(63):
        p.ask(STATUS)
    refused(lambda: p.ask(STATUS))


def test_cuts():
    """Power goes at every operation of an opening that changes much; the state is the one before or the one after."""
    c = Case().commission()
    g = grant(owner, neighbour, entry(uses=[9, 1]))
    c.phone().tap(neighbour, OPEN, grant=g, flags=2)
    before = c.s.verb("operations")["flash"]
    c.phone().tap(neighbour, OPEN, grant=g, flags=2)
    n = c.s.verb("operations")["flash"] - before
    assert 4 <= n <= 40, n
    sequence, moves = 3, 2
    for torn in ("before", "half", "after"):
        for after in range(n):
            left = Key(f"{torn}{after}")
            c.s.verb("cut", after=after, torn=torn)
            try:
                c.phone().tap(left, OPEN, grant=grant(owner, left, entry(uses=[1, 1])), flags=2)
                answered = True
            except Refused as e:
                assert str(e) == "silent", e
                answered = False
            assert answered or c.s.verb("operations")["cut"]
            c.s.verb("cut")
            c.off_on()
            s, m = c.state()["sequence"], c.moves()[0]
            assert s in (sequence, sequence + 1) and m - moves <= s - sequence, (torn, after, s, sequence, m, moves)
            sequence, moves = s, m
            if s > 30:
                c.s.verb("button", pressed=True)
    p = c.phone()
    p.tap(owner, STATUS)
    assert p.ask(READ_LOG)[OUTCOME] == 0


def test_memory_file():
    path = os.path.join(tempfile.mkdtemp(), "memory")
    c = Case("--memory", path).commission()
    c.phone().tap(owner, OPEN)
    c.s.close()
    c2 = Case.__new__(Case)
    c2.s = Shim(CLOCK, "--memory", path)
    c2.s.verb("power", on=True)
    assert c2.phone().tap(owner, STATUS) == {1: 0, 3: [1, BASE, 2]}
    c2.s.close()
    # a root page that fades: nothing older takes its place
    with open(path, "r+b") as f:
        f.seek(-512, 2)
        roots = f.read()
        assert roots[:256].count(255) == 256 or roots[256:].count(255) == 256
        f.seek(-512, 2)
        f.write(bytes(b ^ 1 for b in roots))
    c3 = Case.__new__(Case)
    c3.s = Shim(CLOCK, "--memory", path)
    c3.s.verb("power", on=True)
    assert c3.s.transceive(select_command()) is None


def test_binding_r():
    """The phone answers TURN with what it would send by binding L; the SELECT hash is over the other AID."""
    import json
    c = Case().commission()
    s = c.s
    aid = bytes.fromhex("F0504F535445524E81")
    s.id += 1
    line = s.ask(json.dumps({"id": s.id, "verb": "meet"}))
    joined = b""

    def next_turn(data):
        """Answers the lock's command with data, returns the data and status of its next TURN."""
        nonlocal line, joined
        while len(data) > 200:      # in parts, for GET RESPONSE
            line = s.ask(json.dumps({"id": s.id, "apdu": (data[:200] + bytes([0x61, min(len(data) - 200, 255)])).hex()}))
            assert json.loads(line)["transceive"] == "80c0000000"
            data = data[200:]
        line = s.ask(json.dumps({"id": s.id, "apdu": (data + b"\x90\0").hex()}))
        q = json.loads(line)
        if "ok" in q:
            return None
        cmd = bytes.fromhex(q["transceive"])
        assert cmd[1] == 0x18, cmd.hex()
        body = cmd[5:-1] if len(cmd) > 5 else b""
        if cmd[0] == 0x90:
            joined += cmd[5:]
            return next_turn(b"")
        body, joined = joined + body, b""
        return body + cmd[2:4]

    assert json.loads(line)["transceive"] == (bytes.fromhex("00A4040009") + aid + b"\0").hex()
    first = [next_turn(b"")]

    def send(command):
        if command[1] == 0xA4:
            return first.pop()
        n = command[4] if command[4] else int.from_bytes(command[5:7], "big")
        data = command[5:5 + n] if command[4] else command[7:7 + n]
        return next_turn(bytes([command[1], command[2]]) + data)

    p = Phone(send, aid)
    p.select().hello()
    m3 = p.message_3(owner)
    got = p.command(0x12, m3 + p.channel.seal(p.request(OPEN)), extended=True)
    assert dec(p.channel.open(got)) == {1: 1, 3: [1, BASE, 2]}
    page = dec(p.channel.open(p.command(0x14, p.channel.seal(p.request(READ_LOG, reference=b"12345678")))))[LOG]
    assert len(page) == 768
    assert dec(p.channel.open(p.command(0x14, p.channel.seal(p.request(STATUS, documents=[policy(owner, 2)] * 3)), extended=True)))[DOCUMENTS] == [0, 41, 41]
    assert next_turn(b"") is None
    assert c.phone().tap(owner, STATUS)[OUTCOME] == 0


failed = 0
begun = time.time()
tests = {n: f for n, f in globals().items() if n.startswith("test_") and (len(sys.argv) < 3 or sys.argv[2] in n)}
for name, test in tests.items():
    try:
        test()
    except (Exception, SystemExit):
        failed += 1
        print(f"{name} failed:")
        traceback.print_exc()
print(f"taps: {len(tests) - failed} of {len(tests)} as they should be, {time.time() - begun:.1f} s")
sys.exit(failed > 0)
