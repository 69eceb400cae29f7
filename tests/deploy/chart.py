"""The Helm chart: it lints, what it renders fits Kubernetes' schemas, and values that go wrong are told."""
import json
import pathlib
import re
import shutil
import tempfile
import tomllib

import jsonschema
import yaml

import tools
from schemas import NEWEST, OLDEST, faults
from stand import DeployTest

# Values that do not go together, and a piece of what is said of them.
CONTRADICTIONS = [
    ({"image": {"repository": ""}}, "no image is published"),
    ({"replicaCount": 2}, "replicaCount is 2 without config.store"),
    ({"autoscaling": {"enabled": True}}, "autoscaling.enabled without config.store"),
    ({"autoscaling": {"minReplicas": 4, "maxReplicas": 3}}, "autoscaling.minReplicas is above"),
    ({"config": {"server": {"listeners": []}}}, "config.server.listeners is set by the chart; use listener"),
    ({"config": {"server": {"drain_delay": "1s"}}}, "config.server.drain_delay is set by the chart; use drain.delaySeconds"),
    ({"config": {"admin": {"address": "0.0.0.0:1"}}}, "config.admin.address is set by the chart; use admin.port"),
    ({"config": {"policy": {"directory": "/x"}}}, "config.policy.directory is set by the chart; use policies"),
    ({"secrets": {"upstream": ""}}, "secrets.upstream names no Secret"),
    ({"config": {"sign_in": {"token_key": "${file./run/secrets/gateway/token-key}"}}}, "secrets.gateway names no Secret"),
    ({"secrets": {"store": "a-secret"}}, "secrets.store is set without config.store"),
    ({"listener": {"tls": {"client_ca": "/x"}}}, "listener.tls is set without secrets.tls"),
    ({"listener": {"proxyProtocol": True}}, "without config.server.trusted_proxies"),
    ({"listener": {"port": 9090}}, "listener.port and admin.port are the same"),
    # By values.schema.json.
    ({"replicas": 2}, "additional properties 'replicas' not allowed"),
    ({"image": {"tag": "latest"}}, "/image/tag"),
    ({"networkPolicy": {"callers": []}}, "/networkPolicy/callers"),
    ({"networkPolicy": {"monitoring": [{}]}}, "/networkPolicy/monitoring/0"),
    ({"listener": {"port": 443}}, "/listener/port"),
    ({"autoscaling": {"requestsInFlight": 0}}, "/autoscaling/requestsInFlight"),
    ({"resources": {"request": {"cpu": "1"}}}, "additional properties 'request' not allowed"),
]


class Chart(DeployTest):
    def with_values(self, values):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(values, file)
            file.flush()
            return tools.helm("template", "-f", tools.VALUES / "base.yaml", "-f", file.name)

    def test_it_lints(self):
        for values in sorted(tools.VALUES.glob("*.yaml")):
            done = tools.helm("lint", "--strict", "-f", values)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_everything_rendered_fits_the_schemas(self):
        for kubernetes in (OLDEST, NEWEST):
            for where, objects in tools.rendered():
                for key, one in objects.items():
                    self.assertEqual(faults(one, kubernetes), [], f"{where}, Kubernetes {kubernetes}: {key}")

    def test_the_oldest_version_is_the_charts(self):
        chart = yaml.safe_load((tools.CHART / "Chart.yaml").read_text())
        self.assertEqual(chart["kubeVersion"], f">={OLDEST}-0")
        done = tools.helm("template", "-f", tools.VALUES / "base.yaml", "--kube-version", "1.26.0")
        self.assertIn("incompatible with Kubernetes", done.stderr)

    def test_versions_are_the_programs(self):
        version = tomllib.loads((tools.ROOT / "Cargo.toml").read_text())["package"]["version"]
        chart = yaml.safe_load((tools.CHART / "Chart.yaml").read_text())
        self.assertEqual((chart["version"], chart["appVersion"]), (version, version))
        (image,) = yaml.safe_load((tools.DEPLOY / "kubernetes/base/kustomization.yaml").read_text())["images"]
        self.assertEqual(image["newTag"], version)
        self.assertEqual(tools.run(self.binary, "--version").stdout.split()[-1], version)

    def test_contradictions_are_told(self):
        for values, said in CONTRADICTIONS:
            with self.subTest(values):
                done = self.with_values(values)
                self.assertNotEqual(done.returncode, 0, done.stdout[:500])
                self.assertIn(said, done.stderr)

    def test_what_is_asked_for_is_there(self):
        """Values that neither file of the tests has."""
        more = {"image": {"digest": "sha256:" + "0" * 64}, "restartOnConfigChange": True, "podLabels": {"team": "meetings"},
                "podAnnotations": {"sidecar.istio.io/inject": "true"}, "extraEnv": [{"name": "A", "value": "b"}],
                "extraVolumes": [{"name": "audit", "emptyDir": {}}], "extraVolumeMounts": [{"name": "audit", "mountPath": "/var/log"}],
                "nodeSelector": {"a": "b"}, "tolerations": [{"key": "a", "operator": "Exists"}], "affinity": {"nodeAffinity": {}},
                "priorityClassName": "high", "imagePullSecrets": [{"name": "pull"}], "drain": {"delaySeconds": 20, "timeoutSeconds": 60},
                "networkPolicy": {"extraIngress": [{"from": [{"podSelector": {}}]}], "extraEgress": [{"to": [{"podSelector": {}}]}]},
                "service": {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "annotations": {"a": "b"}},
                "config": {"upstream": {"credentials": {"app_id": None, "pass_through": True}}}, "secrets": {"upstream": ""}}
        done = self.with_values(more)
        self.assertEqual(done.returncode, 0, done.stderr)
        objects = tools.objects(done.stdout)
        for key, one in objects.items():
            self.assertEqual(faults(one, NEWEST), [], key)
        pod = objects["Deployment", "meeting-gateway"]["spec"]["template"]
        self.assertEqual(pod["metadata"]["labels"]["team"], "meetings")
        self.assertRegex(pod["metadata"]["annotations"]["checksum/config"], "^[0-9a-f]{64}$")
        self.assertEqual(pod["spec"]["containers"][0]["image"], "registry.example/meeting-gateway@sha256:" + "0" * 64)
        self.assertEqual(pod["spec"]["terminationGracePeriodSeconds"], 90)
        config = yaml.safe_load(objects["ConfigMap", "meeting-gateway"]["data"]["gateway.yaml"])
        self.assertEqual((config["server"]["drain_delay"], config["server"]["drain_timeout"]), ("20s", "60s"))
        self.assertEqual(config["upstream"]["credentials"], {"pass_through": True})
        self.assertEqual(objects["Service", "meeting-gateway"]["spec"]["externalTrafficPolicy"], "Local")

    def test_a_listener_of_ones_own(self):
        """Client certificates and the PROXY protocol."""
        done = self.with_values({"secrets": {"tls": "a", "clients": "b"}, "config": {"server": {"trusted_proxies": ["10.0.0.5"]}},
                                 "listener": {"port": 8443, "proxyProtocol": True, "tls": {"client_ca": "/run/secrets/clients/ca.crt"}}})
        self.assertEqual(done.returncode, 0, done.stderr)
        objects = tools.objects(done.stdout)
        config = yaml.safe_load(objects["ConfigMap", "meeting-gateway"]["data"]["gateway.yaml"])
        self.assertEqual(config["server"]["listeners"], [{"address": "0.0.0.0:8443", "proxy_protocol": True, "tls": {
            "certificate": "/run/secrets/tls/tls.crt", "key": "/run/secrets/tls/tls.key", "client_ca": "/run/secrets/clients/ca.crt"}}])
        (port,) = objects["NetworkPolicy", "meeting-gateway"]["spec"]["ingress"][0]["ports"]
        self.assertEqual(port["port"], 8443)

    def test_a_metric_without_an_adapter_is_left_out(self):
        done = tools.helm("template", "-f", tools.VALUES / "production.yaml", "--set", "autoscaling.requestsInFlight=null")
        self.assertEqual(done.returncode, 0, done.stderr)
        scaler = tools.objects(done.stdout)["HorizontalPodAutoscaler", "meeting-gateway"]
        self.assertEqual([metric["type"] for metric in scaler["spec"]["metrics"]], ["Resource"])
        self.assertEqual(faults(scaler, NEWEST), [])

    def test_the_notes_are_for_what_was_installed(self):
        said = tools.helm("install", "--dry-run=client", "--namespace", "mg", "-f", tools.VALUES / "base.yaml").stdout.split("NOTES:")[1]
        self.assertIn("http://meeting-gateway.mg:80", said)
        self.assertIn("It speaks plain HTTP", said)
        self.assertNotIn("no callers yet", said)

    def test_every_value_is_commented_and_in_the_schema(self):
        lines = (tools.CHART / "values.yaml").read_text().splitlines()
        for before, line in zip([""] + lines, lines):
            # A list's entries and what is in them are an example of it; the comment is at its key.
            example = re.match(r" *(namespaceSelector|podSelector|matchLabels|k8s-app|cidr|except|app\.kubernetes\.io/name):", line)
            if re.match(r" *[a-zA-Z_]+:", line) and not example:
                self.assertRegex(before, r"^ *# \S", f"no comment above: {line}")
        schema = json.loads((tools.CHART / "values.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        values = yaml.safe_load("\n".join(lines))
        self.assertEqual(set(values), set(schema["properties"]) - {"global"})
        for name, value in values.items():
            its = schema["properties"][name]
            if its.get("properties"):
                self.assertIs(its["additionalProperties"], False, name)
                self.assertEqual(set(value), set(its["properties"]), name)

    def test_the_test_of_the_schemas_can_fail(self):
        """A chart with a misspelt field is found."""
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder, "meeting-gateway")
            shutil.copytree(tools.CHART, copy)
            deployment = copy / "templates/deployment.yaml"
            deployment.write_text(deployment.read_text().replace("readOnlyRootFilesystem", "readonlyRootFilesystem"))
            done = tools.helm("template", "-f", tools.VALUES / "base.yaml", chart=copy)
            one = tools.objects(done.stdout)["Deployment", "meeting-gateway"]
            (fault,) = faults(one, NEWEST)
            self.assertIn("'readonlyRootFilesystem' was unexpected", fault)
