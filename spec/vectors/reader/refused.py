"""A refusal, by its name in registry/reasons.csv, and the numbers of the registries."""

import csv
import os

SPEC = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))


class Refused(Exception):
    """An input is refused; reason is a name of registry/reasons.csv or registry/status-words.csv."""

    def __init__(self, reason, why=""):
        super().__init__(f"{reason}: {why}" if why else reason)
        self.reason = reason


def need(condition, reason, why=""):
    """Refuses where the condition does not hold."""
    if not condition:
        raise Refused(reason, why)


def table(name, status="active"):
    """The rows {name: value} of a registry that have this status; None for every status."""
    with open(os.path.join(SPEC, "registry", name + ".csv"), newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["name"]: int(row["value"], 0) for row in rows if status in (None, row["status"])}


REASON = table("reasons")
REASON_NAME = {value: name for name, value in REASON.items()}
STATUS_NAME = {value: name for name, value in table("status-words").items()}
LIMIT = table("limits")
