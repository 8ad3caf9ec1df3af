"""A tap, chapter 08: from SELECT to a channel by sections 8.2 to 8.4, and what the user is told by section 8.6."""

import standard  # noqa: F401

from hashlib import sha256

import cbor
import messages
import objects
import resumption
import trust
from apdu import HANDSHAKE_1, HANDSHAKE_2, RESUME
from asking import Asking
from card import Ended, Garbled, Lost
from channel import TAG, Channel
from handshake import P256, Handshake, error_suites, random
from messages import OUTCOME
from refused import LIMIT, REASON, Refused, table
from result import Again, Fault
from rights import OPERATION
from wallet import Document
from wish import CONFIGURE

CAPABILITY, FORM = table("capabilities"), table("certificate-forms")
SELECTS = 3  # in a tap whose link is lost before anything was asked


class Selection:
    """The answer to SELECT, checks 1 and 2 of section 8.3."""

    def __init__(self, command, data):
        self.version, self.capabilities, self.lock, self.nonce = messages.select_answer(data)
        self.hash = sha256(command + data + b"\x90\x00").digest()

    def can(self, name):
        return bool(self.capabilities & CAPABILITY[name])


class Tap:
    """card is the lock at the other end, by either binding; live gives a time token over a nonce, None where there is no network."""

    def __init__(self, wallet, wish, card, live):
        self.wallet, self.wish, self.card, self.live = wallet, wish, card, live
        self.credential = wallet.bare if wish.setup else wallet.credential
        self.lost, self.by_value, self.error_seen, self.token_asked = 0, False, False, False
        self.resumed = False  # RESUME was sent
        self.doubt = False  # a status word answered it, and it asked for more than status
        self.waited, self.repeats = 0.0, 0
        self.judged, self.pages, self.receipt, self.log_key = {}, [], None, None

    def run(self):
        """What the user is told, by the names of the shim's page."""
        told = None
        while told is None:
            try:
                told = self._transaction()
            except Again:
                pass
            except Fault as fault:
                told = self._by_itself(fault)
        documents = [self.judged[number] for number in sorted(self.judged)]
        return dict(told, receipt=self.receipt, pages=self.pages or None, documents=documents or None, logkey=self.log_key)

    def _by_itself(self, fault):
        """Section 8.6 for what is no decision."""
        return {"outcome": OUTCOME["unconfirmed" if fault.late or self.doubt else "refused"], "reason": REASON[fault.reason], "believed": False}

    def _transaction(self):
        check(self.wish.operation in OPERATION.values(), "operation-unknown")
        check(self.wish.lock or not self.wish.setup, "lock-identity")  # PST-COM-005: a proof is for a lock that was chosen
        selected = self._select()
        asking = self._resume(selected) if self._may_resume(selected) else self._greet(selected)
        decision = asking.conclude()
        return {"outcome": decision["outcome"], "reason": decision.get("reason"), "believed": True}

    def _link_lost(self):
        """Before anything was asked: again from SELECT, within the bound of section 8.7."""
        self.lost += 1
        if self.resumed or self.lost == SELECTS:
            raise Fault("link") from None
        raise Again from None

    # Selecting, section 8.3

    def _select(self):
        try:
            made = Selection(self.card.select_command, self.card.select())
        except Lost:
            self._link_lost()
        except Ended:
            raise Fault("status-word") from None
        except (Garbled, Refused):
            raise Fault("malformed") from None
        check(made.version >= LIMIT["version"], "version")
        check(made.version >= self.wallet.known(made.lock).version, "downgrade")
        check(self.wish.lock in (None, made.lock), "lock-identity")
        check(self.wallet.signer.suite != P256 or made.can("suite-2"), "suite")
        self.card.extended = made.can("extended-length")
        return made

    # Resuming, section 15.3

    def _may_resume(self, selected):
        slot = self.wallet.known(selected.lock).slots.get(self.credential.name)
        trusted = self.wallet.certificate(selected.lock, self.wallet.signer.suite)
        wanted = self.wish.operation != CONFIGURE and not self.resumed
        return slot and slot.left and trusted and wanted and selected.can("resumption")

    def _resume(self, selected):
        slot, nonce = self.wallet.known(selected.lock).slots[self.credential.name], random(LIMIT["resumption-id-bytes"])
        made = resumption.Resumed(slot.secret, nonce, selected.hash)
        asking = Asking(self, selected, Channel(made.keys), slot=slot)
        data = nonce + made.id + asking.first(self.card.room - len(nonce + made.id) - TAG)
        self.resumed = True
        try:
            asking.take(lambda: self.card.send(RESUME, data))
        except Lost:
            raise Fault("link") from None
        except Ended:
            self.doubt = asking.request.acts
            raise Again from None
        return asking

    # Greeting, section 8.4

    def _greet(self, selected):
        suite = self.wallet.signer.suite
        remembered = None if self.by_value else self.wallet.certificate(selected.lock, suite)
        handshake = Handshake(suite, selected.hash)
        try:
            answer = self.card.send(HANDSHAKE_1, handshake.message_1, FORM["kid" if remembered else "value"])
        except Lost:
            self._link_lost()
        except Ended:
            raise Fault("status-word") from None
        except Garbled:
            raise Fault("possession") from None
        self._look_for_error(answer)
        certificate = self._prove(handshake, answer, remembered, selected)
        message, exporter = handshake.message_3(self.wallet.signer, self.credential.id_cred, self.credential.cred)
        asking = Asking(self, selected, Channel(exporter.keys()), exporter=exporter, certificate=certificate)
        data = message + asking.first(self.card.room - len(message) - TAG)
        try:
            asking.take(lambda: self.card.send(HANDSHAKE_2, data))
        except Lost:
            self._link_lost()
        except Ended:
            asking.denied()
            raise Fault("status-word") from None
        return asking

    def _look_for_error(self, answer):
        """An EDHOC error message, section 6.9."""
        suites = error_suites(answer)
        if suites is None:
            return
        check(self.wallet.signer.suite in suites and not self.error_seen, "suite")
        self.error_seen = True
        raise Again

    def _prove(self, handshake, answer, remembered, selected):
        """The lock certificate of a lock that has the key for it: the checks of section 8.4 in their order."""
        try:
            kid, brought = handshake.open_2(answer)
        except Refused:
            raise Fault("possession") from None
        certificate = self._verified(brought) if brought else self._remembered(kid, remembered)
        check(certificate.lock == selected.lock, "lock-identity")
        check(certificate.cnf.suite == self.wallet.signer.suite and certificate.cnf != self.wallet.signer.public, "possession")
        check(handshake.proves(certificate), "possession")
        return certificate

    def _verified(self, brought):
        try:
            certificate = objects.read(brought, "lock-certificate")
            trust.lock_certificate_authority(certificate, self.wallet.makers)
        except Refused as fault:
            raise Fault(fault.reason) from None
        return certificate

    def _remembered(self, kid, remembered):
        check(remembered, "lock-identity")
        if kid != remembered.cnf.id:
            self.by_value = True
            raise Again
        return remembered

    # Live time, section 16.5

    def live_token(self, selected):
        """A time token over the nonce of this transaction, once in a tap; None where there is none to be had."""
        if self.token_asked or not selected.can("live-time"):
            return None
        self.token_asked = True
        data = self.live(selected.nonce)
        try:
            token = objects.read(data, "time-token") if data else None
        except Refused:
            return None
        return Document(0, cbor.decode(data), token) if token and token.nonce == selected.nonce else None


def check(good, reason):
    if not good:
        raise Fault(reason)
