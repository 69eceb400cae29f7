"""The real parts, each a process that ends with the test: the gateway's demo, a collector, a Prometheus."""
import importlib.util
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import yaml

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))

from backend import Backend
from processes import PATIENCE_SECONDS, Ended, ask, port_of, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KEY = "demo-key-not-a-secret"
# The one that the simulator begins with.
MEETING = "914087436"
PATH = "/v1/mmc/management/cycleconferences"


class Part:
    """A process whose output goes to files."""

    started = []

    def __init__(self, folder, name, arguments, env=None):
        self.name, self.said = name, pathlib.Path(folder, f"{name}.out")
        self.errors = pathlib.Path(folder, f"{name}.err")
        with self.said.open("wb") as out, self.errors.open("wb") as err:
            self.process = subprocess.Popen([str(argument) for argument in arguments], stdout=out, stderr=err, cwd=folder,
                                            stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})
        Part.started.append(self)

    def told(self):
        return self.said.read_text(errors="replace") + self.errors.read_text(errors="replace")

    def find(self, pattern):
        """What a pattern finds in what was said so far."""
        self.still_runs()
        return re.search(pattern, self.told())

    def still_runs(self):
        if self.process.poll() is not None:
            raise Ended(f"{self.name} ended with {self.process.returncode}:\n{self.told()}")

    def listens(self, address):
        """The port that it listens on at an address of the loopback network."""
        self.still_runs()
        return port_of(self.process, address)

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"{self.name} did not end:\n{self.told()}") from None
        return self.process.returncode


class Collector(Part):
    """Rotel, as deploy/collector/rotel.env has it, but on free ports and for a backend of the test's own."""

    def __init__(self, folder, backend):
        package = pathlib.Path(importlib.util.find_spec("rotel").origin).parent
        shipped = dict(line.split("=", 1) for line in (DEPLOY / "collector/rotel.env").read_text().splitlines()
                       if line and not line.startswith("#"))
        # On two addresses, so that the ports can be told apart.
        places = {"ROTEL_OTLP_HTTP_ENDPOINT": "127.0.0.1:0", "ROTEL_OTLP_GRPC_ENDPOINT": "127.0.0.2:0",
                  "ROTEL_OTLP_EXPORTER_ENDPOINT": backend}
        assert set(places) <= set(shipped), shipped
        super().__init__(folder, "rotel", [package / "rotel-agent", "start", "--pid-file", f"{folder}/rotel.pid"], {**shipped, **places})
        self.url = f"http://127.0.0.1:{until('the collector listens', lambda: self.listens('127.0.0.1'))}"


class Gateway(Part):
    """What the two gateways have in common: `url`, `simulator`, `audit`."""

    def update(self, meeting=MEETING, headers=None, key=KEY, **more):
        """A change of a series, as an application sends it."""
        body = {"mediaTypes": "HDVideo", "startTime": "2099-03-04 09:00", "length": 45, "subject": "PRJ-17 Weekly",
                "cycleParams": {"startDate": "2099-03-04", "endDate": "2099-03-05", "cycle": "Day", "preRemindDays": 1}, **more}
        headers = {"content-type": "application/json", "x-access-token": key, **(headers or {})}
        return ask(f"{self.url}{PATH}?conferenceID={meeting}", "PUT", headers, json.dumps(body).encode())

    def upstream_fault(self, **order):
        status, _, answer = ask(f"{self.simulator}/_simulator/faults", "POST", {}, json.dumps(order).encode())
        assert status == 200, answer

    def end_all_tokens(self):
        """The upstream's, so that the gateway has to sign in anew."""
        ask(f"{self.simulator}/_simulator/kick", "POST")

    def forget_faults(self):
        ask(f"{self.simulator}/_simulator/faults", "DELETE")

    def audit_lines(self):
        return [json.loads(line) for line in self.audit.read_text().splitlines()]

    def log_lines(self):
        """The process log."""
        return [json.loads(line) for line in self.errors.read_text().splitlines() if line.startswith("{")]


class Demo(Gateway):
    """`meeting-gateway demo`, sending to a collector and keeping its audit log."""

    def __init__(self, folder, binary, collector):
        self.audit = pathlib.Path(folder, "audit.jsonl")
        arguments = [binary, "demo", "--port", "0", "--tls-port", "0", "--admin-port", "0", "--policies", ROOT / "policies",
                     "--audit", self.audit]
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector, "MEETING_GATEWAY__TELEMETRY__LOG__FORMAT": "json",
               "MEETING_GATEWAY__TELEMETRY__LOG__LEVEL": "info", "MEETING_GATEWAY__TELEMETRY__OTLP__INTERVAL": "1s"}
        super().__init__(folder, "demo", arguments, env)
        until("the demo has shown its examples", lambda: self.find("Ctrl-C ends the demo"))
        place = lambda name: self.find(rf"\n  {name} +(http://\S+)")[1]
        self.simulator, self.url, self.admin = place("simulator"), place("gateway"), place("admin")
        self.certificate = pathlib.Path(self.find(r"--cacert (\S+)")[1])

    def end(self, how=signal.SIGINT):
        return super().end(how)


# Whose keys cannot be had: nothing listens there.
ISSUER = """
jwt:
  issuers:
    - name: corp
      issuer: https://login.corp.example
      audiences: [meeting-gateway]
      algorithms: [ES256]
      keys: {url: "http://127.0.0.1:1/keys"}
"""


class Served(Gateway):
    """`meeting-gateway serve` with a copy of the demo's configuration and an issuer; it can be changed. It sends to no collector."""

    def __init__(self, folder, binary, demo):
        self.audit, self.simulator = pathlib.Path(folder, "served-audit.jsonl"), demo.simulator
        self.configuration = pathlib.Path(folder, "gateway.yaml")
        self.configuration.write_text((ROOT / "config/demo.yaml").read_text() + ISSUER)
        env = {"DEMO_PLAIN_ADDRESS": "127.0.0.1:0", "DEMO_TLS_ADDRESS": "127.0.0.1:0", "DEMO_ADMIN_ADDRESS": "127.0.0.1:0",
               "DEMO_CERTIFICATE": str(demo.certificate), "DEMO_KEY": str(demo.certificate.with_name("key.pem")),
               "DEMO_UPSTREAM": demo.simulator, "DEMO_POLICIES": str(ROOT / "policies"),
               "MEETING_GATEWAY__AUDIT__OUTPUT__FILE": str(self.audit), "MEETING_GATEWAY__TELEMETRY__LOG__FORMAT": "json",
               "MEETING_GATEWAY__TELEMETRY__LOG__LEVEL": "info", "MEETING_GATEWAY__LIMITS__QUOTAS__0__REQUESTS": "100000"}
        super().__init__(folder, "served", [binary, "serve", "--config", self.configuration], env)
        self.admin = "http://" + until("the gateway listens", lambda: self._told("the operator's listener is up"))
        self.url = "http://" + self._told("listening")

    def _told(self, message):
        """The address in the first such line of the log that is not about TLS."""
        self.still_runs()
        return next((line["address"] for line in self.log_lines() if line["message"] == message and not line.get("tls")), None)

    def change(self, old, new):
        """Changes the configuration, and asks for it to be loaded anew."""
        text = self.configuration.read_text()
        assert old in text, old
        self.configuration.write_text(text.replace(old, new))
        self.process.send_signal(signal.SIGHUP)


class Prometheus(Part):
    """Debian's, with the shipped rules and, but for places and pace, the shipped configuration."""

    def __init__(self, folder, binary, targets):
        configuration = yaml.safe_load((DEPLOY / "prometheus/prometheus.yaml").read_text())
        configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        configuration["rule_files"] = [str(DEPLOY / "prometheus" / name) for name in configuration["rule_files"]]
        del configuration["alerting"]
        (scrape,) = configuration["scrape_configs"]
        scrape["static_configs"] = [{"targets": [target.removeprefix("http://") for target in targets]}]
        written = pathlib.Path(folder, "prometheus.yaml")
        written.write_text(yaml.safe_dump(configuration))
        super().__init__(folder, "prometheus", [binary, f"--config.file={written}", f"--storage.tsdb.path={folder}/tsdb",
                                                "--web.listen-address=127.0.0.1:0"])
        self.url = f"http://127.0.0.1:{until('Prometheus listens', lambda: self.listens('127.0.0.1'))}"
        until("Prometheus is ready", lambda: ask(f"{self.url}/-/ready")[0] == 200)
        until("Prometheus has scraped everything", lambda: self.value("sum(up)") == len(targets))

    def api(self, path, **parameters):
        status, _, body = ask(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        answer = json.loads(body)
        assert status == 200 and answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression):
        """The samples of now: labels and number."""
        return [(sample["metric"], float(sample["value"][1])) for sample in self.api("query", query=expression)["result"]]

    def value(self, expression):
        """The one number that an expression comes to, or nothing."""
        found = self.query(expression)
        assert len(found) < 2, (expression, found)
        return found[0][1] if found else None


class Stand:
    """What the tests share: two gateways, the demo and one that is served, before one simulator; their collector; their Prometheus."""

    def __init__(self, binary, prometheus):
        self.temporary = tempfile.TemporaryDirectory()
        folder = self.temporary.name
        self.backend = Backend()
        try:
            self.collector = Collector(folder, self.backend.url)
            self.demo = Demo(folder, binary, self.collector.url)
            self.served = Served(folder, binary, self.demo)
            self.prometheus = Prometheus(folder, prometheus, [self.demo.admin, self.served.admin])
        except BaseException:
            self.close()
            raise

    def close(self):
        """Ends what still runs."""
        for part in reversed(Part.started):
            part.end(signal.SIGKILL)
        self.backend.close()
        self.temporary.cleanup()
