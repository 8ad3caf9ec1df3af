"""How areas object and message write what an object or a message says."""

import cose
from objects import CONDITION


def present(**fields):
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def hexed(value):
    return None if value is None else value.hex()


def key(value):
    if value.kind == cose.ED25519:
        return {"alg": value.kind, "x": value.x.hex()}
    return {"alg": value.kind, "x": value.x.hex(), "odd": value.odd}


def read_key(value):
    """The key that a JSON object names."""
    if ("odd" in value) != (value["alg"] == cose.P256) or value["alg"] not in cose.ALGORITHM:
        raise ValueError("alg, odd")
    return cose.Key(value["alg"], bytes.fromhex(value["x"]), value.get("odd", False))


def schedule(windows):
    return [dict(zip(("days", "from", "until"), each)) for each in windows]


def entry(value):
    made = {"actions": value.actions}
    if value.kind in (1, 2):
        made["lock" if value.kind == 1 else "area"] = value.target.hex()
    unknown = []
    for number, held in value.conditions.items():
        name = {number: name for name, number in CONDITION.items()}.get(number)
        if name is None:
            unknown.append(str(number))
        else:
            made[name] = SHOWN.get(name, lambda same: same)(held)
    return dict(made, unknown=unknown) if unknown else made


SHOWN = {"schedule": schedule, "uses": lambda value: dict(zip(("count", "starts"), value))}


def admission(value):
    made = {"service": value[0], "actions": value[1]}
    return dict(made, evidence=value[2], schedule=schedule(value[3])) if len(value) == 4 else made


def notice(value):
    return dict(zip(("kind", "from", "until", "instruction", "roles"), value))


def log_entry(value):
    names = ("sequence", "time", "evidence", "operation", "outcome", "reason", "role", "service", "who", "resource", "reference")
    return {name: each.hex() if isinstance(each, bytes) else each for name, each in zip(names, value)}


def claims(held):
    """claims of an Object, by area object."""
    made = present(exp=held.exp, nbf=held.nbf, iat=held.iat, cnf=key(held.cnf) if held.cnf else None)
    return dict(made, **CLAIMS[held.kind](held))


def _policy(held):
    return present(
        lock=held.lock.hex(),
        version=held.version,
        block=held.block or None,
        admissions=[admission(each) for each in held.admissions] or None,
        least=held.least or None,
        denied=[each.hex() for each in held.denied] or None,
        coOwners=[key(each) for each in held.co_owners] or None,
        notice=notice(held.notice) if held.notice else None,
        anchors=[key(each) for each in held.anchors] or None,
        reset=True if held.reset else None,
    )


def _receipt(held):
    return present(
        lock=held.lock.hex(),
        policyVersion=held.policy_version,
        policy=held.policy_tag.hex(),
        head=held.head.hex(),
        entry=log_entry(held.entry) if held.entry else None,
    )


CLAIMS = {
    "authority": lambda held: {"services": held.services, "rights": held.rights, "longest": held.longest},
    "lock-certificate": lambda held: {"lock": held.lock.hex(), "profile": held.profile, "level": held.level},
    "grant": lambda held: present(parent=hexed(held.parent), entries=[entry(each) for each in held.entries]),
    "policy": _policy,
    "revocation-list": lambda held: {
        "version": held.version,
        "least": held.least,
        "denials": [{"tag": tag.hex(), "exp": exp} for tag, exp in held.denied],
    },
    "time-token": lambda held: present(offset=held.offset, nonce=hexed(held.nonce)),
    "receipt": _receipt,
}
