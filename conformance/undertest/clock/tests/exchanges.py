"""The lock's part of the areas exchange, resumption, channel and log. What a phone or an owner's app does is left out and said so."""

import hashlib

from decisions import REASONS, reasons
from factory import Key, dec, enc

LEFT_OUT = object()


def names():
    if not REASONS:
        REASONS.update(reasons())
    return REASONS


def select_hash(select):
    return hashlib.sha256(bytes.fromhex(select["command"] + select["response"])).hexdigest()


def exchange(bench, params, test):
    if test["result"] == "invalid" and test["refuser"] == "phone":
        return LEFT_OUT
    p = params["lock"]
    bench.ask(f"lock {p['id']} - {21 if 2 in p['suites'] else 20} 0 1800000000")
    bench.ask(f"identity {params['suite']} {p['private']} {p['certificate']} {p.get('setup', '-')}")
    if 2 in p["suites"]:
        bench.ask(f"identity {2 - params['suite']} {p['private']} {p['certificate']} {p.get('setup', '-')}")
    if "setup" in p:
        bench.ask("vacant")
    else:
        bench.ask(f"keyof {p['owner'] if 'owner' in p else enc(Key('none').cose).hex()}")
    if "handshake1" not in test:
        return LEFT_OUT
    if "before" in test:
        got = bench.ask(f"hello {select_hash(test['before']['select'])} - {test['before']['handshake1']['command']}").split(" ")
        if got[0] != test["before"]["handshake1"]["response"]:
            return f"before: got {got}"
    if test.get("values", {}).get("plaintext2", "00")[:2] != "00":
        return LEFT_OUT         # a C_R that this lock never chooses
    got, why = bench.ask(f"hello {select_hash(test['select'])} {test.get('lockEphemeral', '-')} {test['handshake1']['command']}").split(" ")
    if got != test["handshake1"]["response"]:
        return f"handshake1: got {got[:80]}, want {test['handshake1']['response'][:80]}, refusal {names()[int(why)]}"
    if "handshake2" in test:
        got = bench.ask(f"prove {test['handshake2']['command']}").split(" ")
        why = got[1]
        if test["result"] == "valid":
            v = test["values"]
            want = [test["request"], v["okm"], v["resumption"], v["commissioning"], v["log"]]
            return None if got[2:] == want else f"values: got {got[2:]}, want {want}"
        if got[0] != test["handshake2"]["response"]:
            return f"handshake2: got {got[0]}, want {test['handshake2']['response']}"
    return None if names()[int(why)] == test["reason"] else f"reason {names()[int(why)]}, want {test['reason']}"


def resumption(bench, params, test):
    if test["result"] == "invalid" and test["refuser"] == "phone":
        return LEFT_OUT
    for n, tap in enumerate(test["taps"], 1):
        h = select_hash(tap["select"])
        if test["result"] == "invalid" and n == len(test["taps"]):
            bench.ask(f"lock {params['lockId']} - 21 0 1800000000")
            bench.ask(f"keyof {enc(Key('none').cose).hex()}")
            slots = [dict(s) for s in test["slots"]]
            for before in test["taps"][:-1]:
                slots[before["slot"]] = before["lockAfter"]
            for i, s in enumerate(slots):
                bench.ask(f"slot {i} {s['secret']} {s['left']}")
            bench.ask("slots")
            got, why = bench.ask(f"resume {h} {tap['resume']['command']}").split(" ")
            if got != tap["resume"]["response"] or names()[int(why)] != test["reason"]:
                return f"tap {n}: got {got} {names()[int(why)]}, want {tap['resume']['response']} {test['reason']}"
            return None
        # the slot that has the id, then request, response and next secret
        command = bytes.fromhex(tap["resume"]["command"])
        body = command[5:5 + command[4]] if command[4] else command[7:7 + int.from_bytes(command[5:7], "big")]
        slots = [dict(s) for s in test["slots"]]
        for before in test["taps"][:n - 1]:
            slots[before["slot"]] = before["lockAfter"]
        found = None
        for i, s in enumerate(slots):
            prk, ident, okm, after = bench.ask(f"derive {s['secret']} {tap['nonce']} {h}").split(" ")
            if s["left"] > 0 and ident == body[8:16].hex() and found is None:
                found = (i, prk, ident, okm, after, s)
        v = tap["values"]
        if found is None or found[0] != tap["slot"] or list(found[1:4]) != [v["prk"], v["id"], v["okm"]]:
            return f"tap {n}: {found}"
        bench.ask(f"channel {found[3]}")
        if bench.ask(f"open {body[16:].hex()}") != tap["request"]:
            return f"tap {n}: the request does not open"
        if bench.ask(f"seal {tap['response']}") + "9000" != tap["resume"]["response"]:
            return f"tap {n}: another response"
        a = dec(bytes.fromhex(tap["response"]))
        opened = a.get(1) in (1, 3) or (a.get(1) == 5 and a.get(2) == 20)
        s = found[5]
        want = {"secret": found[4] if opened else s["secret"], "left": s["left"] - opened}
        if tap["lockAfter"] != want:
            return f"tap {n}: slot {want}, want {tap['lockAfter']}"
    return None


def channel(bench, params, test):
    prk, _, okm, _ = bench.ask(f"derive {params['secret']} {params['nonce']} {params['selectHash']}").split(" ")
    if okm != params["okm"]:
        return f"okm {okm}"
    bench.ask(f"channel {okm}")
    requests = 0
    for n, step in enumerate(test["steps"], 1):
        last = n == len(test["steps"]) and test["result"] == "invalid"
        if step["direction"] == "request":
            requests += 1
            if last and test["reason"] == "limit":
                return None if requests == 65 else f"{requests} requests"
            got = bench.ask(f"open {step['sealed'] or '-'}")
            if got != ("shut" if last else step["plaintext"] or "-"):
                return f"step {n}: opened to {got}"
            if last:
                return None
        elif last:
            return LEFT_OUT
        elif bench.ask(f"seal {step['plaintext'] or '-'}") != step["sealed"]:
            return f"step {n}: sealed otherwise"
    return None


def log(bench, params, test):
    if test["result"] == "invalid":
        return LEFT_OUT
    if params["kind"] == "page":
        if not test["entries"]:
            return LEFT_OUT
        first = dec(bytes.fromhex(test["entries"][0]))[0]
        page, head = bench.ask(" ".join(["log", test["lock"], test["base"], str(first)] + test["entries"])).split(" ")
        return None if page == test["page"] and head == test["heads"][-1] else f"page {page}, head {head}"
    if params["kind"] == "sealed":
        got = bench.ask(f"sealpage {test['keys'][0]} {test['nonce']} {test['page']}")
        return None if got == test["sealed"] else f"sealed {got}"
    return LEFT_OUT
