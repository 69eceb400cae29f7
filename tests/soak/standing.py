"""A gateway of the real binary in front of a simulator, and what the system says of its process."""
import json
import os
import pathlib
import re
import ssl
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "sdk"))
from programs import Program, Simulator  # noqa: E402 (it stands beside this folder)

KEY = "soak-key-not-a-secret"
APP_ID, APP_KEY = "assistant", "assistant-app-key-which-is-no-secret"


class Standing:
    """Starts both, and stops them."""

    def __init__(self, binary):
        self.temporary = tempfile.TemporaryDirectory()
        folder = self.temporary.name
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem", "-days", "2", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1"],
            check=True, capture_output=True)
        self.tls = ssl.create_default_context(cafile=f"{folder}/certificate.pem")
        self.simulator = Simulator(binary)
        env = {"SOAK_FOLDER": folder, "SOAK_UPSTREAM": self.simulator.url}
        # The log says where it listens at this level only.
        arguments = ["serve", "--config", str(HERE / "gateway.yaml"), "--set", "telemetry.log.level=warn,meeting_gateway::gateway=info"]
        self.gateway = Program(binary, arguments, env, "stderr")
        self.ports = {}
        while len(self.ports) < 2:
            tls, port = self.gateway.wait_for(told_port)
            self.ports[tls] = port
        self.pid = self.gateway.process.pid

    def measured(self):
        """Memory of its own in KiB (resident, without what is mapped from files), open files, threads."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        number = lambda name: int(re.search(rf"^{name}:\s+(\d+)", status, re.M)[1])
        return number("RssAnon"), len(os.listdir(f"/proc/{self.pid}/fd")), number("Threads")

    def close(self):
        """Stops both; the gateway must end well and must not have panicked."""
        self.gateway.stop()
        self.simulator.stop()
        self.temporary.cleanup()
        said = list(self.gateway.told)
        while not self.gateway.lines.empty():
            said.append(self.gateway.lines.get() or "")
        assert self.gateway.process.returncode == 0, self.gateway.process.returncode
        assert not any("panicked" in line for line in said), said


def told_port(line):
    entry = json.loads(line)
    fields = entry.get("fields", entry)
    if fields.get("message") != "listening":
        return None
    return bool(fields.get("tls")), int(fields["address"].rsplit(":", 1)[1])
