"""Locks with one bug each. Without arguments: builds each and demands that the tests here see it. With a name and a file:
builds that one there, for a run of the suite, which has to fail at the requirement that the table names. -l lists them."""

import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))
SPEC = os.path.join(os.path.dirname(ROOT), "spec")

# name: requirement, file, find, replace, what it does
BUGS = {
    "short-aid": ("PST-APDU-013", "lock.c", "else if (!same(c->data, SPAN(aid_l))) sw", "else if (c->data.n > 9 || memcmp(c->data.p, aid_l, c->data.n) != 0) sw",
                  "is selected by a part of its AID"),
    "other-p1": ("PST-APDU-016", "apdu.c", "|| c.ins != l->ins || c.p1 != l->p1 ||", "|| c.ins != l->ins ||", "takes a link with another P1"),
    "order-kept": ("PST-APDU-034", "lock.c", "if (sw != SW_OK) end_transaction(l);\n    return sw;\n}\n\nsize_t lock_answer",
                   "if (sw != SW_OK && sw != SW_P1P2) end_transaction(l);\n    return sw;\n}\n\nsize_t lock_answer", "goes on after a wrong P1"),
    "same-nonce": ("PST-APDU-008", "lock.c", "put_32(rest + 8, ++l->draws);", "put_32(rest + 8, 1);\n    memset(raw, 7, sizeof raw);", "gives the same nonce again and again"),
    "small-order": ("PST-OBJ-010", "crypto.c", "if (memcmp(y, small_order[i], 32) == 0) return false;", "if (memcmp(y, small_order[i], 32) == 0) continue;",
                    "takes keys of small order"),
    "great-s": ("PST-OBJ-019", "crypto.c", "    bool ok = EVP_DigestVerify(c, signature.p, signature.n, message.p, message.n) == 1;",
                """    static const uint8_t l[32] = "\\xed\\xd3\\xf5\\x5c\\x1a\\x63\\x12\\x58\\xd6\\x9c\\xf7\\xa2\\xde\\xf9\\xde\\x14\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\x10";
    uint8_t b[64];
    memcpy(b, signature.p, 64);
    for (int i = 0, borrow = 0; b[63] >= 0x10 && i < 32; i++) {
        int d = b[32 + i] - l[i] - borrow;
        if (i == 31) { b[63] = (uint8_t)d; break; }
        b[32 + i] = (uint8_t)d;
        borrow = d < 0;
    }
    bool ok = EVP_DigestVerify(c, b, 64, message.p, message.n) == 1;""", "takes a signature whose S is L or more"),
    "no-aad": ("PST-CHAN-001", "exchange.c", "put_bytes(&a, SPAN(x->th_3));", "put_bytes(&a, NO_BYTES);", "opens message_3 without TH_3 as its additional data"),
    "drive-first": ("PST-DEC-021", "open.c", "if (!log_add(d, e) || !commit(l)) return;", "l->world.moves[q->resource]++;\n    if (!log_add(d, e) || !commit(l)) return;\n    l->world.moves[q->resource]--;",
                    "drives before the commit"),
    "late-exp": ("PST-DEC-037", "judge.c", "if (latest(now) >= o->exp)", "if (latest(now) > o->exp)", "takes a grant at its exp"),
    "first-entry": ("PST-DEC-018", "judge.c", "if (at > furthest) {", "if (furthest == 0) {", "names the first entry's fault, not the furthest"),
    "talks": ("PST-ERR-001", "decide.c", "return refuse(l, R_OWNER_UNKNOWN);\n    t->bare = c.bare;", "return l->refusal = R_OWNER_UNKNOWN, SW_NOT_FOUND;\n    t->bare = c.bare;",
              "says by its status word that a key is not the owner's"),
    "old-slot": ("PST-RES-010", "slots.c", "memcpy(s->secret, next, 32);", "if (s->left == 99) memcpy(s->secret, next, 32);", "keeps the secret of a slot"),
    "denied-tag": ("PST-OWN-031", "judge.c", "memcmp(p->denied.p + k, t->link[i].digest, TAG) == 0) return R_DENIED;",
                   "memcmp(p->denied.p + k, t->link[i].digest, TAG) == 0 && i > 0) return R_DENIED;", "does not deny the root's grant"),
    "reset-low": ("PST-OWN-011", "documents.c", "d->floor = later(o.iat, d->least_floor);", "d->floor = o.iat;", "lets the floor fall below what manufacture gave"),
    "spent": ("PST-USE-007", "judge.c", "if (r->used >= e->count) return R_USES_SPENT;", "if (r->used > e->count) return R_USES_SPENT;", "gives one use too many"),
    "proof": ("PST-COM-016", "owner.c", "equal_constant_time(mac, q->proof.p, SETUP)", "equal_constant_time(mac, q->proof.p, 0)", "takes any proof of the setup secret"),
    "torn": ("PST-MEM-002", "state.c", "if (memcmp(check, r.check, DIGEST) != 0 ||", "if ((r.number == 0 || r.number == UINT32_MAX) ||", "believes a root page that was half written"),
    "shown-number": ("PST-REQ-009", "request.c", "put_uint(w, l->tx.owners ? l->mem.sequence : 0);", "put_uint(w, l->mem.sequence);", "tells everybody how often others came"),
}


def build(name, folder, *parts):
    """Builds those parts of a broken lock, all without any."""
    requirement, file, find, replace, _ = BUGS[name]
    clock = os.path.join(folder, "undertest", "clock")
    shutil.copytree(HERE, clock, ignore=shutil.ignore_patterns("build", "__pycache__"))
    shutil.copytree(os.path.join(ROOT, "shims"), os.path.join(folder, "shims"))
    path = os.path.join(clock, file)
    text = open(path).read()
    if text.count(find) != 1:
        raise SystemExit(f"{name}: its place occurs {text.count(find)} times in {file}, it has to occur once")
    open(path, "w").write(text.replace(find, replace))
    subprocess.run(["make", "-s", "-C", clock, "BUILD=b", "SANE=", "CFLAGS=-O0", *(parts or ("b/sane/clock", "b/sane/probe", "b/sane/bench"))], check=True)
    return clock


def seen(clock):
    """The first of the tests that fails, None where all pass."""
    b = os.path.join(clock, "b", "sane")
    for test, *args in (["taps.py", b + "/clock"], ["edges.py", b + "/bench"], ["vectors.py", b, SPEC + "/vectors"]):
        p = subprocess.run([sys.executable, os.path.join(clock, "tests", test), *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if p.returncode != 0:
            return test


def main():
    if sys.argv[1:] == ["-l"]:
        for name, (requirement, _, _, _, what) in BUGS.items():
            print(f"{name:14}{requirement}  {what}")
    elif len(sys.argv) == 3:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(os.path.join(build(sys.argv[1], folder, "b/sane/clock"), "b", "sane", "clock"), sys.argv[2])
    else:
        unseen = 0
        for name, (requirement, *_) in BUGS.items():
            with tempfile.TemporaryDirectory() as folder:
                test = seen(build(name, folder))
                sys.stdout.flush()
            print(f"{name:14}{requirement}  " + (f"seen by {test}" if test else "NOT SEEN"))
            unseen += test is None
        sys.exit(unseen > 0)


if __name__ == "__main__":
    main()
