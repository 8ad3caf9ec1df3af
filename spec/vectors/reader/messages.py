"""Requests and responses inside the channel, section 6.8, and the answer to SELECT, section 5.3."""

import cbor
import objects
from cbor import is_uint
from refused import LIMIT, REASON, need, table

REQUEST, RESPONSE, FLAG, OUTCOME = table("request-fields"), table("response-fields"), table("flags"), table("outcomes")


class Request:
    """A request that reads by step 9 of section 7.5; fields that are not active are in unknown."""

    def __init__(self, data):
        item = cbor.decode(data)
        need(isinstance(item, cbor.Map) and all(map(is_uint, item.keys())), "malformed", "request")
        held = item.integers()
        self.operation = held.get(REQUEST["operation"])
        need(is_uint(self.operation), "malformed", "operation")
        for name, (absent, form) in FORMS.items():
            number = REQUEST[name]
            need(number not in held or form(held[number]), "malformed", name)
            setattr(self, name, held.get(number, absent))
        self.unknown = set(held) - set(REQUEST.values())
        self.chain_bytes = [cbor.encode(each) for each in self.chain]
        self.document_bytes = [cbor.encode(each) for each in self.documents]


def _arrays(most):
    return lambda value: isinstance(value, list) and 1 <= len(value) <= most and all(isinstance(each, list) for each in value)


def _bytes(value, count):
    return isinstance(value, bytes) and len(value) == count


FORMS = {
    "resource": (0, lambda value: is_uint(value, 1, 255)),
    "chain": ([], _arrays(LIMIT["chain"])),
    "documents": ([], _arrays(LIMIT["documents"])),
    "flags": (0, lambda value: is_uint(value, 1)),
    "reference": (b"", lambda value: _bytes(value, LIMIT["reference-bytes"]) and any(value)),
    "proof": (None, lambda value: _bytes(value, LIMIT["setup-bytes"])),
    "page": (None, lambda value: is_uint(value, 0, LIMIT["log-pages"] - 1)),
}


def select_answer(data):
    """Version, capabilities, lock id and nonce of response data; checks 1 and 2 of section 8.3."""
    need(len(data) >= 4 and data[0] == 0x6F and data[1] < 0x80 and data[1] == len(data) - 2, "malformed", "template")
    need(data[2] == 0x85 and data[3] < 0x80 and data[3] == len(data) - 4, "malformed", "element")
    item = cbor.decode(data[4:])
    need(isinstance(item, list) and len(item) == 4, "malformed", "array")
    version, capabilities, lock, nonce = item
    need(is_uint(version, 0, 2**32 - 1) and is_uint(capabilities, 0, 2**32 - 1), "malformed", "version, capabilities")
    need(_bytes(lock, LIMIT["lock-id-bytes"]) and _bytes(nonce, LIMIT["nonce-bytes"]), "malformed", "lock id, nonce")
    return version, capabilities, lock, nonce


def response(data):
    """The known fields of a response, {name: value}, in one of the two forms."""
    item = cbor.decode(data)
    need(isinstance(item, cbor.Map) and all(map(is_uint, item.keys())), "malformed", "response")
    known = {number: name for name, number in RESPONSE.items()}
    held = {known[number]: value for number, value in item.pairs if number in known}
    if "missing" in held:
        ids = held["missing"]
        need(set(held) == {"missing"} and isinstance(ids, list), "malformed", "missing")
        need(1 <= len(ids) <= LIMIT["missing"] and all(_bytes(each, 8) for each in ids), "malformed", "missing")
        return held
    outcome = held.get("outcome")
    need(is_uint(outcome, 0, 2**32 - 1), "malformed", "outcome")
    name = next((name for name, number in OUTCOME.items() if number == outcome), None)
    if name is None:
        _held_to_forms(held)
        return {"outcome": OUTCOME["unconfirmed"]}
    drove = name in ("opened", "unconfirmed") or name == "failed" and held.get("reason") == REASON["drive"]
    for field, expected in (
        ("reason", name in ("refused", "failed")),
        ("state", name != "refused"),
        ("charge", name == "pending"),
    ):
        need((field in held) == expected, "malformed", field)
    for field, allowed in (("receipt", drove or name == "done"), ("resumption", drove), ("log", name == "done")):
        need(field not in held or allowed, "malformed", field)
    _held_to_forms(held)
    return held


def _held_to_forms(held):
    for field, value in held.items():
        if field != "outcome":
            RESPONSE_FORMS[field](value)


def _reason(value):
    need(is_uint(value, 1, 2**32 - 1), "malformed", "reason")


def _state(value):
    need(isinstance(value, list) and len(value) == 3, "malformed", "state")
    need(all(is_uint(each, 0, 2**32 - 1) for each in value), "malformed", "state")


def _charge(value):
    need(isinstance(value, list) and len(value) == 2, "malformed", "charge")
    need(is_uint(value[0], 0, 100) and is_uint(value[1], 0, LIMIT["wait-milliseconds"]), "malformed", "charge")


def _documents(value):
    need(isinstance(value, list) and 1 <= len(value) <= LIMIT["documents"], "malformed", "documents")
    need(all(is_uint(each, 0, 2**32 - 1) for each in value), "malformed", "documents")


def _receipt(value):
    need(isinstance(value, list), "malformed", "receipt")


def _resumption(value):
    need(is_uint(value, 1, LIMIT["slot-taps"]), "malformed", "resumption")


def _log(value):
    need(isinstance(value, bytes) and len(value) in (LIMIT["log-page-bytes"], LIMIT["log-page-bytes"] + 24), "malformed", "log")


RESPONSE_FORMS = {
    "reason": _reason,
    "state": _state,
    "charge": _charge,
    "notice": lambda value: objects.notice(value, in_policy=False),
    "receipt": _receipt,
    "resumption": _resumption,
    "documents": _documents,
    "log": _log,
}
