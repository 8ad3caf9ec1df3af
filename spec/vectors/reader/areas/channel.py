import channel
import resumption
from refused import Refused


def outcome(params, test):
    secret, nonce, select_hash = (bytes.fromhex(params[name]) for name in ("secret", "nonce", "selectHash"))
    keys = resumption.Resumed(secret, nonce, select_hash).keys
    if any(params[name] != value for name, value in keys.values().items() if name in params):
        return {"params": keys.values()}
    sender, receiver = channel.Channel(keys), channel.Channel(keys)
    made = []
    for number, step in enumerate(test["steps"]):
        sealing = {"request": sender.requests, "response": sender.responses}[step["direction"]]
        opening = {"request": receiver.open_request, "response": receiver.responses.open}[step["direction"]]
        sealed = bytes.fromhex(step["sealed"])
        if test["result"] == "invalid" and number == len(test["steps"]) - 1:
            return refused(step, sealed, opening, receiver, test)
        counter = sealing.counter
        made.append(dict(step, counter=counter, sealed=sealing.seal(bytes.fromhex(step["plaintext"])).hex()))
        made[-1]["plaintext"] = opening(sealed).hex()
    return {"steps": made}


def refused(step, sealed, opening, receiver, test):
    """The last step of an invalid test, and that the channel has ended with it."""
    direction = {"request": receiver.requests, "response": receiver.responses}[step["direction"]]
    then = bytes.fromhex(test["then"])
    next_one = channel.Direction(direction.key, direction.iv)
    next_one.counter = direction.counter + 1
    try:
        next_one.open(then)
    except Refused as fault:
        raise ValueError("then is not what would have come next") from fault
    try:
        opening(sealed)
    except Refused as fault:
        try:
            opening(then)
        except Refused:
            return {"reason": fault.reason}
        raise ValueError("the channel goes on") from fault
    return {}
