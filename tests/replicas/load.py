"""Callers that ask at a steady pace, and when each answer was sent for, received, and by whom it was given."""
import dataclasses
import http.client
import re
import threading
import time

from gateways import CALLERS, MEETINGS, key

LOCAL = re.compile(r'"caller"[^,]*;local')


@dataclasses.dataclass(slots=True)
class Answer:
    """Times in seconds of the monotonic clock. The status is 0, and `fault` says why, where none came."""
    sent: float
    received: float
    status: int
    replica: str
    local: bool
    caller: str
    fault: str = ""

    @property
    def milliseconds(self):
        return (self.received - self.sent) * 1000


class Load:
    """So many requests a second, from so many connections, in turn for each caller. It runs until `stop`, which gives the answers."""

    def __init__(self, port, rate, connections=10, callers=CALLERS[:1], target="conferences?offset=0&limit=1"):
        self.port, self.target, self.answers, self.ended = port, MEETINGS + target, [], threading.Event()
        self.began = time.monotonic()
        self.threads = [threading.Thread(target=self.run, args=(n, connections / rate, callers), daemon=True) for n in range(connections)]
        for thread in self.threads:
            thread.start()

    def run(self, number, interval, callers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        due, turn = self.began + interval * number / len(self.threads), number
        while not self.ended.wait(max(0, due - time.monotonic())):
            self.answers.append(answer := self.one(connection, callers[turn % len(callers)]))
            turn += 1
            # Who had to wait does not make up for it.
            due = max(due + interval, answer.received)
        connection.close()

    def one(self, connection, caller):
        sent = time.monotonic()
        try:
            connection.request("GET", self.target, headers={"x-access-token": key(caller)})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return Answer(sent, time.monotonic(), 0, "", False, caller, repr(error))
        policy = answer.getheader("ratelimit-policy") or ""
        return Answer(sent, time.monotonic(), answer.status, answer.getheader("x-replica") or "", bool(LOCAL.search(policy)), caller)

    def since(self, moment):
        return [one for one in list(self.answers) if one.sent >= moment]

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        return sorted(self.answers, key=lambda one: one.sent)


def admitted(answers):
    return [one for one in answers if one.status == 200]


def lost(answers):
    """What should never happen: no answer, or one that is neither given nor refused by a quota."""
    return sorted({(one.status, one.replica, one.fault) for one in answers if one.status not in (200, 429)})


def percentile(answers, share):
    """Of the time that answers took, in milliseconds."""
    times = sorted(one.milliseconds for one in answers)
    return times[min(len(times) - 1, int(len(times) * share))] if times else float("nan")
