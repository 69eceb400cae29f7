"""What deploy/README.md shows: each block is held to those who would read it, and nginx runs as it is written there."""
import http.client
import itertools
import json
import os
import pathlib
import re
import socket
import tempfile

import yaml

import tools
from parts import APP_ID, APP_KEY, SECRET, Part, simulator, until
from schemas import NEWEST, faults
from stand import DeployTest

README = (tools.DEPLOY / "README.md").read_text()
# Files of values, each of which is one of Helm's `-f`.
VALUES = ("values.yaml", "values-sign-in.yaml", "values-store.yaml")


def blocks(language, title):
    """The blocks of a language that begin with a comment."""
    found = re.findall(rf"^```{language}\n(# {re.escape(title)}\n.*?)^```$", README, re.M | re.S)
    assert found, (language, title)
    return found


class Handbook(DeployTest):
    def test_every_block_is_looked_at(self):
        titles = set(re.findall(r"^```(yaml|nginx)\n# (.*)\n", README, re.M))
        self.assertEqual(titles, {("yaml", name) for name in (*VALUES, "gateway.yaml", "prometheus-adapter", "envoy-gateway", "istio")}
                         | {("nginx", "in http { }")})
        self.assertEqual(len(re.findall(r"^```(yaml|nginx)$", README, re.M)), sum(len(blocks(*title)) for title in titles))

    def test_the_values_are_the_charts(self):
        for text in itertools.chain.from_iterable(blocks("yaml", name) for name in VALUES):
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(text)
                file.flush()
                done = tools.helm("template", "-f", tools.VALUES / "base.yaml", "-f", file.name)
            self.assertEqual(done.returncode, 0, text + done.stderr)
            for key, one in tools.objects(done.stdout).items():
                self.assertEqual(faults(one, NEWEST), [], key)

    def test_the_configurations_pass_check(self):
        for text in blocks("yaml", "gateway.yaml"):
            with tempfile.TemporaryDirectory() as folder:
                whole = {"upstream": {"url": "http://127.0.0.1:1", "credentials": {"pass_through": True}}, **yaml.safe_load(text)}
                whole["policy"] = {"directory": str(tools.ROOT / "policies"), "packs": ["baseline"]}
                credentials = pathlib.Path(folder, "credentials")
                credentials.mkdir()
                for name in re.findall(r"^LoadCredential=([a-z-]+):", (tools.DEPLOY / "systemd/meeting-gateway.service").read_text(), re.M):
                    (credentials / name).write_text(SECRET)
                file = pathlib.Path(folder, "gateway.yaml")
                file.write_text(yaml.safe_dump(whole).replace("/run/credentials/meeting-gateway.service", str(credentials))
                                .replace("/var/log/meeting-gateway", folder))
                done = tools.run(self.binary, "check", "--config", file)
            self.assertEqual(done.returncode, 0, text + done.stdout + done.stderr)

    def test_the_adapter_asks_for_the_metric_of_the_autoscaler(self):
        (text,) = blocks("yaml", "prometheus-adapter")
        (rule,) = yaml.safe_load(text)["rules"]
        scaler = tools.chart("production")["HorizontalPodAutoscaler", "meeting-gateway"]
        name = scaler["spec"]["metrics"][0]["pods"]["metric"]["name"]
        self.assertTrue(rule["seriesQuery"].startswith(name + "{"))

    def test_the_mesh_finds_what_is_rendered(self):
        """Names, ports and labels; the schemas of Istio and Envoy Gateway are in no package of the tests."""
        objects = tools.chart("base")
        (port,) = objects["Service", "meeting-gateway"]["spec"]["ports"]
        labels = objects["Deployment", "meeting-gateway"]["spec"]["template"]["metadata"]["labels"]
        config = yaml.safe_load(objects["ConfigMap", "meeting-gateway"]["data"]["gateway.yaml"])
        parts = {(one["kind"], one["metadata"]["name"]): one["spec"] for title in ("istio", "envoy-gateway")
                 for one in yaml.safe_load_all(blocks("yaml", title)[0])}
        host = "meeting-gateway.meeting-gateway.svc.cluster.local"
        (route,) = parts["VirtualService", "meeting-gateway"]["http"]
        self.assertEqual(route["route"], [{"destination": {"host": host, "port": {"number": port["port"]}}}])
        self.assertEqual(route["retries"], {"attempts": 0})
        self.assertEqual(parts["DestinationRule", "meeting-gateway"]["host"], host)
        self.assertEqual(parts["HTTPRoute", "meeting-gateway"]["rules"][0]["backendRefs"], [{"name": "meeting-gateway", "port": port["port"]}])
        for kind in ("PeerAuthentication", "AuthorizationPolicy"):
            self.assertLessEqual(parts[kind, "meeting-gateway"]["selector"]["matchLabels"].items(), labels.items())
        listener = config["server"]["listeners"][0]["address"].split(":")[1]
        (rule,) = parts["AuthorizationPolicy", "meeting-gateway"]["rules"]
        self.assertEqual(rule["to"], [{"operation": {"ports": [listener]}}])
        self.assertEqual([f"https://{name}" for name in parts["ServiceEntry", "huawei-cloud-meeting"]["hosts"]], [config["upstream"]["url"]])
        (values,) = [yaml.safe_load(text) for text in blocks("yaml", "values.yaml") if "podAnnotations" in text]
        notes = values["podAnnotations"]
        self.assertEqual(notes["traffic.sidecar.istio.io/excludeInboundPorts"], config["admin"]["address"].split(":")[1])
        drain = sum(int(config["server"][key].removesuffix("s")) for key in ("drain_delay", "drain_timeout"))
        lasts = int(json.loads(notes["proxy.istio.io/config"])["terminationDrainDuration"].removesuffix("s"))
        self.assertLess(drain, lasts)
        self.assertLess(lasts, objects["Deployment", "meeting-gateway"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"])

    def test_paths_that_are_named_are_there(self):
        for path in re.findall(r"`((?:container|helm|kubernetes|systemd|compose|collector|prometheus|grafana)/[^`\s]*)`", README):
            self.assertTrue((tools.DEPLOY / path).exists(), path)
        for path in re.findall(r"(?:deploy|tests|policies)/[\w./-]*\w", README):
            self.assertTrue((tools.ROOT / path).exists(), path)

    def test_nginx_tells_the_clients_address_and_the_client_cannot(self):
        (text,) = [one for one in blocks("yaml", "gateway.yaml") if "trusted_proxies" in one]
        trusted = yaml.safe_load(text)["server"]
        self.assertEqual(self.client_by_way_of_nginx({**trusted, "trusted_proxies": ["127.0.0.1"]}), "127.0.0.3")
        # Nginx is not trusted, or nobody's header is: then it is the client.
        self.assertEqual(self.client_by_way_of_nginx(trusted), "127.0.0.1")
        self.assertEqual(self.client_by_way_of_nginx({}), "127.0.0.1")

    def client_by_way_of_nginx(self, server):
        """What the audit log says of a client at 127.0.0.3 that claims another address."""
        with tempfile.TemporaryDirectory() as folder, simulator(folder, self.binary) as upstream:
            audit, configuration = pathlib.Path(folder, "audit.jsonl"), pathlib.Path(folder, "gateway.yaml")
            configuration.write_text(yaml.safe_dump({
                "server": {**server, "listeners": [{"address": "127.0.0.1:0"}]}, "admin": {"address": "127.0.0.2:0"},
                "upstream": {"url": upstream.url("127.0.0.1"), "credentials": {"app_id": {"app_id": APP_ID, "app_key": APP_KEY}}},
                "policy": {"directory": str(tools.ROOT / "policies"), "packs": ["baseline"]},
                "audit": {"output": {"file": str(audit)}, "flush_interval": "50ms"}}))
            with Part(folder, "gateway", [self.binary, "serve", "--config", configuration]) as gateway:
                place = gateway.url("127.0.0.1").removeprefix("http://")
                with socket.socket() as free:
                    free.bind(("127.0.0.4", 0))
                    port = free.getsockname()[1]
                with Part(folder, "nginx", self.nginx(folder, place, port)) as nginx:
                    until("nginx listens", lambda: nginx.listens("127.0.0.4"))
                    client = http.client.HTTPConnection("127.0.0.4", port, timeout=10, source_address=("127.0.0.3", 0))
                    client.request("GET", "/v1/nothing", headers={"X-Forwarded-For": "203.0.113.9", "X-Access-Token": "a-key"})
                    self.assertEqual(client.getresponse().status, 401)
                    client.close()
                until("the audit line is written", lambda: '"path"' in audit.read_text())
                (line,) = [line for line in map(json.loads, audit.read_text().splitlines()) if "path" in line]
        return line["client"]

    def nginx(self, folder, place, port):
        """The command line of nginx with the block of the README, in front of a gateway and without TLS."""
        (block,) = blocks("nginx", "in http { }")
        for old, new in [("listen 443 ssl;", f"listen 127.0.0.4:{port};"), ("meeting-gateway.meeting-gateway.svc:80", place)]:
            self.assertIn(old, block)
            block = block.replace(old, new)
        block = re.sub(r"^ *ssl_certificate.*\n", "", block, flags=re.M)
        configuration = pathlib.Path(folder, "nginx.conf")
        kinds = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        configuration.write_text(f"daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr;\nevents {{}}\n"
                                 f"http {{ access_log off; {kinds}\n{block}}}\n")
        return [os.environ.get("NGINX", "nginx"), "-p", folder, "-e", "stderr", "-c", configuration]
