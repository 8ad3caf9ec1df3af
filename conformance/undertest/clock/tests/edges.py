"""What no tap reaches in a reasonable time: edges.py BENCH."""

import sys

from factory import *
from lines import Program

bench = Program(sys.argv[1])
OPEN, CONFIGURE = enc({1: 1}).hex(), enc({1: 7}).hex()


def lock():
    bench.ask(f"lock {LOCK_ID.hex()} - 127 0 {BASE}")
    bench.ask(f"root {enc(scheme.cose).hex()}")
    assert bench.ask(f"owner {enc(owner.cose).hex()}").split(" ")[:3] == ["0", str(BASE), "1"]


def request(plain):
    status, answer, refusal, door, *rest = bench.ask(f"request 0 - 0 100 m - {plain}").split(" ")
    return status, dec(bytes.fromhex(answer)), door, rest


# The sequence numbers are used up: no opening, no transfer; the log key can still be agreed (PST-LOG-008).
lock()
bench.ask("sequence 4294967295")
me = enc({8: cnf(owner)}).hex()
assert bench.ask(f"start {me} -") == "0"
assert request(OPEN) == ("9000", {1: 5, 2: 19, 3: [0, BASE, 4294967295]}, "-1", ["0", str(BASE), "4294967295"])
away = enc({1: 0, 4: [policy(owner, 1, key=neighbour)]}).hex()
assert request(away)[1] == {1: 0, 3: [0, BASE, 4294967295], 9: [19]}
assert request(CONFIGURE)[1] == {1: 0, 3: [0, BASE, 4294967295]}

# The last but one number is good for one opening.
lock()
bench.ask("sequence 4294967294")
bench.ask(f"start {me} -")
assert request(OPEN)[1] == {1: 1, 3: [0, BASE, 4294967295]}

# Use records: one that the floor has reached gives way and leaves the lost time behind.
lock()
for i in range(33):
    k, exp = Key(f"many {i}"), BASE + 10 * DAY + (i == 5) * -9 * DAY + 1
    if i == 32:
        bench.ask(f"start {me} -")
        assert request(enc({1: 0, 4: [policy(owner, 1, iat=BASE + DAY + 1)]}).hex())[1][9] == [0]
    bench.ask(f"start {grant(owner, k, entry(uses=[1, 1]), exp=exp, iat=BASE - DAY).hex()} -")
    assert request(OPEN)[1][1] == 1, i
bench.close()
print("edges: as they should be")
