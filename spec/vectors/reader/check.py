#!/usr/bin/python3
"""Checks the test vectors: python3 spec/vectors/reader/check.py [--flip [N]] [--vectors DIR] [area ...]

Written from the chapters and from vectors/README.md.  It verifies every test
of every area of index.json, names each that differs, and ends with status 1
where one does.  With --flip it changes a digit, a number or a boolean in N places of
each valid test and of what each group's tests share, one at a time, and demands
that the test then differs, or one of the group.
"""

import argparse
import hashlib
import importlib
import json
import multiprocessing
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from refused import REASON, STATUS_NAME, Refused  # noqa: E402

META = ("tcId", "comment", "flags", "result", "reason", "twin")
REASONS = set(REASON) | set(STATUS_NAME.values())


def differences(area, params, test):
    """What is wrong with a test; nothing where it holds."""
    try:
        made = area.outcome(params, test)
    except Refused as fault:
        made = {"reason": fault.reason}
    except Exception as fault:  # a field that is not of the form that README.md gives
        return [f"cannot be read: {type(fault).__name__}: {fault}"]
    found = []
    if (test["result"] == "invalid") != ("reason" in test) or test.get("reason", "malformed") not in REASONS:
        found.append("result and reason do not go together")
    if made.get("reason") != test.get("reason"):
        found.append(f"reason is {made.get('reason')}, not {test.get('reason')}")
        if "reason" in made and len(made) == 1:
            return found
    for name, value in made.items():
        if name != "reason" and not same(value, test.get(name)):
            found.append(f"{name} is {short(value)}, not {short(test.get(name))}")
    return found


def same(one, other):
    """Equality of JSON values, in which true is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def short(value):
    text = json.dumps(value)
    return text if len(text) <= 300 else text[:140] + " ... " + text[-140:]


def leaves(value, path=()):
    """Paths of all digits, numbers and booleans: of a string one path for each digit."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, path + (name,))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from leaves(each, path + (place,))
    elif isinstance(value, str):
        yield from (path + (at,) for at, digit in enumerate(value) if digit in "0123456789abcdef")
    elif value is not None:
        yield path


def flipped(value, path):
    """A copy of value with the leaf at path changed."""
    if not path:
        return (not value) if isinstance(value, bool) else value ^ 1
    if isinstance(value, str):
        at = path[0]
        return value[:at] + f"{int(value[at], 16) ^ 1:x}" + value[at + 1 :]
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = flipped(copy[path[0]], path[1:])
    return copy


def spread(paths, count, seed):
    """count of the paths, spread evenly, not the same ones in every test."""
    if len(paths) <= count:
        return paths
    return [paths[(i * len(paths) + seed * 7919 % len(paths)) // count % len(paths)] for i in range(count)]


def exempt_of(area):
    return getattr(area, "exempt", lambda params, test, path: False)


def flips(area, params, test, count):
    """Tries changes of a valid test; gives the number tried and those that nobody noticed."""
    fields = {name: each for name, each in test.items() if name not in META}
    paths = [path for path in leaves(fields) if not exempt_of(area)(params, test, path)]
    unnoticed = []
    chosen = spread(paths, count, test["tcId"])
    for path in chosen:
        if not differences(area, params, dict(flipped(fields, path), **{name: test[name] for name in META if name in test})):
            unnoticed.append(path)
    return len(chosen), unnoticed


def group_flips(area, group, count):
    """Tries changes of what the tests of a group share: one of them at least has to notice."""
    params, tests = group.get("params", {}), group["tests"]
    paths = [path for path in leaves(params) if not exempt_of(area)(params, None, path)]
    unnoticed = []
    chosen = spread(paths, count, tests[0]["tcId"])
    for path in chosen:
        other = flipped(params, path)
        if not any(differences(area, other, test) for test in tests):
            unnoticed.append(path)
    return len(chosen), unnoticed


def check_part(job):
    """Every workers-th test of an area; gives counts and what was found."""
    name, path, part, workers, count = job
    begin = time.perf_counter()
    area = importlib.import_module("areas." + name)
    with open(path, "rb") as file:
        groups = json.load(file)["groups"]
    tests = [(group.get("params", {}), test) for group in groups for test in group["tests"]]
    found, tried, noticed = [], 0, 0

    def changes(number, comment, result):
        nonlocal tried, noticed
        tried, noticed = tried + result[0], noticed + result[0] - len(result[1])
        for path in result[1]:
            found.append((name, number, comment, f"a change at {'/'.join(map(str, path))} goes unnoticed"))

    for params, test in tests[part::workers]:
        found += [(name, test["tcId"], test["comment"], each) for each in differences(area, params, test)]
        if count and test["result"] == "valid":
            changes(test["tcId"], test["comment"], flips(area, params, test, count))
    for group in groups[part::workers] if count else ():
        changes("group", group["comment"], group_flips(area, group, count))
    return name, found, tried, noticed, time.perf_counter() - begin


def check_file(vectors, entry):
    """What of an area's file does not agree with the index."""
    path = os.path.join(vectors, entry["file"])
    with open(path, "rb") as file:
        data = file.read()
    found = []
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        found.append("SHA-256 is not that of the index")
    try:
        content = json.loads(data)
    except ValueError as fault:
        return found + [f"is no JSON: {fault}"]
    tests = [test for group in content["groups"] for test in group["tests"]]
    counts = {result: sum(test["result"] == result for test in tests) for result in ("valid", "invalid")}
    if dict(counts, tests=len(tests)) != {name: entry[name] for name in ("tests", "valid", "invalid")}:
        found.append("other counts than the index says")
    by_id = {test["tcId"]: test for test in tests}
    if len(by_id) != len(tests):
        found.append("a tcId stands twice")
    if not all(flag in content["notes"] for test in tests for flag in test["flags"]):
        found.append("a flag without a note")
    if not all(by_id.get(test.get("twin", test["tcId"])) for test in tests):
        found.append("a twin that is not there")
    if any(by_id[test["twin"]]["result"] != "valid" for test in tests if "twin" in test):
        found.append("a twin that is not valid")
    if content["area"] != entry["area"] or content["schema"] != entry["schema"] or content["version"] != 1:
        found.append("area, schema or version are not those of the index")
    return found


def file_flips(vectors, entry, count):
    """Changes a byte of the file in count places: the SHA-256 must tell."""
    with open(os.path.join(vectors, entry["file"]), "rb") as file:
        data = bytearray(file.read())
    noticed = 0
    for i in range(count):
        at = i * len(data) // count
        data[at] ^= 1
        noticed += hashlib.sha256(data).hexdigest() != entry["sha256"]
        data[at] ^= 1
    return count, noticed


def main():
    parser = argparse.ArgumentParser(description="checks the test vectors of the standard")
    parser.add_argument("--flip", type=int, default=0, metavar="N", help="places to change in each valid test")
    parser.add_argument("--vectors", default=os.path.dirname(HERE), help="folder with index.json")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("areas", nargs="*", help="areas to check; all where none is named")
    options = parser.parse_args()

    with open(os.path.join(options.vectors, "index.json"), "rb") as file:
        index = {entry["area"]: entry for entry in json.load(file)["areas"]}
    unknown = [name for name in options.areas if name not in index]
    if unknown:
        parser.error(f"the index has no area {', '.join(unknown)}; it has {', '.join(index)}")
    names = options.areas or list(index)

    begin = time.perf_counter()
    found, rows = [], {name: [0, 0, 0.0] for name in names}
    jobs = []
    for name in names:
        entry = index[name]
        found += [(name, "-", "file", each) for each in check_file(options.vectors, entry)]
        if options.flip:
            tried, noticed = file_flips(options.vectors, entry, 8)
            rows[name][0], rows[name][1] = tried, noticed
            if tried != noticed:
                found.append((name, "-", "file", "a change of the file goes unnoticed"))
        if not os.path.exists(os.path.join(HERE, "areas", name + ".py")):
            found.append((name, "-", "area", "this reader has no module for it"))
            continue
        path = os.path.join(options.vectors, entry["file"])
        jobs += [(name, path, part, options.jobs, options.flip) for part in range(options.jobs)]
    with multiprocessing.Pool(options.jobs) as pool:
        for name, part, tried, noticed, seconds in pool.imap_unordered(check_part, jobs):
            found += part
            row = rows[name]
            row[0], row[1], row[2] = row[0] + tried, row[1] + noticed, row[2] + seconds

    for name, number, comment, what in sorted(found, key=lambda each: (each[0], str(each[1]))):
        print(f"{name} {number} ({comment}): {what}")
    report(names, index, rows, found, options.flip)
    print(f"{len(found)} differences, {time.perf_counter() - begin:.1f} s with {options.jobs} processes")
    return 1 if found else 0


def report(names, index, rows, found, flip):
    heading = f"{'area':12}{'tests':>7}{'valid':>7}{'invalid':>9}{'differ':>8}{'seconds':>9}"
    print(heading + (f"{'changes':>9}{'noticed':>9}" if flip else ""))
    total = [0] * 4 + [0.0, 0, 0]
    for name in names:
        entry, row = index[name], rows[name]
        differ = len({each[1] for each in found if each[0] == name})
        line = [entry["tests"], entry["valid"], entry["invalid"], differ, row[2], row[0], row[1]]
        total = [one + other for one, other in zip(total, line)]
        print(table_row(name, line, flip))
    print(table_row("all", total, flip))


def table_row(name, line, flip):
    text = f"{name:12}{line[0]:7}{line[1]:7}{line[2]:9}{line[3]:8}{line[4]:9.2f}"
    return text + (f"{line[5]:9}{line[6]:9}" if flip else "")


if __name__ == "__main__":
    sys.exit(main())
