"""The log as it leaves the lock, chapter 19: heads, pages, sealed pages, blinds."""

from hashlib import sha256

import cbor
import objects
from channel import kdf, open_sealed, seal
from refused import LIMIT, Refused, need, table

LABEL = table("log-labels")
SEALED = 16 + LIMIT["log-page-bytes"] + 8


def next_head(head, entry):
    return sha256(head + cbor.encode(entry)).digest()


class Page:
    """A page in clear, section 19.3: lock, base, entries and the head after each."""

    def __init__(self, data):
        need(len(data) == LIMIT["log-page-bytes"], "malformed", "length of a page")
        item, end = cbor.decode_first(data)
        need(not any(data[end:]), "malformed", "bytes behind the page")
        need(isinstance(item, list) and len(item) == 3, "malformed", "page")
        self.lock, self.base, entries = item
        need(isinstance(self.lock, bytes) and len(self.lock) == LIMIT["lock-id-bytes"], "malformed", "lock id")
        need(isinstance(self.base, bytes) and len(self.base) == 32, "malformed", "base")
        need(isinstance(entries, list), "malformed", "entries")
        need(len(entries) <= LIMIT["log-page-entries"], "limit", "entries")
        self.entries = [objects.log_entry(each, 1) for each in entries]
        numbers = [each[0] for each in entries]
        need(all(two == one + 1 for one, two in zip(numbers, numbers[1:])), "malformed", "numbers do not rise by 1")
        self.heads, head = [], self.base
        for each in self.entries:
            head = next_head(head, each)
            self.heads.append(head)


def page_keys(log_key, salt):
    okm = kdf(log_key, LABEL["page"], salt, 29)
    return okm[:16], okm[16:]


def salt_of(log_key, page, nonce):
    return kdf(log_key, LABEL["salt"], sha256(page).digest() + nonce, 16)


def seal_page(log_key, page, nonce):
    salt = salt_of(log_key, page, nonce)
    return salt + seal(*page_keys(log_key, salt), page)


def open_page(log_keys, sealed):
    """P of a sealed page, under the first key that opens it."""
    need(len(sealed) == SEALED, "channel", "length of a sealed page")
    for log_key in log_keys:
        try:
            return open_sealed(*page_keys(log_key, sealed[:16]), sealed[16:])
        except Refused:
            pass
    raise Refused("channel", "no key opens it")


def blind(log_key, head):
    return kdf(log_key, LABEL["blind"], head, 32) if log_key else bytes(32)
