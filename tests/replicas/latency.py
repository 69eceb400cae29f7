"""What a store adds to a request, and how often it is asked."""
import http.client
import statistics
import time

from gateways import CALLERS, MEETING, MEETINGS, key
from stand import ReplicaTest, Stand
from table import row

ROUNDS, BATCH = 40, 25


class Latency(ReplicaTest):
    def test_one_request_after_another(self):
        """To a gateway with a store and to one without, in turn, on kept connections without a balancer."""
        stand = Stand(timeout="25ms")
        shared, alone = stand.gateways[0], stand.gateway("alone", None).wait_ready()
        ways = {name: (http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20), []) for name, gateway in
                [("with a store", shared), ("without", alone)]}
        for connection, _ in ways.values():
            batch(connection, [])
        before, asked = stand.redis.calls(), stand.redis.info("stats")
        for _ in range(ROUNDS):
            for connection, times in ways.values():
                batch(connection, times)
        after, done = stand.redis.calls(), stand.redis.info("stats")
        for connection, _ in ways.values():
            connection.close()
        middle, slow = {}, {}
        for name, (_, times) in ways.items():
            middle[name], slow[name] = statistics.median(times), sorted(times)[int(len(times) * 0.99)]
            row(f"{len(times)} requests one after another {name}: p50, p99", f"{middle[name] * 1e6:.0f} µs, {slow[name] * 1e6:.0f} µs")
        extra = (middle["with a store"] - middle["without"]) * 1e6
        row("  a store adds, in the median", f"{extra:.0f} µs, {middle['with a store'] / middle['without']:.2f} times", "< 20 ms")
        requests = ROUNDS * BATCH
        calls = {name: (number - before.get(name, 0)) / requests for name, number in after.items()}
        row("  commands for a request", ", ".join(f"{name} {number:.2f}" for name, number in sorted(calls.items()) if number >= 0.005))
        scripts = sum(calls.get(name, 0) for name in ("evalsha", "eval", "fcall"))
        bytes_each = (int(done["total_net_input_bytes"]) - int(asked["total_net_input_bytes"])) / requests
        row("  calls of scripts for a request; bytes sent to the store", f"{scripts:.2f}; {bytes_each:.0f}", "one for each quota")
        # For a machine that is busy: it is far less.
        self.assertLess(extra, 20000)
        # One for each of the two quotas, and what looking after the store takes meanwhile.
        self.assertTrue(1.99 <= scripts <= 2.5, calls)


def batch(connection, times):
    for _ in range(BATCH):
        began = time.perf_counter()
        connection.request("GET", f"{MEETINGS}conferences/confDetail?conferenceID={MEETING}", headers={"x-access-token": key(CALLERS[0])})
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - began)
        assert answer.status == 200, answer.status
