import cbor

READERS = {"item": lambda data: [cbor.decode(data)], "sequence": cbor.sequence}


def outcome(params, test):
    data = bytes.fromhex(test["data"])
    items = READERS[params["form"]](data)
    again = cbor.encode_sequence(*items)
    return {"data": again.hex(), "diagnostic": ", ".join(map(cbor.diagnostic, items))}


