"""Where the collector sends what it collected: decodes OTLP over HTTP and keeps it."""
import gzip
import http.server
import threading

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SIGNALS = {"/v1/traces": ExportTraceServiceRequest, "/v1/logs": ExportLogsServiceRequest, "/v1/metrics": ExportMetricsServiceRequest}


class Backend:
    """Listens on a free port until it is closed."""

    def __init__(self):
        self.received, self.faults, self.lock = {path: [] for path in SIGNALS}, [], threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(self):
        backend = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                backend.take(self.path, gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
                self.send_response(200)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler

    def take(self, path, body):
        with self.lock:
            try:
                self.received[path].append(SIGNALS[path].FromString(body))
            except (KeyError, DecodeError) as fault:
                self.faults.append(f"{path}: {fault!r}")

    def spans(self, trace_id):
        """The spans of a trace, each with its resource's attributes and its own."""
        return [(attributes(resource.resource), span, attributes(span))
                for resource in self._all("/v1/traces", "resource_spans") for scope in resource.scope_spans for span in scope.spans
                if span.trace_id.hex() == trace_id]

    def logs(self, trace_id):
        """The log records of a trace."""
        return [record for resource in self._all("/v1/logs", "resource_logs") for scope in resource.scope_logs
                for record in scope.log_records if record.trace_id.hex() == trace_id]

    def metrics(self):
        """By name, the newest of each."""
        return {metric.name: metric for resource in self._all("/v1/metrics", "resource_metrics") for scope in resource.scope_metrics
                for metric in scope.metrics}

    def _all(self, path, field):
        with self.lock:
            return [resource for request in self.received[path] for resource in getattr(request, field)]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def attributes(holder):
    """As a dictionary; of every kind of value the text, the number or the truth."""
    values = {}
    for pair in holder.attributes:
        kind = pair.value.WhichOneof("value")
        values[pair.key] = getattr(pair.value, kind) if kind else None
    return values
