"""A phone for tests, by chapters 05, 06, 15 and 20. It checks all that the lock says and forgives nothing."""

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from factory import H, SETUP, Key, Raw, cnf, dec, dec_first, enc, lock_key, lock_key_2, sig_structure

AID = bytes.fromhex("F0504F535445524E01")
STATUS, OPEN, DELIVER, COLLECT, RETURN, SERVICE, READ_LOG, CONFIGURE = range(8)
OUTCOME, REASON, STATE, MISSING, CHARGE, NOTICE, RECEIPT, SLOT, DOCUMENTS, LOG = range(1, 11)


class Refused(Exception):
    """A status word other than 9000."""


def kdf(prk, label, context, n):
    info, t, out = enc(label) + enc(context) + enc(n), b"", b""
    while len(out) < n:
        t = hmac.digest(prk, t + info + bytes([len(out) // 32 + 1]), "sha256")
        out += t
    return out[:n]


def select_command(aid=AID):
    return bytes.fromhex("00A4040009") + aid + b"\0"


class Channel:
    def __init__(self, okm):
        self.out, self.back, self.iv_out, self.iv_back = okm[:16], okm[16:32], okm[32:45], okm[45:58]
        self.sent = self.received = 0

    @staticmethod
    def nonce(iv, n):
        return bytes(a ^ b for a, b in zip(iv, n.to_bytes(13, "big")))

    def seal(self, plain):
        self.sent += 1
        return AESCCM(self.out, 8).encrypt(self.nonce(self.iv_out, self.sent - 1), plain, None)

    def open(self, sealed):
        self.received += 1
        return AESCCM(self.back, 8).decrypt(self.nonce(self.iv_back, self.received - 1), sealed, None)


class Phone:
    """One phone at one lock. send takes a command's bytes and gives the answer's."""

    def __init__(self, send, aid=AID):
        self.send, self.aid = send, aid

    def command(self, ins, data, p1=0, extended=False):
        parts = [data[i:i + 255] for i in range(0, len(data), 255)] or [b""]
        if extended:
            answer = self.send(bytes([0x80, ins, p1, 0, 0]) + len(data).to_bytes(2, "big") + data + b"\0\0")
        else:
            for part in parts[:-1]:
                if self.send(bytes([0x90, ins, p1, 0, len(part)]) + part) != b"\x90\0":
                    raise Refused("chain")
            answer = self.send(bytes([0x80, ins, p1, 0, len(parts[-1])]) + parts[-1] + b"\0")
        if answer is None:
            raise Refused("silent")
        data = answer[:-2]
        while answer[-2] == 0x61:
            answer = self.send(bytes.fromhex("80C0000000"))
            data += answer[:-2]
        if answer[-2:] != b"\x90\0":
            assert not data
            raise Refused(answer.hex())
        return data

    def select(self):
        command = select_command(self.aid)
        answer = self.send(command)
        if answer is None or answer[-2:] != b"\x90\0":
            raise Refused("silent" if answer is None else answer.hex())
        self.hash = H(command, answer)
        assert answer[0] == 0x6F and answer[2] == 0x85
        self.version, self.capabilities, self.lock_id, self.nonce = dec(answer[4:-2])
        return self

    def hello(self, suite=0, by_value=True, certificate=None, ephemeral=None, suites=None):
        self.suite = suite
        if suite == 0:
            x = X25519PrivateKey.from_private_bytes(ephemeral) if ephemeral else X25519PrivateKey.generate()
            share = x.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        else:
            x = ec.generate_private_key(ec.SECP256R1()) if not ephemeral else ec.derive_private_key(int.from_bytes(ephemeral, "big"), ec.SECP256R1())
            share = x.public_key().public_numbers().x.to_bytes(32, "big")
        m1 = enc(0) + enc(suite if suites is None else suites) + enc(share) + enc(0)
        answer = self.command(0x10, m1, int(by_value))
        if answer[0] >> 5 == 0:
            return answer
        m2, rest = dec_first(answer)
        assert rest == b""
        g_y, sealed = m2[:32], m2[32:]
        if suite == 0:
            shared = x.exchange(X25519PublicKey.from_public_bytes(g_y))
        else:
            shared = x.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\2" + g_y))
        th2 = H(enc(g_y), enc(H(m1)))
        self.prk = hmac.digest(th2, shared, "sha256")
        plain = bytes(a ^ b for a, b in zip(sealed, kdf(self.prk, 0, th2, len(sealed))))
        c_r, rest = dec_first(plain)
        id_cred, rest = dec_first(rest)
        signature, rest = dec_first(rest)
        assert rest == b"" and len(signature) == 64
        key = lock_key if suite == 0 else lock_key_2
        if by_value:
            cert = Raw(enc(id_cred[13]))
            id_cred = Raw(enc({13: cert}))
        else:
            assert id_cred == key.id
            cert, id_cred = certificate, Raw(enc({4: key.id}))
        mac = kdf(self.prk, 2, enc(c_r) + id_cred + enc(th2) + cert, 32)
        key.verify(signature, sig_structure(bytes(id_cred), enc(th2) + cert, mac))
        self.th3 = H(enc(th2), plain, cert)
        return self

    def message_3(self, key, grant=None):
        cred = grant or Raw(enc({8: cnf(key)}))
        id_cred = Raw(enc({13 if grant else 14: cred}))
        mac = kdf(self.prk, 6, id_cred + enc(self.th3) + cred, 32)
        plain = id_cred + enc(key.sign(sig_structure(bytes(id_cred), enc(self.th3) + cred, mac)))
        a3 = enc(["Encrypt0", b"", self.th3])
        sealed = AESCCM(kdf(self.prk, 3, self.th3, 16), 8).encrypt(kdf(self.prk, 4, self.th3, 13), plain, a3)
        th4 = H(enc(self.th3), plain, cred)
        self.exporter = kdf(kdf(self.prk, 7, th4, 32), 10, b"", 32)
        self.channel = Channel(self.export(32768, 58))
        return enc(sealed)

    def export(self, label, n):
        return kdf(self.exporter, label, self.hash, n)

    def proof(self, setup=SETUP):
        return hmac.digest(setup, self.export(32770, 32), "sha256")[:16]

    @staticmethod
    def request(operation, resource=None, chain=None, documents=None, flags=None, reference=None, proof=None, page=None, **other):
        fields = {1: operation, 2: resource, 3: chain, 4: documents, 5: flags, 6: reference, 7: proof, 8: page}
        return enc({k: v for k, v in fields.items() if v is not None} | {int(k[1:]): v for k, v in other.items()})

    def ask(self, operation, **fields):
        return dec(self.channel.open(self.command(0x14, self.channel.seal(self.request(operation, **fields)))))

    def tap(self, key, operation, grant=None, extended=False, prove=False, by_value=True, **fields):
        """A full exchange and its first request."""
        self.select().hello(key.suite, by_value)
        m3 = self.message_3(key, grant)
        if prove:
            fields["proof"] = self.proof()
        return dec(self.channel.open(self.command(0x12, m3 + self.channel.seal(self.request(operation, **fields)), extended=extended)))

    def resume(self, secret, operation, phone_nonce=None, **fields):
        self.select()
        phone_nonce = phone_nonce or os.urandom(8)
        prk = hmac.digest(phone_nonce + self.hash, secret, "sha256")
        self.channel = Channel(kdf(prk, 2, b"", 58))
        sealed = self.channel.seal(self.request(operation, **fields))
        return dec(self.channel.open(self.command(0x16, phone_nonce + kdf(prk, 1, b"", 8) + sealed)))


def next_secret(secret):
    return kdf(secret, 3, b"", 32)


def open_page(log_key, sealed):
    okm = kdf(log_key, 2, sealed[:16], 29)
    page = AESCCM(okm[:16], 8).decrypt(okm[16:], sealed[16:], None)
    assert len(page) == 768
    return page


def head_after(head, entry):
    return H(head, enc(entry))
