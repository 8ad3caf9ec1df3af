"""Taps by RESUME: the phone's command from its slot, the lock's answer from its slots, and what each keeps."""

import apdu
import channel
import exchange
import messages
import resumption
from areas.exchange import OK, SELECT, command_of
from refused import LIMIT, REASON, Refused, need


class Slot:
    def __init__(self, value):
        self.secret, self.left = bytes.fromhex(value["secret"]), value["left"]
        if len(self.secret) != 32:
            raise ValueError("secret")

    def step(self):
        self.secret, self.left = resumption.next_secret(self.secret), self.left - 1

    def json(self):
        return {"secret": self.secret.hex(), "left": self.left}


def outcome(params, test):
    lock = [Slot(each) for each in test["slots"]]
    phone = Slot(test["phone"]) if "phone" in test else None
    refuser = test.get("refuser")
    if refuser not in (None, "lock", "phone"):
        raise ValueError("refuser")
    made = []
    for number, tap in enumerate(test["taps"]):
        last = number == len(test["taps"]) - 1
        made.append(dict(tap))
        try:
            play(params, tap, made[-1], lock, phone, refuser if last else None)
        except Refused as fault:
            if not last:
                raise ValueError(f"tap {number} is refused") from fault
            return {"taps": made, "reason": fault.reason}
    return {"taps": made}


def play(params, tap, made, lock, phone, refuser):
    answer = bytes.fromhex(tap["select"]["response"])
    if refuser != "lock":
        made["select"] = {"command": SELECT.hex(), "response": tap["select"]["response"]}
        need(answer[-2:] == OK, "status-word")
        version, _, lock_id, _ = messages.select_answer(answer[:-2])
        need(version >= LIMIT["version"], "version")
        need(lock_id.hex() == params["lockId"], "lock-identity")
    select_hash = exchange.select_hash(bytes.fromhex(tap["select"]["command"]), answer)
    resume = made["resume"] = dict(tap["resume"])
    if refuser != "lock":
        if phone.left < 1:
            raise ValueError("the phone's slot is spent")
        sent = resumption.Resumed(phone.secret, bytes.fromhex(tap["nonce"]), select_hash)
        theirs = channel.Channel(sent.keys)
        sealed = theirs.requests.seal(bytes.fromhex(tap["request"]))
        resume["command"] = command_of(apdu.RESUME, 0, bytes.fromhex(tap["nonce"]) + sent.id + sealed).hex()
    if refuser != "phone":
        data = apdu.Command(bytes.fromhex(tap["resume"]["command"]), True).data
        resume["response"] = "6982"
        place, found, ours, request = resumed(lock, data, select_hash)
        if refuser == "lock":
            raise ValueError("the lock does not refuse")
        plain = bytes.fromhex(tap["response"])
        resume["response"] = (ours.responses.seal(plain) + OK).hex()
        made["request"], made["slot"] = request.hex(), place
        made["values"] = dict(found.keys.values(), selectHash=select_hash.hex(), prk=found.prk.hex(), id=found.id.hex())
    opened = theirs.responses.open(bytes.fromhex(tap["resume"]["response"])[:-2])
    drove = opening(messages.response(opened))
    if refuser == "phone":
        raise ValueError("the phone does not refuse")
    made["response"] = opened.hex()
    if drove:
        lock[place].step()
        if tap.get("lost") is not True:
            phone.step()
    if tap.get("lost") not in (None, True):
        raise ValueError("lost")
    made["lockAfter"], made["phoneAfter"] = lock[place].json(), phone.json()


def resumed(slots, data, select_hash):
    """Steps 1 to 3 and 5 of section 15.3."""
    nonce, tap_id, sealed = resumption.read_resume(data)
    for place, slot in enumerate(slots):
        found = resumption.Resumed(slot.secret, nonce, select_hash)
        if found.id == tap_id and slot.left > 0:
            ours = channel.Channel(found.keys)
            request = ours.open_request(sealed)
            messages.Request(request)
            return place, found, ours, request
    raise Refused("resumption")


def opening(response):
    """Whether a response reports an opening, section 15.4."""
    names = {number: name for name, number in messages.OUTCOME.items()}
    name = names.get(response.get("outcome"))
    return name in ("opened", "unconfirmed") or name == "failed" and response["reason"] == REASON["drive"]


def exempt(params, test, path):
    """What lies in a slot that no tap uses, and whether an answer was lost that reports no opening."""
    if test is None:
        return False
    if path[-1] == "lost":
        return not opening(messages.response(bytes.fromhex(test["taps"][path[1]]["response"])))
    return path[0] == "slots" and path[1] not in {tap.get("slot") for tap in test["taps"]}
