"""A gateway that is gone is missed, and one that ends well has sent what it had to say and closed its audit log."""
import signal
import subprocess

from parts import until
from stand import PipelineTest


class TheEnd(PipelineTest):
    def test_1_a_gateway_that_is_killed_is_missed(self):
        self.stand.served.end(signal.SIGKILL)
        until("the alert is raised", lambda: [alert for alert in self.stand.prometheus.api("alerts")["alerts"]
                                              if alert["labels"]["alertname"] == "MeetingGatewayDown" and alert["state"] == "pending"
                                              and alert["labels"]["instance"] == self.stand.served.admin.removeprefix("http://")])

    def test_2_the_demo_ends_well(self):
        self.assertEqual(self.stand.demo.end(), 0)
        self.assertNotIn("panicked", self.stand.demo.told())
        self.assertEqual(self.stand.backend.faults, [])

    def test_3_the_audit_log_of_the_demo_is_whole_and_a_changed_one_is_not(self):
        audit = self.stand.demo.audit
        self.assertEqual(self.verified(audit), 0)
        audit.write_text(audit.read_text().replace('"outcome":"refused"', '"outcome":"answered"', 1))
        self.assertEqual(self.verified(audit), 1)

    def verified(self, audit):
        arguments = [self.binary, "audit", "verify", "--closed", audit]
        return subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30).returncode
