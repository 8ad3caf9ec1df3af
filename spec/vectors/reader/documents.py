"""Documents: sections 7.10, 16.3, 18.2, 18.3, 18.8 and 18.9.

judge(lock, transaction, data, chain) takes a document or refuses it.
"""

import cbor
import objects
import trust
from objects import RIGHT
from refused import LIMIT, Refused, need


def judge(lock, transaction, data, chain):
    kind = objects.kind_of(cbor.decode(data))
    need(kind in JUDGES or kind is None, "object-type")
    read = objects.read(data, *JUDGES)
    JUDGES[read.kind](lock, transaction, read, chain)


def signer(lock, document, right, chain):
    """The certificate of a document's signer, section 7.10.1."""
    held = [
        each
        for each in lock.usable_certificates()
        if each.cnf.id == document.kid
        and each.rights & RIGHT[right]
        and each.iat <= document.iat <= each.exp
        and each.exp > lock.floor
    ]
    if held:
        return max(held, key=lambda each: each.exp)
    for data in chain:
        try:
            certificate = objects.read(data, "authority")
        except Refused:
            continue
        if certificate.cnf.id == document.kid:
            trust.authority_root(certificate, lock.trusted())
            need(certificate.exp > lock.floor, "authority-expired")
            need(not lock.denies_certificate(certificate), "denied")
            return certificate
    raise Refused("issuer-unknown")


def _under(certificate, right, document):
    need(certificate.rights & RIGHT[right], "authority-right")
    need(certificate.iat <= document.iat <= certificate.exp, "authority-expired")


def time_token(lock, transaction, token, chain):
    """Section 16.3."""
    if token.nonce is not None:
        need(lock.has("live-time"), "evidence", "the lock does not measure")
        need(token.nonce == transaction.nonce, "evidence", "another nonce")
        need(transaction.seconds <= LIMIT["live-seconds"], "evidence", "too late")
    else:
        need(token.iat >= lock.floor, "superseded")
    certificate = signer(lock, token, "time", chain)
    trust.verify(token, certificate.cnf)
    _under(certificate, "time", token)
    if token.iat >= lock.floor + LIMIT["token-seconds"]:
        lock.floor = token.iat
    transaction.token = token


def policy(lock, transaction, new, chain):
    """Sections 18.2 and 18.3."""
    need(new.lock == lock.id, "target")
    need(new.version <= lock.policy_version + LIMIT["version-step"], "limit")
    again = lock.lost_policy() and new.version == lock.policy_version
    need(new.version > lock.policy_version or again, "superseded")
    need(lock.owner is not None and new.kid == lock.owner.id, "issuer-unknown")
    trust.verify(new, lock.owner)
    need(new.cnf.suite in lock.suites, "algorithm")
    if new.reset:
        lock.floor = max(new.iat, lock.least_floor)
    else:
        lock.floor = max(lock.floor, new.iat)
    lock.policy, lock.policy_version = new, new.version
    if new.cnf != lock.owner:
        lock.transfer(new, transaction)


class HeldList:
    """A revocation list with its signer's whole key and what made it trusted.

    certificate is the signer's as it was when the list was taken, None for a root or an anchor.
    """

    def __init__(self, document, key, root, certificate=None):
        self.document, self.key, self.root, self.certificate = document, key, root, certificate

    def _names(self, signed):
        return any(tag == signed.tag for tag, _ in self.document.denied) or signed.iat < self.document.least

    def denies_certificate(self, certificate, root):
        return self.certificate is None and root == self.key and self._names(certificate)

    def denies_chain(self, links, signer):
        return self.certificate is not None and signer == self.key and any(map(self._names, links))


def revocation_list(lock, transaction, new, chain):
    """Section 18.9."""
    root = next((each for each in lock.trusted() if each.id == new.kid), None)
    certificate = None
    if root is None:
        certificate = signer(lock, new, "revoke", chain)
    key = root or certificate.cnf
    trust.verify(new, key)
    if certificate:
        _under(certificate, "revoke", new)
    older = next((each for each in lock.lists if each.key == key), None)
    need(older is None or older.document.version < new.version, "superseded")
    made = HeldList(new, key, root or trust.authority_root(certificate, lock.trusted()), certificate)
    if older:
        lock.lists[lock.lists.index(older)] = made
        return
    if root not in lock.roots:
        others = [each for each in lock.lists if each.key not in lock.roots]
        if len(others) >= LIMIT["lists"]:
            gives_way = next((each for each in others if each.root not in lock.trusted()), None)
            gives_way = gives_way or next((each for each in others if _ended(lock, each)), None)
            need(gives_way, "table-full")
            lock.lists[lock.lists.index(gives_way)] = made
            return
    lock.lists.append(made)


def _ended(lock, held):
    """The fourth place of section 18.9."""
    if held.certificate is None or held.certificate.exp > lock.floor:
        return False
    if any(each.cnf == held.key and each.exp > lock.floor for each in lock.certificates):
        return False
    return all(exp <= lock.floor for _, exp in held.document.denied)


JUDGES = {"policy": policy, "revocation-list": revocation_list, "time-token": time_token}
