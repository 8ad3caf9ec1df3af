"""Resumption, chapter 15."""

from channel import Keys, extract, kdf
from refused import LIMIT, need, table

LABEL = table("resumption-labels")


def next_secret(secret):
    return kdf(secret, LABEL["next"], b"", 32)


class Resumed:
    """The id and the keys of a tap, from a secret, the phone's nonce and the SELECT hash."""

    def __init__(self, secret, nonce, select_hash):
        self.prk = extract(nonce + select_hash, secret)
        self.id = kdf(self.prk, LABEL["id"], b"", LIMIT["resumption-id-bytes"])
        self.keys = Keys(kdf(self.prk, LABEL["channel"], b"", 58))


def read_resume(data):
    """Nonce, resumption id and sealed request: step 1 of section 15.3."""
    size = LIMIT["resumption-id-bytes"]
    need(len(data) > 3 * size, "malformed", "RESUME")
    return data[:size], data[size : 2 * size], data[2 * size :]
