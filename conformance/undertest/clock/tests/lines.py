"""Programs that answer line by line."""

import json
import subprocess


class Program:
    def __init__(self, *command):
        self.p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.p.stdin.write(line + "\n")
        self.p.stdin.flush()
        answer = self.p.stdout.readline()
        if not answer.endswith("\n"):
            raise SystemExit(f"the program died at: {line[:200]}")
        return answer[:-1]

    def close(self):
        self.p.stdin.close()
        if self.p.wait(timeout=20) != 0:
            raise SystemExit(f"the program ended with status {self.p.returncode}")


class Shim(Program):
    """A lock behind the shim protocol."""

    def __init__(self, *command):
        super().__init__(*command)
        self.id = 0

    def verb(self, verb, **members):
        self.id += 1
        answer = json.loads(self.ask(json.dumps({"id": self.id, "verb": verb, **members}, separators=(",", ":"))))
        if answer.get("id") != self.id or "ok" not in answer:
            raise SystemExit(f"{verb}: {answer}")
        return answer["ok"]

    def transceive(self, command):
        got = self.verb("transceive", apdu=command.hex())
        return None if got.get("silent") else bytes.fromhex(got["apdu"])
