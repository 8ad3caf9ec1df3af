"""Strict CBOR, chapter 03: every value has one encoding, and nothing else is read.

Items are int, bool, bytes, list and Map. Keys of a Map can be any item, so it
is a list of pairs; lookups go by integer keys.
"""

from refused import LIMIT, Refused, need

UINT, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)


class Map:
    """A map as pairs in ascending order of the keys' encodings."""

    def __init__(self, pairs=()):
        self.pairs = sorted(pairs, key=lambda pair: encode(pair[0]))

    def __eq__(self, other):
        return isinstance(other, Map) and encode(self) == encode(other)

    def __repr__(self):
        return "Map" + diagnostic(self)

    def __len__(self):
        return len(self.pairs)

    def keys(self):
        return [key for key, _ in self.pairs]

    def integers(self):
        """The map as a dict, for a map whose keys are all integers; else None."""
        if all(type(key) is int for key in self.keys()):
            return dict(self.pairs)
        return None


def is_uint(item, low=0, high=2**64 - 1):
    """True for an integer from low to high; true and false are none."""
    return type(item) is int and low <= item <= high


def decode(data):
    """The one item that data are."""
    item, end = _item(data, 0, 1)
    need(end == len(data), "malformed", "bytes follow the item")
    return item


def decode_first(data):
    """The first item of data and its length."""
    return _item(data, 0, 1)


def sequence(data):
    """The items of a sequence, one or more."""
    items, at = [], 0
    while not items or at < len(data):
        item, at = _item(data, at, 1)
        items.append(item)
    return items


def _head(data, at):
    """Major type, argument and the place behind a head."""
    need(at < len(data), "malformed", "cut off")
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if major in (TEXT, TAG):
        raise Refused("malformed", "a type that is not allowed")
    if major == SIMPLE:
        need(info in (20, 21), "malformed", "a simple value that is not allowed")
        return major, info, at
    if info < 24:
        return major, info, at
    need(info < 28, "malformed", "indefinite length or a reserved head")
    size = 1 << (info - 24)
    need(at + size <= len(data), "malformed", "cut off")
    value = int.from_bytes(data[at : at + size], "big")
    need(value >= (24 if size == 1 else 1 << (4 * size)), "malformed", "not the shortest form")
    return major, value, at + size


def _item(data, at, depth):
    major, value, at = _head(data, at)
    if major == UINT:
        return value, at
    if major == NEGATIVE:
        return -1 - value, at
    if major == SIMPLE:
        return value == 21, at
    if major == BYTES:
        need(value <= len(data) - at, "malformed", "cut off")
        return bytes(data[at : at + value]), at + value
    need(depth <= LIMIT["cbor-depth"], "limit", "nested too deep")
    need(value <= LIMIT["cbor-items"], "limit", "too many elements")
    if major == ARRAY:
        need(value <= len(data) - at, "malformed", "cut off")
        items = []
        for _ in range(value):
            item, at = _item(data, at, depth + 1)
            items.append(item)
        return items, at
    need(2 * value <= len(data) - at, "malformed", "cut off")
    pairs, last = [], None
    for _ in range(value):
        start = at
        key, at = _item(data, at, depth + 1)
        encoded = data[start:at]
        need(last is None or last < encoded, "malformed", "keys out of order or twice")
        last = encoded
        item, at = _item(data, at, depth + 1)
        pairs.append((key, item))
    result = Map()
    result.pairs = pairs
    return result, at


def head(major, value):
    """A head in its shortest form."""
    if value < 24:
        return bytes([major << 5 | value])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << (8 * size):
            return bytes([major << 5 | info]) + value.to_bytes(size, "big")
    raise ValueError("does not fit 64 bits")


def encode(item):
    """The one encoding of an item; str serves for the constants of RFC 9052 alone."""
    if item is False or item is True:
        return b"\xf5" if item else b"\xf4"
    if isinstance(item, int):
        return head(UINT, item) if item >= 0 else head(NEGATIVE, -1 - item)
    if isinstance(item, (bytes, bytearray)):
        return head(BYTES, len(item)) + bytes(item)
    if isinstance(item, str):
        return head(TEXT, len(item)) + item.encode()
    if isinstance(item, (list, tuple)):
        return head(ARRAY, len(item)) + b"".join(encode(each) for each in item)
    if isinstance(item, dict):
        item = Map(item.items())
    if isinstance(item, Map):
        return head(MAP, len(item)) + b"".join(encode(key) + encode(value) for key, value in item.pairs)
    raise TypeError(f"no CBOR for {type(item)}")


def encode_sequence(*items):
    return b"".join(encode(item) for item in items)


def diagnostic(item):
    """The notation of vectors/README.md, area cbor."""
    if item is True or item is False:
        return "true" if item else "false"
    if isinstance(item, int):
        return str(item)
    if isinstance(item, bytes):
        return f"h'{item.hex()}'"
    if isinstance(item, list):
        return "[" + ", ".join(map(diagnostic, item)) + "]"
    return "{" + ", ".join(f"{diagnostic(key)}: {diagnostic(value)}" for key, value in item.pairs) + "}"
