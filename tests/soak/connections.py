#!/usr/bin/env python3
"""2,000 connections that stay open, within a stated memory, and a gateway that still answers others.

    connections.py BINARY [COUNT]

Once over plain HTTP and once over TLS: opens them, sends one request on each, leaves them open. Counted is how much the
memory of the process grew for each.
"""
import resource
import socket
import statistics
import sys
import time

from standing import KEY, Standing

COUNT = 2000
# KiB for each connection: 6 and 19 were measured, plain and over TLS; what was asked for, and half as much again, are the most.
MOST = {False: 14.0, True: 28.0}
# Milliseconds for a request of somebody else while all are open, in the median: a machine that is busy must pass, too.
SLOWEST = 250.0
BODY = b'{"mediaTypes":"HDVideo","startTime":"2099-03-04 09:00","cycleParams":{"startDate":"2099-03-04","endDate":"2099-03-05","cycle":"Day","preRemindDays":1}}'
REQUEST = (b"PUT /v1/mmc/management/cycleconferences?conferenceID=914087436 HTTP/1.1\r\nHost: gateway.test\r\nContent-Type: application/json\r\n"
           b"X-Access-Token: %s\r\nContent-Length: %d\r\n\r\n%s" % (KEY.encode(), len(BODY), BODY))


def connect(standing, tls):
    plain = socket.create_connection(("127.0.0.1", standing.ports[tls]), 30)
    return standing.tls.wrap_socket(plain, server_hostname="127.0.0.1") if tls else plain


def asked(connection):
    """Sends one request and gives the status of its answer."""
    connection.sendall(REQUEST)
    got = b""
    while b"\r\n\r\n" not in got:
        part = connection.recv(65536)
        assert part, "closed instead of answered"
        got += part
    head, rest = got.split(b"\r\n\r\n", 1)
    left = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]) - len(rest)
    while left > 0:
        left -= len(connection.recv(65536))
    return int(head.split()[1])


def one_more(standing, tls):
    began = time.monotonic()
    with connect(standing, tls) as connection:
        assert asked(connection) == 200
    return (time.monotonic() - began) * 1000


def held(standing, tls, count):
    """Opens `count` connections; says what was too much."""
    for _ in range(50):  # what is made lazily is there before the first reading
        one_more(standing, tls)
    time.sleep(1)
    before, _, _ = standing.measured()
    connections = []
    for _ in range(count):
        connections.append(connect(standing, tls))
        assert asked(connections[-1]) == 200  # at once: a connection that says nothing is closed
    time.sleep(1)
    after, files, _ = standing.measured()
    each = (after - before) / count
    others = statistics.median(one_more(standing, tls) for _ in range(50))
    again = [asked(connection) for connection in connections[:: max(1, count // 20)]]
    for connection in connections:
        connection.close()
    deadline = time.monotonic() + 20
    while standing.measured()[1] > files - count and time.monotonic() < deadline:
        time.sleep(0.1)
    left = standing.measured()[1] - (files - count)
    kind = "TLS" if tls else "plain"
    print(f"{kind:5} {count} connections: {before / 1024:.1f} MiB before, {after / 1024:.1f} MiB with them, {each:.1f} KiB each; "
          f"another one is answered in {others:.1f} ms", flush=True)
    return [what for what, wrong in [
        (f"{kind}: {each:.1f} KiB for each connection; {MOST[tls]} is the most", each > MOST[tls]),
        (f"{kind}: another one waits {others:.1f} ms", others > SLOWEST),
        (f"{kind}: connections that were open are not answered any more", set(again) != {200}),
        (f"{kind}: only {files} files are open, not {count} connections", files < count),
        (f"{kind}: {left} connections are still open after they were closed", left > 0),
    ] if wrong]


def main(binary, count=COUNT):
    count = int(count)
    needed = count + 1000
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard == resource.RLIM_INFINITY or hard >= needed, f"at most {hard} files may be open; {needed} are needed"
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    wrong = []
    for tls in (False, True):
        standing = Standing(binary)  # one for each kind: memory that was used once is not given back at once
        try:
            wrong += held(standing, tls, count)
        finally:
            standing.close()
    if wrong:
        sys.exit("\n".join(wrong))


main(*sys.argv[1:])
