"""Derivations and sealing: sections 6.7, 19.4 and what of RFC 5869 and RFC 3610 they need."""

import hmac
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

import cbor
from refused import LIMIT, Refused, need

TAG = 8


def extract(salt, secret):
    """HKDF-Extract."""
    return hmac.new(salt, secret, sha256).digest()


def expand(prk, info, length):
    """HKDF-Expand."""
    made, block, count = b"", b"", 0
    while len(made) < length:
        count += 1
        block = hmac.new(prk, block + info + bytes([count]), sha256).digest()
        made += block
    return made[:length]


def kdf(prk, label, context, length):
    """EDHOC_KDF of section 6.7.1."""
    return expand(prk, cbor.encode_sequence(label, context, length), length)


def seal(key, nonce, plaintext, data=b""):
    return AESCCM(key, tag_length=TAG).encrypt(nonce, plaintext, data)


def open_sealed(key, nonce, sealed, data=b""):
    need(len(sealed) >= TAG, "channel", "shorter than a tag")
    try:
        return AESCCM(key, tag_length=TAG).decrypt(nonce, sealed, data)
    except InvalidTag as fault:
        raise Refused("channel", "does not open") from fault


class Keys:
    """The 58 bytes of OKM, section 6.7.2."""

    def __init__(self, okm):
        self.okm = okm
        self.request_key, self.response_key = okm[:16], okm[16:32]
        self.request_iv, self.response_iv = okm[32:45], okm[45:58]

    def values(self):
        return {
            "okm": self.okm.hex(),
            "requestKey": self.request_key.hex(),
            "responseKey": self.response_key.hex(),
            "requestIv": self.request_iv.hex(),
            "responseIv": self.response_iv.hex(),
        }


class Direction:
    """One direction of a channel: messages with rising counters, until one does not open."""

    def __init__(self, key, iv):
        self.key, self.iv, self.counter, self.ended = key, iv, 0, False

    def _nonce(self):
        return bytes(a ^ b for a, b in zip(self.iv, self.counter.to_bytes(13, "big")))

    def seal(self, plaintext):
        sealed = seal(self.key, self._nonce(), plaintext)
        self.counter += 1
        return sealed

    def open(self, sealed):
        need(not self.ended, "channel", "the channel has ended")
        try:
            plaintext = open_sealed(self.key, self._nonce(), sealed)
        except Refused:
            self.ended = True
            raise
        self.counter += 1
        return plaintext


class Channel:
    """Both directions, with the bound on requests of step 7 of section 7.5."""

    def __init__(self, keys):
        self.requests = Direction(keys.request_key, keys.request_iv)
        self.responses = Direction(keys.response_key, keys.response_iv)

    def open_request(self, sealed):
        if self.requests.counter >= LIMIT["requests"]:
            self.requests.ended = True
            raise Refused("limit", "too many requests")
        return self.requests.open(sealed)
