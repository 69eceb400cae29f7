"""A store with a replica and a Sentinel: another master takes the place of the first, and the gateways follow."""
import collections
import time

from bounds import allowed, worst
from gateways import quota
from load import admitted, percentile
from parts import lasts, until
from stand import ReplicaTest, Stand
from stores import Watched
from table import row

RATE, BURST, RECOVERY = 30, 30, 15.0
# Seconds for which two masters may both be in use.
BOTH = 4.0


class Sentinel(ReplicaTest):
    def begin(self, name):
        """A second in which nothing is the matter."""
        store = Watched(self.folder_of(name), self.redis)
        stand = Stand([quota(requests=RATE, burst=BURST)], kept=store.section())
        load, began = stand.load(3 * RATE, connections=9), time.monotonic()
        lasts(1, began)
        self.assertFalse(any(one.local for one in load.since(began)))
        self.assertGreater(store.master.calls().get("evalsha", 0), 0)
        return store, stand, load

    def named(self, store):
        until("the Sentinel has named another master", lambda: store.address() == store.replica.port)
        return time.monotonic()

    def summary(self, answers, bound):
        excess, seconds, count = worst(admitted(answers), RATE, BURST)
        row("  answers, lost; most beyond the quota; p99, max",
            f"{len(answers)}, 0; {max(0, excess):.1f} ({count} in {seconds:.1f} s); {percentile(answers, 0.99):.0f} ms, "
            f"{percentile(answers, 1):.0f} ms", f"0 lost; {bound}")

    def test_1_the_master_dies(self):
        store, stand, load = self.begin("dies")
        died = time.monotonic()
        store.kill_master()
        stand.all_local(load, died)
        named = self.named(store)
        back = stand.all_local(load, named, local=False)
        until("nobody is degraded", lambda: all(not one.degraded() and one.store_up() == 1 for one in stand.gateways))
        healed = time.monotonic()
        lasts(1)
        self.assertFalse(any(one.local for one in load.since(healed)))
        answers = load.stop()
        row("the master of a Sentinel dies: another is named after; all count together again after that",
            f"{named - died:.2f} s; {back - named:.2f} s", f"< {RECOVERY:.0f} s together")
        self.summary(answers, f"one burst ({BURST})")
        self.nothing_lost(answers)
        self.assertGreater(store.replica.calls().get("evalsha", 0), 0)
        self.parts_within(answers, RATE, BURST, "a master that dies")
        self.within(answers, RATE, 2 * BURST, "a master that dies, over all")
        self.assertLess(back - died, RECOVERY)

    def test_2_the_master_is_replaced_while_it_still_runs(self):
        """As where Sentinels cannot reach it, and gateways can: for ten seconds it takes itself for the master. A gateway that is
        started meanwhile asks the new one; so the others must come to know of it, or two masters count."""
        store, stand, load = self.begin("replaced")
        store.asked("FAILOVER", "gateways")
        named = self.named(store)
        gateway = stand.gateways[2]
        gateway.stop()
        gateway.start().wait_shared()
        stand.balancer.wait_whole()
        # All are on one again, by then at the latest.
        lasts(BOTH, named)
        settled = time.monotonic()
        lasts(3)
        answers = load.stop()
        later = [one for one in answers if one.sent > settled]
        counts = collections.Counter(one.replica for one in admitted(later))
        row("the master of a Sentinel is replaced and still runs: let through in 3 s, some seconds later",
            f"{counts.total()}, {' '.join(str(counts[one.name]) for one in stand.gateways)} by each replica",
            f"<= {allowed(3, RATE, BURST):.0f}, one quota, not two")
        self.summary(answers, f"as much as in {BOTH:.0f} s, and one burst")
        self.nothing_lost(answers)
        self.within(later, RATE, BURST, "after the master was replaced")
        self.within(answers, RATE, 2 * BURST + RATE * BOTH, "a master that is replaced, over all")
