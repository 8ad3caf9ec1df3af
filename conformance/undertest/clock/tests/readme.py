"""Goes the first steps of README.md with the tool: readme.py POSTERN. The lock of its C block builds without a warning,
the rig is found good, and every case of the area fails by the lock's own fault."""

import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHIM = os.path.join(HERE, "..", "..", "shims", "c")


def run(*command):
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    return p.returncode, p.stdout


text = open(os.path.join(HERE, "README.md")).read()
with tempfile.TemporaryDirectory() as folder:
    source, first = os.path.join(folder, "first.c"), os.path.join(folder, "first")
    with open(source, "w") as f:
        f.write(re.search(r"```c\n(.*?)```", text, re.S)[1])
    assert run("cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-I", SHIM, "-o", first, source) == (0, ""), "first.c"
    status, out = run(sys.argv[1], "doctor", "--target", "exec:" + first)
    assert status == 0 and "First" in out, out
    status, out = run(sys.argv[1], "run", "--target", "exec:" + first, "--area", "SELECT")
    assert status == 1 and "6D00" in out and "does not conform" in out, out
    for id in re.findall(r"postern explain (LOCK-[A-Z]+-\d+)", text):
        status, out = run(sys.argv[1], "explain", id)
        assert status == 0, out
print("readme: the first lock builds, the rig is good, and the lock is told what it lacks")
