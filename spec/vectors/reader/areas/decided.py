"""What areas chain, time, policy and uses share: a lock, and transactions with it in the clear."""

import cbor
import cose
import decision
import objects
import trust
from messages import REQUEST
from refused import Refused, need

KIND = {number: name for name, number in cose.ALGORITHM.items()}
PLACES = ("chain", "documents")


def outcome(params, test):
    held = [bytes.fromhex(each) for each in test["objects"]]
    lock = lock_of(params)
    made, last = [], None
    for step in test["steps"]:
        if "reset" in step:
            count = len(lock.entries)
            lock.reset(key_of(step["reset"]))
            made.append(dict(step, **written(lock, count)))
        else:
            requests, last = transaction(lock, step, held)
            made.append(dict(step, requests=requests))
    answer = {"steps": made}
    return dict(answer, reason=last) if last else answer


def lock_of(params):
    roots = [cose.key(cbor.decode(bytes.fromhex(each))) for each in params["roots"]]
    given = [objects.read(bytes.fromhex(each), "authority") for each in params.get("authorities", [])]
    for each in given:
        trust.authority_root(each, roots)
    area = bytes.fromhex(params["area"]) if "area" in params else None
    lock = decision.Lock(
        bytes.fromhex(params["id"]), area, roots, given, params["floor"], params["capabilities"], params.get("compartments", 0)
    )
    lock.commission(key_of(params["owner"]))
    return lock


def key_of(value):
    return cose.key_of_private(KIND[value["alg"]], bytes.fromhex(value["private"]))


def written(lock, count):
    """The entries after the first count, and the state in lasting memory."""
    entries = [cbor.encode(each).hex() for each in lock.entries[count:]]
    state = {"version": lock.policy_version, "floor": lock.floor, "sequence": lock.sequence}
    return dict({"entries": entries} if entries else {}, state=state)


def transaction(lock, step, held):
    """The requests of a step as they should be, and the reason of the last."""
    holder = None
    made, reason = [], None
    for request in step["requests"]:
        count = len(lock.entries)
        result = {name: each for name, each in request.items() if name not in ("answer", "drives", "entries", "state")}
        result["request"] = encoded(request["fields"], held).hex()
        try:
            holder = holder or begin(lock, step, held)
            decided = holder.request(bytes.fromhex(request["request"]), circumstances(request))
            if not decided.lost_power:
                result["answer"], reason = shown(decided)
            if decided.drives is not None:
                result["drives"] = decided.drives
        except decision.Status as status:
            result["answer"], reason = {"status": status.word}, status.reason
        except decision.Missing as missing:
            result["answer"], reason = {"missing": missing.key_id.hex()}, missing.reason
        except decision.PowerLost:
            reason = None
        made.append(dict(result, **written(lock, count)))
    return made, reason


def begin(lock, step, held):
    """Steps 4 to 6 of section 7.5."""
    try:
        data = held[step["credential"]]
        item = cbor.decode(data)
        credential = decision.bare_key(item) if isinstance(item, cbor.Map) else objects.read(data, "grant")
        key = credential.cnf if isinstance(credential, objects.Object) else credential
        need(key.suite in lock.suites, "possession")
        need(key == key_of(step["key"]), "possession")
        need(isinstance(credential, objects.Object) or key in lock.owner_keys(), "owner-unknown")
    except Refused as fault:
        raise decision.Status("6982", fault.reason) from fault
    nonce = bytes.fromhex(step["nonce"]) if "nonce" in step else None
    return decision.Transaction(lock, credential, nonce)


def circumstances(request):
    clock = request.get("clock")
    if request.get("bolt") not in (None, "stuck", "unseen") or request.get("power") not in (None, "lost-before", "lost-after"):
        raise ValueError("bolt, power")
    return decision.Circumstances(
        request.get("seconds", 0),
        (clock["time"], clock["offset"]) if clock else None,
        request.get("charge", 100),
        request.get("bolt"),
        request.get("power"),
    )


def encoded(fields, held):
    """The plaintext of a request with these fields."""
    pairs = []
    for name, value in fields.items():
        if name in PLACES:
            value = cbor.head(cbor.ARRAY, len(value)) + b"".join(held[place] for place in value)
        else:
            value = cbor.encode(bytes.fromhex(value) if isinstance(value, str) else value)
        pairs.append((REQUEST[name], value))
    pairs.sort()
    return cbor.head(cbor.MAP, len(pairs)) + b"".join(cbor.encode(key) + value for key, value in pairs)


def shown(decided):
    """An answer as README.md writes it, and the reason where it refuses."""
    made = {"outcome": decided.outcome}
    if decided.reason:
        made["reason"] = decided.reason
    if decided.documents:
        made["documents"] = decided.documents
    if decided.notice:
        made["notice"] = decided.notice
    if decided.charge is not None:
        made["charge"] = decided.charge
    if decided.outcome == "refused":
        return made, decided.reason
    return made, next((each for each in decided.documents if each != "none"), None)


def exempt(params, test, path):
    """What README.md lets change a little without notice."""
    if test is None:
        return path[0] in ("capabilities", "compartments", "roots", "area")
    if path[0] == "objects":
        return "unverified" in test["flags"]
    return "answer" not in path and bool({"seconds", "clock", "charge", "bolt"} & set(path))
