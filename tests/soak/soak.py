#!/usr/bin/env python3
"""A soak of bounded length: mixed traffic against the real binary, and memory, files and threads that end where they began.

    soak.py BINARY            SOAK_SECONDS=60 by default

Good requests, refused ones, slow ones, clients that hang up in the middle, sign-ins of many users, and a SIGHUP now and then, over
plain HTTP and TLS, on kept and on new connections. After the warm-up (a quarter of the time) memory is read twice a second; the
median of the last third may not be above that of the first third by more than GROWTH and MOODS. In the end nothing is open that was
not open before.
"""
import asyncio
import base64
import collections
import hashlib
import hmac
import json
import os
import random
import secrets
import signal
import statistics
import sys
import time

from standing import APP_ID, APP_KEY, KEY, Standing

SECONDS = float(os.environ.get("SOAK_SECONDS", "60"))
WARM_UP = 0.25
# A part of the memory, and KiB: what the moods of an allocator cost.
GROWTH, MOODS = 0.05, 2048
# Threads that read files, for reloads among others, wait for ten seconds for more to do.
SPARE_THREADS = 2
MEETINGS = "/v1/mmc/management/"
SERIES = {"mediaTypes": "HDVideo", "startTime": "2099-03-04 09:00", "subject": "PRJ-17 Weekly",
          "cycleParams": {"startDate": "2099-03-04", "endDate": "2099-03-05", "cycle": "Day", "preRemindDays": 1}}
JSON = "Content-Type: application/json\r\n"


def with_key(key=KEY):
    return f"X-Access-Token: {key}\r\n"


def request(method, target, headers="", body=None):
    text = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    length = "" if body is None else f"Content-Length: {len(text)}\r\n"
    return f"{method} {target} HTTP/1.1\r\nHost: gateway.test\r\n{headers}{length}\r\n".encode() + text


def update(meeting="914087436", body=SERIES, headers=None):
    return request("PUT", f"{MEETINGS}cycleconferences?conferenceID={meeting}", JSON + (headers or with_key()), body)


class Client:
    """A connection that is opened again when it is closed."""

    def __init__(self, standing, tls):
        self.standing, self.tls, self.reader, self.writer = standing, tls, None, None

    async def send(self, data):
        if self.writer is None or self.writer.is_closing():
            where = {"ssl": self.standing.tls} if self.tls else {}
            port = self.standing.ports[self.tls]
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port, **where)
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self):
        head = await self.reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in lower else 0
        body = await self.reader.readexactly(length)
        if b"connection: close" in lower:
            self.close()
        return int(head.split()[1]), body

    async def ask(self, data):
        await self.send(data)
        return await self.answer()

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.writer = None


async def good(client):
    return (await client.ask(random.choice([
        update(), update(headers=with_key() + "Prefer: return=receipt\r\n"),
        update(body={**SERIES, "length": "60", "encryptMode": 0, "attendees": [{"email": f"a{n}@corp.example"} for n in range(20)]}),
        request("GET", f"{MEETINGS}conferences?offset=0&limit=5", with_key()),
        request("GET", f"{MEETINGS}conferences/confDetail?conferenceID=914087436", with_key()),
    ])))[0], 200


async def refused(client):
    kind, data, status = random.choice([
        ("JSON", update(body=b'{"length": 60, "length": 61}'), 400),
        ("contract", update(body={**SERIES, "length": 5000}), 400),
        ("policy", update(body={**SERIES, "attendees": [{"email": "eve@elsewhere.example"}]}), 403),
        ("key", update(headers=with_key(secrets.token_hex(8))), 401),
        ("path", request("GET", f"/v1/{secrets.token_hex(8)}", with_key()), 404),
        ("method", request("PATCH", f"{MEETINGS}conferences", with_key()), 405),
        ("media type", update(headers="Content-Encoding: gzip\r\n" + with_key()), 415),
        ("size", update(body=b'{"subject":"' + b"x" * 70000 + b'"}'), 400),
        ("meeting", update(meeting=str(random.randrange(10**9, 10**10))), 400),
    ])
    return (await client.ask(data))[0], status


async def slow(client):
    data = update()
    for part in (data[:40], data[40:-20], data[-20:]):
        await client.send(part)
        await asyncio.sleep(random.uniform(0.1, 0.6))
    return (await client.answer())[0], 200


async def too_slow(client):
    await client.send(update()[:-20])
    status, _ = await client.answer()
    client.close()  # what is missing of the body cannot be told from another request
    return status, 408


async def hangs_up(client):
    data = update()
    await client.send(data[: random.choice([1, 40, len(data) - 20, len(data)])])
    client.close()
    return 0, 0


async def signs_in(client):
    user, nonce, expires = f"user{random.randrange(10**6)}@ent01", secrets.token_hex(16), int(time.time()) + 10
    signed = hmac.new(APP_KEY.encode(), f"{APP_ID}:{user}:{expires}:{nonce}".encode(), hashlib.sha256).hexdigest()
    access = base64.b64encode(APP_ID.encode()).decode()
    headers = f"Authorization: HMAC-SHA256 signature={signed},access={access}\r\nX-Token-Type: LongTicket\r\n{JSON}"
    body = {"appId": APP_ID, "clientType": 72, "expireTime": expires, "nonce": nonce, "userId": user}
    status, answer = await client.ask(request("POST", "/v2/usg/acs/auth/appauth", headers, body))
    if status != 200:
        return status, 200
    token = with_key(json.loads(answer)["accessToken"])
    return (await client.ask(update(headers=token)))[0], 200


# So many clients of each kind.
TRAFFIC = {good: 6, refused: 4, slow: 4, too_slow: 2, hangs_up: 2, signs_in: 2}


async def of_a_kind(kind, standing, until, seen):
    client = Client(standing, random.random() < 0.4)
    while time.monotonic() < until:
        try:
            status, expected = await kind(client)
        except (OSError, asyncio.IncompleteReadError) as error:
            status, expected = type(error).__name__, "an answer"
            client.close()
        seen[kind.__name__, status, expected] += 1
        if random.random() < 0.05:
            client.close()
        await asyncio.sleep(random.uniform(0, 0.01))
    client.close()


async def watch(standing, until, readings):
    while time.monotonic() < until:
        readings.append((time.monotonic(), *standing.measured()))
        await asyncio.sleep(0.5)


async def hang_up_signals(standing, until):
    while time.monotonic() < until:
        os.kill(standing.pid, signal.SIGHUP)
        await asyncio.sleep(2)


async def soak(standing):
    began = time.monotonic()
    until, seen, readings = began + SECONDS, collections.Counter(), []
    clients = [of_a_kind(kind, standing, until, seen) for kind, number in TRAFFIC.items() for _ in range(number)]
    await asyncio.gather(*clients, watch(standing, until, readings), hang_up_signals(standing, until))
    return seen, [reading for reading in readings if reading[0] > began + WARM_UP * SECONDS]


def settled(standing, files):
    """Waits until no more files are open than these, and gives how many are."""
    deadline = time.monotonic() + 20
    while (now := standing.measured()[1]) > files and time.monotonic() < deadline:
        time.sleep(0.2)
    return now


def main(binary):
    standing = Standing(binary)
    wrong = []
    try:
        _, files, threads = standing.measured()
        seen, readings = asyncio.run(soak(standing))
        left = settled(standing, files + 32)  # connections to the upstream are kept
        threads_left = standing.measured()[2]
    finally:
        standing.close()
    third = len(readings) // 3
    first, last = (statistics.median(reading[1] for reading in part) for part in (readings[:third], readings[-third:]))
    for (kind, status, expected), number in sorted(seen.items(), key=str):
        print(f"{kind:10} {status!s:24} {number:8}")
        if status != expected:
            wrong.append(f"{kind}: {number} times {status} instead of {expected}")
    print(f"{sum(seen.values())} in {SECONDS:.0f} s; memory {first / 1024:.1f} MiB, in the end {last / 1024:.1f} MiB; "
          f"files open {files}, in the end {left}; threads {threads}, in the end {threads_left}")
    most = first * (1 + GROWTH) + MOODS
    if last > most:
        wrong.append(f"memory grew to {last / 1024:.1f} MiB; {most / 1024:.1f} MiB is the most")
    if left > files + 32:
        wrong.append(f"{left} files are open, {files} were in the beginning")
    if threads_left > threads + SPARE_THREADS:
        wrong.append(f"{threads_left} threads, {threads} in the beginning")
    if wrong:
        sys.exit("\n".join(wrong))


main(*sys.argv[1:])
