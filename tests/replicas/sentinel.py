"""A store with a replica and a Sentinel: another master takes the place of one that dies, and the gateways follow."""
import time

from bounds import worst
from gateways import quota
from load import admitted, percentile
from parts import lasts, until
from stand import ReplicaTest, Stand
from stores import Watched
from table import row

RATE, BURST, RECOVERY = 30, 30, 15.0


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
