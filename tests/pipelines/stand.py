"""What the tests of a running pipeline begin with."""
import unittest


class PipelineTest(unittest.TestCase):
    """What is set before they run."""

    stand = None
    binary = None
    promtool = None
