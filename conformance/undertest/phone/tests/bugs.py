#!/usr/bin/python3
"""Phones with one bug each: bugs.py POSTERN runs the suite on each and demands that it fails at the requirement that the table names.

bugs.py POSTERN NAME... takes these alone, bugs.py -l lists them, bugs.py -m NAME FOLDER makes one there, for a look at the report."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

PHONE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.normpath(os.path.join(PHONE, "..", "..", ".."))
PARTS = ("conformance/undertest/phone", "conformance/shims/python", "spec/vectors/reader", "spec/registry")

# name: requirement, file, find, replace, what it does
BUGS = {
    "any-box": ("PST-PHN-007#5", "tap.py", 'check(self.wish.lock in (None, made.lock), "lock-identity")', "", "opens another box than the one chosen"),
    "downgrade": ("PST-PHN-007#4", "tap.py", 'check(made.version >= self.wallet.known(made.lock).version, "downgrade")', "", "takes an older version than it saw of this lock"),
    "other-lock": ("PST-PHN-010#4", "tap.py", 'check(certificate.lock == selected.lock, "lock-identity")', "", "takes the certificate of another lock"),
    "unproved": ("PST-PHN-010#6", "tap.py", 'check(handshake.proves(certificate), "possession")', "handshake.proves(certificate)", "does not verify the signature of message_2"),
    "any-maker": ("PST-OBJ-033#4", "wallet.py", "if maker and self._trusts(maker)", "if maker", "relies on manufacturers' certificates that it did not verify"),
    "hasty": ("PST-PHN-001", "tap.py", "self.card.extended = made.can", "self.wallet.keep(made.lock).version = made.version\n        self.card.extended = made.can",
              "remembers the version of a lock that has proved nothing"),
    "opened": ("PST-PHN-021", "tap.py", '"unconfirmed" if fault.late', '"opened" if fault.late', "says opened where nobody said so"),
    "repeats": ("PST-PHN-022#8", "asking.py", "if not fault.handed:", "if True:", "repeats an opening whose answer was lost"),
    "stubborn": ("PST-PHN-022#9", "tap.py", 'asking.denied()\n            raise Fault("status-word") from None', "self._link_lost()", "repeats an opening that a status word answered"),
    "sure": ("PST-PHN-020#7", "tap.py", "self.doubt = asking.request.acts", "self.doubt = False", "says refused though RESUME may have opened"),
    "old-token": ("PST-PHN-035", "tap.py", "data = self.live(selected.nonce)\n", "data = self.wallet.token = self.live(selected.nonce) or self.wallet.token\n"
                  '        return Document(0, cbor.decode(data), objects.read(data, "time-token"))\n', "sends the live token of another tap where it has no network"),
    "forgetful": ("PST-PHN-036", "wallet.py", 'if reason == REASON["superseded"] or', 'if True or', "takes every document as held that was judged"),
    "disorder": ("PST-PHN-032", "wallet.py", "return sorted(documents, key=place)", "return documents", "hands documents over as they come"),
    "headstrong": ("PST-PHN-038", "asking.py", "if self.wish.setup and self.known.doubtful:", "if False:", "sends the proof again before it asks whose the lock is"),
    "same-secret": ("PST-RES-012#3", "asking.py", "                self.slot.step()", "                pass", "resumes with the same secret again"),
    "same-nonce": ("PST-RES-013#2", "tap.py", 'selected.lock).slots[self.credential.name], random(LIMIT["resumption-id-bytes"])', "selected.lock).slots[self.credential.name], bytes(8)",
                   "resumes with the same nonce again"),
    "presumes": ("PST-APDU-006", "asking.py", 'bool(self.exporter) and self.selected.can("resumption")', "bool(self.exporter)", "asks for a slot where there are none"),
    "no-le": ("PST-APDU-030", "card.py", '+ links[-1] + b"\\x00"', "+ links[-1]", "puts no Le into short commands"),
    "any-reader": ("PST-RDR-014", "presented.py", 'need(self.wish.lock or self.wish.operation not in OPENS, "refused", "no lock was chosen")', "",
                   "opens for a reader that comes by"),
    "one-hash": ("PST-RDR-013", "presented.py", "select_command = SELECT_COMMAND[:5] + AID_R + SELECT_COMMAND[-1:]", "select_command = SELECT_COMMAND",
                 "says by binding R what is good by binding L"),
    "any-receipt": ("PST-LOG-017", "asking.py", "return data if signed and receipt.lock == certificate.lock else None", "return data", "passes on receipts that are not the lock's"),
    "anybodys": ("PST-PASS-006", "wallet.py", 'need(grant.cnf == self.signer.public, "possession", "the grant is for another key")', "", "takes a pass for another key"),
    "upset": ("PST-PASS-005", "passing.py", "        return REASON[fault.reason]", "        wallet.credential = wallet.bare\n        return REASON[fault.reason]",
              "has no right any more when it has refused a pass"),
    "gullible": ("PST-PASS-007", "wallet.py", "        self.credential = credential\n", "        self.credential = credential\n        self.makers += [each for each in map(self._authority, authorities) if each]\n",
                 "trusts the manufacturers whose certificates come by a pass"),
    "tidy": ("PST-PASS-009", "passing.py", 'passes.of_link("pass-link", link)', 'passes.of_link("pass-link", link.strip().rstrip("="))', "takes links with padding"),
}


def make(name, folder):
    """The phone with this bug, in a copy of what it needs."""
    _, file, find, replace, _ = BUGS[name]
    for part in PARTS:
        shutil.copytree(os.path.join(ROOT, part), os.path.join(folder, part), ignore=shutil.ignore_patterns("__pycache__"))
    path = os.path.join(folder, PARTS[0], file)
    with open(path, encoding="utf-8") as source:
        text = source.read()
    if text.count(find) != 1:
        sys.exit(f"{name}: its place occurs {text.count(find)} times in {file}, it has to occur once")
    with open(path, "w", encoding="utf-8") as source:
        source.write(text.replace(find, replace))
    return os.path.join(folder, PARTS[0], "phone.py")


def seen(postern, name):
    """What the suite says of the first case that fails and cites the requirement; None where none does."""
    requirement = BUGS[name][0]
    with tempfile.TemporaryDirectory() as folder:
        target, report = f"exec:{sys.executable} {make(name, folder)}", os.path.join(folder, "report.json")
        command = [postern, "run", "--role", "app", "--target", target, "--requirement", requirement, "--report", report, "--patience", "60s"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        results = []
        if done.returncode == 1:  # does not conform; anything else is not about the product
            with open(report, encoding="utf-8") as file:
                results = json.load(file)["results"]
    for result in results:
        cited = any(each == requirement or each.startswith(requirement + "#") for each in result["requirements"])
        if result["verdict"] == "FAIL" and cited:
            return f"{result['case']}: {result['message']}"
    print(done.stdout[-2000:], done.stderr[-2000:], sep="\n")
    return None


def main(arguments):
    if arguments == ["-l"]:
        for name, (requirement, _, _, _, what) in BUGS.items():
            print(f"{name:13}{requirement:15}{what}")
        return 0
    if len(arguments) == 3 and arguments[0] == "-m":
        print(make(*arguments[1:]))
        return 0
    if not arguments:
        sys.exit(__doc__)
    unseen = 0
    for name in arguments[1:] or BUGS:
        said = seen(os.path.abspath(arguments[0]), name)
        print(f"{name:13}{BUGS[name][0]:15}{said or 'NOT SEEN'}", flush=True)
        unseen += said is None
    return int(unseen > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
