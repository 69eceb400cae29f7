"""The OpenAPI document by the judgement of others: a validator reads it, and Schemathesis holds the running gateway to it.

Usage: test_openapi.py MEETING_GATEWAY_BINARY
"""
import collections
import json
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request

from openapi_spec_validator import OpenAPIV31SpecValidator

BINARY = None
HERE = pathlib.Path(__file__).parent
CONFIGURATION = str(HERE / "gateway.yaml")
START_SECONDS = 20
STRICT = ["contract.coercion=reject", "contract.unknown_fields=reject"]
ENFORCED = ["policy.modes.baseline/*=enforce", "policy.modes.example-enterprise/*=enforce"]

# Every check that is about a single request and its answer, but for two:
# - positive_data_acceptance: two dates in an order, a day that a month has, a policy are beyond a schema, so the gateway may
#   refuse what fits one; how much passes is counted instead;
# - ignored_auth, missing_required_header: they send the request again without the credential, which the hooks put in again.
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
          "response_headers_conformance", "negative_data_rejection", "unsupported_method", "allow_header_conformance"]


def settings(overrides):
    return [part for override in overrides for part in ("--set", override)]


def document(*overrides):
    told = subprocess.run([BINARY, "config", "openapi", "--config", CONFIGURATION, *settings(overrides)],
                          check=True, capture_output=True, text=True)
    assert told.stderr == "", told.stderr
    return json.loads(told.stdout)


def known_sections():
    told = subprocess.run([BINARY, "config", "schema"], check=True, capture_output=True, text=True)
    return json.loads(told.stdout)["properties"]


class Program:
    """A started program, one of whose streams tells where it listens."""

    def __init__(self, arguments, stream, **env):
        self.process = subprocess.Popen(
            [BINARY, *arguments], env={**os.environ, **env}, text=True,
            stdout=subprocess.PIPE if stream == "stdout" else subprocess.DEVNULL,
            stderr=subprocess.PIPE if stream == "stderr" else subprocess.DEVNULL)
        self.lines, self.seen = queue.Queue(), []
        threading.Thread(target=self._read, args=(getattr(self.process, stream),), daemon=True).start()

    def _read(self, pipe):
        for line in pipe:
            self.lines.put(line)
            self.seen.append(line)
        self.lines.put(None)

    def wait_for(self, wanted):
        """The first thing that `wanted` finds in a line."""
        while (line := self.lines.get(timeout=START_SECONDS)) is not None:
            if found := wanted(line):
                return found
        raise AssertionError("the program ended:\n" + "".join(self.seen))

    def stop(self):
        self.process.terminate()
        self.process.wait(START_SECONDS)
        (self.process.stdout or self.process.stderr).close()


def told_address(message):
    def found(line):
        entry = json.loads(line)
        fields = entry.get("fields", entry)
        return fields.get("address") if fields.get("message") == message else None
    return found


class Gateway:
    """A gateway in front of a simulator of its own."""

    def __init__(self, folder, *overrides):
        self.audit = pathlib.Path(folder, "audit.jsonl")
        self.simulator = Program(["simulate", "--listen", "127.0.0.1:0"], "stdout")
        self.upstream = self.simulator.wait_for(lambda line: line.strip() if line.startswith("http://") else None)
        self.program = Program(["serve", "--config", CONFIGURATION, *settings(overrides)], "stderr",
                               OPENAPI_TEST_UPSTREAM=self.upstream, OPENAPI_TEST_AUDIT=str(self.audit))
        self.url = "http://" + self.program.wait_for(told_address("listening"))
        self.admin = "http://" + self.program.wait_for(told_address("the operator's listener is up"))

    def described(self):
        with urllib.request.urlopen(self.admin + "/openapi.json", timeout=10) as answer:
            assert answer.headers["content-type"] == "application/json"
            return json.load(answer)

    def stop(self):
        self.program.stop()
        self.simulator.stop()
        for line in self.program.seen:
            assert "panicked" not in line, line
        assert self.program.process.returncode == 0


class TheDocument(unittest.TestCase):
    def test_a_validator_finds_nothing_under_any_configuration(self):
        variants = {
            "as it is": [], "strict": STRICT, "enforced": ENFORCED,
            "forwarded": ["contract.unknown_fields=forward", "contract.ineffective_fields=reject"],
        }
        if "operations" in known_sections():
            variants["relayed"] = ["operations.allow.0=show_my_info", "operations.allow.1=update_my_info"]
        seen = set()
        for name, overrides in variants.items():
            with self.subTest(name):
                told = document(*overrides)
                errors = [f"{list(error.absolute_path)}: {error.message}" for error in OpenAPIV31SpecValidator(told).iter_errors()]
                self.assertEqual(errors, [])
                seen.add(json.dumps({**told, "info": None}))
        self.assertGreaterEqual(len(seen), 3, "what is configured does not show")

    def test_the_listener_tells_what_the_command_tells(self):
        with tempfile.TemporaryDirectory() as folder:
            gateway = Gateway(folder)
            live = gateway.described()
            gateway.stop()
        self.assertEqual(live.pop("servers"), [{"url": gateway.url}])
        told = document()
        del told["servers"]
        for one in (live, told):
            del one["info"]["x-configuration"]  # where the upstream is differs
        self.assertEqual(live, told)


class TheGateway(unittest.TestCase):
    def held_to_its_document(self, seconds, examples, *overrides):
        """Runs Schemathesis; the statuses of every operation."""
        with tempfile.TemporaryDirectory() as folder:
            gateway = Gateway(folder, *overrides)
            path = pathlib.Path(folder, "openapi.json")
            path.write_text(json.dumps(gateway.described()))
            run = subprocess.run(
                [pathlib.Path(sys.executable).with_name("schemathesis"), "--config-file",
                 HERE / "schemathesis.toml", "run", path, "--url", gateway.url, "--checks", ",".join(CHECKS),
                 "--phases", "examples,coverage,fuzzing", "--max-examples", str(examples), "--max-time", str(seconds), "--seed", "1",
                 "--continue-on-failure", "--no-color", "--generation-database", "none", "--request-timeout", "20",
                 # NUL in names and headers is refused before any schema counts.
                 "--generation-allow-x00", "false",
                 # The hooks send the credential; generated ones beside it would all be the same 401.
                 "--generation-with-security-parameters", "false",
                 # A series needs members that fit one another; that many draws are thrown away says nothing of the gateway.
                 "--suppress-health-check", "filter_too_much,too_slow"],
                cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env={**os.environ, "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"), "OPENAPI_TEST_GATEWAY": gateway.url,
                     "OPENAPI_TEST_SIMULATOR": gateway.upstream})
            gateway.stop()
            lines = [json.loads(line) for line in gateway.audit.read_text().split("\n") if line]
            lines = [line for line in lines if "event" not in line]
        self.assertEqual(run.returncode, 0, run.stdout)
        statuses = collections.defaultdict(collections.Counter)
        for line in lines:
            statuses[line.get("operation", "none")][line["status"]] += 1
        for operation, counted in sorted(statuses.items()):
            print(f"  {operation}: " + ", ".join(f"{count} × {status}" for status, count in sorted(counted.items())), flush=True)
        total = sum(statuses.values(), collections.Counter())
        accepted = sum(count for status, count in total.items() if status < 300)
        print(f"  {sum(total.values())} requests, {accepted} accepted", flush=True)
        return statuses

    def test_it_does_as_it_says(self):
        statuses = self.held_to_its_document(150, 12)
        operations = [one["operationId"] for methods in document()["paths"].values() for one in methods.values()]
        for operation in operations:
            counted = statuses[operation]
            self.assertGreater(counted[200], 0, f"{operation}: nothing was accepted")
            # What has its token in a header has nothing to be wrong but that.
            if operation not in ("update_token", "delete_token"):
                self.assertGreater(counted[400], 0, f"{operation}: nothing was refused")
        total = sum(statuses.values(), collections.Counter())
        self.assertGreater(total[200], sum(total.values()) / 3)

    def test_it_does_as_it_says_where_it_is_strict(self):
        statuses = self.held_to_its_document(60, 5, *STRICT, *ENFORCED)
        self.assertGreater(sum(counted[403] for counted in statuses.values()), 0, "no policy refused anything")


if __name__ == "__main__":
    BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
