"""The official Python SDK, unmodified, against the real binary over TLS: only its endpoint and its credentials change.

Usage: test_sdk.py MEETING_GATEWAY_BINARY
"""
import datetime
import json
import os
import pathlib
import queue
import secrets
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request

from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkmeeting.v1 import (
    CycleParams, MeetingClient, RestAttendeeDTO, RestConfConfigDTO, RestScheduleConfDTO, UpdateRecurringMeetingRequest)
from huaweicloudsdkmeeting.v1.meeting_credentials import AuthTypeEnum, MeetingCredentials

BINARY = None
HERE = pathlib.Path(__file__).parent
START_SECONDS = 20


class Program:
    """A started program whose stderr or stdout tells where it listens."""

    def __init__(self, arguments, env, stream):
        self.process = subprocess.Popen(
            [BINARY, *arguments], env={**os.environ, **env}, text=True,
            stdout=subprocess.PIPE if stream == "stdout" else subprocess.DEVNULL,
            stderr=subprocess.PIPE if stream == "stderr" else subprocess.DEVNULL)
        self.lines = queue.Queue()
        self.seen = []
        threading.Thread(target=self._read, args=(getattr(self.process, stream),), daemon=True).start()

    def _read(self, pipe):
        for line in pipe:
            self.lines.put(line)
        self.lines.put(None)

    def wait_for(self, wanted):
        """The first thing that `wanted` finds in a line."""
        while True:
            line = self.lines.get(timeout=START_SECONDS)
            if line is None:
                raise AssertionError("the program ended:\n" + "".join(self.seen))
            self.seen.append(line)
            if found := wanted(line):
                return found

    def stop(self):
        self.process.terminate()
        self.process.wait(START_SECONDS)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()


def tls_address(line):
    entry = json.loads(line)
    fields = entry.get("fields", entry)
    return fields.get("address") if fields.get("message") == "listening" and fields.get("tls") else None


class OfficialSdk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{cls.folder.name}/key.pem", "-out",
             f"{cls.folder.name}/certificate.pem", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
            check=True, capture_output=True)
        cls.simulator = Program(["simulate", "--listen", "127.0.0.1:0"], {}, "stdout")
        cls.upstream = cls.simulator.wait_for(lambda line: line.strip() if line.startswith("http://") else None)
        cls.gateway, cls.endpoint = cls.start_gateway()

    @classmethod
    def start_gateway(cls, **env):
        env = {"SDK_TEST_FOLDER": cls.folder.name, "SDK_TEST_AUDIT": "/dev/null", "SDK_TEST_UPSTREAM": cls.upstream,
               "SDK_TEST_TOKEN_KEY": secrets.token_hex(32), **env}
        gateway = Program(["serve", "--config", str(HERE / "gateway.yaml")], env, "stderr")
        return gateway, "https://" + gateway.wait_for(tls_address)

    @classmethod
    def tearDownClass(cls):
        cls.gateway.stop()
        cls.simulator.stop()
        cls.folder.cleanup()

    def client(self, app_key="gateway-issued-app-key-0000000000", user_id="alice@ent01", endpoint=None):
        config = HttpConfig.get_default_config()
        config.ssl_ca_cert = f"{self.folder.name}/certificate.pem"
        credentials = (MeetingCredentials().with_auth_type_enum(AuthTypeEnum.APP_ID).with_app_id("gateway-issued-app-id")
                       .with_app_key(app_key).with_user_id(user_id))
        return (MeetingClient.new_builder().with_http_config(config).with_credentials(credentials)
                .with_endpoint(endpoint or self.endpoint).build())

    def request(self, **fields):
        today = datetime.datetime.now(datetime.timezone.utc).date()
        series = CycleParams(start_date=str(today + datetime.timedelta(2)), end_date=str(today + datetime.timedelta(3)),
                             cycle="Day", pre_remind_days=1)
        body = RestScheduleConfDTO(media_types="HDVideo", cycle_params=series, **fields)
        return UpdateRecurringMeetingRequest(conference_id="914087436", user_uuid="deprecated", x_site_id="deprecated", body=body)

    def seen_upstream(self):
        with urllib.request.urlopen(self.upstream + "/_simulator/seen", timeout=5) as answer:
            return [entry for entry in json.load(answer) if entry["path"].endswith("/cycleconferences")]

    def refused(self, client, request):
        with self.assertRaises(SdkException) as caught:
            client.update_recurring_meeting(request)
        return caught.exception

    def test_a_policed_change_end_to_end(self):
        before = len(self.seen_upstream())
        response = self.client().update_recurring_meeting(self.request(length=180, encrypt_mode=0))
        self.assertEqual(response.status_code, 200)
        seen = self.seen_upstream()[before:]
        self.assertEqual(len(seen), 1)
        body = json.loads(seen[0]["body"])
        self.assertEqual((body["encryptMode"], body["length"]), (1, 120))
        self.assertNotIn("userUUID", seen[0]["query"])
        self.assertNotIn("x-site-id", seen[0]["headers"])
        self.assertNotIn("mgw1", json.dumps(seen[0]["headers"]))

    def test_a_policy_refusal_is_read_as_an_sdk_exception(self):
        before = len(self.seen_upstream())
        error = self.refused(self.client(), self.request(attendees=[RestAttendeeDTO(name="Eve", type="outside", phone="+8613800138000")]))
        self.assertEqual((error.status_code, error.error_code), (403, "MGW.4030001"))
        self.assertIn("policy", error.error_msg)
        self.assertRegex(error.request_id, "^[0-9a-zA-Z._-]{16,64}$")
        self.assertEqual(len(self.seen_upstream()), before)

    def test_a_schema_refusal_names_the_field(self):
        error = self.refused(self.client(), self.request(length=5000, conf_config_info=RestConfConfigDTO(guest_pwd="abc")))
        self.assertEqual((error.status_code, error.error_code), (400, "MGW.4000004"))
        self.assertIn("length", error.error_msg)

    def test_an_upstream_error_passes_as_it_is(self):
        request = self.request()
        request.conference_id = "1"
        error = self.refused(self.client(), request)
        self.assertEqual((error.status_code, error.error_code), (400, "MMC.111070005"))

    def test_a_wrong_app_key_is_refused_at_sign_in(self):
        error = self.refused(self.client(app_key="x" * 32), self.request())
        self.assertEqual((error.status_code, error.error_code), (401, "MGW.4010005"))

    def test_the_audit_log_names_the_caller_and_holds_no_secret(self):
        path = pathlib.Path(self.folder.name, "audit.jsonl")
        gateway, endpoint = self.start_gateway(SDK_TEST_AUDIT=str(path))
        request = self.request(conf_config_info=RestConfConfigDTO(guest_pwd="482913"))
        self.client(endpoint=endpoint).update_recurring_meeting(request)
        gateway.stop()
        self.assertEqual(gateway.process.returncode, 0)
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        self.assertEqual([line["operation"] for line in lines], ["create_app_id_token", "update_recurring_meeting"])
        self.assertEqual([(line["caller"], line["status"]) for line in lines], [("sdk-app", 200), ("sdk-app", 200)])
        for secret in ("482913", "mgw1", "gateway-issued-app-key"):
            self.assertNotIn(secret, path.read_text())


if __name__ == "__main__":
    BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
