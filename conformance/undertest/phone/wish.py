"""What a tap asks for, and the requests that it takes, section 6.8."""

import standard  # noqa: F401

from dataclasses import dataclass, replace

import cbor
from messages import FLAG, REQUEST
from refused import LIMIT
from rights import OPENS, OPERATION

STATUS, READ_LOG, CONFIGURE = OPERATION["status"], OPERATION["read-log"], OPERATION["configure"]


@dataclass(frozen=True)
class Wish:
    """What the user wants."""

    operation: int
    lock: bytes = None
    resource: int = None
    reference: bytes = None
    receipt: bool = False
    pages: int = 0
    setup: bytes = None


@dataclass(frozen=True)
class Request:
    """A request; documents are those of the wallet, final says that it asks for what the user wants."""

    operation: int
    resource: int = None
    flags: int = 0
    reference: bytes = None
    proof: bytes = None
    page: int = 0
    chain: tuple = ()
    documents: tuple = ()
    token: list = None  # a live token
    final: bool = False

    @property
    def acts(self):
        """Whether it asks for more than status or the log: section 8.6 tells these apart."""
        return self.operation not in (STATUS, READ_LOG)

    def again(self, token=None, chain=()):
        """The same once more, after pending or with a live token; its chain was verified and its documents were judged."""
        return replace(self, chain=tuple(chain), documents=(), token=token)

    def encode(self):
        documents = [each.item for each in self.documents] + ([self.token] if self.token else [])
        fields = {
            "operation": self.operation,
            "resource": self.resource,
            "chain": [cbor.decode(each) for each in self.chain],
            "documents": documents,
            "flags": self.flags,
            "reference": self.reference,
            "proof": self.proof,
            "page": self.page,
        }
        return cbor.encode({REQUEST[name]: value for name, value in fields.items() if value or name == "operation"})


def main_request(wish, slot, proof):
    """The request for what the user wants; slot says that the lock is to make a resumption slot."""
    flags = FLAG["receipt"] if wish.receipt else 0
    if slot and wish.operation in OPENS:
        flags |= FLAG["resumption"]
    if wish.operation == STATUS and wish.pages and not wish.receipt:
        flags |= FLAG["log"]
    reference = wish.reference if wish.reference and any(wish.reference) else None
    return Request(wish.operation, wish.resource, flags, reference, proof, final=True)


def page_request(wish, page):
    """The request for a page of the log: in clear where the user reads the log, else sealed, to carry."""
    if wish.operation == READ_LOG:
        return Request(READ_LOG, page=page)
    return Request(STATUS, flags=FLAG["log"], page=page)


def fitting(wallet, known, main, documents, chain, capacity):
    """The next request that fits: main with all documents, or one for status with the first of them; None where none does."""
    for count in range(min(len(documents), LIMIT["documents"]), -1, -1):
        some = tuple(documents[:count])
        base = main if count == len(documents) else Request(STATUS)
        signers = [wallet.signer_certificate(each.read) for each in some if each.digest in known.unsigned]
        objects = tuple(dict.fromkeys(list(chain) + [each.data for each in signers if each]))
        made = replace(base, chain=objects, documents=some)
        if len(objects) <= LIMIT["chain"] and len(made.encode()) <= capacity:
            return made
    return None
