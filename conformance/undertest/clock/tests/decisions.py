"""The areas chain, time, policy and uses: what a lock decides, behind the exchange."""

from factory import Key, dec, enc

MOTION = {"stuck": "s", "unseen": "u"}
OUTCOMES = ["done", "opened", "pending", "unconfirmed", "refused", "failed"]


def cose(key):
    return enc(Key("", 0 if key["alg"] == -19 else 2, bytes.fromhex(key["private"])).cose).hex()


def begin(bench, params):
    bench.ask(f"lock {params['id']} {params.get('area', '-')} {params['capabilities']} {params.get('compartments', 0)} {params['floor']}")
    for root in params["roots"]:
        bench.ask(f"root {root}")
    for authority in params.get("authorities", []):
        if bench.ask(f"authority {authority}") != "0":
            return "an authority that was given does not verify"
    got = bench.ask(f"owner {cose(params['owner'])}").split(" ")
    return None if got[:3] == ["0", str(params["floor"]), "1"] else f"commissioned: {got}"


def reasons():
    import csv, os, sys
    with open(os.path.join(sys.argv[2], "..", "registry", "reasons.csv")) as f:
        return {int(r["value"]): r["name"] for r in csv.DictReader(f)}


REASONS = {}


def answer(plain, sees):
    """The form decision or missing as the vectors write it."""
    a = dec(plain)
    if 4 in a:
        return {"missing": a[4][0].hex()}
    out = {"outcome": OUTCOMES[a[1]]}
    if 2 in a:
        out["reason"] = REASONS[a[2]]
    if 9 in a:
        out["documents"] = [REASONS[r] for r in a[9]]
    if 6 in a:
        out["notice"] = a[6]
    if 5 in a:
        out["charge"] = a[5][0]
    return out


def check(bench, params, test):
    if not REASONS:
        REASONS.update(reasons())
    wrong = begin(bench, params)
    if wrong:
        return wrong
    last_answer, last_reason = None, None
    for s, step in enumerate(test["steps"], 1):
        if "reset" in step:
            got = bench.ask(f"reset {cose(step['reset'])}").split(" ")
            st = step["state"]
            want = [str(st["version"]), str(st["floor"]), str(st["sequence"])] + step["entries"]
            if got != want:
                return f"step {s}: got {got}, want {want}"
            continue
        cred = test["objects"][step["credential"]]
        why = int(bench.ask(f"start {cred} {step.get('nonce', '-')}"))
        cnf = dec(dec(bytes.fromhex(cred))[2])[8][1] if cred[0] == "8" else dec(bytes.fromhex(cred))[8][1]
        if enc(cnf).hex() != cose(step["key"]):
            why = 21
        for n, q in enumerate(step["requests"], 1):
            at = f"step {s}, request {n}"
            clock = q.get("clock")
            got = bench.ask(" ".join(map(str, ["request", q.get("seconds", 0), clock["time"] if clock else "-", clock["offset"] if clock else 0,
                                               q.get("charge", 100), MOTION.get(q.get("bolt"), "m"), q.get("power", "-"), q["request"]]))).split(" ")
            status, plain, reason, door = got[:4]
            if why != 0:
                if status != "6982":
                    status, plain, door = "6982", "-", "-1"
                reason = str(why)
            want = q.get("answer")
            if want is None:
                if status != "0000":
                    return f"{at}: an answer, though the power was to be lost"
            elif "status" in want:
                if status != want["status"].lower():
                    return f"{at}: got {status}, want {want}, refusal {REASONS[int(reason)]}"
            else:
                mine = answer(bytes.fromhex(plain), None) if plain != "-" else {"status": status, "refusal": REASONS[int(reason)]}
                if mine != want:
                    return f"{at}: got {mine}, want {want}"
            if door != str(q.get("drives", -1)):
                return f"{at}: drives {door}, want {q.get('drives')}"
            st = q["state"]
            if got[4:7] != [str(st["version"]), str(st["floor"]), str(st["sequence"])]:
                return f"{at}: state {got[4:7]}, want {st}"
            if got[7:] != q.get("entries", []):
                return f"{at}: entries {got[7:]}, want {q.get('entries')}"
            last_answer, last_reason = want, reason
    if test["result"] == "invalid" and last_answer and ("status" in last_answer or "missing" in last_answer):
        if REASONS[int(last_reason)] != test["reason"]:
            return f"local reason {REASONS[int(last_reason)]}, want {test['reason']}"
    return None
