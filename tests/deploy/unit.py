"""The systemd unit: understood, hardened, and what it starts is the program."""
import pathlib
import re
import socket
import tempfile
import unittest

import yaml

import tools
from parts import PATIENCE_SECONDS, Part
from stand import DeployTest

UNIT = tools.DEPLOY / "systemd/meeting-gateway.service"
# What a unit refers to without saying so.
AROUND = ("sysinit.target", "basic.target", "shutdown.target", "multi-user.target", "network-online.target", "system.slice", "-.slice")
# systemd's scale goes to 100; what a service needs that listens and connects is most of this.
EXPOSURE = 15


def directives(text):
    """Each value by name, in order."""
    found = {}
    for name, value in re.findall(r"^([A-Za-z]+)=(.*)$", text, re.M):
        found.setdefault(name, []).append(value)
    return found


class Unit(DeployTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root, self.text = pathlib.Path(folder.name), UNIT.read_text()
        self.units = self.root / "etc/systemd/system"
        self.units.mkdir(parents=True)
        for name in AROUND:
            (self.units / name).write_text("[Unit]\nDescription=Stands for the real one.\n")
        for name in ("usr/local/bin/meeting-gateway", "bin/kill"):
            (self.root / name).parent.mkdir(parents=True)
            (self.root / name).write_text("")
            (self.root / name).chmod(0o755)

    def asked(self, what, *options, text=None):
        """Whether systemd-analyze is content, and all that it says."""
        unit = self.units / UNIT.name
        unit.write_text(text or self.text)
        done = tools.run("systemd-analyze", what, "--no-pager", "--root", self.root, *options, unit if what == "verify" else unit.name)
        return done.returncode == 0, done.stdout + done.stderr

    def test_systemd_understands_it(self):
        content, said = self.asked("verify", "--man=no")
        self.assertEqual((content, said), (True, ""))

    def test_systemd_says_what_is_wrong(self):
        for old, new in [("NoNewPrivileges=", "NoNewPrivilege="), ("Type=notify", "Type=notifies"), ("@system-service", "@system-services"),
                         ("bin/meeting-gateway serve", "bin/gateway serve"), ("TimeoutStopSec=50s", "TimeoutStopSec=fifty")]:
            with self.subTest(new):
                self.assertIn(old, self.text)
                content, said = self.asked("verify", "--man=no", text=self.text.replace(old, new))
                self.assertFalse(content and not said)

    def test_it_is_hardened(self):
        content, said = self.asked("security", "--offline=yes", f"--threshold={EXPOSURE}")
        self.assertTrue(content, said)
        content, said = self.asked("security", "--offline=yes", f"--threshold={EXPOSURE}", text=self.text.replace("PrivateUsers=yes", "")
                                   .replace("SystemCallFilter=@system-service", "").replace("CapabilityBoundingSet=\n", ""))
        self.assertFalse(content, said)

    def test_the_command_line_is_the_programs(self):
        (command,) = directives(self.text)["ExecStart"]
        arguments = command.split()[1:]
        done = tools.run(self.binary, *arguments, "--help")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = tools.run(self.binary, *[argument.replace("--config", "--configs") for argument in arguments], "--help")
        self.assertEqual(done.returncode, 2)

    def test_there_is_time_to_drain(self):
        server = yaml.safe_load((tools.DEPLOY / "kubernetes/base/gateway.yaml").read_text())["server"]
        longest = sum(int(server[key].removesuffix("s")) for key in ("drain_delay", "drain_timeout")) + 10
        (stop,) = directives(self.text)["TimeoutStopSec"]
        self.assertGreaterEqual(int(stop.removesuffix("s")), longest)

    def test_it_tells_systemd(self):
        """What Type=notify waits for, and that it stops."""
        if b"NOTIFY_SOCKET" not in pathlib.Path(self.binary).read_bytes():
            raise unittest.SkipTest("this program does not know of systemd's socket")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(listener.close)
        listener.settimeout(PATIENCE_SECONDS)
        listener.bind(str(self.root / "notify"))
        configuration = self.root / "gateway.yaml"
        configuration.write_text(yaml.safe_dump({
            "server": {"listeners": [{"address": "127.0.0.1:0"}]}, "admin": {"address": "127.0.0.2:0"},
            "upstream": {"url": "http://127.0.0.1:1", "credentials": {"pass_through": True}},
            "policy": {"directory": str(tools.ROOT / "policies"), "packs": ["baseline"]}}))
        with Part(self.root, "gateway", [self.binary, "serve", "--config", configuration], {"NOTIFY_SOCKET": str(self.root / "notify")}) as gateway:
            self.assertIn("READY=1", self.told(listener, "READY=1"))
            # Told when it listens, not before.
            self.assertIsNotNone(gateway.listens("127.0.0.1"))
            self.assertEqual(gateway.stop(), 0)
            self.assertIn("STOPPING=1", self.told(listener, "STOPPING=1"))

    def told(self, listener, wanted):
        """The message that has what is wanted; a time-out fails the test."""
        while True:
            lines = listener.recv(4096).decode().split("\n")
            if wanted in lines:
                return lines
