"""State asking of section 8.2: one channel, from its first request to the decision and the pages after it."""

import standard  # noqa: F401

import time

import cbor
import messages
import objects
from apdu import REQUEST
from card import Ended, Garbled, Lost
from channel import TAG
from log import SEALED, Page
from messages import FLAG, OUTCOME, RESPONSE
from refused import LIMIT, REASON, Refused
from result import Fault
from wallet import Slot
from wish import CONFIGURE, READ_LOG, STATUS, Request, fitting, main_request, page_request

REPEATS, PATIENCE = 30, 8.0  # after pending, in a tap: requests, and seconds of waiting in all


def read_response(plaintext):
    """A response by section 6.8. Beside an outcome that is not known, which is read as unconfirmed, the fields that are known hold."""
    answer = messages.response(plaintext)
    if answer.get("outcome") == OUTCOME["unconfirmed"] and "state" not in answer:
        fields = cbor.decode(plaintext).integers()
        answer = {name: fields[number] for name, number in RESPONSE.items() if number in fields} | answer
    return answer


class Asking:
    """A channel with a lock that has proved itself; exporter is that of a full exchange, slot that of a resumed one."""

    def __init__(self, tap, selected, channel, exporter=None, slot=None, certificate=None):
        self.tap, self.wallet, self.wish, self.lock = tap, tap.wallet, tap.wish, selected.lock
        self.selected, self.channel, self.exporter, self.slot, self.certificate = selected, channel, exporter, slot, certificate
        self.known = self.wallet.known(self.lock)
        self.left = self.wallet.documents_for(self.lock)
        self.parents = [each.data for each in self.wallet.parents] if tap.credential.grant else []
        self.missing, self.mended = set(), set()
        self.main = self._main()

    def _main(self):
        """The request for what the user wants; for an owner whose proof was not answered, first whose the lock is (section 8.9)."""
        if self.wish.operation != CONFIGURE:
            return main_request(self.wish, bool(self.exporter) and self.selected.can("resumption"), None)
        if self.wish.setup and self.known.doubtful:
            return Request(STATUS, final=True)
        proof = self.exporter.proof(self.wish.setup) if self.wish.setup else None
        return main_request(self.wish, False, proof)

    def first(self, room):
        """The first request, sealed: with the parents where there is room, without authority certificates."""
        if self.main.proof:
            self.left = []  # a lock passes over documents beside a proof
        for chain in (self.parents, []):
            made = fitting(self.wallet, self.known, self.main, self.left, chain, room)
            if made:
                return self._sealed(made)
        raise Fault("limit")

    def _sealed(self, request):
        if self.channel.requests.counter >= LIMIT["requests"]:
            raise Fault("limit")
        if request.operation == CONFIGURE and request.final:
            self._may_agree(bool(request.proof))
        self.request = request
        return self.channel.requests.seal(request.encode())

    def take(self, send):
        """Sends, and opens and reads the sealed response."""
        late = self.request.acts
        try:
            data = send()
        except Lost as fault:
            if not fault.handed:
                raise
            raise Fault("link", late) from None
        except Garbled:
            raise Fault("malformed", late) from None
        except Ended as fault:
            if fault.fetching and late:
                raise Fault("malformed", late) from None
            raise
        try:
            plaintext = self.channel.responses.open(data)
        except Refused:
            raise Fault("channel", late) from None
        self._proved()
        try:
            self.answer = read_response(plaintext)
        except Refused:
            raise Fault("malformed", late) from None

    def _proved(self):
        """A sealed response has opened: PST-PHN-001."""
        known = self.known = self.wallet.keep(self.lock)
        known.version = max(known.version, self.selected.version)
        if self.certificate:
            known.certificates[self.certificate.cnf.suite] = self.certificate

    def _send(self, request):
        sealed = self._sealed(request)
        try:
            self.take(lambda: self.tap.card.send(REQUEST, sealed))
        except Lost:
            raise Fault("link") from None
        except Ended:
            raise Fault("status-word") from None

    def conclude(self):
        """The decision about what the user wants, after as many requests as it takes."""
        while (request := self._next()) is not None:
            self._send(request)
        decision = self.answer
        self._decided(decision)
        if decision["outcome"] != OUTCOME["refused"]:
            self._afterwards(decision)
        return decision

    def _next(self):
        """The next request by the table of section 8.2; None after the decision."""
        answer = self.answer
        if "missing" in answer:
            return self._supply(set(answer["missing"]))
        self._documents_judged()
        if answer["outcome"] == OUTCOME["pending"]:
            return self._wait(answer["charge"][1] / 1000)
        if answer["outcome"] == OUTCOME["refused"] and answer["reason"] == REASON["evidence"]:
            token = self.tap.live_token(self.selected)
            if token:
                return self.request.again(token.item, self._token_signer(token))
        return None if self.request.final else self._rest([])

    def _supply(self, ids):
        """The chain that the lock misses, PST-PHN-029 and PST-PHN-030."""
        grant = self.tap.credential.grant
        root = self.wallet.root_grant() if grant else None
        below = {each.kid for each in [*self.wallet.parents[1:], grant]} if self.parents else set()
        certificate = self.wallet.root_certificate() if root and root.kid in ids else None
        if ids & self.missing or not ids <= below | ({root.kid} if certificate else set()):
            raise Fault("issuer-unknown")
        self.missing |= ids
        return self._rest(self.parents + ([certificate.data] if certificate else []))

    def _rest(self, chain):
        """What is left to ask, with this chain."""
        while True:
            made = fitting(self.wallet, self.known, self.main, self.left, chain, self.tap.card.room - TAG)
            if made and (made.final or made.documents or chain):
                return made
            if not self.left:
                raise Fault("issuer-unknown")
            self.left.pop(0)  # too long beside what it needs

    def _wait(self, seconds):
        self.tap.repeats, self.tap.waited = self.tap.repeats + 1, self.tap.waited + seconds
        if self.tap.repeats > REPEATS or self.tap.waited > PATIENCE:
            raise Fault("busy")
        time.sleep(seconds)
        return self.request.again()

    def _token_signer(self, token):
        """The certificate of a token's signer, where it is another than that of the grant, whom the lock knows by now."""
        grant = self.tap.credential.grant
        certificate = self.wallet.signer_certificate(token.read)
        same = grant and self.wallet.root_grant().kid == token.read.kid
        return (certificate.data,) if certificate and not same else ()

    def _documents_judged(self):
        """Takes down what became of each document, PST-PHN-036."""
        sent, reasons = self.request.documents, self.answer.get("documents", [])
        if len(reasons) != len(sent) + bool(self.request.token):
            reasons = []
        for document, reason in zip(sent, reasons):
            self.tap.judged[document.number] = reason
            self.wallet.judged(self.lock, document, reason)
        again = [each for each in sent if self._mends(each)]
        self.mended |= {each.digest for each in again}
        self.left = again + [each for each in self.left if each not in sent]

    def _mends(self, document):
        """Whether a document that went ahead was refused for want of its signer's certificate, and the phone has that."""
        lacking = self.tap.judged.get(document.number) == REASON["issuer-unknown"]
        return lacking and not self.request.final and document.digest not in self.mended and self.wallet.signer_certificate(document.read)

    # The decision

    def _decided(self, answer):
        """Keeps of the decision what outlives the tap."""
        outcome = answer["outcome"]
        drove = outcome in (OUTCOME["opened"], OUTCOME["unconfirmed"]) or outcome == OUTCOME["failed"] and answer["reason"] == REASON["drive"]
        self._keep_slot(answer, drove)
        if self.main.flags & FLAG["receipt"] and "receipt" in answer:
            self.tap.receipt = self._receipt(answer["receipt"])
        if self.wish.operation == CONFIGURE:
            self._agreed(outcome == OUTCOME["done"])

    def _keep_slot(self, answer, drove):
        """Section 15.4."""
        slots, name = self.known.slots, self.tap.credential.name
        if self.slot:
            if drove:
                self.slot.step()
            if not self.slot.left:
                slots.pop(name, None)
        elif self.main.flags & FLAG["resumption"] and "resumption" in answer:
            slots[name] = Slot(self.exporter.export("resumption"), answer["resumption"])
        elif drove:
            slots.pop(name, None)

    def _receipt(self, item):
        """The receipt, where it is good: PST-LOG-017."""
        data = cbor.encode(item)
        certificate = self.known.certificates[self.wallet.signer.suite]
        try:
            receipt = objects.read(data, "receipt")
        except Refused:
            return None
        key = certificate.cnf
        signed = receipt.kid == key.id and receipt.alg_is_of(key) and receipt.verifies(key)
        return data if signed and receipt.lock == certificate.lock else None

    def _may_agree(self, proved):
        """Keeps the LogKey before configure goes out: PST-PHN-038."""
        known = self.known = self.wallet.keep(self.lock)
        known.open_keys.append(self.exporter.export("log"))
        known.doubtful = proved

    def denied(self):
        """A status word answered the first request. It tells an owner no more than that, whoever sent it."""
        if self.known.doubtful:
            self.wallet.keep(self.lock).doubtful = False

    def _agreed(self, done):
        """A sealed answer to configure, or to the question whose the lock is."""
        known = self.known
        known.doubtful = False
        if not done:
            if self.main.operation == CONFIGURE:
                known.open_keys.pop()
            return
        known.log_keys += known.open_keys
        known.open_keys = []
        self.tap.log_key = known.log_keys[-1]

    # After the decision

    def _afterwards(self, decision):
        """Pages of the log. What fails here leaves an opening as it was told."""
        try:
            self._take_pages(decision)
        except Fault:
            if not self.main.acts:
                raise

    def _take_pages(self, decision):
        logged = self.main.operation == READ_LOG or self.main.flags & FLAG["log"]
        if logged and not self._page(decision):
            return
        while len(self.tap.pages) < self.wish.pages:
            self._send(page_request(self.wish, len(self.tap.pages)))
            if not self._page(self.answer):
                return

    def _page(self, answer):
        """Takes a page; whether there may be another one."""
        data = answer.get("log")
        if data is None:
            return False
        if self.wish.operation != READ_LOG:
            if len(data) == SEALED:
                self.tap.pages.append(data)
            return len(data) == SEALED
        try:
            page = Page(data)
        except Refused:
            return False
        if page.lock != self.lock:
            return False
        self.tap.pages.append(data)
        return len(page.entries) == LIMIT["log-page-entries"]

