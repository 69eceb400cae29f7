"""How exactly a quota is kept by three replicas together, over every window of time."""
import collections
import time

from bounds import allowed, busiest
from gateways import CALLERS, MEETING, quota
from load import admitted
from parts import lasts, until
from stand import ReplicaTest, Stand
from table import row

RATE, BURST = 50, 50


class Accuracy(ReplicaTest):
    def test_one_caller(self):
        """Three times as much as its quota, for six seconds."""
        stand = Stand([quota(requests=RATE, burst=BURST)])
        began, load = time.monotonic(), stand.load(3 * RATE, connections=12)
        lasts(6, began)
        answers = load.stop()
        self.nothing_lost(answers)
        given = admitted(answers)
        whole = answers[-1].received - answers[0].sent
        spare = self.within(answers, RATE, BURST, "one caller on three replicas")
        row("one caller, 50/s and 50 at once, asks 150/s of 3 replicas: least spare over all windows", f"{spare:.1f} requests", ">= 0")
        for seconds in (0.5, 1, 2, 5, whole):
            row(f"  most in any {seconds:.1f} s", str(busiest(given, seconds)), f"<= {allowed(seconds, RATE, BURST):.0f}")
        possible = BURST + RATE * whole
        row("  of what was possible", f"{len(given) / possible:.1%}", ">= 90 %")
        self.assertGreaterEqual(len(given), 0.9 * possible)
        self.assertFalse(any(one.local for one in answers), "a replica counted alone")
        for kind in (answers, given):
            counts = collections.Counter(one.replica for one in kind)
            self.assertEqual(len(counts), 3, counts)
        row("  answers of each replica, let through of each", " ".join(
            f"{sum(one.replica == name for one in answers)}/{sum(one.replica == name for one in given)}" for name in sorted(counts)))

    def test_all_at_once(self):
        """300 requests as fast as they can be sent, of which 20 are let through: not one more, and not one less."""
        stand = Stand([quota(requests=20, window="1h")])
        load = stand.load(100000, connections=12)
        until("all are answered", lambda: len(load.answers) >= 300)
        answers = load.stop()
        self.nothing_lost(answers)
        row(f"20 an hour, {len(answers)} requests at once to 3 replicas: let through", str(len(admitted(answers))), "20")
        self.assertEqual(len(admitted(answers)), 20)

    def test_one_meeting_of_several_callers(self):
        """A quota of a meeting holds for all callers and all replicas together."""
        stand = Stand([quota(requests=1000000), quota("meeting", requests=20, burst=20)])
        began = time.monotonic()
        load = stand.load(80, connections=8, callers=CALLERS[:4], target=f"conferences/confDetail?conferenceID={MEETING}")
        lasts(3, began)
        answers = load.stop()
        self.nothing_lost(answers)
        spare = self.within(answers, 20, 20, "one meeting of four callers")
        possible = 20 + 20 * (answers[-1].received - answers[0].sent)
        share = len(admitted(answers)) / possible
        self.assertGreaterEqual(share, 0.9)
        row("one meeting, 20/s, 4 callers ask 80/s of 3 replicas: least spare over all windows", f"{spare:.1f} requests", ">= 0")
        row("  of what was possible", f"{share:.1%}", ">= 90 %")
