"""What the tests of a running pipeline begin with."""
import unittest


class PipelineTest(unittest.TestCase):
    """`stand` is set before they run; `promtool` also for those that need no stand."""

    stand = None
    promtool = None
