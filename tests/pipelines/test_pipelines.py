"""The real parts together: gateways, a collector, a Prometheus with the shipped rules, the dashboard's queries.

Usage: test_pipelines.py MEETING_GATEWAY_BINARY PROMETHEUS PROMTOOL [TEST...]

A TEST is a name as it is printed, such as `one_request.OneRequest.test_answered`.
"""
import os
import sys
import unittest

from parts import Stand
from stand import PipelineTest

# In this order: what comes later breaks things.
SUBJECTS = ["rules", "one_request", "incidents", "dashboard", "the_end"]


def main(binary, prometheus, promtool, *names):
    PipelineTest.binary, PipelineTest.promtool = os.path.abspath(binary), promtool
    PipelineTest.stand = stand = Stand(PipelineTest.binary, prometheus)
    try:
        suite = unittest.defaultTestLoader.loadTestsFromNames(names or SUBJECTS)
        result = unittest.TextTestRunner(verbosity=2, failfast=True).run(suite)
    finally:
        stand.close()
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
