"""Passes and links, chapter 27."""

import base64
import re

import cbor
import decision
import objects
from refused import LIMIT, need, table

FIELD = table("pass-fields")
MOST = {"chain": LIMIT["links"], "authorities": LIMIT["pass-authorities"], "documents": LIMIT["documents"]}
KINDS = {"chain": ("grant",), "authorities": ("authority",), "documents": ("policy", "revocation-list", "time-token")}
HEAD = {"request-link": "postern:request/", "pass-link": "postern:pass/"}


def read(data):
    """The objects of a pass as bytes, {name of the field: list}."""
    need(len(data) <= LIMIT["pass-bytes"], "limit", "a pass that is too long")
    item = cbor.decode(data)
    held = item.integers() if isinstance(item, cbor.Map) else None
    need(held is not None and set(held) <= set(FIELD.values()), "malformed", "fields")
    need(FIELD["chain"] in held, "malformed", "no chain")
    found = {}
    for name, number in FIELD.items():
        if number in held:
            found[name] = _list(name, held[number])
    _linked(found["chain"])
    return found


def _list(name, value):
    need(isinstance(value, list), "malformed", name)
    need(1 <= len(value) <= MOST[name], "limit", name)
    held = [cbor.encode(each) for each in value]
    for each in held:
        objects.read(each, *KINDS[name])
    need(len(set(held)) == len(held), "malformed", "an object twice")
    return held


def _linked(chain):
    grants = [objects.read(each, "grant") for each in chain]
    need(grants[0].parent is None, "delegation", "the first has a parent")
    for above, below in zip(grants, grants[1:]):
        need(below.parent == above.digest and below.kid == above.cnf.id, "delegation", "not below the one before it")


def of_link(kind, link):
    """The bytes in a link."""
    need(link.startswith(HEAD[kind]), "malformed", "another link")
    text = link[len(HEAD[kind]) :]
    need(re.fullmatch(r"[A-Za-z0-9_-]*", text) and len(text) % 4 != 1, "malformed", "base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(base64.urlsafe_b64encode(data).decode().rstrip("=") == text, "malformed", "bits behind the last byte")
    if kind == "pass-link":
        read(data)
    else:
        decision.bare_key(cbor.decode(data))
    return data
