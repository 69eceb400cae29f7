"""A store that is there and does not do what it should: one after another, under load that never stops."""
import random
import threading
import time

import signing
from bounds import worst
from gateways import CALLERS, quota
from load import admitted, percentile
from parts import Ports, lasts, until
from stand import ReplicaTest, Stand
from table import row

RATE, BURST = 30, 30
RECOVERY = 5.0


class Faults(ReplicaTest):
    """In the order of the names; the stand and its load are there for all of them."""

    @classmethod
    def setUpClass(cls):
        cls.stand = Stand([quota(requests=RATE, burst=BURST)], linked=True, timeout="25ms")
        cls.load = cls.stand.load(3 * RATE, connections=9)

    @classmethod
    def tearDownClass(cls):
        cls.load.stop()
        super().tearDownClass()

    def setUp(self):
        """Two seconds, in which nothing is the matter."""
        self.assertEqual([gateway.degraded() for gateway in self.stand.gateways], ["", "", ""])
        self.began = time.monotonic()
        lasts(1.5, self.began)
        self.redis, self.fault = self.stand.redis, time.monotonic()

    def failing(self):
        """Waits until all replicas have noticed, and then for a second."""
        self.stand.all_local(self.load, self.fault)
        for gateway in self.stand.gateways:
            until(f"{gateway.name} says it is degraded", gateway.degraded)
            self.assertEqual(gateway.store_up(), 0)
            # Sign-ins go on, and count once at least here.
            sent = signing.attempt()
            self.assertEqual([signing.sign_in(gateway, sent)[0] for _ in range(2)], [200, 401])
        lasts(1)

    def recovered(self, name, since=None):
        """Waits until all replicas count together again, and holds everything since the test began to the bound."""
        since = since or time.monotonic()
        seconds = self.stand.all_local(self.load, since, local=False) - since
        until("all say so", lambda: all(not one.degraded() and one.store_up() == 1 for one in self.stand.gateways))
        lasts(1)
        answers = self.load.since(self.began)
        self.nothing_lost(answers)
        self.parts_within(answers, RATE, BURST, name)
        self.within(answers, RATE, 2 * BURST, f"{name}, over all")
        excess, window, count = worst(admitted(answers), RATE, BURST)
        row(f"store {name}: all count together again after; most beyond the quota; p99, max",
            f"{seconds:.2f} s; {max(0, excess):.1f} ({count} in {window:.1f} s); "
            f"{percentile(answers, 0.99):.0f} ms, {percentile(answers, 1):.0f} ms", f"< {RECOVERY:.0f} s; one burst ({BURST})")
        self.assertLess(seconds, RECOVERY)

    def test_1_out_of_memory(self):
        self.redis.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
        self.redis.ask("CONFIG", "SET", "maxmemory", 1)
        self.failing()
        self.redis.ask("CONFIG", "SET", "maxmemory", 0)
        self.recovered("out of memory")

    def test_2_read_only(self):
        self.redis.ask("REPLICAOF", "127.0.0.1", Ports.free())
        self.failing()
        self.redis.ask("REPLICAOF", "NO", "ONE")
        self.recovered("read-only")

    def test_3_paused(self):
        """What reads is answered still, such as PING; what may write is not."""
        self.redis.ask("CLIENT", "PAUSE", 60000, "WRITE")
        self.failing()
        self.redis.ask("CLIENT", "UNPAUSE")
        self.recovered("paused for writes")

    def test_4_busy(self):
        """It does nothing else for two seconds."""
        sleeper = threading.Thread(target=self.redis.ask, args=("DEBUG", "SLEEP", "2"))
        sleeper.start()
        self.stand.all_local(self.load, self.fault)
        sleeper.join()
        self.recovered("busy for 2 s")

    def test_5_all_data_is_lost(self):
        """Nobody need notice, but there is no more than one burst in it."""
        self.redis.ask("FLUSHALL")
        self.recovered("emptied", self.fault)

    def test_6_scripts_and_connections_are_lost(self):
        """Both are made anew at once, and nothing is forgotten."""
        self.redis.ask("SCRIPT", "FLUSH")
        self.redis.ask("CLIENT", "KILL", "TYPE", "normal")
        self.recovered("without its scripts and connections", self.fault)

    def test_7_the_network_comes_and_goes(self):
        """Every few hundredths of a second, so that many answers come too late. None is taken for that to another request: a caller
        who asks little is never refused what another has used up."""
        modest = self.stand.load(6, connections=2, callers=CALLERS[1:2])
        while time.monotonic() < self.fault + 3:
            for change in ("cut", "mend"):
                for link in self.stand.links:
                    getattr(link, change)()
                lasts(random.uniform(0.01, 0.06))
        answers = modest.stop()
        self.recovered("coming and going")
        self.assertEqual({one.status for one in answers}, {200})

    def test_8_the_log_has_a_line_for_each_outage_and_not_for_each_request(self):
        for gateway in self.stand.gateways:
            told = [line for line in gateway.told().splitlines() if "store" in line]
            self.assertTrue(4 <= len(told) <= 60, told)
        row("  lines about it in the log of one replica, of requests", f"{len(told)}, {len(self.load.answers)}", "4 to 60")
