"""Binding L, chapter 05: commands, chaining, GET RESPONSE, and the states of section 7.2."""

from refused import LIMIT, Refused, need, table

AID = bytes.fromhex("F0504F535445524E01")
SELECT, HANDSHAKE_1, HANDSHAKE_2, REQUEST, RESUME, GET_RESPONSE = 0xA4, 0x10, 0x12, 0x14, 0x16, 0xC0
INSTRUCTIONS = {
    0x00: {SELECT, GET_RESPONSE},
    0x80: {HANDSHAKE_1, HANDSHAKE_2, REQUEST, RESUME, GET_RESPONSE},
    0x90: {HANDSHAKE_1, HANDSHAKE_2, REQUEST, RESUME},
}
STATUS = {name: value.to_bytes(2, "big") for name, value in table("status-words").items()}
OK = STATUS["ok"]


class Command:
    """A command of ISO/IEC 7816-4. ne is the number of bytes that Le allows."""

    def __init__(self, data, extended):
        need(len(data) >= 4, "wrong-length", "no header")
        self.cla, self.ins, self.p1, self.p2 = data[:4]
        self.data, self.ne = b"", 0
        body = data[4:]
        if not body:
            return
        if len(body) == 1:
            self.ne = body[0] or 256
            return
        if body[0]:
            count, rest, le = body[0], body[1:], 1
        else:
            need(extended and len(body) >= 3, "wrong-length", "length fields")
            count, rest, le = int.from_bytes(body[1:3], "big"), body[3:], 2
            if not rest:
                self.ne = count or 65536
                return
            need(count > 0, "wrong-length", "Lc 000000")
        need(len(rest) in (count, count + le), "wrong-length", "length fields do not agree with the length")
        self.data = rest[:count]
        if len(rest) > count:
            self.ne = int.from_bytes(rest[count:], "big") or 256**le


class Link:
    """The link layer of sections 5.4 and 5.5, with steps 1 to 6 of section 5.6.

    carry(cla, ins, p1, p2, data) is the application and gives data and status
    word; end() tells it that the transaction has ended.
    """

    def __init__(self, extended, carry, end, instructions=INSTRUCTIONS):
        self.extended, self.carry, self.end, self.instructions = extended, carry, end, instructions
        self.chain = None  # INS, P1, P2 and data of an open chain
        self.left = None  # data left to fetch, and the status word of the whole

    def process(self, data):
        try:
            return self._process(data)
        except Refused as fault:
            self.chain = self.left = None
            self.end()
            return STATUS[fault.reason]

    def _process(self, data):
        command = Command(data, self.extended)
        if command.cla not in self.instructions:
            return STATUS["cla-unknown"]
        fetching = command.ins == GET_RESPONSE and command.cla in (0x00, 0x80)
        left = self.left
        self.left = None
        name = (command.ins, command.p1, command.p2)
        if self.chain:
            if command.cla == 0x00 and command.ins == SELECT:
                self.chain = None
            else:
                need(command.cla != 0x00 and name == self.chain[0], "chain-expected")
        if command.ins not in self.instructions[command.cla]:
            return STATUS["ins-unknown"]
        if fetching:
            return self._fetch(command, left)
        link = command.cla == 0x90 or self.chain is not None
        need(command.data or not link, "wrong-length", "a link without data")
        joined = (self.chain[1] if self.chain else b"") + command.data
        need(len(joined) <= LIMIT["command-bytes"], "wrong-length", "too much data")
        if command.cla == 0x90:
            self.chain = (name, joined)
            return OK
        self.chain = None
        answer = self.carry(command.cla, command.ins, command.p1, command.p2, joined)
        return self._give(answer[:-2], answer[-2:], command.ne)

    def _fetch(self, command, left):
        need(not command.data and command.ne, "wrong-length", "GET RESPONSE")
        need(command.p1 == 0 and command.p2 == 0, "wrong-p1-p2")
        need(left is not None, "out-of-order", "nothing left to fetch")
        return self._give(left[0], left[1], command.ne)

    def _give(self, data, status, ne):
        if len(data) <= ne:
            return data + status
        self.left = (data[ne:], status)
        return data[:ne] + bytes([0x61, min(len(data) - ne, 256) & 0xFF])


class States:
    """A whole lock as far as area apdu tries it: the states idle and selected of section 7.2.

    No content but that of SELECT is good, so nothing leads further than selected.
    """

    def __init__(self, extended):
        self.selected = False
        self.link = Link(extended, self._carry, self._end)

    def process(self, data):
        return self.link.process(data)[-2:]

    def _end(self):
        self.selected = False

    def _carry(self, cla, ins, p1, p2, data):
        was, self.selected = self.selected, False
        if ins == SELECT:
            if (p1, p2) != (4, 0):
                return STATUS["wrong-p1-p2"]
            if data != AID:
                return STATUS["not-found"]
            self.selected = True
            return bytes(33) + OK  # as long as the answer of section 5.3; its bytes are of no matter here
        if p2 or p1 > (1 if ins == HANDSHAKE_1 else 0):
            return STATUS["wrong-p1-p2"]
        if ins in (HANDSHAKE_1, RESUME) and was:
            return STATUS["refused"]
        return STATUS["out-of-order"]
