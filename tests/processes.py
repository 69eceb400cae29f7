"""What tests of real processes have in common: waiting for what comes about, asking over HTTP, and finding where a process listens.

The folders beside this file use it; each puts this folder on its path.
"""
import os
import pathlib
import time
import urllib.error
import urllib.request

# For any one thing to come about on a busy machine; what is there sooner is not waited for.
PATIENCE_SECONDS = 30
PAUSE_SECONDS = 0.02


class Ended(Exception):
    """A process is gone that should still be there; there is nothing left to wait for."""


def until(what, look, seconds=PATIENCE_SECONDS):
    """The first true thing that `look` finds, or a failure that says what was waited for."""
    end, fault = time.monotonic() + seconds, None
    while time.monotonic() < end:
        try:
            if found := look():
                return found
            fault = None
        except (OSError, ValueError, LookupError, AssertionError) as error:
            fault = error
        time.sleep(PAUSE_SECONDS)
    raise AssertionError(f"not within {seconds} s: {what}" + (f" ({fault})" if fault else ""))


def ask(url, method="GET", headers=None, body=None, context=None):
    """Status, headers and body, of errors, too."""
    request = urllib.request.Request(url, method=method, headers=headers or {}, data=body)
    try:
        with urllib.request.urlopen(request, timeout=20, context=context) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def port_of(process, address):
    """The port that a process listens on at an address of the loopback network, by what the system knows of its sockets; or none."""
    wanted = "".join(f"{int(part):02X}" for part in reversed(address.split(".")))
    descriptors = pathlib.Path(f"/proc/{process.pid}/fd")
    mine = {os.readlink(one) for one in descriptors.iterdir() if one.is_symlink()}
    for line in pathlib.Path(f"/proc/{process.pid}/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        host, port = fields[1].split(":")
        if host == wanted and fields[3] == "0A" and f"socket:[{fields[9]}]" in mine:
            return int(port, 16)
    return None
