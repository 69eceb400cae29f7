"""What the tests begin with: a simulator, a store, three gateways, a balancer."""
import os
import pathlib
import tempfile
import unittest

from balancer import Balancer
from bounds import allowed, worst
from gateways import PLENTY, Gateway, section
from link import Link
from load import Load, admitted, lost
from parts import Part, Simulator, until
from stores import Redis

# To see what goes red without a store: each gateway counts for itself then.
WITHOUT_STORE = bool(os.environ.get("WITHOUT_STORE"))


class Stand:
    """Three gateways on one store, started at once. `kept` are lines of `store` if it is not this stand's own server; with `linked`,
    each gateway has a network of its own to the store; `fault` is what the upstream does from the beginning."""

    def __init__(self, quotas=PLENTY, kept=None, linked=False, fault=None, **more):
        self.folder, self.quotas = tempfile.mkdtemp(dir=ReplicaTest.folder), quotas
        self.simulator = Simulator(self.folder, ReplicaTest.binary)
        if fault:
            self.simulator.control("POST", "faults", fault)
        self.redis = Redis(self.folder, "store", ReplicaTest.redis) if kept is None else None
        self.links = [Link(self.redis.port) for _ in range(3)] if linked else []
        urls = [one.url for one in self.links] or [self.redis.url if self.redis else ""] * 3
        self.gateways = [self.gateway(f"gateway-{n + 1}", section(**{"urls": url, **(kept or {}), **more})) for n, url in enumerate(urls)]
        for gateway in self.gateways:
            gateway.wait_ready()
            if not WITHOUT_STORE:
                gateway.wait_shared()
        self.balancer = Balancer(self.folder, ReplicaTest.haproxy, self.gateways)

    def gateway(self, name, store, quotas=None):
        store = None if WITHOUT_STORE else store
        return Gateway(self.folder, name, ReplicaTest.binary, self.simulator.url, quotas or self.quotas, store)

    def load(self, rate, **more):
        return Load(self.balancer.port, rate, **more)

    def all_local(self, load, moment, local=True):
        """Waits until each replica says with an answer to a request sent since a moment that it counts alone, or that it does not;
        gives when the last of them first did."""
        def look():
            first = {}
            for one in sorted(load.since(moment), key=lambda one: one.received):
                if one.local == local:
                    first.setdefault(one.replica, one.received)
                elif not local:
                    # For good, not only once.
                    first.pop(one.replica, None)
            return len(first) == len(self.gateways) and max(first.values())

        return until(f"all replicas count {'alone' if local else 'together'}", look)


class ReplicaTest(unittest.TestCase):
    """What is set before they run: three programs, and a folder."""

    binary = redis = haproxy = folder = None

    @classmethod
    def tearDownClass(cls):
        """Nothing runs on beside the next subject; and nothing may have panicked."""
        told = [part for part in Part.started if isinstance(part, Gateway) and "panicked" in part.told()]
        Part.end_all()
        Link.close_all()
        assert not told, [part.told() for part in told]

    def nothing_lost(self, answers):
        self.assertGreater(len(answers), 0)
        self.assertEqual(lost(answers), [])

    def within(self, answers, rate, burst, what):
        """Over no window more was let through than a bucket with this rate and burst allows. Gives by how much less, at least."""
        excess, seconds, count = worst(admitted(answers), rate, burst)
        self.assertLessEqual(excess, 0, f"{what}: {count} were let through in {seconds:.3f} s, "
                                        f"{allowed(seconds, rate, burst):.1f} are allowed")
        return -excess

    def parts_within(self, answers, rate, burst, what, replicas=3):
        """What replicas let through alone is, for each, within its part of the quota."""
        alone = [one for one in answers if one.local]
        for replica in sorted({one.replica for one in alone}):
            mine = [one for one in alone if one.replica == replica]
            self.within(mine, rate / replicas, max(1, burst // replicas), f"{what}, {replica} alone")
        return alone

    @classmethod
    def folder_of(cls, name):
        folder = pathlib.Path(cls.folder, name)
        folder.mkdir()
        return folder
