"""A shim for the conformance suite of Postern, protocol version 1. One file, standard library alone: copy it.

A product is a class with a method for each verb that it has; a verb without a method is not announced. Byte strings are bytes,
absent members are left out of the call. conformance/shim/README.md says what each verb means. A whole shim for a lock:

    from postern_shim import Lock, RigError, serve
    import board                                  # yours: a simulator, a serial port, a reader

    class MyLock(Lock):
        product, version = "My lock", "0.1"

        def power(self, on):
            if not board.field(on):
                raise RigError("the board does not answer")

        def transceive(self, apdu):
            return board.send(apdu)               # None where the lock stays silent

        def provision(self, lock, identities, roots, setup, **optional):
            board.flash(lock, identities, roots, setup, optional)

    serve(MyLock())

Level L0 is the first two methods, L1 all three. For an app, see class App, for an issuer class Issuer.
"""

import json
import sys
import traceback

PROTOCOL = 1
LINE = 16384  # bytes of a line, its line feed not counted
NUMBER = 2**53


class RigError(Exception):
    """The rig failed, and not the product: a sentence for people. Never put a secret into it."""


class Refuses(Exception):
    """An issuer does not sign such a thing: why, for people."""


class Lock:
    """Methods: power(on), transceive(apdu) -> bytes or None, deselect(), meet(link), provision(lock, identities, roots, setup,
    area=, authorities=, compartments=), bolt() -> {resource: count}, drive(motion, percent, wait), button(pressed), tamper(),
    clock(unix=, offset=), advance(ms), random(source), operations() -> (flash, cut), cut(after=, torn=),
    state() -> {"vacant": ..., "floor": ..., "policy": ..., "sequence": ...}, refusal() -> reason.

    transceive may give (bytes, microseconds) too. link is that of App.tap, without live."""

    role, product, version = "lock", "a lock", "0"


class App:
    """Methods: provision(key, roots, makers, grant=, parents=, authorities=, documents=), and
    tap(link, operation, lock=, resource=, reference=, receipt=, pages=, setup=) -> {"outcome": ..., "believed": ..., ...},
    whose members are those of the page; bytes are bytes there, and None stands for absent.

    link.transceive(apdu) gives the lock's answer, link.live(nonce) a time token; None where the link or the network is gone.
    For binding R: present(operation, lock=, ...), command(apdu) -> bytes or None, and leave() -> what tap gives.
    For chapter 27: ask() -> (request, its link), bytes and a str, and take(bytes=, link=), one of them, -> None where the app takes the
    pass, else the reason, 0 for none."""

    role, product, version = "app", "an app", "0"


class Issuer:
    """Methods: provision(key, certificate=, root=, parents=), issue(kind, claims) -> bytes, or it raises Refuses("why")."""

    role, product, version = "issuer", "an issuer", "0"


# What a line may hold. A kind is a function from a JSON value to what the product is given; it raises Nonsense.


class Nonsense(Exception):
    """A line that is not of this protocol. Its text says what is wrong and repeats nothing of the line."""


def need(condition, what):
    if not condition:
        raise Nonsense(what)


def octets(low, high):
    def kind(value):
        need(isinstance(value, str) and len(value) % 2 == 0 and not set(value) - set("0123456789abcdef"), "not lower-case hex")
        need(low <= len(value) // 2 <= high, f"not {low} to {high} bytes")
        return bytes.fromhex(value)

    return kind


def kind_of(good, what):
    def kind(value):
        need(good(value), what)
        return value

    return kind


def integer(low=0, high=NUMBER):
    return kind_of(lambda value: type(value) is int and low <= value <= high, f"not an integer of {low} to {high}")


def one_of(*values):
    return kind_of(lambda value: any(type(value) is type(each) and value == each for each in values), f"none of {values}")


def many(kind, low, high):
    def kinds(value):
        need(isinstance(value, list) and low <= len(value) <= high, f"not a list of {low} to {high}")
        return [kind(each) for each in value]

    return kinds


def text(high):
    return kind_of(lambda value: isinstance(value, str) and 1 <= len(value) <= high, f"not a text of 1 to {high} characters")


name = text(100)
mapping = kind_of(lambda value: isinstance(value, dict), "not an object")


def record(fields):
    """An object with these members; one whose name here ends with ? may be absent."""

    def kind(value):
        names = {member.rstrip("?"): kind for member, kind in fields.items()}
        need(set(mapping(value)) <= set(names), "a member that the page does not name")
        need(all(member in value for member in fields if not member.endswith("?")), "a member is missing")
        made = {}
        for member, each in value.items():
            try:
                made[member] = names[member](each)
            except Nonsense as fault:
                raise Nonsense(f"{member}: {fault}") from None
        return made

    return kind


OBJECT = octets(1, 768)
PRIVATE = record({"suite": one_of(0, 2), "private": octets(32, 32)})
IDENTITY = record({"suite": one_of(0, 2), "private": octets(32, 32), "certificate": OBJECT})
CHOSEN = {"operation": integer(0, 255), "lock?": octets(8, 8), "resource?": integer(1, 255), "reference?": octets(8, 8), "receipt?": one_of(True), "pages?": integer(1, 4)}
VERBS = {
    "lock": {
        "power": {"on": one_of(True, False)},
        "transceive": {"apdu": octets(1, 2048)},
        "deselect": {},
        "meet": {},
        "provision": {"lock": octets(8, 8), "identities": many(IDENTITY, 1, 2), "roots": many(OBJECT, 1, 4), "setup": octets(16, 16),
                      "area?": octets(1, 16), "authorities?": many(OBJECT, 1, 4), "compartments?": integer(1, 255)},
        "bolt": {},
        "drive": {"motion": one_of("moves", "sticks", "unseen"), "percent": integer(0, 100), "wait": integer(0, 10000)},
        "button": {"pressed": one_of(True, False)},
        "tamper": {},
        "clock": {"unix?": integer(), "offset?": integer(-840, 840)},
        "advance": {"ms": integer()},
        "random": {"source": one_of("good", "fails", "equal")},
        "operations": {},
        "cut": {"after?": integer(), "torn?": one_of("before", "half", "after")},
        "state": {},
        "refusal": {},
    },
    "app": {
        "provision": {"key": PRIVATE, "roots": many(OBJECT, 1, 4), "makers": many(OBJECT, 1, 4), "grant?": OBJECT,
                      "parents?": many(OBJECT, 1, 2), "authorities?": many(OBJECT, 1, 8), "documents?": many(OBJECT, 1, 8)},
        "tap": dict(CHOSEN, **{"setup?": octets(16, 16)}),
        "present": CHOSEN,
        "command": {"apdu": octets(1, 2048)},
        "leave": {},
        "ask": {},
        "take": {"bytes?": octets(1, 4096), "link?": text(6000)},
    },
    "issuer": {
        "provision": {"key": PRIVATE, "certificate?": OBJECT, "root?": OBJECT, "parents?": many(OBJECT, 1, 3)},
        "issue": {"kind": name, "claims": mapping},
    },
}
ASKS = ("meet", "tap")  # verbs in the middle of which the shim asks

# From what a method returns to what the page says that its verb returns.


class Wrong(Exception):
    """What a method returned is not what the page says. Its text names types alone: a value may hold a secret."""


def _octets(value):
    return isinstance(value, (bytes, bytearray))


def _number(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _pair(first, second):
    return lambda value: isinstance(value, (tuple, list)) and len(value) == 2 and first(value[0]) and second(value[1])


_timed = _pair(_octets, _number)


def _answered(answer):
    if isinstance(answer, (tuple, list)):
        return {"apdu": answer[0], "us": answer[1]}
    return {"silent": True} if answer is None else {"apdu": answer}


def _judged(reason):
    if reason is None:
        return {"taken": True}
    return {"taken": False, "reason": reason} if reason else {"taken": False}


def _present(told):
    return {member: value for member, value in told.items() if value is not None}


# By verb: what is right, its check, and what becomes of it. What the other verbs return is nothing.
ANSWER = "bytes, (bytes, microseconds) or None", lambda value: value is None or _octets(value) or _timed(value), _answered
TOLD = 'a dict with at least "outcome" and "believed"', lambda value: isinstance(value, dict) and None not in map(value.get, ("outcome", "believed")), _present
RETURNS = {
    "transceive": ANSWER,
    "command": ANSWER,
    "bolt": ("a dict {resource: count} of numbers", lambda value: isinstance(value, dict) and all(_number(each) for pair in value.items() for each in pair),
             lambda moves: {"moves": [{"resource": door, "count": count} for door, count in sorted(moves.items()) if count]}),
    "operations": ("(flash, cut), a number and a bool,", _pair(_number, lambda cut: isinstance(cut, bool)), lambda both: {"flash": both[0], "cut": both[1]}),
    "state": ("a dict", lambda value: isinstance(value, dict), dict),
    "refusal": ("a number of the registry reasons", _number, lambda reason: {"reason": reason}),
    "tap": TOLD,
    "leave": TOLD,
    "ask": ("(request, its link), bytes and a str,", _pair(_octets, lambda link: isinstance(link, str)), lambda both: {"bytes": both[0], "link": both[1]}),
    "take": ("None where the pass is taken, else the reason as a number, 0 for none,", lambda value: value is None or _number(value), _judged),
    "issue": ("the signed object as bytes", _octets, lambda made: {"object": made}),
}


def returned(verb, value):
    """What the page says that the verb returns, of what its method returned."""
    if verb not in RETURNS:
        return {}
    right, good, made = RETURNS[verb]
    if not good(value):
        raise Wrong(f"{verb} returned a value of type {type(value).__name__}, where {right} is right")
    try:
        return hexed(made(value))
    except Wrong as fault:
        raise Wrong(f"{verb} returned {fault}") from None


def hexed(value):
    """A value for JSON: bytes as hex, whatever holds them."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {member: hexed(each) for member, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [hexed(each) for each in value]
    if value is None or isinstance(value, (str, int)):
        return value
    raise Wrong(f"a member of type {type(value).__name__}, where bytes, str, int, bool, list or dict is right")


def _pairs(pairs):
    made = dict(pairs)
    need(len(made) == len(pairs), "a member twice")
    return made


class Shim:
    """The loop between the tool and a product, over two binary streams."""

    def __init__(self, product, read, write):
        self.product, self.read, self.write = product, read, write
        self.verbs = [verb for verb in VERBS[product.role] if callable(getattr(product, verb, None))]

    def serve(self):
        """Answers until the tool has no more to say."""
        while (asked := self._line()) is not None:
            need(type(asked.get("id")) is int and isinstance(asked.get("verb"), str), "no request")
            self._say(dict(self._answer(asked), id=asked["id"]))

    def _line(self):
        line = self.read.readline(LINE + 2)
        if not line:
            return None
        need(line.endswith(b"\n") and len(line) <= LINE + 1, "a line that is too long or has no end")
        try:
            return mapping(json.loads(line.decode("utf-8"), object_pairs_hook=_pairs))
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
            raise Nonsense("a line that is not JSON") from None

    def _say(self, message):
        self.write.write(json.dumps(hexed(message), separators=(",", ":")).encode() + b"\n")
        self.write.flush()

    def _answer(self, asked):
        verb = asked["verb"]
        members = {member: value for member, value in asked.items() if member not in ("id", "verb")}
        try:
            if verb == "hello":
                record({"protocol": one_of(PROTOCOL)})(members)
                names = {each: getattr(self.product, each) for each in ("role", "product", "version")}
                return {"ok": dict(names, protocol=PROTOCOL, verbs=self.verbs)}
            if verb not in self.verbs:
                return {"unsupported": verb[:100] or "no verb"}
            arguments = record(VERBS[self.product.role][verb])(members)
            link = (Link(self, asked["id"]),) if verb in ASKS else ()
            return {"ok": returned(verb, getattr(self.product, verb)(*link, **arguments))}
        except Refuses as why:
            return {"ok": {"refused": str(why)[:1000] or "it does not sign that"}}
        except RigError as why:
            return {"error": str(why)[:1000] or "the rig failed"}
        except Wrong as why:
            return {"error": str(why)}
        except Nonsense as why:
            return {"error": f"{verb[:100]}: {why}"}
        except Exception as fault:  # a fault of the product's code: where, for its maker; its text may hold a secret
            traceback.print_tb(fault.__traceback__)
            return {"error": f"{verb} ended with a {type(fault).__name__}, see standard error"}

    def ask(self, number, question, reply, kind):
        """A question in the middle of a verb: the bytes of the tool's reply, None where it is lost."""
        self._say(dict(question, id=number))
        said = self._line()
        need(said is not None and said.get("id") == number and len(said) == 2, "no reply to what was asked")
        return record({"id": integer(1), reply + "?": kind, "lost?": one_of(True)})(said).get(reply)


class Link:
    """What a tap talks to: the tool's lock, or for a lock of binding R the tool's phone."""

    def __init__(self, shim, number):
        self._shim, self._number = shim, number

    def transceive(self, apdu):
        return self._shim.ask(self._number, {"transceive": bytes(apdu)}, "apdu", octets(2, 4096))

    def live(self, nonce):
        return self._shim.ask(self._number, {"live": bytes(nonce)}, "token", OBJECT)


def serve(product):
    """Serves on standard input and output. What the product prints goes to standard error."""
    write, sys.stdout = sys.stdout.buffer, sys.stderr
    try:
        Shim(product, sys.stdin.buffer, write).serve()
    except Nonsense as fault:
        sys.exit(f"postern_shim: the tool sent {fault}")
