"""Runs the vectors of the standard: vectors.py BUILD VECTORS. Reports each test that differs."""

import hashlib
import json
import os
import sys

import decisions
import exchanges
from lines import Program, Shim

BUILD, VECTORS = sys.argv[1:3]
STATUS = {"wrong-length": "6700", "chain-expected": "6883", "refused": "6982", "out-of-order": "6985", "not-found": "6a82",
          "wrong-p1-p2": "6a86", "ins-unknown": "6d00", "cla-unknown": "6e00"}
REASONS = {name: str(value) for value, name in decisions.reasons().items()}
LEFT_OUT = exchanges.LEFT_OUT       # a part of a phone, an owner's app or an issuer
probe = Program(os.path.join(BUILD, "probe"))
bench = Program(os.path.join(BUILD, "bench"))


def cbor(params, test):
    got = probe.ask(f"{params['form']} {test['data']}")
    want = test.get("diagnostic") or REASONS[test["reason"]]
    return None if got == want else f"got {got}, want {want}"


def apdu(params, test):
    return {"command": apdu_command, "link": apdu_link, "lock": apdu_lock}[params["kind"]](params, test)


def apdu_command(params, test):
    got = probe.ask(f"command {int(params['extended'])} {test['command']}")
    f = test.get("fields")
    want = " ".join([f["cla"], f["ins"], f["p1"], f["p2"], f["data"], str(f["ne"])]) if f else test["reason"]
    return None if got == want else f"got {got}, want {want}"


def apdu_link(params, test):
    probe.ask(f"link {int(params['extended'])}")
    first = None
    for n, step in enumerate(test["steps"], 1):
        c = step.get("carried")
        got = probe.ask(f"apdu {step['command']} {c['answer'] if c else ''}")
        want = " ".join([c["cla"] + c["ins"] + c["p1"] + c["p2"] + c["data"] if c else "", step["response"], str(int("ends" in step))])
        if got != want:
            return f"step {n}: got {got}, want {want}"
        status = got.split(" ")[1][-4:]
        if first is None and status != "9000" and not status.startswith("61"):
            first = status
    return verdict(test, first)


def verdict(test, first):
    want = STATUS[test["reason"]] if test["result"] == "invalid" else None
    return None if first == want else f"first status {first}, want {want}"


def apdu_lock(params, test):
    import factory
    lock = Shim(os.path.join(BUILD, "clock"), "--capabilities", "1" if not params["extended"] else "3")
    lock.verb("provision", **factory.lock())
    lock.verb("power", on=True)
    first = None
    for n, step in enumerate(test["steps"], 1):
        status = lock.transceive(bytes.fromhex(step["command"]))[-2:].hex()
        if status != step["status"]:
            return f"step {n}: got {status}, want {step['status']}"
        if first is None and status != "9000" and not status.startswith("61"):
            first = status
    lock.close()
    return verdict(test, first)


def signature(params, test):
    odd = int(test["odd"]) if "odd" in test else "-"
    got = probe.ask(f"signature {test['alg']} {test['x'] or '-'} {odd} {test['message'] or '-'} {test['signature'] or '-'}")
    want = "0" if test["result"] == "valid" else REASONS[test["reason"]]
    return None if got == want else f"got {got}, want {want}"


def object_(params, test):
    kinds = ["authority", "lock-certificate", "grant", "policy", "revocation-list", "time-token"]
    if params["kind"] == "claims-set":
        got = probe.ask(f"claims {test['data'] or '-'}")
        want = "0" if test["result"] == "valid" else REASONS[test["reason"]]
        return None if got == want else f"got {got}, want {want}"
    if params["kind"] not in kinds:
        return LEFT_OUT
    k = test["signer"]
    odd = int(k["odd"]) if "odd" in k else "-"
    got = probe.ask(f"object {65001 + kinds.index(params['kind'])} {test['data'] or '-'} {k['alg']} {k['x']} {odd}")
    want = test.get("digest") or REASONS[test["reason"]]
    return None if got == want else f"got {got}, want {want}"


def message(params, test):
    kind = params["kind"]
    if kind not in ("message-1", "handshake-2", "plaintext-3", "resume", "request"):
        return LEFT_OUT
    got = probe.ask(f"message {kind} {test['data'] or '-'} {int(2 in params.get('suites', []))}")
    if test["result"] == "invalid":
        want = REASONS["suite"] if test["reason"] == "suite" else "1"
        return None if got == want else f"got {got}, want {want}"
    v = test[{"message-1": "message1", "handshake-2": "handshake2", "plaintext-3": "plaintext3"}.get(kind, kind)]
    if kind == "message-1":
        want = f"{v['suites'][-1]} {v['gx']}"
    elif kind == "handshake-2":
        want = f"{v['message3']} {v['sealed']}"
    elif kind == "plaintext-3":
        want = f"{v.get('grant', 'bare')} {v['signature']}"
    elif kind == "resume":
        want = f"{v['nonce']} {v['id']} {v['sealed']}"
    else:
        want = " ".join(map(str, [v["operation"], v.get("resource", 0), v.get("flags", 0), v.get("page", 0), v.get("reference", "-"), v.get("proof", "-"),
                                  ",".join(v.get("chain", ["-"])), ",".join(v.get("documents", ["-"])), int("unknown" in v)]))
    return None if got == want else f"got {got}, want {want}"


def on_bench(check):
    return lambda params, test: check(bench, params, test)


CHECKS = {"cbor": cbor, "apdu": apdu, "signature": signature, "object": object_, "message": message}
CHECKS |= {a: on_bench(getattr(exchanges, a)) for a in ("exchange", "resumption", "channel", "log")}
CHECKS |= {a: on_bench(decisions.check) for a in ("chain", "time", "policy", "uses")}
failed = 0
for area in json.load(open(os.path.join(VECTORS, "index.json")))["areas"]:
    raw = open(os.path.join(VECTORS, area["file"]), "rb").read()
    if hashlib.sha256(raw).hexdigest() != area["sha256"]:
        print(f"{area['file']}: not the file of the index")
        failed += 1
    check = CHECKS.get(area["area"])
    if check is None:
        print(f"{area['area']}: no check for this area yet, {area['tests']} tests left out")
        continue
    good = left_out = 0
    for group in json.loads(raw)["groups"]:
        for test in group["tests"]:
            wrong = check(group.get("params", {}), test)
            if wrong is LEFT_OUT:
                left_out += 1
            elif wrong is None:
                good += 1
            else:
                failed += 1
                print(f"{area['area']} {test['tcId']} ({test['comment']}): {wrong}")
    print(f"{area['area']}: {good} of {area['tests'] - left_out} as they should be" + (f", {left_out} are of another role" if left_out else ""))
probe.close()
bench.close()
sys.exit(failed > 0)
