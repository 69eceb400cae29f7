"""Gateways that are replicas of one another: the same configuration but for where each listens."""
import hashlib
import json
import pathlib
import re
import signal

from parts import Part, Ports, ask, until

APP_ID, APP_KEY = "assistant", "assistant-app-key-which-is-no-secret"
MEETINGS = "/v1/mmc/management/"
# The one that the simulator begins with.
MEETING = "914087436"
CALLERS = [f"app-{n}" for n in range(6)]
# As whom each acts upstream.
USERS = [f"user-{n}@ent01" for n in range(6)]
ENCRYPTION_KEY = "an-encryption-key-of-the-tests-which-is-no-secret"
PACK = """pack: house
rules:
  - id: short
    message: Meetings are short.
    max_duration: {minutes: %d, over: refuse}
"""


def key(caller):
    return f"key-of-{caller}-not-a-secret"


def quota(name="caller", requests=50, window="1s", burst=None, per=None):
    return {"name": name, "per": per or name, "requests": requests, "window": window, "burst": burst or requests}


PLENTY = [quota(requests=1000000), quota("meeting", requests=1000000)]


def flow(entries):
    """A mapping on one line, as YAML has it."""
    return "{" + ", ".join(f"{name}: {value}" for name, value in entries.items()) + "}"


def configuration(port, admin, upstream, quotas, store):
    """The text of a replica's gateway.yaml. `store` are the lines of that section, or none."""
    hashed = lambda caller: hashlib.sha256(key(caller).encode()).hexdigest()
    callers = "".join(f"  - {{id: {caller}, api_keys: ['sha256:{hashed(caller)}'], upstream_user: {{fixed: {user}}}}}\n"
                      for caller, user in zip(CALLERS, USERS))
    shared = "".join(f"  {name}: {value}\n" for name, value in (store or {}).items())
    return f"""server:
  listeners: [{{address: '127.0.0.1:{port}'}}]
  drain_delay: 1s
admin: {{address: '127.0.0.1:{admin}'}}
upstream:
  url: {upstream}
  credentials:
    app_id: {{app_id: fdb8e4699586458bbd10c834872dcc62, app_key: 0123456789abcdef0123456789abcdef}}
callers:
{callers}  - id: {APP_ID}
    app_ids: [{{app_id: {APP_ID}, app_key: {APP_KEY}}}]
sign_in: {{token_key: a-token-key-of-the-tests-which-is-no-secret}}
policy: {{directory: policies, packs: [house]}}
limits:
  quotas: [{", ".join(flow(one) for one in quotas)}]
telemetry: {{log: {{level: info}}}}
audit: {{output: none}}
reload: {{interval: 100ms}}
""" + (f"store:\n{shared}" if shared else "")


def section(urls, **more):
    """The section `store`: three replicas, and what is told beside or instead. A store that is well is waited for, on a machine that
    is busy, too; where it fails, the tests have the default."""
    urls = urls if urls.startswith("[") else f'["{urls}"]'
    return {"urls": urls, "encryption_key": ENCRYPTION_KEY, "replicas": 3, "timeout": "250ms", **more}


class Gateway(Part):
    """One replica, `meeting-gateway serve`."""

    def __init__(self, folder, name, binary, upstream, quotas, store):
        self.port, self.admin_port = Ports.free(), Ports.free()
        self.url, self.admin = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.admin_port}"
        home = pathlib.Path(folder, name)
        self.pack, self.written = home / "policies/house/pack.yaml", home / "gateway.yaml"
        self.pack.parent.mkdir(parents=True)
        self.pack.write_text(PACK % 60)
        self.written.write_text(configuration(self.port, self.admin_port, upstream, quotas, store))
        super().__init__(home, name, [binary, "serve", "--config", self.written])
        self.start()

    def wait_ready(self):
        until(f"{self.name} is ready", lambda: self.still_runs() and ask(f"{self.admin}/readyz")[0] == 200)
        return self

    def wait_shared(self):
        """Ready, and its store, too."""
        self.wait_ready()
        until(f"{self.name} has its store", lambda: self.store_up() == 1)
        return self

    def stop(self):
        """As an operator does, in good order."""
        code = self.end(signal.SIGTERM)
        assert code == 0, f"{self.name} ended with {code}:\n{self.told()[-4000:]}"

    def read(self, caller=CALLERS[0], meeting=None, **headers):
        """One request that reads; status, headers and body."""
        target = f"conferences/confDetail?conferenceID={meeting}" if meeting else "conferences?offset=0&limit=1"
        return ask(f"{self.url}{MEETINGS}{target}", "GET", {"x-access-token": key(caller), **headers})

    def change(self, length, caller=CALLERS[0]):
        """One request that writes; the status of its answer."""
        body = {"mediaTypes": "HDVideo", "startTime": "2099-03-04 09:00", "length": length, "subject": "Weekly",
                "cycleParams": {"startDate": "2099-03-04", "endDate": "2099-03-05", "cycle": "Day", "preRemindDays": 1}}
        return ask(f"{self.url}{MEETINGS}cycleconferences?conferenceID={MEETING}", "PUT",
                   {"content-type": "application/json", "x-access-token": key(caller)}, json.dumps(body).encode())[0]

    def rewrite(self, old, new):
        """Changes the configuration; the gateway notices by itself."""
        text = self.written.read_text()
        assert old in text, old
        self.written.write_text(text.replace(old, new))

    def version(self):
        return json.loads(ask(f"{self.admin}/version")[2])

    def degraded(self):
        """What is said to be the matter with the store by a gateway that is ready nevertheless; "" if nothing."""
        status, _, body = ask(f"{self.admin}/readyz")
        assert status == 200, body
        report = json.loads(body)
        return next((one["reason"] for one in report.get("degraded", []) if one["condition"] == "store"), "")

    def metrics(self):
        """Each sample without labels, or the sum over them."""
        found = {}
        for name, value in re.findall(r"^(\w+)(?:\{.*\})? (\S+)$", ask(f"{self.admin}/metrics")[2].decode(), re.M):
            found[name] = found.get(name, 0) + float(value)
        return found

    def store_up(self):
        return self.metrics()["meeting_gateway_store_up"]

    def is_local(self, caller=CALLERS[0]):
        """Whether a request is counted by this replica alone."""
        return ";local" in (self.read(caller)[1]["ratelimit-policy"] or "")
