"""The store is gone for ten seconds in the middle of load, in three ways at once, each to a stand of its own.

`frozen`: the process is stopped, so that connections come about and nothing answers. `killed`: it is killed, and started again with
nothing in it. `cut off`: the network of one replica loses everything for ten seconds, those of the two others for the last five.
"""
import signal
import time

from bounds import allowed, worst
from gateways import CALLERS, quota
from load import admitted, percentile
from parts import lasts, until
from stand import ReplicaTest, Stand
from table import row

RATE, BURST, OUTAGE = 30, 30, 10.0
# Milliseconds, for a machine that is busy: what is measured is far less, and in the table.
SLOWEST, SLOW = 1500, 400
# Seconds, of which a gateway has two.
RECOVERY = 5.0


class Outage:
    """One way, on a stand of its own."""

    def __init__(self, name, **more):
        self.name, self.stand = name, Stand([quota(requests=RATE, burst=BURST)], timeout="25ms", **more)
        self.load = self.stand.load(3 * RATE, connections=9)

    def begins(self):
        self.began = time.monotonic()
        self.cut()

    def ends(self):
        self.mend()
        self.ended = time.monotonic()

    def halfway(self):
        pass


class Frozen(Outage):
    def cut(self):
        self.stand.redis.send(signal.SIGSTOP)

    def mend(self):
        self.stand.redis.send(signal.SIGCONT)


class Killed(Outage):
    def cut(self):
        self.stand.redis.end(signal.SIGKILL)

    def mend(self):
        self.stand.redis.start()


class CutOff(Outage):
    def cut(self):
        self.stand.links[0].cut()

    def halfway(self):
        for link in self.stand.links[1:]:
            link.cut()

    def mend(self):
        for link in self.stand.links:
            link.mend()


class Outages(ReplicaTest):
    def test_ten_seconds_without_a_store(self):
        outages = [Frozen("frozen"), Killed("killed"), CutOff("cut off", linked=True)]
        ready = time.monotonic()
        for one in outages:
            self.assertTrue(all(gateway.store_up() == 1 and not gateway.degraded() for gateway in one.stand.gateways), one.name)
        lasts(2, ready)
        for one in outages:
            one.begins()
        began = time.monotonic()
        lasts(OUTAGE / 2, began)
        for one in outages:
            one.halfway()
        for one in outages:
            self.marked(one)
        lasts(OUTAGE, began)
        for one in outages:
            one.ends()
        for one in outages:
            self.recovered(one)
        lasts(2, one.ended)
        for one in outages:
            answers = one.load.stop()
            with self.subTest(one.name):
                self.judged(one, answers)

    def marked(self, one):
        """What a caller, a balancer, an operator see of it."""
        one.stand.all_local(one.load, one.began)
        for gateway in one.stand.gateways:
            reason = until(f"{gateway.name} says it is degraded", gateway.degraded)
            self.assertEqual(gateway.store_up(), 0, reason)
            _, headers, _ = gateway.read(CALLERS[1])
            self.assertEqual(headers["ratelimit-policy"], f'"caller";q={RATE // 3};w=1;local')
        self.assertTrue(one.stand.balancer.is_whole())

    def recovered(self, one):
        one.recovery = one.stand.all_local(one.load, one.ended, local=False) - one.ended
        for gateway in one.stand.gateways:
            until(f"{gateway.name} is not degraded any more", lambda: not gateway.degraded() and gateway.store_up() == 1)
            self.assertEqual(gateway.read(CALLERS[1])[1]["ratelimit-policy"], f'"caller";q={RATE};w=1')

    def judged(self, one, answers):
        self.nothing_lost(answers)
        settled = [answer for answer in answers if one.began + 2 < answer.sent < one.ended]
        before = [answer for answer in answers if answer.received < one.began]
        during = [answer for answer in answers if one.began <= answer.sent < one.ended]
        # The whole quota holds before, the parts hold during, and over all of it there is no more than one further burst.
        self.within(before, RATE, BURST, f"{one.name}, before")
        self.parts_within(answers, RATE, BURST, one.name)
        if one.name != "cut off":
            self.within(settled, RATE, BURST, f"{one.name}, alone")
            self.assertTrue(all(answer.local for answer in settled))
        # A replica that is cut off alone has its part of the quota beside the whole one that the others share.
        rate, burst = (RATE * 4 / 3, BURST * 4 / 3) if one.name == "cut off" else (RATE, BURST)
        spare = self.within(answers, rate, burst + BURST, f"{one.name}, over all")
        excess, seconds, count = worst(admitted(answers), rate, burst)
        served = len(admitted(settled)) / (RATE * (settled[-1].received - settled[0].sent))
        self.assertGreater(served, 0.8, f"{one.name}: the parts are not made use of")
        row(f"store {one.name} for 10 s, 30/s and 30 at once, asked 90/s: answers, lost", f"{len(answers)}, 0", "0 lost")
        row("  most beyond the quota over any window", f"{max(0, excess):.1f} ({count} in {seconds:.1f} s; spare {spare:.1f})",
            f"<= {allowed(seconds, rate, burst + BURST):.0f}: one burst")
        row("  of the parts together, let through meanwhile", f"{served:.0%}", "> 80 %")
        slowest = max(answer.milliseconds for answer in during)
        row("  ms before: p50, p99, max", " ".join(f"{percentile(before, share):.1f}" for share in (0.5, 0.99, 1)))
        row("  ms meanwhile: p50, p99, max", " ".join(f"{percentile(during, share):.1f}" for share in (0.5, 0.99, 1)),
            f"p99 < {SLOW}, max < {SLOWEST}")
        row("  all replicas count together again after", f"{one.recovery:.2f} s", f"< {RECOVERY:.0f} s")
        self.assertLess(percentile(during, 0.99), SLOW)
        self.assertLess(slowest, SLOWEST)
        self.assertLess(one.recovery, RECOVERY)
