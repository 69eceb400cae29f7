"""The files under deploy/: rendered, held to the schemas of those who read them, to each other and to the program.

Usage: test_deploy.py MEETING_GATEWAY_BINARY [TEST...]

A TEST is a name as it is printed, such as `pods.Pods.test_the_security_context`. No Kubernetes, systemd or container engine runs.
"""
import os
import sys
import unittest

from stand import DeployTest

SUBJECTS = ["chart", "pods", "network", "both_ways", "mounted", "unit", "image", "compose", "handbook"]


def main(binary, *names):
    DeployTest.binary = os.path.abspath(binary)
    suite = unittest.defaultTestLoader.loadTestsFromNames(names or SUBJECTS)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
