"""A store of three nodes, each with a third of the keys: a slot moves, a node dies and comes back."""
import signal
import time

from gateways import CALLERS, quota
from load import percentile
from parts import lasts, until
from stand import ReplicaTest, Stand
from stores import Cluster
from table import row

# For each of the callers.
RATE, BURST, RECOVERY = 15, 15, 10.0


class Nodes(ReplicaTest):
    @classmethod
    def setUpClass(cls):
        cls.store = Cluster(cls.folder_of("cluster"), cls.redis)
        cls.stand = Stand([quota(requests=RATE, burst=BURST)], kept=cls.store.section())

    def setUp(self):
        """Two seconds in which nothing is the matter, until the quota of each caller is on some node."""
        self.began, self.load = time.monotonic(), self.stand.load(2 * RATE * len(CALLERS), connections=12, callers=CALLERS)
        lasts(2, self.began)
        self.where = until("the quotas of all callers are in the store", lambda: len(found := self.nodes()) == len(CALLERS) and found)
        self.assertGreater(len(set(self.where.values())), 1, "all are on one node")

    def tearDown(self):
        self.load.stop()

    def nodes(self):
        """The node that has the quota of each caller."""
        return {caller: node for key, node in self.store.keys().items() for caller in CALLERS if caller.encode() in key}

    def judged(self, answers, more):
        """Callers in `more` may have had one burst more."""
        self.nothing_lost(answers)
        for caller in CALLERS:
            mine = [one for one in answers if one.caller == caller]
            self.within(mine, RATE, BURST * (2 if caller in more else 1), caller)
            self.parts_within(mine, RATE, BURST, caller)

    def test_1_a_slot_moves(self):
        caller, source = sorted(self.where.items())[0]
        target = next(node for node in self.store.nodes if node is not source)
        self.store.move(next(key for key, node in self.store.keys().items() if caller.encode() in key), target)
        lasts(1)
        answers = self.load.stop()
        self.assertIs(self.nodes()[caller], target)
        self.judged(answers, [caller])
        row(f"a cluster of 3 nodes, {len(CALLERS)} callers, a slot moves: answers, lost, counted alone; p99, max",
            f"{len(answers)}, 0, {sum(one.local for one in answers)}; {percentile(answers, 0.99):.0f} ms, {percentile(answers, 1):.0f} ms",
            "0 lost; one burst for who is moved")

    def test_2_a_node_dies_and_comes_back(self):
        gone = self.where[CALLERS[0]]
        lost = [caller for caller, node in self.where.items() if node is gone]
        died = time.monotonic()
        gone.end(signal.SIGKILL)
        until("callers whose quota is gone are counted by each replica alone", lambda: set(lost) <= {
            one.caller for one in self.load.since(died) if one.local})
        lasts(1)
        back = time.monotonic()
        gone.start()
        until("the cluster is one again", self.store.is_whole)
        together = self.stand.all_local(self.load, back, local=False) - back
        lasts(1)
        answers = self.load.stop()
        self.judged(answers, CALLERS)
        meanwhile = [one for one in answers if died + 0.5 < one.sent < back and one.caller not in lost]
        row("  a node dies and comes back: answers, lost; of others' meanwhile, counted alone",
            f"{len(answers)}, 0; {sum(one.local for one in meanwhile)} of {len(meanwhile)}", "0 lost; one burst for each")
        row("  all count together again after; p99, max", f"{together:.2f} s; {percentile(answers, 0.99):.0f} ms, "
            f"{percentile(answers, 1):.0f} ms", f"< {RECOVERY:.0f} s")
        self.assertLess(together, RECOVERY)
