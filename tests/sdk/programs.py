"""The programs under test: a simulator and gateways in front of it, each a process of the real binary."""
import json
import os
import pathlib
import queue
import secrets
import subprocess
import tempfile
import threading
import urllib.request

HERE = pathlib.Path(__file__).parent
START_SECONDS = 20


class Program:
    """A started program whose stderr or stdout tells where it listens."""

    def __init__(self, binary, arguments, env, stream):
        self.process = subprocess.Popen(
            [binary, *arguments], env={**os.environ, **env}, text=True,
            stdout=subprocess.PIPE if stream == "stdout" else subprocess.DEVNULL,
            stderr=subprocess.PIPE if stream == "stderr" else subprocess.DEVNULL)
        self.lines = queue.Queue()
        self.told = []
        threading.Thread(target=self._read, args=(getattr(self.process, stream),), daemon=True).start()

    def _read(self, pipe):
        for line in pipe:
            self.lines.put(line)
        self.lines.put(None)

    def wait_for(self, wanted):
        """The first thing that `wanted` finds in a line."""
        while True:
            line = self.lines.get(timeout=START_SECONDS)
            if line is None:
                raise AssertionError("the program ended:\n" + "".join(self.told))
            self.told.append(line)
            if found := wanted(line):
                return found

    def stop(self):
        self.process.terminate()
        self.process.wait(START_SECONDS)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()


class Simulator(Program):
    """The pretend upstream, with its control endpoint."""

    def __init__(self, binary):
        super().__init__(binary, ["simulate", "--listen", "127.0.0.1:0"], {}, "stdout")
        self.url = self.wait_for(lambda line: line.strip() if line.startswith("http://") else None)

    def control(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}/_simulator/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def take_seen(self):
        """The requests that arrived since this was asked last, sign-ins apart."""
        return [entry for entry in self.control("DELETE", "seen") if "/usg/acs/" not in entry["path"]]

    def meeting(self, conference_id):
        """The meeting as it is held upstream, or nothing."""
        found = [one for one in self.control("GET", "meetings") if one["conferenceID"] == conference_id]
        return found[0] if found else None

    def let_run(self, conference_id):
        self.control("POST", "meetings", {"conferenceID": conference_id, "started": True})

    def let_end(self, conference_id):
        self.control("POST", "meetings", {"conferenceID": conference_id, "ended": True})

    def fault(self, fault):
        """Lets the next operation go wrong in this way."""
        self.control("POST", "faults", {"fault": fault})


class Gateway(Program):
    """The gateway, over TLS; its audit log is a file."""

    def __init__(self, binary, folder, upstream, **env):
        self.audit = pathlib.Path(folder, f"audit-{secrets.token_hex(4)}.jsonl")
        env = {"SDK_TEST_FOLDER": folder, "SDK_TEST_AUDIT": str(self.audit), "SDK_TEST_UPSTREAM": upstream,
               "SDK_TEST_TOKEN_KEY": secrets.token_hex(32), **env}
        super().__init__(binary, ["serve", "--config", str(HERE / "gateway.yaml")], env, "stderr")
        self.endpoint = "https://" + self.wait_for(tls_address)

    def audit_lines(self):
        """What the audit log holds of requests; complete once the program has stopped."""
        lines = [json.loads(line) for line in self.audit.read_text().splitlines()]
        return [line for line in lines if "event" not in line]


def tls_address(line):
    entry = json.loads(line)
    fields = entry.get("fields", entry)
    return fields.get("address") if fields.get("message") == "listening" and fields.get("tls") else None


class Stand:
    """What all tests share: a certificate, a simulator, a gateway."""

    def __init__(self, binary):
        self.binary = binary
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{self.folder}/key.pem", "-out",
             f"{self.folder}/certificate.pem", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
            check=True, capture_output=True)
        self.simulator = Simulator(binary)
        self.gateway = self.another_gateway()

    def another_gateway(self, **env):
        return Gateway(self.binary, self.folder, self.simulator.url, **env)

    def close(self):
        self.gateway.stop()
        self.simulator.stop()
        self.temporary.cleanup()
