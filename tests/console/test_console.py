"""The console in a real browser.

Usage: test_console.py MEETING_GATEWAY_BINARY CHROMIUM [TEST...]

A TEST is a name as it is printed, such as `browser_test.BrowserTest.test_a_good_page`. Screenshots go to the folder that
CONSOLE_SCREENSHOTS names, else to target/console.
"""
import os
import sys
import unittest

from browser import Browser
from stand import ConsoleTest

SUBJECTS = ["browser_test", "pages_test", "live_test", "rules_test", "playground_test", "explorer_test"]


def main(binary, chromium, *names):
    ConsoleTest.binary = os.path.abspath(binary)
    ConsoleTest.browser = Browser(os.path.abspath(chromium))
    try:
        suite = unittest.defaultTestLoader.loadTestsFromNames(names or SUBJECTS)
        result = unittest.TextTestRunner(verbosity=2).run(suite)
    finally:
        ConsoleTest.browser.close()
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
