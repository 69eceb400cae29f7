"""The pods that both ways make: as whom they run, what asks them, how they are spread, replaced and counted."""
import re

import yaml

import tools
from stand import DeployTest


def deployment(objects):
    return objects["Deployment", "meeting-gateway"]["spec"]


class Pods(DeployTest):
    def each(self):
        for where, objects in tools.rendered():
            with self.subTest(where):
                spec = deployment(objects)["template"]["spec"]
                (container,) = spec["containers"]
                self.assertNotIn("initContainers", spec)
                yield objects, spec, container

    def test_the_security_context(self):
        for _, spec, container in self.each():
            self.assertEqual(spec["securityContext"], {
                "runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532, "fsGroupChangePolicy": "OnRootMismatch",
                "seccompProfile": {"type": "RuntimeDefault"}})
            self.assertEqual(container["securityContext"], {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "privileged": False, "capabilities": {"drop": ["ALL"]}})
            self.assertIs(spec["automountServiceAccountToken"], False)
            for name in ("hostNetwork", "hostPID", "hostIPC"):
                self.assertNotIn(name, spec)

    def test_it_has_no_rights(self):
        for objects, spec, _ in self.each():
            self.assertIs(objects["ServiceAccount", spec["serviceAccountName"]]["automountServiceAccountToken"], False)
            self.assertEqual([kind for kind, _ in objects if "Role" in kind], [])

    def test_nothing_is_mounted_by_sub_path_or_writable(self):
        """By subPath a file never changes; and the root is read-only for nothing if a volume is not."""
        for _, spec, container in self.each():
            volumes = {volume["name"]: volume for volume in spec["volumes"]}
            self.assertEqual(set(volumes), {mount["name"] for mount in container["volumeMounts"]})
            for mount in container["volumeMounts"]:
                self.assertNotIn("subPath", mount)
                self.assertIs(mount["readOnly"], True)
                if "secret" in volumes[mount["name"]]:
                    self.assertEqual(volumes[mount["name"]]["secret"]["defaultMode"], 0o440)
                    self.assertTrue(mount["mountPath"].startswith("/run/secrets/"))

    def test_every_secret_that_is_read_is_mounted(self):
        for objects, _, container in self.each():
            text = objects["ConfigMap", "meeting-gateway"]["data"]["gateway.yaml"]
            read = set(re.findall(r"/run/secrets/[a-z-]+", text))
            mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
            self.assertEqual(read, {path for path in mounted if path.startswith("/run/secrets/")})

    def test_a_change_restarts_nothing(self):
        """The ConfigMap keeps its name, and nothing of its content is in the pod."""
        for objects, spec, container in self.each():
            (name,) = [volume["configMap"]["name"] for volume in spec["volumes"] if volume["name"] == "config"]
            self.assertEqual(name, "meeting-gateway")
            self.assertIn(("ConfigMap", name), objects)
            annotations = deployment(objects)["template"]["metadata"]["annotations"]
            self.assertEqual(annotations, {"kubectl.kubernetes.io/default-container": "gateway"})
            self.assertEqual(container["args"][-1], "/etc/meeting-gateway/gateway.yaml")

    def test_probes(self):
        for _, _, container in self.each():
            asked = {kind: container[kind]["httpGet"] for kind in ("startupProbe", "livenessProbe", "readinessProbe")}
            live, ready = {"path": "/livez", "port": "admin"}, {"path": "/readyz", "port": "admin"}
            self.assertEqual(asked, {"startupProbe": live, "livenessProbe": live, "readinessProbe": ready})
            self.assertNotIn("lifecycle", container)

    def test_ports_are_those_of_the_configuration(self):
        for objects, _, container in self.each():
            config = yaml.safe_load(objects["ConfigMap", "meeting-gateway"]["data"]["gateway.yaml"])
            (listener,) = config["server"]["listeners"]
            scheme = "https" if listener.get("tls") else "http"
            expected = {scheme: listener["address"], "admin": config["admin"]["address"]}
            self.assertEqual({port["name"]: f"0.0.0.0:{port['containerPort']}" for port in container["ports"]}, expected)

    def test_there_is_time_to_drain(self):
        for objects, spec, container in self.each():
            server = yaml.safe_load(objects["ConfigMap", "meeting-gateway"]["data"]["gateway.yaml"])["server"]
            delay, timeout = (int(server[key].removesuffix("s")) for key in ("drain_delay", "drain_timeout"))
            # Twice what a node takes to hear of it; and the audit log and telemetry are written out behind the drain, in five seconds.
            self.assertGreaterEqual(delay, 2 * container["readinessProbe"]["periodSeconds"])
            self.assertGreaterEqual(spec["terminationGracePeriodSeconds"], delay + timeout + 10)

    def test_how_they_are_replaced_and_spread(self):
        for objects, spec, container in self.each():
            strategy = deployment(objects)["strategy"]
            self.assertEqual(strategy, {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}})
            labels = objects["Deployment", "meeting-gateway"]["spec"]["selector"]["matchLabels"]
            spread = {one["topologyKey"]: one for one in spec["topologySpreadConstraints"]}
            self.assertEqual(set(spread), {"topology.kubernetes.io/zone", "kubernetes.io/hostname"})
            for one in spread.values():
                self.assertEqual((one["labelSelector"]["matchLabels"], one["matchLabelKeys"]), (labels, ["pod-template-hash"]))
            budget = objects["PodDisruptionBudget", "meeting-gateway"]["spec"]
            self.assertEqual((budget["maxUnavailable"], budget["selector"]["matchLabels"]), (1, labels))
            self.assertEqual((set(container["resources"]["requests"]), set(container["resources"]["limits"])), ({"cpu", "memory"}, {"memory"}))
            self.assertTrue(labels.items() <= deployment(objects)["template"]["metadata"]["labels"].items())

    def test_several_share_a_store(self):
        for objects, _, _ in self.each():
            scaler = objects.get(("HorizontalPodAutoscaler", "meeting-gateway"))
            store = yaml.safe_load(objects["ConfigMap", "meeting-gateway"]["data"]["gateway.yaml"]).get("store")
            replicas = deployment(objects).get("replicas")
            if scaler is None:
                self.assertTrue((replicas, store) == (1, None) or store["replicas"] == replicas)
                continue
            self.assertIsNone(replicas, "the autoscaler says how many")
            self.assertEqual(store["replicas"], scaler["spec"]["minReplicas"])

    def test_a_fixed_number_of_them(self):
        objects = tools.chart("store")
        config = yaml.safe_load(objects["ConfigMap", "meeting-gateway"]["data"]["gateway.yaml"])
        self.assertEqual((deployment(objects)["replicas"], config["store"]["replicas"]), (3, 3))
        self.assertNotIn(("HorizontalPodAutoscaler", "meeting-gateway"), objects)
        # Who says another number is believed.
        objects = tools.chart("store", "--set", "config.store.replicas=5")
        self.assertEqual(yaml.safe_load(objects["ConfigMap", "meeting-gateway"]["data"]["gateway.yaml"])["store"]["replicas"], 5)

    def test_it_is_scaled_by_a_metric_that_there_is(self):
        known = (tools.ROOT / "config/metrics.md").read_text()
        seen = 0
        for objects, _, _ in self.each():
            scaler = objects.get(("HorizontalPodAutoscaler", "meeting-gateway"))
            if scaler is None:
                continue
            pods, cpu = scaler["spec"]["metrics"]
            self.assertIn(f"`{pods['pods']['metric']['name']}` | gauge", known)
            self.assertEqual(cpu["resource"]["name"], "cpu")
            self.assertEqual(scaler["spec"]["scaleTargetRef"], {"apiVersion": "apps/v1", "kind": "Deployment", "name": "meeting-gateway"})
            seen += 1
        self.assertEqual(seen, 2)
