"""What a grant allows here and now: section 7.7, with evidence and schedules of chapter 16."""

from objects import ACTION, CONDITION
from refused import LIMIT, need, table

EVIDENCE = table("evidence")
OPERATION = table("operations")
ACTION_OF = {OPERATION[name]: ACTION[name] for name in ("open", "deliver", "collect", "return", "service", "read-log")}
OPENS = {OPERATION[name] for name in ("open", "deliver", "collect", "return", "service")}
TARGET = table("targets")


class Evidence:
    """How well the lock knows the time: level is of registry/evidence.csv."""

    def __init__(self, level, time=None, offset=0):
        self.level, self.time, self.offset = level, time, offset

    def proven(self, floor):
        """The latest proven time, section 16.2."""
        return max(floor, self.time) if self.level >= EVIDENCE["live"] else floor

    def logged(self, floor):
        return floor if self.time is None else self.time


def evidence(clock, token, seconds, floor):
    """The evidence in force; clock is (time, offset) or None, token what was taken last."""
    if clock and clock[0] >= floor:
        return Evidence(EVIDENCE["clock"], *clock)
    if token and token.nonce is not None and seconds <= LIMIT["live-seconds"]:
        return Evidence(EVIDENCE["live"], token.iat, token.offset)
    if token and token.iat >= floor:
        return Evidence(EVIDENCE["stated"], token.iat, token.offset)
    return Evidence(EVIDENCE["floor"])


def in_schedule(windows, known):
    """True where the time of the evidence lies in a schedule, section 16.4."""
    local = known.time + 60 * known.offset
    if local < 0:
        return False
    day, minute = (local // 86400 + 3) % 7, local % 86400 // 60
    return any(days >> day & 1 and start <= minute < end for days, start, end in windows)


class Asked:
    """What is asked: an operation at a compartment of a lock that knows the time so well."""

    def __init__(self, lock, operation, resource, known, floor):
        self.lock, self.operation, self.resource = lock, operation, resource
        self.known, self.floor = known, floor
        self.action = ACTION_OF.get(operation)


def judge_link(link, below, asked, certificate=None):
    """The entry that decides; below is the number of links that hang below this one."""
    proven = asked.known.proven(asked.floor)
    need(certificate is None or proven < certificate.exp, "authority-expired")
    need(proven < link.exp, "expired")
    need(link.nbf is None or proven >= link.nbf, "not-yet-valid")
    furthest = (-1, None)
    for place, entry in enumerate(link.entries):
        fault = _entry_fault(entry, below, asked)
        if fault is None:
            return place, entry
        if fault[0] > furthest[0]:
            furthest = fault
    need(False, furthest[1])


def matches(entry, lock):
    """Whether an entry matches a lock, section 4.8."""
    if entry.kind == TARGET["lock"]:
        return entry.target == lock.id
    if entry.kind == TARGET["area"]:
        return bool(lock.area) and lock.area.startswith(entry.target)
    return False


def _entry_fault(entry, below, asked):
    """The number and the reason of the first check that an entry fails; None where it fails none."""
    lock, known = asked.lock, asked.known
    schedule = entry.condition("schedule")
    least = entry.condition("evidence", EVIDENCE["live"] if schedule else 0)
    acts = asked.action is not None
    checks = (
        (matches(entry, lock), "target"),
        (not acts or entry.actions & asked.action, "action"),
        (entry.condition("delegation", 0) >= below, "delegation"),
        (not acts or entry.condition("resource", asked.resource) == asked.resource, "resource"),
        (set(entry.conditions) <= lock.conditions, "condition-unknown"),
        (entry.condition("policy", 0) <= lock.policy_version, "policy-version"),
        (not acts or known.level >= least, "evidence"),
        (not acts or schedule is None or (known.time is not None and in_schedule(schedule, known)), "hours"),
    )
    return next(((number, reason) for number, (good, reason) in enumerate(checks) if not good), None)


ALL_CONDITIONS = frozenset(CONDITION.values())
