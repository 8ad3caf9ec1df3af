"""Signed objects, chapter 04, with the forms that chapters 16 to 19 give: reading alone.

What is found by reading is a Refused with a reason of section 4.5.  Signatures
and rights are in trust.py.
"""

from functools import lru_cache
from hashlib import sha256

import cbor
import cose
from cbor import is_uint
from refused import LIMIT, Refused, need, table

TYPE = table("object-types")
TYPE_NAME = {value: name for name, value in TYPE.items()}
RIGHT, ACTION, CONDITION = table("rights"), table("actions"), table("conditions")
ALL_RIGHTS = sum(table("rights", None).values())
ALL_ACTIONS = sum(table("actions", None).values())
EXP, NBF, IAT, CNF, SCOPE = 4, 5, 6, 8, 9
CLAIMS = {
    "authority": [EXP, IAT, CNF, SCOPE],
    "lock-certificate": [IAT, CNF, SCOPE],
    "grant": [EXP, IAT, CNF, SCOPE],
    "policy": [IAT, CNF, SCOPE],
    "revocation-list": [IAT, SCOPE],
    "time-token": [IAT, SCOPE],
    "receipt": [IAT, SCOPE],
}
UINT32 = 2**32 - 1
TAMPER, OPERATOR = table("log-outcomes")["tamper"], table("roles")["operator"]


class Object:
    """An object that reads.  What its kind has are attributes: exp, nbf, iat, cnf and those of the scope."""

    def __init__(self, data, kind, header, protected, payload, signature):
        self.data, self.kind, self.signature = data, kind, signature
        self.alg, self.kid = header[1], header[4]
        self.signed = cose.sig_structure(protected, payload)
        self.digest = sha256(self.signed).digest()
        self.tag = self.digest[: LIMIT["tag-bytes"]]
        self.exp = self.nbf = self.cnf = None

    def verifies(self, key):
        return key.verifies(self.signature, self.signed)

    def alg_is_of(self, key):
        return self.alg == cose.ALGORITHM[key.kind]


class Entry:
    """An entry of a grant's scope; conditions are {number: value}."""

    def __init__(self, kind, target, actions, conditions):
        self.kind, self.target, self.actions, self.conditions = kind, target, actions, conditions

    def condition(self, name, absent=None):
        return self.conditions.get(CONDITION[name], absent)


@lru_cache(maxsize=4096)
def read(data, *kinds):
    """The object that data are, of one of these kinds, of any where none is named."""
    need(len(data) <= LIMIT["policy-bytes"], "limit", "longer than any object")
    return _read(cbor.decode(data), data, kinds)


def kind_of(item):
    """The kind that typ names, of something that need not read; None where there is no telling."""
    try:
        header = _map(cbor.decode(item[0]), "header")
        return TYPE_NAME.get(header.get(16)) if type(header.get(16)) is int else None
    except (Refused, TypeError, IndexError, KeyError):
        return None


def _map(item, what):
    held = item.integers() if isinstance(item, cbor.Map) else None
    need(held is not None, "malformed", what)
    return held


def _list(item, low, high, what):
    """An array whose count is bounded by section 4.5."""
    need(isinstance(item, list), "malformed", what)
    need(low <= len(item) <= high, "limit", what)
    return item


def _array(item, counts, what):
    """An array that has one of these numbers of elements."""
    need(isinstance(item, list) and len(item) in counts, "malformed", what)
    return item


def _bytes(item, counts, what):
    need(isinstance(item, bytes) and len(item) in counts, "malformed", what)
    return item


def _uint(item, low, high, what):
    need(is_uint(item, low, high), "malformed", what)
    return item


def _read(item, data, kinds):
    protected, unprotected, payload, signature = _array(item, (4,), "an object has four elements")
    need(isinstance(protected, bytes) and isinstance(payload, bytes), "malformed", "protected, payload")
    header = _map(cbor.decode(protected), "header")
    need(type(header.get(16)) is int, "malformed", "typ")
    kind = TYPE_NAME.get(header[16])
    need(kind is not None and (not kinds or kind in kinds), "object-type", f"typ {header[16]}")
    need(kind == "policy" or len(data) <= LIMIT["object-bytes"], "limit", "longer than 512 bytes")
    need(list(header) == [1, 4, 16], "malformed", "labels of the header")
    need(type(header[1]) is int, "malformed", "alg")
    need(header[1] in cose.ALGORITHM.values(), "algorithm", f"alg {header[1]}")
    _bytes(header[4], (LIMIT["key-id-bytes"],), "kid")
    need(isinstance(unprotected, cbor.Map) and len(unprotected) == 0, "malformed", "unprotected header")
    _bytes(signature, (64,), "signature")

    claims = _map(cbor.decode(payload), "claims")
    expected = sorted(CLAIMS[kind] + ([NBF] if kind == "grant" and NBF in claims else []))
    need(list(claims) == expected, "malformed", "claims")
    made = Object(data, kind, header, protected, payload, signature)
    for label, name in ((EXP, "exp"), (NBF, "nbf"), (IAT, "iat")):
        if label in claims:
            setattr(made, name, _uint(claims[label], 1, UINT32, name))
    if CNF in claims:
        made.cnf = cose.confirmation(claims[CNF])
    need(made.exp is None or made.exp > made.iat, "malformed", "exp is not later than iat")
    need(made.nbf is None or made.iat < made.nbf < made.exp, "malformed", "nbf")
    need(isinstance(claims[SCOPE], bytes), "malformed", "scope")
    SCOPES[kind](made, cbor.decode(claims[SCOPE]))
    return made


def _authority(made, scope):
    services, rights, longest = _array(scope, (3,), "scope")
    made.services = [_uint(each, 1, UINT32, "service") for each in _list(services, 0, LIMIT["services"], "services")]
    need(all(one < two for one, two in zip(services, services[1:])), "malformed", "services out of order or twice")
    made.rights = _uint(rights, 1, UINT32, "rights")
    need(rights & ~ALL_RIGHTS == 0, "malformed", "a right that is not listed")
    made.longest = _uint(longest, 0, UINT32, "longest")
    issue = bool(rights & RIGHT["issue"])
    need(bool(services) == issue, "limit", "services and the right to issue")
    need(bool(longest) == issue, "malformed", "longest and the right to issue")


def _lock_certificate(made, scope):
    lock, profile, level = _array(scope, (3,), "scope")
    made.lock = _bytes(lock, (LIMIT["lock-id-bytes"],), "lock id")
    made.profile, made.level = _uint(profile, 0, UINT32, "profile"), _uint(level, 0, UINT32, "level")


def _grant(made, scope):
    need(isinstance(scope, list), "malformed", "scope")
    made.parent = None
    if scope and isinstance(scope[0], bytes):
        made.parent, scope = _bytes(scope[0], (32,), "parent"), scope[1:]
        need(any(made.parent), "malformed", "a parent of zeros")
    made.entries = [_entry(each) for each in _list(scope, 1, LIMIT["scope-entries"], "entries")]


def _entry(item):
    _array(item, (3, 4), "entry")
    kind, target, actions = item[:3]
    _uint(kind, 0, 2**64 - 1, "target kind")
    if kind == 1:
        _bytes(target, (LIMIT["lock-id-bytes"],), "lock id")
    if kind == 2:
        need(isinstance(target, bytes), "malformed", "area")
        need(1 <= len(target) <= LIMIT["area-bytes"], "limit", "area")
    _actions(actions)
    return Entry(kind, target, actions, _conditions(item[3]) if len(item) == 4 else {})


def _actions(mask):
    _uint(mask, 1, UINT32, "actions")
    need(mask & ~ALL_ACTIONS == 0, "malformed", "an action that is not listed")
    return mask


def _conditions(item):
    need(isinstance(item, cbor.Map), "malformed", "conditions")
    need(1 <= len(item) <= LIMIT["conditions"], "limit", "conditions")
    need(all(is_uint(each) for each in item.keys()), "malformed", "keys of conditions")
    held = item.integers()
    for number, value in held.items():
        if number in CONDITIONS:
            CONDITIONS[number](value)
    return held


def _uses(value):
    count, starts = _array(value, (2,), "uses")
    _uint(count, 1, LIMIT["uses"], "count")
    _uint(starts, 1, LIMIT["starts"], "starts")


def schedule(value):
    for each in _list(value, 1, LIMIT["windows"], "windows"):
        days, start, end = _array(each, (3,), "window")
        _uint(days, 1, 127, "days")
        _uint(end, 1, LIMIT["day-minutes"], "until")
        _uint(start, 0, end - 1, "from")
    return value


CONDITIONS = {
    CONDITION["schedule"]: schedule,
    CONDITION["uses"]: _uses,
    CONDITION["delegation"]: lambda value: _uint(value, 1, 2, "delegation"),
    CONDITION["evidence"]: lambda value: _uint(value, 1, 3, "evidence"),
    CONDITION["policy"]: lambda value: _uint(value, 1, UINT32, "policy"),
    CONDITION["resource"]: lambda value: _uint(value, 1, 255, "resource"),
    CONDITION["service"]: lambda value: _uint(value, 1, UINT32, "service"),
}


def _policy(made, scope):
    lock, version, settings = _array(scope, (3,), "scope")
    made.lock = _bytes(lock, (LIMIT["lock-id-bytes"],), "lock id")
    made.version = _uint(version, 1, UINT32, "version")
    held = _map(settings, "settings")
    need(set(held) <= set(SETTINGS), "malformed", "a setting that is not listed")
    for number, (name, absent, form) in SETTINGS.items():
        setattr(made, name, form(held[number]) if number in held else absent)
    need(made.cnf not in made.co_owners, "malformed", "the owner is no co-owner")


def _admissions(value):
    made = [_admission(each) for each in _list(value, 1, LIMIT["admissions"], "admissions")]
    need(all(one[0] < two[0] for one, two in zip(made, made[1:])), "malformed", "admissions out of order or twice")
    return made


def _admission(item):
    _array(item, (2, 4), "admission")
    _uint(item[0], 1, UINT32, "service")
    _actions(item[1])
    if len(item) == 4:
        _uint(item[2], 1, 3, "evidence")
        schedule(item[3])
    return item


def _denied(value):
    need(isinstance(value, bytes) and len(value) % 8 == 0, "malformed", "tags denied")
    tags = [value[at : at + 8] for at in range(0, len(value), 8)]
    need(1 <= len(tags) <= LIMIT["denied"], "limit", "tags denied")
    need(all(one < two for one, two in zip(tags, tags[1:])), "malformed", "tags out of order or twice")
    return tags


def _keys(most):
    def form(value):
        keys = [cose.key(each) for each in _list(value, 1, most, "keys")]
        need(len(set(keys)) == len(keys), "malformed", "a key twice")
        return keys

    return form


def notice(value, in_policy=True):
    """A notice of a policy, or in a response, where a phone takes kinds and instructions of later versions."""
    _array(value, (5 if in_policy else 4,), "notice")
    _uint(value[0], 1, 2 if in_policy else UINT32, "kind")
    start, end = _uint(value[1], 0, UINT32, "from"), _uint(value[2], 0, UINT32, "until")
    need(not (start and end) or end > start, "malformed", "until")
    _uint(value[3], 0, 3 if in_policy else UINT32, "instruction")
    if in_policy:
        _uint(value[4], 1, 3, "roles")
    return value


def _true(value):
    need(value is True, "malformed", "reset")
    return True


FIELD = table("policy-fields")
SETTINGS = {
    FIELD["block"]: ("block", 0, lambda value: _uint(value, 1, 3, "block")),
    FIELD["services"]: ("admissions", [], _admissions),
    FIELD["least"]: ("least", 0, lambda value: _uint(value, 1, UINT32, "least")),
    FIELD["denied"]: ("denied", [], _denied),
    FIELD["co-owners"]: ("co_owners", [], _keys(LIMIT["co-owners"])),
    FIELD["notice"]: ("notice", None, notice),
    FIELD["anchors"]: ("anchors", [], _keys(LIMIT["anchors"])),
    FIELD["reset"]: ("reset", False, _true),
}


def _revocation_list(made, scope):
    version, least, denied = _array(scope, (3,), "scope")
    made.version = _uint(version, 1, UINT32, "version")
    made.least = _uint(least, 0, made.iat, "least")
    made.denied = []
    for each in _list(denied, 0, LIMIT["list-entries"], "entries"):
        tag, exp = _array(each, (2,), "entry")
        made.denied.append((_bytes(tag, (LIMIT["tag-bytes"],), "tag"), _uint(exp, 1, UINT32, "exp")))
    tags = [tag for tag, _ in made.denied]
    need(all(one < two for one, two in zip(tags, tags[1:])), "malformed", "tags out of order or twice")


def _time_token(made, scope):
    _array(scope, (1, 2), "scope")
    most = LIMIT["offset-minutes"]
    need(type(scope[0]) is int and -most <= scope[0] <= most, "malformed", "offset")
    made.offset = scope[0]
    made.nonce = _bytes(scope[1], (LIMIT["nonce-bytes"],), "nonce") if len(scope) == 2 else None


def _receipt(made, scope):
    lock, version, tag, head, entry = _array(scope, (5,), "scope")
    made.lock = _bytes(lock, (LIMIT["lock-id-bytes"],), "lock id")
    made.policy_version = _uint(version, 0, UINT32, "policy version")
    made.policy_tag = _named(tag, "policy tag")
    need(made.policy_version or not made.policy_tag, "malformed", "a policy without a version")
    made.head = _bytes(head, (32,), "head")
    made.entry = log_entry(entry, 0) if entry != [] else []


def _named(value, what):
    """Eight bytes that are not zero, or none."""
    _bytes(value, (0, 8), what)
    need(not value or any(value), "malformed", what)
    return value


def log_entry(item, least):
    """An entry by section 19.1 and cddl/log-entry.cddl, its sequence number least or more."""
    _array(item, (11,), "log entry")
    bounds = [(least, UINT32), (0, UINT32), (0, 3), (0, 255), (1, 6), (0, 255), (0, 3), (0, UINT32), None, (0, 255), None]
    for value, bound in zip(item, bounds):
        if bound:
            _uint(value, *bound, "log entry")
        else:
            _named(value, "log entry")
    need((item[6] == 0) == (item[4] == TAMPER), "malformed", "role")
    need(item[6] == OPERATOR or item[7] == 0, "malformed", "a service, and no operator")
    return item


SCOPES = {
    "authority": _authority,
    "lock-certificate": _lock_certificate,
    "grant": _grant,
    "policy": _policy,
    "revocation-list": _revocation_list,
    "time-token": _time_token,
    "receipt": _receipt,
}
