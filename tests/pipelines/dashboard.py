"""Every query of the Grafana dashboard, as Grafana would send it, to a Prometheus that has seen traffic and incidents."""
import json
import math
import re
import time

from parts import DEPLOY
from stand import PipelineTest

# Enough scrapes for a rate, few enough that an incident is still in it.
INTERVAL, LAST_SECONDS = "15s", 120
# What stays at nothing, or at none, while all is well; that it does not is not brought about here.
NOTHING_TO_SHOW = {("Audit lines lost", "A"), ("Writes that failed, files begun", "A"),
                   ("Lost on the way to the collector", "A"), ("Lost on the way to the collector", "B")}
VARIABLES = {"$__rate_interval": INTERVAL, "$instance": ".*"}


def filled_in(expression):
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    assert "$" not in expression, expression
    return expression


class Dashboard(PipelineTest):
    def setUp(self):
        self.dashboard = json.loads((DEPLOY / "grafana/dashboard.json").read_text())

    def shown(self, expression, instant):
        """The values that a panel would show."""
        prometheus, expression = self.stand.prometheus, filled_in(expression)
        if instant:
            return [value for _, value in prometheus.query(expression)]
        now = time.time()
        found = prometheus.api("query_range", query=expression, start=now - LAST_SECONDS, end=now, step=1)["result"]
        return [float(value) for series in found for _, value in series["values"]]

    def test_every_query_shows_something(self):
        queries = [(panel["title"], target) for panel in self.dashboard["panels"] for target in panel.get("targets", [])]
        self.assertGreater(len(queries), 30)
        for title, target in queries:
            with self.subTest(title=title, query=target["refId"]):
                values = [value for value in self.shown(target["expr"], target["instant"]) if not math.isnan(value)]
                self.assertTrue(values, target["expr"])
                if re.search(r"\b(rate|increase)\(", target["expr"]) and (title, target["refId"]) not in NOTHING_TO_SHOW:
                    self.assertGreater(max(values), 0, target["expr"])

    def test_annotations_and_variables_find_something(self):
        for annotation in self.dashboard["annotations"]["list"]:
            self.assertTrue(self.shown(annotation["expr"], False), annotation)
        for variable in self.dashboard["templating"]["list"]:
            if variable["type"] == "query":
                series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
                found = self.stand.prometheus.api(f"label/{label}/values", **{"match[]": series})
                self.assertEqual(len(found), 2, variable)

    def test_panels_are_where_grafana_can_show_them(self):
        """Ids are given once, nothing lies on anything else, and every query goes to the variable's Prometheus."""
        panels = self.dashboard["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        taken = set()
        for panel in panels:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells
            for target in panel.get("targets", []):
                self.assertEqual(target["datasource"], {"type": "prometheus", "uid": "${datasource}"}, panel["title"])
