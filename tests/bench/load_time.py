#!/usr/bin/env python3
"""Loads packs of a megabyte with `check`: good ones within a second, and bad ones within some seconds and bounded memory.

    load_time.py BINARY [NAME...]

Counted is the processor time of the program, the median of three runs: it is the time that loading takes where nothing else runs.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

SIZE = 1 << 20
RUNS = 3
# A good pack, and a bad one, in seconds; memory in MiB.
GOOD, BAD, MEMORY = 1.0, 5.0, 512

VERBS = [
    "force: {field: /encryptMode, value: 1}",
    "max: {field: /length, value: %d, over: clamp}",
    "require: {field: /startTime}",
    "matches: {field: /subject, pattern: 'PRJ-%d .*'}",
    "when: body.length > %d, deny: {pointer: /length}",
    "forbid: {field: '/attendees/*/type', values: [outside, mobile]}",
]


def small(n):
    verb = VERBS[n % len(VERBS)]
    return f"id: r{n}, match: {{callers: [app-{n}]}}, {verb % (20 + n % 1000) if '%d' in verb else verb}"


def realistic(n):
    return (
        f"id: rule-{n}, description: What the rule is for in words that a person can read, "
        f"message: What the caller reads is a sentence that says what to send instead ({n}), "
        f"match: {{operations: [update_*], groups: [group-{n % 300}]}}, "
        f"when: 'body.length > {20 + n % 1000} && caller.id != \"x{n}\"', deny: {{pointer: /length}}"
    )


def names(count, prefix="a"):
    return ", ".join(f"{prefix}{k}" for k in range(count))


def everybody(rest):
    return lambda n: f"id: r{n}, {rest(n)}"


def of_one(rest):
    return lambda n: f"id: r{n}, match: {{callers: [a{n}]}}, {rest(n)}"


# Name: whether it is good, the rule at an index, rules on one line.
PACKS = {
    "a rule for each caller": (True, small),
    "realistic": (True, realistic),
    "one pattern": (True, lambda n: f"id: r{n}, mode: warn, matches: {{field: /subject, pattern: 'PRJ-\\d+ .*'}}"),
    "about one field": (True, everybody(lambda n: f"forbid: {{field: /subject, values: [a{n}]}}")),
    "contradictions": (False, everybody(lambda n: f"force: {{field: /length, value: {15 + n % 1400}}}")),
    "hidden": (False, everybody(lambda n: "force: {field: /encryptMode, value: 1}")),
    "hidden by hundreds of names": (
        False,
        lambda n: f"id: r{n}, match: {{callers: [{names(900)}]}}, max: {{field: /length, value: {100 + n % 900}}}",
    ),
    "hundreds of values": (
        True,
        lambda n: f"id: r{n}, forbid: {{field: /subject, values: [{names(900, f'v{n}-')}]}}",
    ),
    "unknown fields": (False, everybody(lambda n: f"force: {{field: /encryptmode{n}, value: 1}}")),
    "unknown keys": (False, everybody(lambda n: "farce: {field: /encryptMode, value: 1}")),
    "no rules": (False, lambda n: None),
    "one line": (False, everybody(lambda n: "farce: {field: /encryptMode, value: 1}"), True),
    "mistakes in expressions": (False, everybody(lambda n: f"when: body.lenght > {n}, deny: {{pointer: /length}}")),
    "mistakes on one line": (False, everybody(lambda n: f"when: body.lenght > {n}, deny: {{}}"), True),
    "patterns": (False, of_one(lambda n: f"matches: {{field: /subject, pattern: 'P{n}-\\w+ .*'}}")),
    "large patterns": (False, of_one(lambda n: f"matches: {{field: /subject, pattern: '\\w{{20}}{n}'}}")),
    "too large patterns": (False, of_one(lambda n: f"matches: {{field: /subject, pattern: '\\w{{400}}{n}'}}")),
    "patterns in expressions": (
        False,
        of_one(lambda n: f"when: 'has(body.subject) && body.subject.matches(\"\\\\w{{20}}{n}\")', deny: {{}}"),
    ),
    "long expressions": (
        True,
        of_one(lambda n: "when: " + " || ".join(f"body.length == {20 + (n * 97 + k) % 1000}" for k in range(80)) + ", deny: {}"),
    ),
    "exemptions": (
        True,
        of_one(lambda n: "except: [{callers: [a], until: 2099-01-01, reason: r}], require: {field: /startTime}"),
    ),
}


def text(rule, on_one_line=False):
    """A pack of a megabyte."""
    lines, size = ["pack: large\nrules:" + (" [" if on_one_line else "")], 64
    for n in range(SIZE):
        fields = rule(n)
        line = f"  - {n}" if fields is None else f"  - {{{fields}}}"
        if on_one_line:
            line = f"{{{fields}}},"
        if size + len(line) + 1 > SIZE:
            break
        size += len(line) + 1
        lines.append(line)
    return (" ".join(lines) + "]\n") if on_one_line else "\n".join(lines) + "\n"


def load(binary, config):
    """Status, processor time in seconds, memory in MiB, and what was said."""
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen([binary, "check", "--config", config], stdout=said, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        said.seek(0)
        return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said.read()


def main():
    binary, *chosen = sys.argv[1:]
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "policies/large").mkdir(parents=True)
        config = folder / "gateway.yaml"
        config.write_text(json.dumps({
            "upstream": {"url": "https://api.meeting.example", "credentials": {"fixed_token": "example-token-example"}},
            "policy": {"directory": "policies", "packs": ["large"]},
        }))
        for name, (good, *pack) in PACKS.items():
            if chosen and name not in chosen:
                continue
            (folder / "policies/large/pack.yaml").write_text(text(*pack))
            runs = [load(binary, config) for _ in range(RUNS)]
            status, _, _, said = runs[0]
            seconds = statistics.median(run[1] for run in runs)
            memory = max(run[2] for run in runs)
            last = said.decode().strip().splitlines()[-1][:80]
            print(f"{name:28} {seconds:5.2f} s {memory:5.0f} MiB  {len(said):8} bytes said: {last}", flush=True)
            if status != (0 if good else 1) or seconds > (GOOD if good else BAD) or memory > MEMORY or len(said) > 2 * SIZE:
                failed.append(name)
    if failed:
        sys.exit(f"too slow, too large or told otherwise: {', '.join(failed)}")


main()
