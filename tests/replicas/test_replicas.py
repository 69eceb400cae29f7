#!/usr/bin/env python3
"""The real parts together: three gateways, HAProxy in front of them, Redis behind them.

Usage: test_replicas.py MEETING_GATEWAY_BINARY REDIS_SERVER HAPROXY [TEST...]

A TEST is a name as it is printed, such as `accuracy.Accuracy.test_one_caller`. With WITHOUT_STORE=1 the gateways get no store, so
that the tests can be seen to fail. It needs nothing but Python. What was measured closes the run.
"""
import os
import signal
import sys
import tempfile
import time
import unittest

import table
from parts import Part
from stand import ReplicaTest

SUBJECTS = ["bounds_test", "accuracy", "outages", "faults", "sentinel", "cluster", "encrypted", "tokens", "rolling", "latency"]


def main(binary, redis, haproxy, *names):
    # Ended from outside, it ends what it has started: at once, as for Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ReplicaTest.binary, ReplicaTest.redis, ReplicaTest.haproxy = map(os.path.abspath, (binary, redis, haproxy))
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        ReplicaTest.folder = folder
        try:
            suite = unittest.defaultTestLoader.loadTestsFromNames(names or SUBJECTS)
            result = unittest.TextTestRunner(verbosity=2).run(suite)
        finally:
            Part.end_all()
    table.show()
    print(f"\n{time.monotonic() - began:.0f} s")
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
