"""One request through the demo, joined by its trace id in what left the collector, in Prometheus, in the log and in the audit log."""
import secrets

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from parts import PATH, until
from stand import PipelineTest

NAME = f"PUT {PATH}"


class OneRequest(PipelineTest):
    def setUp(self):
        self.trace, self.parent = secrets.token_hex(16), secrets.token_hex(8)
        self.instance = self.stand.demo.admin.removeprefix("http://")
        self.headers = {"traceparent": f"00-{self.trace}-{self.parent}-01"}

    def spans(self, expected):
        """The server span and the client spans of the trace, each with its attributes."""
        found = until("the spans have passed the collector", lambda: len(self.stand.backend.spans(self.trace)) >= expected
                      and self.stand.backend.spans(self.trace))
        servers = [(span, its) for _, span, its in found if span.kind == Span.SPAN_KIND_SERVER]
        clients = [(span, its) for _, span, its in found if span.kind == Span.SPAN_KIND_CLIENT]
        self.assertEqual({resource["service.name"] for resource, _, _ in found}, {"meeting-gateway"})
        self.assertEqual(len(servers), 1, found)
        return *servers[0], clients

    def audit_line(self, request_id):
        lines = lambda: [line for line in self.stand.demo.audit_lines() if line.get("request_id") == request_id]
        (line,) = until("the audit line is written", lines)
        self.assertEqual(line["trace_id"], self.trace)
        return line

    def counted(self, status):
        return self.stand.prometheus.value(
            f'sum(http_server_request_duration_seconds_count{{instance="{self.instance}", '
            f'http_route="{PATH}", http_response_status_code="{status}"}})') or 0

    def test_answered(self):
        before = until("Prometheus has scraped the examples", lambda: self.counted(200))
        status, head, _ = self.stand.demo.update(headers=self.headers)
        self.assertEqual(status, 200)

        server, its, clients = self.spans(2)
        self.assertEqual((server.name, server.parent_span_id.hex()), (NAME, self.parent))
        self.assertEqual((its["http.response.status_code"], its["http.route"]), (200, PATH))
        self.assertEqual(server.status.code, Status.STATUS_CODE_UNSET)
        ((client, its),) = clients
        self.assertEqual((client.name, client.parent_span_id), (NAME, server.span_id))
        self.assertEqual(its["http.response.status_code"], 200)

        line = self.audit_line(head["x-request-id"])
        self.assertEqual((line["outcome"], line["status"], line["caller"]), ("answered", 200, "scheduling-app"))
        until("Prometheus has counted it", lambda: self.counted(200) == before + 1)

    def test_the_upstream_hangs_up(self):
        """Twice, as the gateway tries again: two attempts, a warning in the log for each, a 502."""
        self.stand.demo.upstream_fault(fault="reset", times=9, on="operations")
        try:
            before = self.counted(502)
            status, head, _ = self.stand.demo.update(headers=self.headers)
        finally:
            self.stand.demo.forget_faults()
        self.assertEqual(status, 502)

        server, its, clients = self.spans(2)
        self.assertEqual((server.status.code, its["http.response.status_code"]), (Status.STATUS_CODE_ERROR, 502))
        for client, its in clients:
            self.assertEqual(client.status.code, Status.STATUS_CODE_ERROR)
            self.assertIn("error.type", its)

        line = self.audit_line(head["x-request-id"])
        self.assertEqual((line["outcome"], line["status"], line["code"]), ("refused", 502, "MGW.5020002"))
        until("Prometheus has counted it", lambda: self.counted(502) == before + 1)

        # Once for each attempt, on stderr and through the collector, in the attempt's trace.
        said = "the connection to the upstream failed before its answer"
        lines = until("it is in the log", lambda: [line for line in self.stand.demo.log_lines() if line.get("trace_id") == self.trace])
        self.assertEqual([line["message"] for line in lines], [said] * len(clients))
        self.assertEqual({line["request_id"] for line in lines}, {head["x-request-id"]})
        records = until("the log has passed the collector", lambda: len(self.stand.backend.logs(self.trace)) >= len(clients)
                        and self.stand.backend.logs(self.trace))
        self.assertEqual([record.body.string_value for record in records], [said] * len(clients))
        mine = {server.span_id} | {client.span_id for client, _ in clients}
        self.assertLessEqual({record.span_id for record in records}, mine)

    def test_pushed_is_what_is_scraped(self):
        """Of the metrics that Prometheus has of the demo, each left the collector, too."""
        target = f'{{instance="{self.instance}"}}'
        metadata = until("Prometheus has metadata", lambda: self.stand.prometheus.api("targets/metadata", match_target=target))
        names = {entry["metric"] for entry in metadata}
        scraped = {name for name in names if name.startswith(("meeting_gateway_", "http_", "process_"))}
        self.assertGreater(len(scraped), 15)

        def missing():
            pushed = {prometheus_name(metric) for metric in self.stand.backend.metrics().values()}
            self.assertEqual(scraped - pushed, set())
            return True

        until("the collector has handed on every metric", missing)
        self.assertEqual(self.stand.backend.faults, [])


def prometheus_name(metric):
    unit = {"s": "_seconds", "By": "_bytes"}.get(metric.unit, "")
    counter = metric.HasField("sum") and metric.sum.is_monotonic
    return metric.name.replace(".", "_") + unit + ("_total" if counter else "")
