"""A transaction from SELECT to the first sealed response; either side is played from its private keys."""

import hmac
from hashlib import sha256

import apdu
import cbor
import channel
import cose
import exchange
import messages
import objects
import trust
from refused import LIMIT, Refused, need, table

SELECT = bytes.fromhex("00A4040009F0504F535445524E0100")
CONFIGURE = table("operations")["configure"]
SUITE_2 = table("capabilities")["suite-2"]
OK = b"\x90\x00"
COMMANDS = ("select", "handshake1", "handshake2")


def outcome(params, test):
    made = {name: dict(test[name]) for name in COMMANDS if name in test}
    try:
        made["values"] = Tap(params, test, made).play()
    except Refused as fault:
        return dict(made, reason=fault.reason)
    return made


class Tap:
    def __init__(self, params, test, made):
        self.params, self.test, self.made = params, test, made
        self.suite = params["suite"]
        x, y = test.get("phoneEphemeral"), test.get("lockEphemeral")
        self.phone = Phone(params["phone"], self.suite, x) if x or test.get("refuser") == "phone" else None
        self.lock = Lock(params["lock"], self.suite, y) if y else None
        if self.phone is None and self.lock is None:
            raise ValueError("nobody to play")

    def given(self, name, side):
        return bytes.fromhex(self.test[name][side])

    def play(self):
        if "before" in self.test:
            before(self.params, self.test["before"])
        self._select()
        self._handshake_1()
        return self._handshake_2()

    def _select(self):
        answer = self.given("select", "response")
        if self.phone:
            self.made["select"]["command"] = SELECT.hex()
            self.phone.selected(answer)
        if self.lock:
            self.lock.selected(answer)
        self.select_hash = exchange.select_hash(self.given("select", "command"), answer)

    def _handshake_1(self):
        made = self.made["handshake1"]
        command, answer = self.given("handshake1", "command"), self.given("handshake1", "response")
        data = apdu.Command(command, True).data
        if self.phone:
            sent = self.phone.message_1(self.suite, ci_of(data))
            made["command"] = command_of(0x10, self.phone.form, sent).hex()
        if self.lock:
            try:
                self.lock.read_1(data, self.select_hash, answer)
            except Refused as fault:
                made["response"] = "6982" if fault.reason != "suite" else (self.lock.error() + OK).hex()
                raise
            made["response"] = (self.lock.message_2(command[2]) + OK).hex()
        if self.phone:
            self.phone.answered_1(answer, self.select_hash)

    def _handshake_2(self):
        made = self.made["handshake2"]
        command, answer = self.given("handshake2", "command"), self.given("handshake2", "response")
        if self.phone:
            sent = self.phone.message_3() + self.phone.channel.requests.seal(bytes.fromhex(self.test["request"]))
            made["command"] = command_of(0x12, 0, sent).hex()
        if self.lock:
            try:
                self.lock.read_2(apdu.Command(command, True).data)
            except Refused:
                made["response"] = "6982"
                raise
            if self.lock.request != bytes.fromhex(self.test["request"]):
                raise ValueError("the request is another one")
            sealed = self.lock.channel.responses.seal(bytes.fromhex(self.test["response"]))
            made["response"] = (sealed + OK).hex()
        need(answer[-2:] == OK, "status-word")
        messages.response(self.phone.channel.responses.open(answer[:-2]))
        if self.lock:
            schedule = self.phone.schedule
            need(schedule.values == self.lock.schedule.values, "possession", "the two sides differ")
            return dict(schedule.values, **self.phone.keys.values())
        return None


def command_of(ins, p1, data):
    """One APDU with Le 00, extended where the data ask for it."""
    header = bytes([0x80, ins, p1, 0])
    if len(data) <= 255:
        return header + bytes([len(data)]) + data + b"\x00"
    return header + b"\x00" + len(data).to_bytes(2, "big") + data + b"\x00\x00"


def ci_of(data):
    """C_I is the sender's choice: the last item of a message_1 whose items are as long as ours."""
    return cbor.sequence(data)[-1]


def before(params, first):
    """A first try, which the lock answers with error 2 and the phone takes for an offer."""
    select, handshake = first["select"], first["handshake1"]
    phone = Phone(params["phone"], params["suite"], None)
    same(select["command"], SELECT.hex())
    phone.selected(bytes.fromhex(select["response"]))
    command = bytes.fromhex(handshake["command"])
    data = apdu.Command(command, True).data
    selected = phone.suites[0]
    phone.ephemeral = private_key(selected, first["phoneEphemeral"])
    same(handshake["command"], command_of(0x10, phone.form, phone.message_1(selected, ci_of(data))).hex())
    try:
        exchange.Message1(data, params["lock"]["suites"])
        raise ValueError("the first try is good")
    except Refused as fault:
        same(fault.reason, "suite")
    same(handshake["response"], (exchange.error_message(params["lock"]["suites"]) + OK).hex())
    code, suites = exchange.edhoc_error(bytes.fromhex(handshake["response"])[:-2])
    if code != 2 or params["suite"] not in suites:
        raise ValueError("the error does not lead on")


def same(one, other):
    if one != other:
        raise ValueError(f"{one} is not {other}")


class Phone:
    def __init__(self, params, suite, ephemeral):
        self.suite = suite
        self.suites = params["suites"]
        self.private = bytes.fromhex(params["private"])
        self.ephemeral = private_key(suite, ephemeral) if ephemeral else None
        roots = [cose.key(cbor.decode(bytes.fromhex(each))) for each in params["roots"]]
        self.makers = [objects.read(bytes.fromhex(each), "authority") for each in params["makers"]]
        for each in self.makers:
            trust.authority_root(each, roots)
        self.remembered = bytes.fromhex(params["remembered"]) if "remembered" in params else None
        self.form = 0 if self.remembered else 1
        self.chosen, self.version = bytes.fromhex(params["chosen"]), params["version"]
        self.id_cred = bytes.fromhex(params["idCredI"])
        self.credential, self.cred = exchange.read_id_cred_i(cbor.decode(self.id_cred))
        self.key = exchange.credential_key(self.credential)
        same(self.key, cose.key_of_private(cose.ED25519 if suite == 0 else cose.P256, self.private))

    def selected(self, answer):
        """Section 8.3."""
        need(answer[-2:] == OK, "status-word")
        version, capabilities, self.lock_id, _ = messages.select_answer(answer[:-2])
        need(version >= LIMIT["version"], "version")
        need(version >= self.version, "downgrade")
        need(self.lock_id == self.chosen, "lock-identity")
        need(self.suite == 0 or capabilities & SUITE_2, "suite")

    def message_1(self, suite, ci):
        listed = self.suites[: self.suites.index(suite) + 1]
        self.sent = exchange.message_1(listed, exchange.public(suite, self.ephemeral), ci)
        return self.sent

    def answered_1(self, answer, select_hash):
        """Section 8.4."""
        need(answer[-2:] == OK, "status-word")
        data = answer[:-2]
        try:
            error = exchange.edhoc_error(data)
        except Refused as fault:
            raise Refused("suite", "an error message that does not read") from fault
        need(error is None, "suite")
        try:
            gy, ciphertext = exchange.read_message_2(data)
            shared = exchange.shared(self.suite, self.ephemeral, gy)
            gx = exchange.public(self.suite, self.ephemeral)
            self.schedule = exchange.Schedule(self.sent, gx, gy, shared, select_hash)
            plaintext = self.schedule.crypt_2(ciphertext)
            read = exchange.Plaintext2(plaintext)
        except Refused as fault:
            raise Refused("possession", str(fault)) from fault
        cred = read.certificate or self.remembered
        need(cred is not None, "lock-identity", "not asked for by key id")
        certificate = objects.read(cred, "lock-certificate")
        trust.lock_certificate_authority(certificate, self.makers)
        if read.kid is not None:
            need(self.remembered is not None and read.kid == certificate.cnf.id, "lock-identity")
        need(certificate.lock == self.lock_id, "lock-identity")
        need(certificate.cnf.suite == self.suite and certificate.cnf != self.key, "possession")
        signed = self.schedule.signed_2(read.cr, read.id_cred, cred)
        need(certificate.cnf.verifies(read.signature, signed), "possession")
        self.schedule.seal_2(plaintext)
        self.schedule.after_2(plaintext, cred)

    def message_3(self):
        signed = self.schedule.signed_3(self.id_cred, self.cred)
        plaintext = self.id_cred + cbor.encode(exchange.sign(self.suite, self.private, signed))
        message = self.schedule.seal_3(plaintext)
        self.keys = channel.Keys(self.schedule.after_3(plaintext, self.cred))
        self.channel = channel.Channel(self.keys)
        return message


class Lock:
    def __init__(self, params, suite, ephemeral):
        self.suites, self.suite = params["suites"], suite
        self.private, self.ephemeral = bytes.fromhex(params["private"]), private_key(suite, ephemeral)
        self.cred = bytes.fromhex(params["certificate"])
        self.certificate = objects.read(self.cred, "lock-certificate")
        same(self.certificate.lock.hex(), params["id"])
        self.key = cose.key_of_private(cose.ED25519 if suite == 0 else cose.P256, self.private)
        same(self.certificate.cnf, self.key)
        self.owner = cose.key(cbor.decode(bytes.fromhex(params["owner"]))) if "owner" in params else None
        self.setup = bytes.fromhex(params["setup"]) if "setup" in params else None

    def selected(self, answer):
        """The answer to SELECT tells of suite 2 where the lock has it; section 5.3."""
        _, capabilities, lock_id, _ = messages.select_answer(answer[:-2])
        same(lock_id, self.certificate.lock)
        same(self.suites, [0, 2] if capabilities & SUITE_2 else [0])

    def error(self):
        return exchange.error_message(self.suites)

    def read_1(self, data, select_hash, answer):
        """Section 7.4.  C_R is the lock's choice, so it is taken out of its answer."""
        try:
            message = exchange.Message1(data, self.suites)
            same(message.suite, self.suite)
            shared = exchange.shared(self.suite, self.ephemeral, message.gx)
        except Refused as fault:
            raise Refused("suite" if fault.reason == "suite" else "malformed", str(fault)) from fault
        gy = exchange.public(self.suite, self.ephemeral)
        self.schedule = exchange.Schedule(data, message.gx, gy, shared, select_hash)
        item = cbor.decode(answer[:-2])
        self.cr = cbor.decode_first(self.schedule.crypt_2(item[32:]))[0]

    def message_2(self, form):
        named = cbor.encode({4: self.key.id}) if form == 0 else b"\xa1\x0d" + self.cred
        signed = self.schedule.signed_2(self.cr, named, self.cred)
        signature = cbor.encode(exchange.sign(self.suite, self.private, signed))
        shown = cbor.encode(self.key.id) if form == 0 else named
        plaintext = cbor.encode(self.cr) + shown + signature
        message = self.schedule.seal_2(plaintext)
        self.schedule.after_2(plaintext, self.cred)
        return message

    def read_2(self, data):
        """Steps 1 to 9 of section 7.5, and section 20.3."""
        _, ciphertext, sealed = exchange.read_handshake_2(data)
        try:
            plaintext = self.schedule.open_3(ciphertext)
            read = exchange.Plaintext3(plaintext)
        except Refused as fault:
            raise Refused("possession", str(fault)) from fault
        credential = read.read_credential()
        key = exchange.credential_key(credential)
        need(key.suite == self.suite and key != self.key, "possession")
        signed = self.schedule.signed_3(read.id_cred, read.cred)
        need(key.verifies(read.signature, signed), "possession")
        bare = not isinstance(credential, objects.Object)
        need(not bare or self.setup or key == self.owner, "owner-unknown")
        self.schedule.seal_3(plaintext)
        self.channel = channel.Channel(channel.Keys(self.schedule.after_3(plaintext, read.cred)))
        self.request = self.channel.open_request(sealed)
        request = messages.Request(self.request)
        if bare and key != self.owner:
            self._becomes_owner(request)

    def _becomes_owner(self, request):
        """Steps 1 and 2 of section 20.3 in a vacant lock."""
        active = not request.unknown and request.flags & ~sum(messages.FLAG.values()) == 0
        need(request.operation == CONFIGURE and active, "owner-unknown")
        proof = hmac.new(self.setup, self.schedule.commissioning, sha256).digest()[: LIMIT["setup-bytes"]]
        need(request.proof == proof, "owner-unknown")


def private_key(suite, text):
    """An ephemeral private key; one of X25519 is clamped already."""
    private = bytes.fromhex(text)
    if suite == 0 and (len(private) != 32 or private[0] & 7 or private[31] & 0xC0 != 0x40):
        raise ValueError("an X25519 key that is not clamped")
    return private


def exempt(params, test, path):
    """A lower version that the phone saw, and the answer to SELECT before a first try."""
    return path == ("phone", "version") if test is None else path[:3] == ("before", "select", "response")
