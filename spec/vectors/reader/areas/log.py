import cbor
import cose
import log
import objects
import trust
from refused import Refused, need

REASON = {"sealed": "channel", "other-lock": "lock-identity", "altered": "state", "fell-back": "state"}


def outcome(params, test):
    return {"page": page, "sealed": sealed, "reading": reading, "receipt": receipt}[params["kind"]](params, test)


def page(params, test):
    held = log.Page(bytes.fromhex(test["page"]))
    return {
        "lock": held.lock.hex(),
        "base": held.base.hex(),
        "entries": [cbor.encode(each).hex() for each in held.entries],
        "heads": [each.hex() for each in held.heads],
    }


def sealed(params, test):
    keys = [bytes.fromhex(each) for each in test.get("keys", [])]
    opened = log.open_page(keys, bytes.fromhex(test["sealed"]))
    if "nonce" not in test:
        return {}
    clear = bytes.fromhex(test["page"])
    made = log.seal_page(keys[0], clear, bytes.fromhex(test["nonce"]))
    key, iv = log.page_keys(keys[0], made[:16])
    return {"page": opened.hex(), "sealed": made.hex(), "salt": made[:16].hex(), "key": key.hex(), "iv": iv.hex()}


class Found(Exception):
    def __init__(self, finding, reason=None):
        super().__init__(finding)
        self.finding, self.reason = finding, reason or REASON[finding]


class Reading:
    """What an owner's app knows of one lock's log: entries and heads by number, section 19.6."""

    def __init__(self, lock, keys):
        self.lock, self.keys = lock, keys
        self.entries, self.heads, self.newest = {}, {}, 0

    def take(self, source):
        if len(source) != 1:
            raise ValueError("a source has one field")
        (kind, value), = source.items()
        if kind == "sequence":
            if value < self.newest:
                raise Found("fell-back")
            self.newest = value
        elif kind == "sealed":
            try:
                opened = log.open_page(self.keys, bytes.fromhex(value))
            except Refused as fault:
                raise Found("sealed") from fault
            self._page(opened, False)
        elif kind == "clear":
            self._page(bytes.fromhex(value), True)
        else:
            raise ValueError(kind)

    def _page(self, data, clear):
        try:
            held = log.Page(data)
        except Refused as fault:
            raise Found("malformed", fault.reason) from fault
        if held.lock != self.lock:
            raise Found("other-lock")
        if not held.entries:
            return
        first, last = held.entries[0][0], held.entries[-1][0]
        self._same(self.heads, first - 1, held.base)
        for entry, head in zip(held.entries, held.heads):
            self._same(self.entries, entry[0], cbor.encode(entry))
            self._same(self.heads, entry[0], head)
        if clear and last < self.newest:
            raise Found("fell-back")
        self.newest = max(self.newest, last)

    def _same(self, known, number, value):
        if known.setdefault(number, value) != value:
            raise Found("altered")

    def runs(self):
        made = []
        for number in sorted(self.entries):
            if made and made[-1]["last"] == number - 1:
                made[-1].update(last=number, head=self.heads[number].hex())
            else:
                base = self.heads[number - 1].hex()
                made.append({"base": base, "first": number, "last": number, "head": self.heads[number].hex()})
        return made


def reading(params, test):
    app = Reading(bytes.fromhex(params["lock"]), [bytes.fromhex(each) for each in params["keys"]])
    for number, source in enumerate(test["sources"]):
        try:
            app.take(source)
        except Found as found:
            if number != len(test["sources"]) - 1:
                raise ValueError(f"source {number}: {found}") from found
            return {"finding": found.finding, "reason": found.reason}
    return {"runs": app.runs()}


def receipt(params, test):
    roots = [cose.key(cbor.decode(bytes.fromhex(each))) for each in params["roots"]]
    makers = [objects.read(bytes.fromhex(each), "authority") for each in params["authorities"]]
    for each in makers:
        trust.authority_root(each, roots)
    certificate = objects.read(bytes.fromhex(params["certificate"]), "lock-certificate")
    trust.lock_certificate_authority(certificate, makers)

    held = objects.read(bytes.fromhex(test["receipt"]), "receipt")
    need(held.kid == certificate.cnf.id, "issuer-unknown")
    trust.verify(held, certificate.cnf)
    need(held.lock == certificate.lock, "lock-identity")
    if "heads" not in test:
        return {}
    owner = test["owner"]
    if type(owner) is not bool or (held.entry and bool(held.entry[0]) != owner):
        raise ValueError("owner")
    heads = [bytes.fromhex(each) for each in test["heads"]]
    keys = [bytes.fromhex(each) for each in test.get("keys", [])]
    shown = heads if owner else [log.blind(keys[0] if keys else None, each) for each in heads]
    made = {
        "lock": held.lock.hex(),
        "floor": held.iat,
        "policyVersion": held.policy_version,
        "policy": held.policy_tag.hex(),
        "head": held.head.hex(),
        "entry": cbor.encode(held.entry).hex(),
    }
    return {"claims": made, "match": shown.index(held.head) if held.head in shown else None}


def exempt(params, test, path):
    """Of a receipt the heads that it is not about, and the log key where none of them is it; a later number in a state."""
    if test is None:
        return False
    match = test.get("match")
    if params["kind"] == "receipt":
        return path[0] == "heads" and path[1] != match or path[0] == "keys" and (match is None or test["owner"])
    return path[0] == "sources" and path[2] == "sequence"
