import cbor
import exchange
import log
import messages
import objects
import resumption
from areas import shown
from refused import LIMIT, Refused, need
from rights import OPERATION

SELECT = bytes.fromhex("00A4040009F0504F535445524E0100")
KEPT = ("malformed", "suite", "version")


def outcome(params, test):
    read = READERS[params["kind"]]
    try:
        return read(bytes.fromhex(test["data"]), params)
    except Refused as fault:
        # A message is refused as malformed, whatever is wrong with it.
        raise Refused(fault.reason if fault.reason in KEPT else "malformed") from fault


def select_answer(data, params):
    version, capabilities, lock, nonce = messages.select_answer(data)
    need(version >= LIMIT["version"], "version")
    made = {"version": version, "capabilities": capabilities, "lock": lock.hex(), "nonce": nonce.hex()}
    return {"selection": dict(made, hash=exchange.select_hash(SELECT, data + b"\x90\x00").hex())}


def message_1(data, params):
    held = exchange.Message1(data, params["suites"])
    return {"message1": {"suites": held.suites, "gx": held.gx.hex(), "ci": held.ci}}


def message_2(data, params):
    gy, ciphertext = exchange.read_message_2(data)
    return {"message2": {"gy": gy.hex(), "ciphertext": ciphertext.hex()}}


def plaintext_2(data, params):
    held = exchange.Plaintext2(data)
    made = shown.present(kid=shown.hexed(held.kid), certificate=shown.hexed(held.certificate))
    return {"plaintext2": dict(made, cr=held.cr, signature=held.signature.hex())}


def handshake_2(data, params):
    message, _, sealed = exchange.read_handshake_2(data)
    return {"handshake2": {"message3": message.hex(), "sealed": sealed.hex()}}


def plaintext_3(data, params):
    held = exchange.Plaintext3(data)
    credential = held.read_credential()
    named = {"grant": held.cred.hex()} if isinstance(credential, objects.Object) else {"key": shown.key(credential)}
    return {"plaintext3": dict(named, signature=held.signature.hex())}


def edhoc_error(data, params):
    held = exchange.edhoc_error(data)
    need(held is not None, "malformed", "no error message")
    return {"error": shown.present(code=held[0], suites=held[1])}


def resume(data, params):
    return {"resume": dict(zip(("nonce", "id", "sealed"), (part.hex() for part in resumption.read_resume(data))))}


def request(data, params):
    held = messages.Request(data)
    unknown = held.unknown or held.operation not in OPERATION.values() or held.flags & ~sum(messages.FLAG.values())
    made = shown.present(
        resource=held.resource or None,
        chain=[each.hex() for each in held.chain_bytes] or None,
        documents=[each.hex() for each in held.document_bytes] or None,
        flags=held.flags or None,
        reference=held.reference.hex() or None,
        proof=shown.hexed(held.proof),
        page=held.page,
        unknown=True if unknown else None,
    )
    return {"request": dict(made, operation=held.operation)}


def response(data, params):
    held = messages.response(data)
    made = {name: RESPONSE.get(name, lambda same: same)(value) for name, value in held.items()}
    return {"response": made}


RESPONSE = {
    "missing": lambda value: [each.hex() for each in value],
    "state": lambda value: dict(zip(("policy", "floor", "log"), value)),
    "charge": lambda value: dict(zip(("percent", "wait"), value)),
    "notice": shown.notice,
    "receipt": lambda value: cbor.encode(value).hex(),
    "log": lambda value: value.hex(),
}


def log_entry(data, params):
    return {"entry": shown.log_entry(objects.log_entry(cbor.decode(data), 1))}


def log_page(data, params):
    held = log.Page(data)
    entries = [shown.log_entry(each) for each in held.entries]
    head = (held.heads or [held.base])[-1]
    return {"page": {"lock": held.lock.hex(), "base": held.base.hex(), "entries": entries, "head": head.hex()}}


READERS = {
    "select-answer": select_answer,
    "message-1": message_1,
    "message-2": message_2,
    "plaintext-2": plaintext_2,
    "handshake-2": handshake_2,
    "plaintext-3": plaintext_3,
    "edhoc-error": edhoc_error,
    "resume": resume,
    "request": request,
    "response": response,
    "log-entry": log_entry,
    "log-page": log_page,
}


def exempt(params, test, path):
    """What a later version sends and this one passes over."""
    return test is not None and path[0] == "data" and "later" in test["flags"]
