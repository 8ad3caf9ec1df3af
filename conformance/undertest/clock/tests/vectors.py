"""Runs the vectors of the standard: vectors.py BUILD VECTORS. Reports each test that differs."""

import hashlib
import json
import os
import sys

from lines import Program, Shim

BUILD, VECTORS = sys.argv[1:3]
STATUS = {"wrong-length": "6700", "chain-expected": "6883", "refused": "6982", "out-of-order": "6985", "not-found": "6a82",
          "wrong-p1-p2": "6a86", "ins-unknown": "6d00", "cla-unknown": "6e00"}
REASONS = {"malformed": "1", "limit": "2"}
probe = Program(os.path.join(BUILD, "probe"))


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


CHECKS = {"cbor": cbor, "apdu": apdu}
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
    good = 0
    for group in json.loads(raw)["groups"]:
        for test in group["tests"]:
            wrong = check(group.get("params", {}), test)
            if wrong is None:
                good += 1
            else:
                failed += 1
                print(f"{area['area']} {test['tcId']} ({test['comment']}): {wrong}")
    print(f"{area['area']}: {good} of {area['tests']} as they should be")
probe.close()
sys.exit(failed > 0)
