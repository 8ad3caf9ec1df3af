"""Counted grants: sections 17.4 to 17.6."""

from dataclasses import dataclass, replace

from refused import LIMIT, need

OWNERS, OPERATORS = "owner", "operators"


@dataclass(frozen=True)
class Record:
    """The account of one counted entry; group says to which lost time it belongs."""

    tag: bytes
    entry: int
    exp: int
    used: int
    starts: int
    group: str


@dataclass(frozen=True)
class Counted:
    """A link whose deciding entry is counted, with the earliest exp of it and the links above it."""

    tag: bytes
    entry: int
    exp: int
    count: int
    starts: int
    group: str


class Table:
    """Use records and lost times.  A change gives a new table, which a commit puts in place."""

    def __init__(self, records=(), lost=None):
        self.records, self.lost = list(records), dict(lost or {OWNERS: 0, OPERATORS: 0})

    def opening(self, counted, floor):
        """The table that the commit of an opening holds; refuses where no use is left."""
        table = Table(self.records, self.lost)
        for each in counted:
            table._use(each, floor)
        return table

    def _use(self, link, floor):
        at = next((i for i, each in enumerate(self.records) if (each.tag, each.entry) == (link.tag, link.entry)), None)
        if at is None:
            need(link.exp > self.lost[link.group], "uses-spent", "a record may have been lost")
            at = self._place(floor)
            self.records[at] = Record(link.tag, link.entry, link.exp, 0, 0, link.group)
        record = self.records[at]
        if 0 < record.starts < link.starts:
            self.records[at] = replace(record, starts=record.starts + 1)
            return
        need(record.used < link.count, "uses-spent")
        self.records[at] = replace(record, used=record.used + 1, starts=1)

    def _place(self, floor):
        if len(self.records) < LIMIT["use-records"]:
            self.records.append(None)
            return len(self.records) - 1
        ended = [i for i, each in enumerate(self.records) if each.exp <= floor]
        need(ended, "table-full")
        at = min(ended, key=lambda i: self.records[i].exp)
        gone = self.records[at]
        self.lost[gone.group] = max(self.lost[gone.group], gone.exp)
        return at

    def confirmed(self, counted):
        """The table with the newest uses of these links confirmed."""
        names = {(each.tag, each.entry) for each in counted}
        records = [replace(each, starts=0) if (each.tag, each.entry) in names else each for each in self.records]
        return Table(records, self.lost)

    def wiped(self):
        """What section 18.7 leaves."""
        records = [each for each in self.records if each.group != OWNERS]
        return Table(records, dict(self.lost, **{OWNERS: 0}))
