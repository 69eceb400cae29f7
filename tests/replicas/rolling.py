"""Replicas that are started again, or given another policy, one after the other, under constant load."""
import time

from bounds import worst
from gateways import PACK, quota
from load import admitted, percentile
from parts import ask, lasts, until
from stand import ReplicaTest, Stand
from table import row

RATE, BURST = 40, 40


class Rolling(ReplicaTest):
    def judged(self, answers, name, seconds):
        self.nothing_lost(answers)
        self.assertEqual(len({one.replica for one in answers}), 3)
        self.within(answers, RATE, BURST, name)
        self.assertGreaterEqual(len(admitted(answers)), 0.9 * (BURST + RATE * (answers[-1].received - answers[0].sent)))
        excess, _, _ = worst(admitted(answers), RATE, BURST)
        row(f"{name} in {seconds:.1f} s: answers, lost, least spare over all windows, p99, max",
            f"{len(answers)}, 0, {-excess:.1f} requests, {percentile(answers, 0.99):.0f} ms, {percentile(answers, 1):.0f} ms",
            "0 lost, spare >= 0")

    def test_all_are_started_again(self):
        stand = Stand([quota(requests=RATE, burst=BURST)])
        load, began = stand.load(3 * RATE, connections=9), time.monotonic()
        for gateway in stand.gateways:
            gateway.stop()
            gateway.start().wait_ready()
            stand.balancer.wait_whole()
            back = time.monotonic()
            until(f"{gateway.name} answers again", lambda: any(one.replica == gateway.name for one in load.since(back)))
        seconds = time.monotonic() - began
        self.judged(load.stop(), "all three started again", seconds)

    def test_all_get_another_policy_and_another_quota_of_others(self):
        """Whose quota is unchanged keeps its place in it, whichever replica is asked."""
        stand = Stand([quota(requests=RATE, burst=BURST), quota("meeting", requests=1000000)])
        load, began = stand.load(3 * RATE, connections=9), time.monotonic()
        lasts(1, began)
        for gateway in stand.gateways:
            before = gateway.version()["policy_digest"]
            self.assertEqual(gateway.change(50, "app-1"), 200)
            gateway.pack.write_text(PACK % 45)
            until(f"{gateway.name} has the new policy", lambda: gateway.version()["policy_digest"] != before)
            self.assertEqual(gateway.change(50, "app-1"), 403)
            before = gateway.version()["config_digest"]
            gateway.rewrite("1000000", "900000")
            until(f"{gateway.name} has the new quota", lambda: gateway.version()["config_digest"] != before)
            _, headers, _ = ask(f"{gateway.url}/v1/mmc/management/conferences/confDetail?conferenceID=914087436",
                                headers={"x-access-token": "key-of-app-1-not-a-secret"})
            self.assertIn("900000", headers["ratelimit-policy"])
        seconds = time.monotonic() - began
        self.judged(load.stop(), "another policy for all three", seconds)
