"""A gateway that is gone is missed, and one that ends well has sent what it had to say."""
import signal

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
