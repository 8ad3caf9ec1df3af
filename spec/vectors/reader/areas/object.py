import cbor
import decision
import objects
from areas import shown
from refused import need


def outcome(params, test):
    data, kind = bytes.fromhex(test["data"]), params["kind"]
    if kind == "claims-set":
        return {"claims": {"cnf": shown.key(decision.bare_key(cbor.decode(data)))}}
    if kind not in objects.TYPE:
        raise ValueError("kind")
    signer = shown.read_key(test["signer"])
    held = objects.read(data, kind)
    need(held.kid == signer.id, "issuer-unknown")
    need(held.alg_is_of(signer), "algorithm")
    need(held.verifies(signer), "signature")
    return {"kid": held.kid.hex(), "digest": held.digest.hex(), "claims": shown.claims(held)}
