"""What a phone keeps, section 8.1: its key and credential, whom it trusts, what it carries, and what it learned of each lock."""

import standard  # noqa: F401

from dataclasses import dataclass, field

import cbor
import cose
import objects
import trust
from cbor import encode
from handshake import Signer
from objects import TYPE
from refused import Refused, need, table
from resumption import next_secret

REASON = table("reasons")


@dataclass
class Slot:
    """A resumption slot, section 15.4: the secret and for how many openings it is still good."""

    secret: bytes
    left: int

    def step(self):
        self.secret, self.left = next_secret(self.secret), self.left - 1


@dataclass
class Known:
    """What is kept of one lock."""

    version: int = 0  # the highest seen
    certificates: dict = field(default_factory=dict)  # by suite, each an objects.Object
    slots: dict = field(default_factory=dict)  # by credential
    held: set = field(default_factory=set)  # digests of documents that the lock holds
    unsigned: set = field(default_factory=set)  # digests of documents whose signer the lock did not know
    log_keys: list = field(default_factory=list)  # agreed, the newest last
    open_keys: list = field(default_factory=list)  # of those sent with configure, the ones of which no sealed answer told
    doubtful: bool = False  # a proof of the setup secret was sent and not answered


@dataclass(frozen=True)
class Credential:
    """CRED_I and ID_CRED_I, section 6.3; grant is None for a bare key. name is what a slot is kept by."""

    cred: bytes
    id_cred: bytes
    name: bytes
    grant: object = None


@dataclass(frozen=True)
class Document:
    """A document to hand over; number is its place among those that the app was given."""

    number: int
    item: list
    read: object

    @property
    def digest(self):
        return self.read.digest


class Wallet:
    def __init__(self, key, roots, makers, grant=None, parents=(), authorities=(), documents=()):
        self.signer = Signer(key["suite"], key["private"])
        self.roots = [cose.key(cbor.decode(root)) for root in roots]
        self.bare = self._bare_key()
        self._given = list(makers), list(authorities), list(documents)
        self._carry(self._grant(grant) if grant else self.bare, parents)
        self.locks = {}

    def _carry(self, credential, parents, authorities=(), documents=()):
        """Opens by this credential from now on, with these objects beside those that the app was given."""
        makers, own, carried = self._given
        self.makers = [maker for maker in map(self._authority, [*makers, *authorities]) if maker and self._trusts(maker)]
        self.authorities = [each for each in map(self._authority, [*own, *authorities]) if each]
        self.parents = [objects.read(each, "grant") for each in parents]
        self.credential = credential
        self.documents = self._in_order(list(self._documents([*carried, *documents])))

    def take(self, held):
        """Opens by the pass that holds these from now on, section 27.2. Where it is refused nothing has changed."""
        *parents, last = held["chain"]
        self._carry(self._grant(last), parents, held.get("authorities", ()), held.get("documents", ()))

    def known(self, lock):
        """What is known of a lock; nothing is kept of it by this."""
        return self.locks.get(lock) or Known()

    def keep(self, lock):
        """What is known of a lock that has proved itself, to be changed."""
        return self.locks.setdefault(lock, Known())

    def _bare_key(self):
        claims = {8: {1: self.signer.public.cose()}}
        return Credential(encode(claims), encode({14: claims}), b"key" + self.signer.public.id)

    def _grant(self, data):
        grant = objects.read(data, "grant")
        need(grant.cnf == self.signer.public, "possession", "the grant is for another key")
        return Credential(data, encode({13: cbor.decode(data)}), b"grant" + grant.digest, grant)

    def _authority(self, data):
        try:
            return objects.read(data, "authority")
        except Refused:
            return None

    def _trusts(self, certificate):
        """Section 4.6: under one of the scheme's roots."""
        try:
            return trust.authority_root(certificate, self.roots)
        except Refused:
            return None

    def certificate(self, lock, suite):
        """The lock certificate that is remembered, as long as its manufacturer is trusted; else None."""
        held = self.known(lock).certificates.get(suite)
        try:
            return held and trust.lock_certificate_authority(held, self.makers) and held
        except Refused:
            return None

    # The chain of a request, section 8.5

    def root_grant(self):
        return self.parents[0] if self.parents else self.credential.grant

    def root_certificate(self):
        """The certificate of the root's signer, one under which the root's grant is good where there are several."""
        return self._signer_of(self.root_grant(), trust.operators_grant) if self.credential.grant else None

    def signer_certificate(self, document):
        """The certificate of the signer of a list or a token."""
        return None if document.kind == "policy" else self._signer_of(document, lambda *both: None)

    def _signer_of(self, signed, further):
        for certificate in self.authorities:
            if certificate.cnf.id == signed.kid:
                try:
                    trust.verify(signed, certificate.cnf)
                    further(signed, certificate)
                    return certificate
                except Refused:
                    pass
        return None

    # Documents

    def _documents(self, documents):
        for number, data in enumerate(documents):
            try:
                read = objects.read(data, "policy", "revocation-list", "time-token")
            except Refused:
                continue  # no lock takes it
            if read.kind != "time-token" or read.nonce is None:
                yield Document(number, cbor.decode(data), read)

    def _in_order(self, documents):
        """Each can be judged on what those before it leave: PST-PHN-032."""
        roots = {root.id for root in self.roots}

        def place(document):
            if document.read.kind == "policy":
                return 0, document.read.version  # a transfer makes room for the new owner's, which has a higher version
            return TYPE[document.read.kind], document.read.kid not in roots, document.number

        return sorted(documents, key=place)

    def documents_for(self, lock):
        """All that the phone has for a lock and of which it does not know that the lock holds it."""
        held = self.known(lock).held
        return [each for each in self.documents if each.digest not in held and getattr(each.read, "lock", lock) == lock]

    def judged(self, lock, document, reason):
        """Remembers what a lock said of a document; a token that it took is worth nothing in another transaction, so it is not held."""
        known = self.keep(lock)
        if reason == REASON["superseded"] or reason == REASON["none"] and document.read.kind != "time-token":
            known.held.add(document.digest)
        if reason == REASON["issuer-unknown"]:
            known.unsigned.add(document.digest)
