"""The official Python SDK, unmodified, against the real binary over TLS: only its endpoint and its credentials change.

Usage: test_sdk.py MEETING_GATEWAY_BINARY [TEST...]

A TEST is a name as it is printed, such as `series.Series.test_an_edit`. Without one everything runs, and at the end the audit
log is asked whether every governed operation was carried out. SDK_TEST_POLICIES names other packs, to see the tests fail.
"""
import os
import sys
import unittest

import coverage_of_operations
import sdk_test
from programs import Stand

SUBJECTS = ["sign_in", "meetings", "series", "sub_meetings", "reading", "refusals"]


def main(binary, *names):
    stand = Stand(os.path.abspath(binary))
    sdk_test.SdkTest.stand = stand
    try:
        suite = unittest.defaultTestLoader.loadTestsFromNames(names or SUBJECTS)
        result = unittest.TextTestRunner(verbosity=2).run(suite)
        missing = [] if names else coverage_of_operations.missing(stand)
    finally:
        stand.close()
    for what in missing:
        print(what, file=sys.stderr)
    return 0 if result.wasSuccessful() and result.testsRun and not missing else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
