"""Who reaches what: the Services, the NetworkPolicy, and what Prometheus finds."""
import yaml

import tools
from stand import DeployTest


class Network(DeployTest):
    def each(self):
        for where, objects in tools.rendered():
            with self.subTest(where):
                config = yaml.safe_load(objects["ConfigMap", "meeting-gateway"]["data"]["gateway.yaml"])
                yield objects, config

    def policy(self, objects, direction):
        return objects["NetworkPolicy", "meeting-gateway"]["spec"][direction]

    def test_the_service_of_callers_has_no_admin_port(self):
        for objects, _ in self.each():
            pod = objects["Deployment", "meeting-gateway"]["spec"]["template"]
            names = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
            (port,) = objects["Service", "meeting-gateway"]["spec"]["ports"]
            self.assertEqual(port["targetPort"], (names - {"admin"}).pop())
            self.assertEqual(port["appProtocol"], port["targetPort"])
            (port,) = objects["Service", "meeting-gateway-admin"]["spec"]["ports"]
            self.assertEqual(port["targetPort"], "admin")
            self.assertEqual({name for kind, name in objects if kind == "Service"}, {"meeting-gateway", "meeting-gateway-admin"})
            for name in ("meeting-gateway", "meeting-gateway-admin"):
                self.assertTrue(objects["Service", name]["spec"]["selector"].items() <= pod["metadata"]["labels"].items())

    def test_it_is_about_the_gateways_and_both_directions(self):
        for objects, _ in self.each():
            spec = objects["NetworkPolicy", "meeting-gateway"]["spec"]
            self.assertEqual(spec["podSelector"], objects["Deployment", "meeting-gateway"]["spec"]["selector"])
            self.assertEqual(spec["policyTypes"], ["Ingress", "Egress"])
            for rule in spec["ingress"]:
                self.assertTrue(rule["from"] and rule["ports"], "an empty list is everybody")
            for rule in spec["egress"]:
                self.assertTrue(rule["to"] and rule["ports"], "an empty list is everywhere")

    def test_only_prometheus_reaches_the_admin_port(self):
        monitoring = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}},
                       "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}}}]
        for objects, config in self.each():
            admin = int(config["admin"]["address"].split(":")[1])
            opened = [rule["from"] for rule in self.policy(objects, "ingress") if {"port": admin, "protocol": "TCP"} in rule["ports"]]
            self.assertEqual(opened, [monitoring])

    def test_ways_out_are_those_that_the_configuration_needs(self):
        for objects, config in self.each():
            opened = {port["port"]: rule["to"] for rule in self.policy(objects, "egress") for port in rule["ports"]}
            needed = {53, 443}
            if "store" in config:
                needed |= {int(url.rsplit(":", 1)[1]) for url in config["store"]["urls"]}
            if "telemetry" in config:
                needed |= {int(config["telemetry"]["otlp"]["endpoint"].rsplit(":", 1)[1])}
            self.assertEqual(set(opened), needed)
            (dns,) = opened[53]
            self.assertEqual(dns["podSelector"]["matchLabels"], {"k8s-app": "kube-dns"})
            (outside,) = opened[443]
            self.assertIn("169.254.0.0/16", outside["ipBlock"]["except"], "the metadata service of clouds")

    def test_prometheus_finds_them_under_the_name_of_its_rules(self):
        (scrape,) = yaml.safe_load((tools.DEPLOY / "prometheus/prometheus.yaml").read_text())["scrape_configs"]
        seen = 0
        for objects, _ in self.each():
            monitor = objects.get(("ServiceMonitor", "meeting-gateway"))
            if monitor is None:
                continue
            found = [name for (kind, name), one in objects.items() if kind == "Service"
                     and monitor["spec"]["selector"]["matchLabels"].items() <= one["metadata"]["labels"].items()]
            self.assertEqual(found, ["meeting-gateway-admin"])
            (endpoint,) = monitor["spec"]["endpoints"]
            self.assertEqual(endpoint["port"], objects["Service", "meeting-gateway-admin"]["spec"]["ports"][0]["name"])
            self.assertEqual(endpoint["relabelings"], [{"targetLabel": "job", "replacement": scrape["job_name"]}])
            self.assertEqual(monitor["spec"]["sampleLimit"], scrape["sample_limit"])
            seen += 1
        self.assertEqual(seen, 2)
