"""What the suite says of Clock's broken builds: suite.py POSTERN [BUG...]; without a bug all of bugs.py.

Of each it demands: exit status 1; a failing case that cites the requirement which the bug breaks and came as far as
to show it; and that what is printed of it names the requirement's sentence, the exchange, the command that repeats
the case, and the cause, in the words beside the bug here. The bugs of WHOLE meet every case; for the others the
cases of their requirement are enough."""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import bugs

WHOLE = ("late-exp", "great-s", "drive-first")

# bug: what was tried, and what came of it. Both stand in the lines of one failing case, in this order.
CAUSE = {
    "short-aid": ("SELECT of the AID without its last byte", "with the fault: 9000 ok, where 6A82 not-found is right"),
    "other-p1": ("an open chain is met by another P1", "with the fault: 6982 refused, where 6883 chain-expected is right"),
    "order-kept": ("HANDSHAKE-1 with P1 02 and P2 00", "the transaction must have ended: HANDSHAKE-1: 9000 ok, where 6985"),
    "same-nonce": ("each SELECT draws a nonce of its own", "came twice"),
    "small-order": ("the key is the neutral point", "document: none, where document: malformed is right"),
    "drive-first": ("an opening is done wholly or not at all", "the bolt was driven, and no entry of the opening is in the log"),
    "great-s": ("S of the signature is not below L", "with the fault: opened, where 6982 refused is right"),
    "no-aad": ("a vacant lock takes the owner", "commissioning: 6982 refused, where done is right", "the lock refused last with possession", "TH_3 = "),
    "late-exp": ("exp at the floor", "with the fault: opened, where refused: expired is right"),
    "first-entry": ("entries with the faults target and action", "with the fault: refused: target, where refused: action is right"),
    "talks": ("the bare key is a stranger's", "with the fault: 6A82 not-found, where 6982 refused is right"),
    "old-slot": ("with the next secret", "a resumed opening: 6982 refused", "the lock refused last with resumption"),
    "denied-tag": ("a guest's grant", "with the fault: opened, where refused: denied is right"),
    "reset-low": ("not below what manufacture gave", "the answer tells the floor"),
    "spent": ("one more", "with the fault: opened, where refused: uses-spent is right"),
    "proof": ("a proof whose first bit differs", "with the fault: done, where 6982 refused is right"),
    "torn": ("at whatever operation of the memory the power goes", "silence, where opened or unconfirmed is right", "torn half"),
    "shown-number": ("the sequence number of the log is told to the owner alone", "PST-REQ-009: the state tells a guest the sequence number"),
}


def said(block, requirement, cause):
    """Whether a failing case, as it is printed, says all that its reader needs."""
    at = 0
    for part in cause:
        at = block.find(part, at) + 1
        if at == 0:
            return False
    return all(re.search(p, block, re.M) for p in (
        rf"^  {requirement} \(section [0-9.]+\): .* MUST ", r"^    > [0-9a-f]{10,}  ", r"^  again: postern run --target '.*' --case LOCK-[A-Z]+-\d{3} --seed 1$"))


def judge(postern, name):
    requirement = bugs.BUGS[name][0]
    with tempfile.TemporaryDirectory() as folder:
        clock = os.path.join(bugs.build(name, folder, "b/sane/clock"), "b", "sane", "clock")
        only = [] if name in WHOLE else ["--requirement", requirement + "*"]
        run = subprocess.run([postern, "run", "--target", "exec:" + clock, *only], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    blocks = re.findall(r"^FAIL .*?(?=\n\n)", run.stdout, re.M | re.S)
    cites = [b for b in blocks if re.search(rf"^  {requirement} \(section ", b, re.M)]
    good = [b for b in cites if said(b, requirement, CAUSE[name])]
    ok = run.returncode == 1 and good and "does not conform" in run.stdout
    told = [f"{name:14}{requirement}  exit {run.returncode}, {len(blocks)} failing cases printed, {len(cites)} of them cite it" + ("" if ok else ": NOT AS IT SHOULD BE")]
    if not ok or name in WHOLE:
        told += ["    " + line[:200] for line in (good or cites or blocks or [run.stdout])[0].splitlines()[:8]]
    print("\n".join(told), flush=True)
    return ok


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    names = sys.argv[2:] or list(bugs.BUGS)
    with ThreadPoolExecutor(2) as pool:
        wrong = [name for name, ok in zip(names, pool.map(lambda name: judge(os.path.abspath(sys.argv[1]), name), names)) if not ok]
    sys.exit(f"the suite does not say enough of: {', '.join(wrong)}" if wrong else 0)
