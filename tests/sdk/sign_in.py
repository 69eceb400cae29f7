"""Signing in: with the App ID that the gateway issued, with an API key, and in the ways that are refused."""
import datetime

from huaweicloudsdkmeeting.v1 import (
    CheckTokenRequest, CreateMeetingRequest, DeleteTokenRequest, SearchMeetingsRequest, ShowMeetingDetailRequest,
    UpdateTokenRequest, ValidateTokenReqDTO)
from huaweicloudsdkmeeting.v1.meeting_credentials import MeetingCredentials
from sdk_test import CALLERS, GUEST_PASSWORD, SdkTest


class SignIn(SdkTest):
    def test_the_sdk_signs_in_once_for_many_calls(self):
        gateway = self.stand.another_gateway()
        client = self.client(gateway=gateway)
        for _ in range(3):
            client.search_meetings(SearchMeetingsRequest())
        gateway.stop()
        self.assertEqual([line["operation"] for line in gateway.audit_lines()], ["create_app_id_token"] + ["search_meetings"] * 3)

    def test_who_signed_in_is_who_acts_upstream(self):
        meeting = self.new_meeting()
        request = ShowMeetingDetailRequest(conference_id=meeting.conference_id)
        for user in ("carol@ent01", "alice@ent01"):
            shown = self.client("front-desk-app", user_id=user).show_meeting_detail(request)
            # The simulator takes whoever asks for the scheduler.
            self.assertEqual(shown.conference_data.scheduser_name, user)

    def test_a_token_is_checked_renewed_and_revoked(self):
        client = self.client()
        client.search_meetings(SearchMeetingsRequest())
        token = client._credentials._token
        self.assertTrue(token.startswith("mgw1"), "the SDK holds a token of the gateway's, none of the upstream's")
        check = CheckTokenRequest(body=ValidateTokenReqDTO(token=token, need_gen_new_token=False, need_account_info=True))
        self.assertEqual(client.check_token(check).access_token, token)
        # The SDK sends its access token where the documentation wants the refresh token.
        renewed = client.update_token(UpdateTokenRequest())
        self.assertTrue(renewed.access_token.startswith("mgw1"))
        client.delete_token(DeleteTokenRequest())
        # It keeps the token for twelve hours, whatever happened to it.
        error = self.nothing_sent(client.search_meetings, SearchMeetingsRequest())
        self.assertEqual((error.status_code, error.error_code), (401, "MGW.4010003"))

    def test_an_api_key_goes_where_the_token_went(self):
        def client(key):
            credentials = MeetingCredentials()
            credentials._token, credentials._last_token_date = key, datetime.datetime.now()
            return self.client(credentials=credentials)

        response, sent = self.only_sent(client("nightly-key-not-a-secret").search_meetings, SearchMeetingsRequest(limit=1))
        self.assertEqual(response.limit, 1)
        self.assertNotIn("nightly-key", str(sent["headers"]))
        # A caller whose upstream user is the one who signed in: a key does not say who that is.
        error = self.nothing_sent(client("sdk-key-not-a-secret").search_meetings, SearchMeetingsRequest())
        self.assertEqual((error.status_code, error.error_code), (403, "MGW.4030002"))
        error = self.nothing_sent(client("no-key").search_meetings, SearchMeetingsRequest())
        self.assertEqual((error.status_code, error.error_code), (401, "MGW.4010003"))

    def test_a_wrong_app_key_is_refused(self):
        error = self.nothing_sent(self.client(app_key="x" * 32).search_meetings, SearchMeetingsRequest())
        self.assertEqual((error.status_code, error.error_code), (401, "MGW.4010005"))

    def test_nobody_in_particular_is_refused(self):
        error = self.nothing_sent(self.client(user_id=None).search_meetings, SearchMeetingsRequest())
        self.assertEqual((error.status_code, error.error_code), (403, "MGW.4030002"))

    def test_account_and_password_are_refused(self):
        # How the SDK signs in where nobody says `APP_ID`.
        credentials = MeetingCredentials(user_name="alice@ent01", user_password="not-a-secret")
        error = self.nothing_sent(self.client(credentials=credentials).search_meetings, SearchMeetingsRequest())
        self.assertEqual((error.status_code, error.error_code), (401, "MGW.4010003"))
        self.assertIn("ask the platform team for a key", error.error_msg)

    def test_the_audit_log_names_the_caller_and_holds_no_secret(self):
        gateway = self.stand.another_gateway()
        self.client(gateway=gateway).create_meeting(CreateMeetingRequest(body=self.meeting_body()))
        gateway.stop()
        self.assertEqual(gateway.process.returncode, 0)
        lines = gateway.audit_lines()
        self.assertEqual([line["operation"] for line in lines], ["create_app_id_token", "create_meeting"])
        self.assertEqual([(line["caller"], line["status"]) for line in lines], [("sdk-app", 200), ("sdk-app", 200)])
        for secret in (GUEST_PASSWORD, "mgw1", CALLERS["sdk-app"][1], "bob@corp.example"):
            self.assertNotIn(secret, gateway.audit.read_text())
