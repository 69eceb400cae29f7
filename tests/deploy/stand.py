"""What the tests begin with."""
import json
import unittest

import tools


class DeployTest(unittest.TestCase):
    """`binary` is set before they run."""

    binary = None
    maxDiff = None

    @classmethod
    def knows(cls, section):
        """Whether the program has a section of the configuration; files may be ahead of it."""
        done = tools.run(cls.binary, "config", "schema")
        assert done.returncode == 0, done.stderr
        return section in json.loads(done.stdout)["properties"]

    @classmethod
    def understood(cls, config):
        """A configuration without what the program does not know yet."""
        return {section: value for section, value in config.items() if section != "store" or cls.knows("store")}
