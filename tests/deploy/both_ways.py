"""The chart and the kustomization say the same, but for the labels that Helm adds."""
import yaml

import tools
from stand import DeployTest

HELMS = {"helm.sh/chart", "app.kubernetes.io/version", "app.kubernetes.io/managed-by"}


def plain(one):
    """An object without what only one of the two ways has, and without the order of what has a name."""
    metadata = one["metadata"]
    metadata["labels"] = {name: value for name, value in metadata["labels"].items() if name not in HELMS}
    metadata.pop("namespace", None)
    if one["kind"] == "Deployment":
        spec = one["spec"]["template"]["spec"]
        for named in (spec["volumes"], spec["containers"][0]["volumeMounts"]):
            named.sort(key=lambda entry: entry["name"])
    if one["kind"] == "ConfigMap":
        one["data"] = {name: yaml.safe_load(text) for name, text in one["data"].items()}
    return one


class BothWays(DeployTest):
    def same(self, values, folder, only_kustomize=frozenset()):
        chart, kustomize = tools.chart(values), tools.kustomized(folder)
        self.assertEqual(set(kustomize) - only_kustomize, set(chart))
        for key, one in chart.items():
            self.assertEqual(plain(kustomize[key]), plain(one), key)

    def test_base(self):
        self.same("base", "base")

    def test_production(self):
        # The chart takes packs from ConfigMaps that are there.
        self.same("production", "overlays/production", {("ConfigMap", "meeting-gateway-policy-house")})
