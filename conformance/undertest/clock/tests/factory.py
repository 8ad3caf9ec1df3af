"""Keys and objects for tests, made by the chapters 03, 04, 16, 17 and 18."""

import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
AUTHORITY, LOCK_CERTIFICATE, GRANT, POLICY, LIST, TOKEN, RECEIPT = range(65001, 65008)
LOCK_ID = bytes.fromhex("1020304050607080")
SETUP = bytes(range(16))
DAY = 86400
BASE = 1802160000          # 2027-02-09T08:00:00Z


class Raw(bytes):
    """Bytes that are CBOR already."""


def head(major, v):
    for info, n in ((None, 0), (24, 1), (25, 2), (26, 4), (27, 8)):
        if n == 0 and v < 24:
            return bytes([major << 5 | v])
        if n and v < 1 << 8 * n:
            return bytes([major << 5 | info]) + v.to_bytes(n, "big")


def enc(v):
    if isinstance(v, Raw):
        return bytes(v)
    if isinstance(v, bool):
        return b"\xf5" if v else b"\xf4"
    if isinstance(v, int):
        return head(0, v) if v >= 0 else head(1, -1 - v)
    if isinstance(v, bytes):
        return head(2, len(v)) + v
    if isinstance(v, str):
        return head(3, len(v)) + v.encode()
    if isinstance(v, (list, tuple)):
        return head(4, len(v)) + b"".join(map(enc, v))
    items = sorted((enc(k), enc(x)) for k, x in v.items())
    return head(5, len(items)) + b"".join(k + x for k, x in items)


def dec(b):
    v, rest = dec_first(b)
    assert rest == b"", rest
    return v


def dec_first(b):
    major, info = b[0] >> 5, b[0] & 31
    n = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
    v, b = (int.from_bytes(b[1:1 + n], "big") if n else info), b[1 + n:]
    if major == 0:
        return v, b
    if major == 1:
        return -1 - v, b
    if major == 2:
        return b[:v], b[v:]
    if major == 7:
        return v == 21, b
    out = []
    for _ in range(v * (major - 3)):
        x, b = dec_first(b)
        out.append(x)
    return (out, b) if major == 4 else (dict(zip(out[::2], out[1::2])), b)


def H(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


class Key:
    def __init__(self, label, suite=0, private=None):
        self.suite, self.private = suite, private or H(label.encode())
        if suite == 0:
            self.k = Ed25519PrivateKey.from_private_bytes(self.private)
            self.x = self.k.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            self.cose = self.thumb = {1: 1, -1: 6, -2: self.x}
        else:
            self.k = ec.derive_private_key(int.from_bytes(self.private, "big"), ec.SECP256R1())
            p = self.k.public_key().public_numbers()
            self.x = p.x.to_bytes(32, "big")
            self.cose = {1: 2, -1: 1, -2: self.x, -3: p.y & 1 == 1}
            self.thumb = {1: 2, -1: 1, -2: self.x, -3: p.y.to_bytes(32, "big")}
        self.id = H(enc(self.thumb))[:8]
        self.alg = -19 if suite == 0 else -9

    def sign(self, m):
        if self.suite == 0:
            return self.k.sign(m)
        r, s = utils.decode_dss_signature(self.k.sign(m, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def verify(self, signature, m):
        if self.suite == 0:
            self.k.public_key().verify(signature, m)
        else:
            s = utils.encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
            self.k.public_key().verify(s, m, ec.ECDSA(hashes.SHA256()))


def sig_structure(protected, external, payload):
    return enc(["Signature1", protected, external, payload])


def sign(key, typ, claims, **over):
    protected = enc(over.get("header") or {1: key.alg, 4: key.id, 16: typ})
    payload = enc(claims)
    return Raw(enc([protected, {}, payload, key.sign(sig_structure(protected, b"", payload))]))


def digest(o):
    protected, _, payload, _ = dec(o)
    return H(sig_structure(protected, b"", payload))


def cnf(key):
    return {1: key.cose}


def authority(root, key, services=(), rights=8, longest=0, iat=BASE - 90 * DAY, exp=BASE + 900 * DAY):
    return sign(root, AUTHORITY, {4: exp, 6: iat, 8: cnf(key), 9: enc([list(services), rights, longest])})


def lock_certificate(maker, key, lock=LOCK_ID, iat=BASE - 30 * DAY):
    return sign(maker, LOCK_CERTIFICATE, {6: iat, 8: cnf(key), 9: enc([lock, 1, 1])})


def entry(actions=1, kind=1, target=LOCK_ID, **conditions):
    names = {"schedule": 1, "uses": 2, "delegation": 3, "evidence": 4, "policy": 5, "resource": 6, "service": 7, "other": 99}
    c = {names[k]: v for k, v in conditions.items()}
    return [kind, target, actions] + ([c] if c else [])


def grant(signer, key, *entries, parent=None, iat=BASE + DAY, exp=BASE + 30 * DAY, nbf=None):
    claims = {4: exp, 6: iat, 8: cnf(key), 9: enc(([digest(parent)] if parent else []) + list(entries or [entry()]))}
    if nbf:
        claims[5] = nbf
    return sign(signer, GRANT, claims)


def policy(signer, version, settings=None, iat=BASE, key=None, lock=LOCK_ID):
    return sign(signer, POLICY, {6: iat, 8: cnf(key or signer), 9: enc([lock, version, settings or {}])})


def token(signer, iat, offset=60, nonce=None):
    return sign(signer, TOKEN, {6: iat, 9: enc([offset] + ([nonce] if nonce else []))})


def revocation(signer, version, *entries, least=0, iat=BASE + DAY):
    return sign(signer, LIST, {6: iat, 9: enc([version, least, sorted(map(list, entries))])})


scheme, maker, post = Key("postern test key scheme"), Key("postern test key maker"), Key("postern test key post")
owner, neighbour, lock_key = Key("postern test key owner"), Key("postern test key neighbour"), Key("postern test key lock")
lock_key_2 = Key("postern test key lock suite 2", 2)


def lock(**more):
    """The request provision, without its verb."""
    return {"lock": LOCK_ID.hex(), "setup": SETUP.hex(), "roots": [enc(scheme.cose).hex()],
            "identities": [{"suite": k.suite, "private": k.private.hex(), "certificate": lock_certificate(maker, k).hex()} for k in (lock_key, lock_key_2)],
            **more}
