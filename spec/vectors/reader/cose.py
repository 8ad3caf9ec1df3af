"""Keys, key ids and signatures: sections 4.2 to 4.4.

The arithmetic of signatures is that of python3-cryptography.  Its Ed25519
compares the encoding of [S]B - [k]A with R and refuses S >= L, as section
4.4.1 asks; what it does not ask of the key is checked here on the bytes.
"""

from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import cbor
from refused import LIMIT, need, table

ALGORITHM = table("algorithms")
ED25519, P256 = "ed25519", "esp256"
SUITE = {ED25519: 0, P256: 2}
CURVE = {1: [6], 2: [1]}  # by key type

# Ed25519, RFC 8032, section 5.1
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
# P-256, FIPS 186-5
P256_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
P256_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _multiply_by_eight(x, y):
    """The point [8](x, y) of the twisted Edwards curve, by doubling three times."""
    for _ in range(3):
        product = D * x * x * y * y % P
        over = pow((1 + product) * (1 - product), P - 2, P)
        x, y = 2 * x * y * (1 - product) * over % P, (y * y + x * x) * (1 + product) * over % P
    return x, y


@lru_cache(maxsize=65536)
def ed25519_fault(encoded):
    """Why 32 bytes are no key by PST-OBJ-012; None where they are one."""
    if len(encoded) != 32:
        return "length"
    number = int.from_bytes(encoded, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    if y >= P:
        return "not canonical"
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * pow(2, (P - 1) // 4, P) % P
        if v * x * x % P != u:
            return "no point"
    if x == 0 and sign:
        return "not canonical"
    if _multiply_by_eight(x, y) == (0, 1):
        return "small order"
    return None


@lru_cache(maxsize=65536)
def p256_y(encoded, odd):
    """The y of 32 bytes of x and the sign of y; None where they are no point of the curve."""
    x = int.from_bytes(encoded, "big")
    if len(encoded) != 32 or x >= P256_P:
        return None
    square = (x * x * x - 3 * x + P256_B) % P256_P
    y = pow(square, (P256_P + 1) // 4, P256_P)
    if y * y % P256_P != square:
        return None
    return (y if y & 1 == odd else P256_P - y).to_bytes(32, "big")


class Key:
    """A public key; kind is a name of registry/algorithms.csv."""

    def __init__(self, kind, x, odd=False):
        self.kind, self.x, self.odd = kind, x, odd
        if kind == ED25519:
            fault = ed25519_fault(x)
            need(fault is None, "malformed", f"Ed25519 key: {fault}")
        else:
            self.y = p256_y(x, odd)
            need(self.y is not None, "malformed", "P-256 key is no point of the curve")

    def __eq__(self, other):
        return isinstance(other, Key) and (self.kind, self.x, self.odd) == (other.kind, other.x, other.odd)

    def __hash__(self):
        return hash((self.kind, self.x, self.odd))

    def cose(self):
        if self.kind == ED25519:
            return cbor.Map([(1, 1), (-1, 6), (-2, self.x)])
        return cbor.Map([(1, 2), (-1, 1), (-2, self.x), (-3, self.odd)])

    def thumbprint_input(self):
        if self.kind == ED25519:
            return cbor.encode(self.cose())
        return cbor.encode(cbor.Map([(1, 2), (-1, 1), (-2, self.x), (-3, self.y)]))

    @property
    def id(self):
        return sha256(self.thumbprint_input()).digest()[: LIMIT["key-id-bytes"]]

    @property
    def suite(self):
        return SUITE[self.kind]

    def verifies(self, signature, message):
        return verifies(self, signature, message)


def key(item):
    """The key that a COSE_Key holds, by section 4.2."""
    need(isinstance(item, cbor.Map), "malformed", "COSE_Key")
    held = item.integers()
    need(held is not None, "malformed", "COSE_Key")
    for label, known in ((1, CURVE), (-1, CURVE.get(held.get(1)))):
        need(type(held.get(label)) is int, "malformed", "COSE_Key")
        need(held[label] in known, "algorithm", "key type or curve")
    need(isinstance(held.get(-2), bytes) and len(held[-2]) == 32, "malformed", "x")
    if held[1] == 1:
        need(len(held) == 3, "malformed", "parameters")
        return Key(ED25519, held[-2])
    need(len(held) == 4 and type(held.get(-3)) is bool, "malformed", "parameters")
    return Key(P256, held[-2], held[-3])


def confirmation(item):
    """The key of a claim cnf."""
    held = item.integers() if isinstance(item, cbor.Map) else None
    need(held is not None and list(held) == [1], "malformed", "cnf")
    return key(held[1])


def sig_structure(protected, payload):
    """RFC 9052, section 4.4, with no external data."""
    return cbor.encode(["Signature1", protected, b"", payload])


@lru_cache(maxsize=65536)
def verifies(signer, signature, message):
    """True where the signature verifies by section 4.4.1 or 4.4.2."""
    if len(signature) != 64:
        return False
    try:
        if signer.kind == ED25519:
            ed25519.Ed25519PublicKey.from_public_bytes(signer.x).verify(signature, message)
        else:
            r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:]))
            if not (0 < r < P256_N and 0 < s < P256_N):
                return False
            point = b"\x04" + signer.x + signer.y
            public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
            public.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=4096)
def key_of_private(kind, private):
    """The public key of a private one: a seed by RFC 8032, or a number of 32 bytes."""
    if kind == ED25519:
        public = ed25519.Ed25519PrivateKey.from_private_bytes(private).public_key()
        return Key(ED25519, public.public_bytes(Encoding.Raw, PublicFormat.Raw))
    numbers = ec.derive_private_key(int.from_bytes(private, "big"), ec.SECP256R1()).public_key().public_numbers()
    return Key(P256, numbers.x.to_bytes(32, "big"), bool(numbers.y & 1))
