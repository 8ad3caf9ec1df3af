"""The EDHOC exchange as chapter 06 profiles RFC 9528: messages, transcript and key schedule."""

import hmac
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import cbor
import cose
import decision
import objects
from cbor import encode, encode_sequence
from channel import extract, kdf, open_sealed, seal
from refused import LIMIT, Refused, need, table

LABEL = table("exporter-labels")
P256 = ec.SECP256R1()


# Public-key operations of the suites, section 6.2


@lru_cache(maxsize=4096)
def public(suite, private):
    """G of an ephemeral private key of 32 bytes."""
    if suite == 0:
        key = x25519.X25519PrivateKey.from_private_bytes(private).public_key()
        return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    numbers = ec.derive_private_key(int.from_bytes(private, "big"), P256).public_key().public_numbers()
    return numbers.x.to_bytes(32, "big")


def coordinate(suite, g):
    """Refuses what is no coordinate of the suite, before any public-key operation."""
    need(suite == 0 or cose.p256_y(g, False) is not None, "malformed", "no point of the curve")


def shared(suite, private, g):
    """G_XY."""
    coordinate(suite, g)
    if suite == 0:
        try:
            peer = x25519.X25519PublicKey.from_public_bytes(g)
            made = x25519.X25519PrivateKey.from_private_bytes(private).exchange(peer)
        except ValueError as fault:
            raise Refused("malformed", "an output of zeros") from fault
        need(any(made), "malformed", "an output of zeros")
        return made
    peer = ec.EllipticCurvePublicKey.from_encoded_point(P256, b"\x02" + g)
    return ec.derive_private_key(int.from_bytes(private, "big"), P256).exchange(ec.ECDH(), peer)


def sign(suite, private, message):
    """A signature; that of suite 2 is deterministic by RFC 6979."""
    if suite == 0:
        return ed25519.Ed25519PrivateKey.from_private_bytes(private).sign(message)
    order, secret = cose.P256_N, int.from_bytes(private, "big")
    number = int.from_bytes(sha256(message).digest(), "big")
    seed = private + (number % order).to_bytes(32, "big")
    key, value = bytes(32), b"\x01" * 32
    for byte in (b"\x00", b"\x01"):
        key = hmac.new(key, value + byte + seed, sha256).digest()
        value = hmac.new(key, value, sha256).digest()
    while True:
        value = hmac.new(key, value, sha256).digest()
        k = int.from_bytes(value, "big")
        if 0 < k < order:
            r = ec.derive_private_key(k, P256).public_key().public_numbers().x % order
            s = pow(k, -1, order) * (number + r * secret) % order
            if r and s:
                return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        key = hmac.new(key, value + b"\x00", sha256).digest()
        value = hmac.new(key, value, sha256).digest()


# Messages


class Message1:
    """message_1 as a lock with these suites reads it: steps 1 to 5 of section 7.4."""

    def __init__(self, data, suites):
        self.data = data
        items = cbor.sequence(data)
        need(len(items) == 4, "malformed", "message_1")
        method, listed, self.gx, self.ci = items
        need(type(method) is int and isinstance(self.gx, bytes), "malformed", "METHOD, G_X")
        need(type(listed) is int or isinstance(listed, list), "malformed", "SUITES_I")
        short = type(self.ci) is int and -24 <= self.ci <= 23
        need(short or isinstance(self.ci, bytes), "malformed", "C_I")
        need(method == 0, "malformed", "METHOD")
        self.suites = suite_list(listed)
        self.suite = self.suites[-1]
        need(self.suite in suites and not set(self.suites[:-1]) & set(suites), "suite")
        need(len(self.gx) == 32, "malformed", "G_X")
        coordinate(self.suite, self.gx)
        need(short, "malformed", "C_I")


def suite_list(item):
    """The suites of SUITES_I or SUITES_R."""
    if isinstance(item, list):
        need(2 <= len(item) <= LIMIT["cbor-items"], "malformed", "a list of suites")
    suites = item if isinstance(item, list) else [item]
    for suite in suites:
        need(type(suite) is int and -65536 <= suite <= 65535, "malformed", "a suite")
    need(len(set(suites)) == len(suites), "malformed", "a suite twice")
    return suites


def message_1(suites, gx, ci):
    return encode_sequence(0, suites[0] if len(suites) == 1 else suites, gx, ci)


def edhoc_error(data):
    """Code, and suites with code 2, of an EDHOC error message; None where data are none."""
    try:
        code, end = cbor.decode_first(data)
    except Refused:
        return None
    if type(code) is not int:
        return None
    need(code != 0, "malformed", "error code 0")
    if code != 2:
        return code, None
    items = cbor.sequence(data)
    need(len(items) == 2, "malformed", "error message")
    return code, suite_list(items[1])


def error_message(suites):
    return encode_sequence(2, suites[0] if len(suites) == 1 else sorted(suites))


def read_message_2(data):
    """G_Y and CIPHERTEXT_2."""
    whole = cbor.decode(data)
    need(isinstance(whole, bytes) and len(whole) >= 33, "malformed", "message_2")
    return whole[:32], whole[32:]


class Plaintext2:
    """PLAINTEXT_2: kid or certificate, the bytes of which are in ID_CRED_R."""

    def __init__(self, data):
        items = cbor.sequence(data)
        need(len(items) == 3, "malformed", "PLAINTEXT_2")
        self.cr, named, self.signature = items
        need(type(self.cr) is int and -24 <= self.cr <= 23, "malformed", "C_R")
        self.kid = self.certificate = None
        if isinstance(named, bytes):
            need(len(named) == LIMIT["key-id-bytes"], "malformed", "key id")
            self.kid, self.id_cred = named, encode({4: named})
        else:
            held = named.integers() if isinstance(named, cbor.Map) else None
            need(held is not None and list(held) == [13] and isinstance(held[13], list), "malformed", "ID_CRED_R")
            self.certificate, self.id_cred = encode(held[13]), encode(named)
        need(isinstance(self.signature, bytes) and len(self.signature) == 64, "malformed", "signature")


def read_handshake_2(data):
    """message_3 with its head, CIPHERTEXT_3 and the sealed request: step 1 of section 7.5."""
    item, end = cbor.decode_first(data)
    need(isinstance(item, bytes) and len(data) - end >= 9, "malformed", "HANDSHAKE-2")
    return data[:end], item, data[end:]


class Plaintext3:
    """PLAINTEXT_3: step 3 of section 7.5; read_credential is step 4."""

    def __init__(self, data):
        items = cbor.sequence(data)
        need(len(items) == 2, "malformed", "PLAINTEXT_3")
        self.named, self.signature = items
        need(isinstance(self.signature, bytes) and len(self.signature) == 64, "malformed", "signature")
        self.id_cred = encode(self.named)

    def read_credential(self):
        self.credential, self.cred = read_id_cred_i(self.named)
        return self.credential


def read_id_cred_i(item):
    """A grant or a bare key, and CRED_I."""
    held = item.integers() if isinstance(item, cbor.Map) else None
    need(held is not None and list(held) in ([13], [14]), "malformed", "ID_CRED_I")
    cred = encode(item.pairs[0][1])
    if 13 in held:
        return objects.read(cred, "grant"), cred
    return decision.bare_key(held[14]), cred


def credential_key(credential):
    return credential.cnf if isinstance(credential, objects.Object) else credential


# Transcript and key schedule


class Schedule:
    """Every value of sections 6.5 to 6.7, in the order in which they become known."""

    def __init__(self, message1, gx, gy, gxy, select_hash):
        self.values = {}
        h1 = sha256(message1).digest()
        self._keep(message1=message1, hashMessage1=h1, gX=gx, gY=gy, gXY=gxy, selectHash=select_hash)
        th2 = sha256(encode_sequence(gy, h1)).digest()
        prk = extract(th2, gxy)
        self._keep(th2=th2, prk2e=prk, prk3e2m=prk, prk4e3m=prk)

    def _keep(self, **values):
        for name, value in values.items():
            setattr(self, name, value)
            self.values[name] = value.hex()

    def signed_2(self, cr, id_cred_r, cred_r):
        """What the lock signs; id_cred_r is the map's encoding."""
        context = encode(cr) + id_cred_r + encode(self.th2) + cred_r
        mac = kdf(self.prk3e2m, 2, context, 32)
        signed = encode(["Signature1", id_cred_r, encode(self.th2) + cred_r, mac])
        self._keep(context2=context, mac2=mac, toBeSigned2=signed)
        return signed

    def seal_2(self, plaintext):
        """message_2 of PLAINTEXT_2."""
        self._keep(signature2=plaintext[-64:])
        message = encode(self.gY + self.crypt_2(plaintext))
        self._keep(plaintext2=plaintext, message2=message)
        return message

    def crypt_2(self, text):
        """PLAINTEXT_2 to CIPHERTEXT_2 or back."""
        stream = kdf(self.prk2e, 0, self.th2, len(text))
        self._keep(keystream2=stream)
        return bytes(a ^ b for a, b in zip(text, stream))

    def after_2(self, plaintext, cred_r):
        th3 = sha256(encode(self.th2) + plaintext + cred_r).digest()
        k3, iv3 = kdf(self.prk3e2m, 3, th3, 16), kdf(self.prk3e2m, 4, th3, 13)
        self._keep(th3=th3, k3=k3, iv3=iv3, a3=encode(["Encrypt0", b"", th3]))

    def signed_3(self, id_cred_i, cred_i):
        context = id_cred_i + encode(self.th3) + cred_i
        mac = kdf(self.prk4e3m, 6, context, 32)
        signed = encode(["Signature1", id_cred_i, encode(self.th3) + cred_i, mac])
        self._keep(context3=context, mac3=mac, toBeSigned3=signed)
        return signed

    def seal_3(self, plaintext):
        self._keep(plaintext3=plaintext, signature3=plaintext[-64:])
        self._keep(message3=encode(seal(self.k3, self.iv3, plaintext, self.a3)))
        return self.message3

    def open_3(self, ciphertext):
        return open_sealed(self.k3, self.iv3, ciphertext, self.a3)

    def after_3(self, plaintext, cred_i):
        th4 = sha256(encode(self.th3) + plaintext + cred_i).digest()
        out = kdf(self.prk4e3m, 7, th4, 32)
        self._keep(th4=th4, prkOut=out, prkExporter=kdf(out, 10, b"", 32))
        for name in ("resumption", "commissioning", "log"):
            self._keep(**{name: self.exporter(name, 32)})
        return self.exporter("channel", 58)

    def exporter(self, name, length):
        return kdf(self.prkExporter, LABEL[name], self.selectHash, length)


def select_hash(command, response):
    """Of the command and the whole answer with its status word, section 5.3."""
    return sha256(command + response).digest()
