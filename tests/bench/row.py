#!/usr/bin/env python3
"""Rows of the README's table that the comparison harness has no target for, measured with a copy of it.

row.py HARNESS ROW [options of its run.py]

ROW is one of
  enterprise  the packs `baseline` and `example-enterprise`, requests that they change, answers that are compared with what was asked for, and
              traces at 1 % to a live collector
  traced      the same, with every request traced
  tls         the work of every gateway there, with TLS to the client, against nginx with TLS

Needs a release build, what HARNESS needs, and openssl for `tls`. The collector answers every delivery and reads none.
"""
import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
GATEWAY = ROOT / "target/release/meeting-gateway"
TOOLS = pathlib.Path(os.environ.get("BENCH_TOOLS", pathlib.Path.home() / ".cache/gateway-bench"))
COLLECTOR = 31810
# What `example-enterprise` makes of the body.
DEMANDED = {
    "recordAuthType": 1,
    "confConfigInfo": {"prolongLength": 0, "enableWaitingRoom": True, "allowGuestStartConf": False, "isGuestFreePwd": False, "callInRestriction": 2},
}
LEFT = shutil.ignore_patterns("results", "target", ".git")


def target(name, port, start, work="full", reference=False):
    lines = [f'name = "{name}"', f'work = "{work}"', f"port = {port}", "cpu = 0", f"start = {json.dumps(start)}"]
    return "\n".join(["[[target]]", *lines, "reference = true" if reference else "", ""])


def served(config, *settings):
    return " ".join([str(GATEWAY), "serve", "--config", str(ROOT / "tests/bench" / config), *(f"--set {one}" for one in settings)])


def plain_target(harness):
    """nginx without any work, as the harness has it."""
    text = (harness / "targets.toml").read_text()
    return next(one for one in re.split(r"(?=^\[\[target\]\])", text, flags=re.M) if 'name = "nginx-plain"' in one)


def enterprise(harness, ratio):
    """A series of a few days that begins in a month, and the answer of an upstream that did what it was asked for."""
    first = datetime.date.today() + datetime.timedelta(days=30)
    first -= datetime.timedelta(days=(first.weekday() - 2) % 7)
    series = {"startDate": str(first), "endDate": str(first + datetime.timedelta(days=9)), "cycle": "Week", "interval": 1, "point": [1, 3], "preRemindDays": 1}
    body = json.loads((harness / "run/body-0.4k.json").read_text())
    body |= {"startTime": f"{first} 08:30", "length": 60, "cycleParams": series}
    body.pop("vmrFlag", None)
    (harness / "run/body-0.4k.json").write_text(json.dumps(body, separators=(",", ":")))
    answer = json.loads((harness / "upstream/response.json").read_text())
    told = {name: body[name] for name in ("mediaTypes", "subject", "startTime", "language", "recordType", "isAutoRecord") if name in body}
    answer[0] |= told | {"conferenceID": "914087436", "endTime": f"{first} 09:30", "cycleParams": series, "timeZoneID": body["timeZoneID"]}
    answer[0]["recordAuthType"] = DEMANDED["recordAuthType"]
    answer[0]["confConfigInfo"] |= body["confConfigInfo"] | DEMANDED["confConfigInfo"]
    (harness / "upstream/response.json").write_text(json.dumps(answer, separators=(",", ":")))
    settings = [f"telemetry.traces.ratio={ratio}"]
    return plain_target(harness) + target("meeting-gateway", 31923, served("enterprise.yaml", *settings))


def tls(harness):
    certificate, key = harness / "run/tls.crt", harness / "run/tls.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
    library = harness / "lib.py"
    library.write_text(library.read_text().replace('URL = "http://', 'URL = "https://'))
    plain = (harness / "peers/nginx-plain/nginx.conf").read_text()
    secured = re.sub(r"listen (127\.0\.0\.1:\d+)", rf"ssl_certificate {certificate}; ssl_certificate_key {key}; listen \1 ssl", plain)
    (harness / "peers/nginx-plain/tls.conf").write_text(secured)
    settings = ["server.listeners.0.address=127.0.0.1:31922", f"server.listeners.0.tls.certificate={certificate}", f"server.listeners.0.tls.key={key}"]
    nginx = "nginx -p {bench} -c peers/nginx-plain/tls.conf -g 'daemon off;'"
    return target("nginx-tls", 31901, nginx, "plain", True) + target("meeting-gateway", 31922, served("gateway.yaml", *settings))


def main():
    rows = {"enterprise": lambda at: enterprise(at, 0.01), "traced": lambda at: enterprise(at, 1.0), "tls": tls}
    if len(sys.argv) < 3 or sys.argv[2] not in rows:
        raise SystemExit(__doc__)
    if not GATEWAY.exists():
        raise SystemExit(f"there is no {GATEWAY}: run `cargo build --release` first")
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, "harness")
        shutil.copytree(sys.argv[1], copy, ignore=LEFT)
        (copy / "run").mkdir(exist_ok=True)
        subprocess.run([sys.executable, "bodies.py", "run"], cwd=copy, check=True)
        (copy / "targets.toml").write_text(rows[sys.argv[2]](copy))
        empty = copy / "run/empty"
        empty.touch()
        collector = subprocess.Popen(["taskset", "-c", "1", TOOLS / "target/release/stub", str(COLLECTOR), empty])
        try:
            sys.exit(subprocess.run([sys.executable, "run.py", *sys.argv[3:]], cwd=copy).returncode)
        finally:
            collector.terminate()
            collector.wait()


if __name__ == "__main__":
    main()
