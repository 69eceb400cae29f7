"""Processes that end with the test, ports that are free, and waiting for things to come about."""
import json
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))

from processes import PATIENCE_SECONDS, Ended, ask, until


def lasts(seconds, since=None):
    """What is measured goes on until so long after a moment, or from now on."""
    time.sleep(max(0, (since or time.monotonic()) + seconds - time.monotonic()))


class Ports:
    """Ports that nobody listens on. None of those that the system takes for outgoing connections: a part that is started again
    must find its port free."""

    given = set()

    @classmethod
    def free(cls):
        first = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
        while True:
            port = random.randrange(min(10000, first - 5000), first)
            if port in cls.given:
                continue
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            cls.given.add(port)
            return port


class Part:
    """A process whose output goes to a file, `NAME.log`; it can be ended and started again."""

    started = []

    def __init__(self, folder, name, arguments):
        self.folder, self.name, self.process = pathlib.Path(folder), name, None
        self.arguments = [str(argument) for argument in arguments]
        self.log = self.folder / f"{name}.log"
        Part.started.append(self)

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder)
        return self

    def told(self):
        return self.log.read_text(errors="replace")

    def still_runs(self):
        if self.process.poll() is not None:
            raise Ended(f"{self.name} ended with {self.process.returncode}:\n{self.told()[-4000:]}")
        return True

    def send(self, signal_number):
        self.process.send_signal(signal_number)

    def end(self, how=signal.SIGTERM):
        """Ends it, if it still runs, and gives its exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"{self.name} did not end:\n{self.told()[-4000:]}") from None
        return self.process.returncode

    @classmethod
    def end_all(cls):
        """At once, also those that were stopped."""
        for part in reversed(cls.started):
            part.end(signal.SIGKILL)
        cls.started.clear()


class Simulator(Part):
    """The pretend upstream, with its control endpoint."""

    def __init__(self, folder, binary):
        self.url = f"http://127.0.0.1:{(port := Ports.free())}"
        super().__init__(folder, "simulator", [binary, "simulate", "--listen", f"127.0.0.1:{port}"])
        self.start()
        until("the simulator answers", lambda: self.still_runs() and self.control("GET", "meetings"))

    def control(self, method, path, order=None):
        status, _, answer = ask(f"{self.url}/_simulator/{path}", method, {}, json.dumps(order).encode() if order else None)
        assert status == 200, answer
        return json.loads(answer)

    def seen(self):
        return self.control("GET", "seen")

    def sign_ins(self):
        """How often somebody signed in."""
        return sum(one["path"] == "/v2/usg/acs/auth/appauth" for one in self.seen())

