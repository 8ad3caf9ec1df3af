"""The exchange from the side of the phone, chapter 06: message_1, message_2 opened, message_3, and what is exported."""

import os

import standard  # noqa: F401

from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import cbor
import cose
from cbor import encode, encode_sequence
from channel import Keys, extract, kdf, seal
from refused import LIMIT, Refused, need, table

LABEL = table("exporter-labels")
SUITE = table("suites")
X25519, P256 = SUITE["x25519-ed25519"], SUITE["p256-es256"]
CONNECTION = 0  # C_I


def random(count):
    return os.urandom(count)


class Signer:
    """The private key of a holder or owner. It signs and is not handed out."""

    def __init__(self, suite, private):
        self.suite = suite
        if suite == X25519:
            self._key = ed25519.Ed25519PrivateKey.from_private_bytes(private)
            self.public = cose.Key(cose.ED25519, self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        else:
            scalar = int.from_bytes(private, "big")
            need(0 < scalar < cose.P256_N, "malformed", "a private key out of range")
            self._key = ec.derive_private_key(scalar, ec.SECP256R1())
            point = self._key.public_key().public_numbers()
            self.public = cose.Key(cose.P256, point.x.to_bytes(32, "big"), bool(point.y & 1))

    def sign(self, message):
        if self.suite == X25519:
            return self._key.sign(message)
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Ephemeral:
    """A fresh key for one message_1, section 6.2."""

    def __init__(self, suite):
        self._suite = suite
        if suite == X25519:
            self._key = x25519.X25519PrivateKey.generate()
            self.g = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        else:
            self._key = ec.generate_private_key(ec.SECP256R1())
            self.g = self._key.public_key().public_numbers().x.to_bytes(32, "big")

    def shared(self, g):
        """G_XY; PST-EDH-008 refuses what is no point, or gives zeros."""
        if self._suite == P256:
            need(cose.p256_y(g, False) is not None, "malformed", "G_Y is no point of the curve")
            peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x02" + g)
            return self._key.exchange(ec.ECDH(), peer)
        try:
            made = self._key.exchange(x25519.X25519PublicKey.from_public_bytes(g))
        except ValueError as fault:
            raise Refused("malformed", "an output of zeros") from fault
        need(any(made), "malformed", "an output of zeros")
        return made


def error_suites(answer):
    """SUITES_R of an EDHOC error message, nothing of one that does not read or has another code than 2; None of what is none."""
    if not answer or answer[0] >= 0x40:  # what begins with an integer is an error message
        return None
    try:
        code, suites = cbor.sequence(answer)
    except (Refused, ValueError):
        return []
    return suites if code == 2 and isinstance(suites, list) else [suites] if code == 2 else []


class Handshake:
    """One run of the exchange. The ephemeral key and the keys between go with it."""

    def __init__(self, suite, select_hash):
        self._ephemeral, self._select_hash = Ephemeral(suite), select_hash
        self.message_1 = encode_sequence(0, suite, self._ephemeral.g, CONNECTION)

    def open_2(self, message):
        """Takes message_2 and gives the key id and the certificate in it, one of them None: check 1 of section 8.4."""
        whole = cbor.decode(message)
        need(isinstance(whole, bytes) and len(whole) >= 33, "malformed", "message_2")
        g_y, sealed = whole[:32], whole[32:]
        self._prk = self._ephemeral.shared(g_y)
        self._th_2 = sha256(encode_sequence(g_y, sha256(self.message_1).digest())).digest()
        self._prk = extract(self._th_2, self._prk)
        stream = kdf(self._prk, 0, self._th_2, len(sealed))
        self._plaintext_2 = bytes(one ^ two for one, two in zip(sealed, stream))
        return self._read_plaintext_2()

    def _read_plaintext_2(self):
        items = cbor.sequence(self._plaintext_2)
        need(len(items) == 3, "malformed", "PLAINTEXT_2")
        self._c_r, named, self._signature_2 = items
        need(type(self._c_r) is int and -24 <= self._c_r <= 23, "malformed", "C_R")
        need(isinstance(self._signature_2, bytes) and len(self._signature_2) == 64, "malformed", "signature")
        if isinstance(named, bytes):
            need(len(named) == LIMIT["key-id-bytes"], "malformed", "key id")
            self._id_cred_r = encode({4: named})
            return named, None
        need(isinstance(named, cbor.Map) and named.keys() == [13] and isinstance(named.pairs[0][1], list), "malformed", "ID_CRED_R")
        self._id_cred_r = encode(named)
        return None, encode(named.pairs[0][1])

    def proves(self, certificate):
        """Whether Signature_or_MAC_2 verifies under the key of a lock certificate: check 6 of section 8.4."""
        self._cred_r = certificate.data
        bound = encode(self._th_2) + self._cred_r
        mac = kdf(self._prk, 2, encode(self._c_r) + self._id_cred_r + bound, 32)
        return certificate.cnf.verifies(self._signature_2, encode(["Signature1", self._id_cred_r, bound, mac]))

    def message_3(self, signer, id_cred_i, cred_i):
        """message_3 and the exporter, after all checks of section 8.4."""
        th_3 = sha256(encode(self._th_2) + self._plaintext_2 + self._cred_r).digest()
        bound = encode(th_3) + cred_i
        mac = kdf(self._prk, 6, id_cred_i + bound, 32)
        plaintext = id_cred_i + encode(signer.sign(encode(["Signature1", id_cred_i, bound, mac])))
        k_3, iv_3 = kdf(self._prk, 3, th_3, 16), kdf(self._prk, 4, th_3, 13)
        message = encode(seal(k_3, iv_3, plaintext, encode(["Encrypt0", b"", th_3])))
        th_4 = sha256(encode(th_3) + plaintext + cred_i).digest()
        return message, Exporter(kdf(kdf(self._prk, 7, th_4, 32), 10, b"", 32), self._select_hash)


class Exporter:
    """EDHOC_Exporter of a finished exchange, section 6.7."""

    def __init__(self, prk, select_hash):
        self._prk, self._select_hash = prk, select_hash

    def export(self, label, count=32):
        return kdf(self._prk, LABEL[label], self._select_hash, count)

    def proof(self, setup):
        """The proof of the setup secret, section 20.2."""
        return extract(setup, self.export("commissioning"))[: LIMIT["setup-bytes"]]

    def keys(self):
        return Keys(self.export("channel", 58))
