"""What is rendered, mounted as Kubernetes mounts it, and the program itself with it: it starts, is asked, changed and stopped."""
import json
import signal
import tempfile
import time

import yaml

import tools
from parts import Machine, Part, ask, simulator, until, version
from stand import DeployTest


class Mounted(DeployTest):
    def machine(self, objects):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        machine = Machine(folder.name, self.binary, objects)
        config = yaml.safe_load(objects["ConfigMap", "meeting-gateway"]["data"]["gateway.yaml"])
        return machine, config

    def checked(self, machine, config):
        machine.volumes["/etc/meeting-gateway"].put({"gateway.yaml": machine.here(yaml.safe_dump(config))})
        return tools.run(self.binary, "check", "--config", machine.at("/etc/meeting-gateway/gateway.yaml"))

    def test_every_configuration_passes_check(self):
        for where, objects in tools.rendered():
            with self.subTest(where):
                machine, config = self.machine(objects)
                done = self.checked(machine, config)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_keys_of_app_ids_are_found(self):
        """By the reference that `caller add` writes they are not: a Secret has no folders."""
        machine, config = self.machine(tools.chart("production"))
        machine.volumes["/run/secrets/callers"].put({**machine.callers(), "callers.yaml": machine.root.joinpath("callers.yaml").read_text()})
        done = self.checked(machine, config)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("cannot read the file `secrets/sdk.key`", done.stderr)

    def test_the_check_can_fail(self):
        machine, config = self.machine(tools.chart("base"))
        config["server"]["drain_delays"] = "1s"
        self.assertEqual(self.checked(machine, config).returncode, 1)

    def test_it_runs_as_the_pod_would(self):
        objects = tools.chart("production")
        machine, config = self.machine(objects)
        # No collector is here, and the store cannot be reached; ports are free ones, and looks for changes are frequent.
        config.pop("telemetry")
        config["store"]["urls"] = ["rediss://127.0.0.1:1"]
        config["server"]["drain_delay"] = "2s"
        config["server"]["listeners"][0]["address"] = "127.0.0.1:0"
        config["admin"]["address"] = "127.0.0.2:0"
        config["reload"] = {"interval": "100ms"}
        container = objects["Deployment", "meeting-gateway"]["spec"]["template"]["spec"]["containers"][0]
        probes = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}

        with simulator(machine.root, self.binary) as upstream:
            config["upstream"]["url"] = upstream.url("127.0.0.1")
            self.assertEqual(self.checked(machine, config).returncode, 0)
            arguments = [self.binary, *container["args"][:-1], machine.at(container["args"][-1])]
            with Part(machine.root, "gateway", arguments) as gateway:
                self.admin, self.callers = gateway.url("127.0.0.2"), gateway.url("127.0.0.1", "https")
                for path in probes.values():
                    until(f"{path} says 200", lambda: ask(self.admin + path)[0] == 200)
                self.goes_on_without_the_store(probes["readiness"])
                self.changes(machine, config)
                self.stops(machine, gateway, probes["readiness"])

    def goes_on_without_the_store(self, readiness):
        """It is ready nevertheless, and says what is amiss."""
        def degraded():
            status, body = ask(self.admin + readiness)
            self.assertEqual(status, 200, body)
            return json.loads(body).get("degraded")

        (reason,) = until("the store is missed", degraded)
        self.assertEqual(reason["condition"], "store")

    def answer(self, machine, key):
        """The status of an answer to a caller, and 404 is one: the credential was good."""
        return ask(f"{self.callers}/v1/nothing", {"x-access-token": key}, machine.certificate)[0]

    def changes(self, machine, config):
        """Each of the mounted things is changed as the kubelet does it, and counts without a restart."""
        first = version(self.admin)
        config["limits"] = {"in_flight_per_caller": 7}
        machine.volumes["/etc/meeting-gateway"].put({"gateway.yaml": machine.here(yaml.safe_dump(config))})
        until("the ConfigMap counts", lambda: version(self.admin)["config_digest"] != first["config_digest"])

        pack = {"pack": "house", "description": "Changed.", "rules": [
            {"id": "half-an-hour", "message": "Meetings last at most half an hour.", "max_duration": {"minutes": 30, "over": "clamp"}}]}
        machine.volumes["/usr/share/meeting-gateway/policies/house"].put({"pack.yaml": yaml.safe_dump(pack)})
        until("the pack counts", lambda: version(self.admin)["policy_digest"] != first["policy_digest"])

        self.assertEqual(self.answer(machine, machine.key), 404)
        key, _ = machine.new_caller("newcomer", machine.root / "callers.yaml")
        self.assertEqual(self.answer(machine, key), 401)
        machine.volumes["/run/secrets/callers"].put(machine.callers())
        until("the Secret counts", lambda: self.answer(machine, key) == 404)
        self.assertEqual(version(self.admin)["restart_required"], [])

    def stops(self, machine, gateway, readiness):
        """Not ready at once, but callers are served until the pod's end is known everywhere: no preStop hook is needed."""
        gateway.process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        until("it is not ready", lambda: ask(self.admin + readiness)[0] == 503)
        self.assertLess(time.monotonic() - begun, 2)
        self.assertEqual(self.answer(machine, machine.key), 404)
        self.assertEqual(gateway.process.wait(30), 0)
        self.assertGreater(time.monotonic() - begun, 2)
