"""What the tests begin with."""
import unittest


class DeployTest(unittest.TestCase):
    """`binary` is set before they run."""

    binary = None
    maxDiff = None
