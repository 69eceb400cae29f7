"""The systemd unit: understood, hardened, and what it starts is the program; that this tells systemd is `tests/it/service_manager.rs`."""
import pathlib
import re
import tempfile

import yaml

import tools
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

    def test_systemd_understands_what_is_commented_out(self):
        whole = self.text.replace("#LoadCredential=", "LoadCredential=")
        names = [value.split(":")[0] for value in directives(whole)["LoadCredential"]]
        self.assertEqual(names, ["app-id", "app-key", "token-key", "tls.key", "store-password", "store-encryption-key"])
        content, said = self.asked("verify", "--man=no", text=whole)
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
