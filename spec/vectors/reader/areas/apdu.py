from apdu import OK, Command, Link, States
from refused import STATUS_NAME, Refused

BENIGN = ("ok", "more-data")


def outcome(params, test):
    return {"command": command, "link": link, "lock": lock}[params["kind"]](params["extended"], test)


def command(extended, test):
    read = Command(bytes.fromhex(test["command"]), extended)
    return {"fields": dict(_header(read.cla, read.ins, read.p1, read.p2, read.data), ne=read.ne)}


def _header(cla, ins, p1, p2, data):
    return {"cla": f"{cla:02x}", "ins": f"{ins:02x}", "p1": f"{p1:02x}", "p2": f"{p2:02x}", "data": data.hex()}


def _reason(statuses):
    """The name of the first status word that is neither 9000 nor 61xx."""
    names = [STATUS_NAME.get(word & 0xFF00 if word >> 8 == 0x61 else word) for word in statuses]
    return next((name for name in names if name not in BENIGN), None)


def link(extended, test):
    made, words = [], []

    def carry(*command):
        made[-1]["carried"] = dict(_header(*command), answer=step.get("carried", {}).get("answer", OK.hex()))
        return bytes.fromhex(made[-1]["carried"]["answer"])

    def end():
        made[-1]["ends"] = True

    layer = Link(extended, carry, end)
    for step in test["steps"]:
        made.append({"command": step["command"]})
        data = bytes.fromhex(step["command"])
        try:
            made[-1]["ne"] = Command(data, extended).ne
        except Refused:
            pass
        answer = layer.process(data)
        made[-1]["response"] = answer.hex()
        words.append(int.from_bytes(answer[-2:], "big"))
    return _with_reason({"steps": made}, words)


def lock(extended, test):
    states = States(extended)
    words = [states.process(bytes.fromhex(step["command"])) for step in test["steps"]]
    made = [{"command": step["command"], "status": word.hex()} for step, word in zip(test["steps"], words)]
    return _with_reason({"steps": made}, [int.from_bytes(word, "big") for word in words])


def _with_reason(made, words):
    reason = _reason(words)
    return dict(made, reason=reason) if reason else made


def exempt(params, test, path):
    """Data of a chain that SELECT drops, and params.extended where no command is extended."""
    if test is None:
        return path == ("extended",) and not (params["kind"] == "command" and params["extended"])
    return path[-2:-1] == ("command",) and "dropped" in test["flags"]
