"""HAProxy in front of the replicas, as an operator would have it: health by /readyz, another server where a connection fails."""
import pathlib

from parts import Part, Ports, ask, until

# Answers say which replica gave them. `/balancer` tells whether all replicas are in use.
CONFIGURATION = """
defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
    retries 3
    option redispatch 1

frontend callers
    bind 127.0.0.1:{port}
    acl whole nbsrv(gateways) ge {count}
    http-request return status 200 if {{ path /balancer }} whole
    http-request return status 503 if {{ path /balancer }}
    default_backend gateways

backend gateways
    balance roundrobin
    option httpchk GET /readyz
    http-check expect status 200
    http-response set-header x-replica %s
{servers}
"""
SERVER = "    server {name} 127.0.0.1:{port} check port {admin} inter 100ms fastinter 50ms fall 2 rise 1\n"


class Balancer(Part):
    def __init__(self, folder, program, gateways):
        self.port = Ports.free()
        self.url = f"http://127.0.0.1:{self.port}"
        written = pathlib.Path(folder, "haproxy.cfg")
        servers = "".join(SERVER.format(name=one.name, port=one.port, admin=one.admin_port) for one in gateways)
        written.write_text(CONFIGURATION.format(port=self.port, count=len(gateways), servers=servers))
        super().__init__(folder, "haproxy", [program, "-db", "-f", written])
        self.start()
        self.wait_whole()

    def is_whole(self):
        """Whether it has all replicas in use."""
        return ask(f"{self.url}/balancer")[0] == 200

    def wait_whole(self):
        until("the balancer has all replicas in use", lambda: self.still_runs() and self.is_whole())
