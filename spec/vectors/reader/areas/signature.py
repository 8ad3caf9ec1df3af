import cose

KINDS = {cose.ED25519, cose.P256}


def outcome(params, test):
    kind, odd = test["alg"], test.get("odd", False)
    if kind not in KINDS or ("odd" in test) != (kind == cose.P256):
        raise ValueError("alg, odd")
    key = cose.Key(kind, bytes.fromhex(test["x"]), odd)
    verified = key.verifies(bytes.fromhex(test["signature"]), bytes.fromhex(test["message"]))
    return {} if verified else {"reason": "signature"}
