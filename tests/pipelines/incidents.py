"""What goes wrong on purpose, so that the rules see something and every panel of the dashboard has something to show."""
import base64
import datetime
import itertools

from parts import until
from stand import PipelineTest

# The quota of a meeting is 5 requests a minute: those that are to get further name another one each time.
OTHER = itertools.count(1000000)

# A JSON Web Token that nobody signed: {"alg":"ES256","kid":"k"}.{"iss":"https://login.corp.example"}.
A_TOKEN = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in
                   [b'{"alg":"ES256","kid":"k"}', b'{"iss":"https://login.corp.example"}', bytes(64)])


class Incidents(PipelineTest):
    """In the order of the names."""

    def alerts(self):
        """The state of each alert that is not inactive."""
        return {alert["labels"]["alertname"]: alert["state"] for alert in self.stand.prometheus.api("alerts")["alerts"]}

    def evaluated(self):
        """The rules of all groups, once each has been evaluated since this was asked."""
        asked = datetime.datetime.now(datetime.timezone.utc)

        def look():
            groups = self.stand.prometheus.api("rules")["groups"]
            # Prometheus writes nanoseconds, Python reads six digits.
            when = [datetime.datetime.fromisoformat(group["lastEvaluation"][:19] + "+00:00") for group in groups]
            self.assertGreater(min(when), asked)
            return [rule for group in groups for rule in group["rules"]]

        return until("all rules are evaluated", look)

    def test_1_healthy_gateways_raise_no_alert(self):
        """But for what is true: the two are configured differently, and, soon, one cannot fetch its issuer's keys."""
        self.assertEqual(self.stand.served.update()[0], 200)
        self.evaluated()
        alerts = self.alerts()
        alerts.pop("MeetingGatewayIssuerKeysFailing", None)
        self.assertEqual(alerts, {"MeetingGatewayConfigurationsDiffer": "pending"})

    def test_2_callers_do_what_they_may_not(self):
        """Again and again, until Prometheus has seen it go on."""
        served = self.stand.served
        kinds = [lambda: served.update(),
                 lambda: served.update(meeting=next(OTHER), headers={"x-site-id": "ea8f2b9c"}),
                 lambda: served.update(meeting=next(OTHER), attendees=[{"name": "Eve", "type": "outside"}]),
                 lambda: served.update(meeting=next(OTHER), length=5000),
                 lambda: served.update(key="wrong"),
                 lambda: served.update(key=A_TOKEN),
                 served.end_all_tokens]
        rising = ["http_server_request_duration_seconds_count", "meeting_gateway_refusals_total", "meeting_gateway_decisions_total",
                  "meeting_gateway_stripped_total", "meeting_gateway_limiter_rejections_total", "meeting_gateway_failed_attempts_total",
                  "meeting_gateway_token_fetches_total", "meeting_gateway_jwt_tokens_total"]

        def seen():
            for kind in kinds:
                kind()
            still = [name for name in rising if not self.stand.prometheus.value(f"sum(increase({name}[10s])) > 0")]
            self.assertEqual(still, [])
            return True

        until("every kind is counted", seen)

    def test_3_a_changed_configuration_is_applied_and_a_wrong_one_refused(self):
        served, reloads = self.stand.served, self.stand.prometheus
        # As logrotate does: the reload also begins a new file.
        served.audit.rename(served.audit.with_suffix(".1"))
        for old, new, result in [("scopes: []", "scopes: [secrets]", "applied"), ("upstream_user:", "upstream_usr:", "refused"),
                                 ("upstream_usr:", "upstream_user:", "unchanged"), ("scopes: [secrets]", "scopes: []", "applied"),
                                 ("upstream_user:", "upstream_usr:", "refused")]:
            before = reloads.value(f'sum(meeting_gateway_config_reloads_total{{result="{result}"}})') or 0
            served.change(old, new)
            until(f"the change to {new} is {result}",
                  lambda: reloads.value(f'sum(meeting_gateway_config_reloads_total{{result="{result}"}})') == before + 1)
        self.evaluated()
        self.assertEqual(self.alerts().get("MeetingGatewayReloadFailed"), "pending")
        self.assertEqual(reloads.value("sum(meeting_gateway_audit_rotations_total)"), 1)

    def test_4_the_upstream_goes_away(self):
        """The circuit opens, and so many requests fail that it is worth a page."""
        served, prometheus = self.stand.served, self.stand.prometheus
        served.upstream_fault(fault="reset", times=200, on="operations")

        def open_for_all_to_see():
            for _ in range(5):
                served.update(meeting=next(OTHER))
            alerts = self.alerts()
            return {"MeetingGatewayCircuitOpen", "MeetingGatewayErrorBudgetBurnsFast"} <= set(alerts) and alerts

        alerts = until("the alerts are raised", open_for_all_to_see)
        self.assertEqual(alerts["MeetingGatewayErrorBudgetBurnsFast"], "firing")
        self.assertEqual(alerts["MeetingGatewayCircuitOpen"], "pending")
        self.assertGreater(prometheus.value("sum(increase(meeting_gateway_upstream_circuit_opened_total[20s]))"), 0)
        served.forget_faults()

    def test_5_every_rule_can_be_evaluated(self):
        """Now that all of them have something to go by."""
        rules = self.evaluated()
        self.assertGreater(len(rules), 25)
        self.assertEqual([(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"], [])

    def test_6_keys_that_could_not_be_fetched_five_times_are_told_of(self):
        until("the alert is raised", lambda: self.alerts().get("MeetingGatewayIssuerKeysFailing") == "pending")
