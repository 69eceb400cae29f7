"""The shipped rules and configurations, without a gateway: Prometheus's own judgement, and a case for every alert."""
import pathlib
import subprocess

import yaml

from parts import DEPLOY
from stand import PipelineTest

CASES = sorted(pathlib.Path(__file__).parent.glob("alerts*_test.yaml"))


class Rules(PipelineTest):
    def promtool_says_yes(self, *arguments):
        done = subprocess.run([self.promtool, *arguments], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_promtool_accepts_rules_and_configuration(self):
        self.promtool_says_yes("check", "rules", DEPLOY / "prometheus/recording.yaml", DEPLOY / "prometheus/alerts.yaml")
        self.promtool_says_yes("check", "config", DEPLOY / "prometheus/prometheus.yaml")

    def test_every_alert_fires_when_it_should_and_else_does_not(self):
        self.promtool_says_yes("test", "rules", *CASES)
        fires, silent = set(), set()
        for path in CASES:
            for test in yaml.safe_load(path.read_text())["tests"]:
                for case in test.get("alert_rule_test", []):
                    (fires if case["exp_alerts"] else silent).add(case["alertname"])
        groups = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text())["groups"]
        alerts = {rule["alert"] for group in groups for rule in group["rules"]}
        self.assertEqual((alerts - fires, alerts - silent), (set(), set()))

    def test_the_collector_uses_what_it_defines_and_defines_what_it_uses(self):
        collector = yaml.safe_load((DEPLOY / "collector/collector.yaml").read_text())
        used = {kind: set() for kind in ("receivers", "processors", "exporters", "connectors")}
        for pipeline in collector["service"]["pipelines"].values():
            for kind in ("receivers", "processors", "exporters"):
                used[kind] |= set(pipeline.get(kind, []))
            # Refuses data while there is no memory for it; what is refused is sent again.
            self.assertEqual(pipeline["processors"][0], "memory_limiter")
        for kind, names in used.items():
            self.assertEqual(names, set(collector.get(kind, {})), kind)
        self.assertEqual(set(collector["service"]["extensions"]), set(collector["extensions"]))
        self.assertEqual(set(collector["service"]["pipelines"]), {"traces", "metrics", "logs"})
        for name, exporter in collector["exporters"].items():
            self.assertIn(exporter["sending_queue"]["storage"], collector["extensions"], name)
