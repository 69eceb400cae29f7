"""What the SDK makes of refusals: status, code, message and request id, and where it loses some of them."""
from huaweicloudsdkmeeting.v1 import (
    CreateMeetingRequest, RestAttendeeDTO, RestConfConfigDTO, SearchMeetingsRequest, SearchUsersRequest,
    ShowMeetingDetailRequest, UpdateMeetingRequest)
from sdk_test import SdkTest

REQUEST_ID = "^[0-9a-zA-Z._-]{16,64}$"


class Refusals(SdkTest):
    def test_a_refusal_by_policy(self):
        stranger = [RestAttendeeDTO(name="Eve", type="outside", phone="+8613800138000")]
        error = self.nothing_sent(self.client().create_meeting, CreateMeetingRequest(body=self.meeting_body(attendees=stranger)))
        self.assertEqual((error.status_code, error.error_code), (403, "MGW.4030001"))
        self.assertIn("Invite members of the enterprise only.", error.error_msg)
        self.assertRegex(error.request_id, REQUEST_ID)

    def test_a_refusal_by_the_contract_names_the_field(self):
        wrong = self.meeting_body(length=5000, conf_config_info=RestConfConfigDTO(guest_pwd="abc"))
        error = self.nothing_sent(self.client().create_meeting, CreateMeetingRequest(body=wrong))
        self.assertEqual((error.status_code, error.error_code), (400, "MGW.4000004"))
        self.assertIn("`length` is 5000", error.error_msg)
        self.assertRegex(error.request_id, REQUEST_ID)

    def test_a_wrong_parameter(self):
        for request, name in [(SearchMeetingsRequest(limit=501), "limit"), (SearchMeetingsRequest(query_conf_mode="X"), "queryConfMode")]:
            error = self.nothing_sent(self.client().search_meetings, request)
            self.assertEqual((error.status_code, error.error_code), (400, "MGW.4000004"))
            self.assertIn(f"`{name}`", error.error_msg)

    def test_no_body_at_all(self):
        # The SDK checks nothing, and sends an empty one.
        error = self.nothing_sent(self.client().create_meeting, CreateMeetingRequest())
        self.assertEqual((error.status_code, error.error_code), (400, "MGW.4000002"))

    def test_an_operation_that_is_not_served(self):
        error = self.nothing_sent(self.client().search_users, SearchUsersRequest())
        self.assertEqual((error.status_code, error.error_code), (404, "MGW.4040002"))
        self.assertIn("search_users", error.error_msg)

    def test_an_error_of_the_upstream_passes_as_it_is(self):
        error = self.refused(self.client().update_meeting, UpdateMeetingRequest(conference_id="1", body=self.meeting_body()))
        self.assertEqual((error.status_code, error.error_code, error.error_msg), (400, "MMC.111070005", "CONF_DATA_NOT_FOUND"))
        self.assertRegex(error.request_id, REQUEST_ID)

    def test_of_a_quota_that_is_used_up_the_sdk_keeps_the_status_alone(self):
        gateway = self.stand.another_gateway(SDK_TEST_MEETING_QUOTA="1")
        try:
            meeting = self.new_meeting()
            request = ShowMeetingDetailRequest(conference_id=meeting.conference_id)
            client = self.client(gateway=gateway)
            client.show_meeting_detail(request)
            error = self.nothing_sent(client.show_meeting_detail, request)
            self.assertEqual((error.status_code, error.error_code), (429, "429"))
        finally:
            gateway.stop()
        self.assertEqual(gateway.audit_lines()[-1]["code"], "MGW.4290001")

    def test_an_upstream_whose_answer_is_no_json(self):
        self.simulator.fault("bad_json")
        error = self.refused(self.client().search_meetings, SearchMeetingsRequest())
        self.assertEqual((error.status_code, error.error_code), (502, "MGW.5020002"))

    def test_an_upstream_that_compresses_unasked(self):
        self.simulator.fault("gzip")
        self.assertEqual(self.client().search_meetings(SearchMeetingsRequest(limit=1)).limit, 1)
