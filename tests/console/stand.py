"""What the tests of the console begin with: the demo's gateway, whose upstream is a simulator, and visits to its console."""
import atexit
import datetime
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from processes import ask, until  # noqa: E402

API_KEY = "demo-key-not-a-secret"
PATH = "/v1/mmc/management/cycleconferences"
# The series that the simulator has from the start.
MEETING = "914087436"
QUERY = f"conferenceID={MEETING}"


class ConsoleTest(unittest.TestCase):
    """What is set before they run: the program, a browser, and one demo for all of them."""

    maxDiff = None
    binary = None
    browser = None
    demo = None

    @classmethod
    def setUpClass(cls):
        ConsoleTest.demo = ConsoleTest.demo or Demo(cls.binary)

    def visit(self, path="", **more):
        """A visit to a page of the console."""
        return self.browser.visit(self.demo.console + path, **more)

    def assert_sound(self, visit):
        """Nothing went wrong on the page, and axe finds nothing grave in it."""
        self.assertEqual(visit.findings(), [])
        self.assertEqual(visit.wrong(), [])


class Demo:
    """The demo, on ports of its own, until the tests end."""

    def __init__(self, binary):
        self.others = itertools.count(100_000_000)
        self.out = tempfile.NamedTemporaryFile("w+", suffix=".out")
        arguments = ["demo", "--port", "0", "--tls-port", "0", "--admin-port", "0"]
        root = pathlib.Path(__file__).resolve().parents[2]
        self.process = subprocess.Popen([binary, *arguments], stdout=self.out, stderr=subprocess.STDOUT, cwd=root)
        atexit.register(self.process.kill)
        # Printed once the examples have gone through.
        until("the demo is up", lambda: "Ctrl-C ends the demo" in self.said())
        self.console = self.place(r"console +(http\S+)")
        self.gateway = self.place(r"gateway +(http\S+)")

    def said(self):
        return pathlib.Path(self.out.name).read_text()

    def place(self, pattern):
        """An address that the demo prints."""
        return re.search(pattern, re.sub(r"\x1b\[[0-9;]*m", "", self.said())).group(1)

    def call(self, body, meeting=None):
        """Changes a series, and gives the status. Each time another one, unless it must exist: the quota of one is soon used up."""
        headers = {"content-type": "application/json", "x-access-token": API_KEY}
        target = f"{self.gateway}{PATH}?conferenceID={meeting or next(self.others)}"
        return ask(target, "PUT", headers, json.dumps(body).encode())[0]


def day(ahead):
    """A day so many days from now, as the API writes it."""
    return str(datetime.date.today() + datetime.timedelta(days=ahead))


def series(**members):
    """A body that the demo's policy takes."""
    cycle = {"startDate": day(2), "endDate": day(3), "cycle": "Day", "preRemindDays": 1}
    return {"startTime": f"{day(2)} 09:00", "mediaTypes": "HDVideo", "cycleParams": cycle} | members
