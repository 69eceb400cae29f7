"""Single meetings: created, edited, cancelled."""
from huaweicloudsdkmeeting.v1 import CancelMeetingRequest, CreateMeetingRequest, RestConfConfigDTO, UpdateMeetingRequest
from sdk_test import GUEST_PASSWORD, MASK, SdkTest, body_of, day


class Meetings(SdkTest):
    def test_a_new_meeting_is_what_the_policy_makes_of_it(self):
        wish = self.meeting_body(
            length=180, encrypt_mode=0,
            conf_config_info=RestConfConfigDTO(guest_pwd=GUEST_PASSWORD, is_guest_free_pwd=True, enable_waiting_room=False))
        request = CreateMeetingRequest(user_uuid="deprecated", x_site_id="deprecated", x_authorization_type="0", body=wish)
        response, sent = self.only_sent(self.client().create_meeting, request)
        meeting = response.body[0]
        self.assertEqual((response.status_code, len(response.body)), (200, 1))
        self.assertEqual((meeting.subject, meeting.start_time), ("PRJ-1 Review", f"{day(2)} 08:30"))
        self.assertEqual(meeting.conf_config_info.prolong_length, 0)
        # What went upstream: no deprecated parameter, no credential of the gateway's.
        body = body_of(sent)
        self.assertEqual((sent["method"], sent["query"]), ("POST", ""))
        self.assertEqual((body["length"], body["encryptMode"], body["subject"]), (120, 1, "PRJ-1 Review"))
        self.assertFalse({"x-site-id", "x-authorization-type"} & sent["headers"].keys())
        self.assertNotIn("mgw1", str(sent["headers"]))
        # And what is held there.
        held = self.held(meeting.conference_id)
        settings = held["confConfigInfo"]
        self.assertEqual((held["length"], held["encryptMode"]), (120, 1))
        self.assertEqual((settings["isGuestFreePwd"], settings["enableWaitingRoom"], settings["callInRestriction"]), (False, True, 2))
        self.assertEqual(settings["guestPwd"], GUEST_PASSWORD)

    def test_secrets_and_people_are_masked_without_the_scopes(self):
        created = CreateMeetingRequest(body=self.meeting_body())
        masked = self.client().create_meeting(created).body[0]
        plain = self.client("front-desk-app").create_meeting(created).body[0]
        for meeting in (masked, plain):
            self.assertRegex(meeting.conference_id, r"^\d{9}$")
            self.assertEqual([entry.conference_role for entry in meeting.password_entry], ["chair", "general"])
        self.assertEqual({masked.chair_join_uri, masked.guest_join_uri, masked.scheduser_name, masked.user_uuid}, {MASK})
        self.assertEqual({entry.password for entry in masked.password_entry}, {MASK})
        self.assertEqual(masked.conf_config_info.guest_pwd, MASK)
        self.assertEqual(masked.part_attendee_info[0].name, MASK)
        self.assertRegex(plain.chair_join_uri, r"^https://.+/#/j/\d{9}/[0-9a-f]{48}$")
        self.assertEqual(plain.password_entry[1].password, GUEST_PASSWORD)
        self.assertEqual((plain.conf_config_info.guest_pwd, plain.part_attendee_info[0].name), (GUEST_PASSWORD, "Bob"))

    def test_an_edit_replaces_the_meeting_under_the_policy(self):
        meeting = self.new_meeting()
        change = self.meeting_body(subject="PRJ-1 Röntgen \"A\" & B", length=240, encrypt_mode=0)
        request = UpdateMeetingRequest(conference_id=meeting.conference_id, user_uuid="deprecated", body=change)
        response, sent = self.only_sent(self.client().update_meeting, request)
        self.assertEqual(response.body[0].conference_id, meeting.conference_id)
        self.assertEqual((sent["method"], sent["query"]), ("PUT", f"conferenceID={meeting.conference_id}"))
        held = self.held(meeting.conference_id)
        self.assertEqual((held["subject"], held["length"], held["encryptMode"]), ("PRJ-1 Röntgen \"A\" & B", 120, 1))

    def test_a_mask_that_is_sent_back_is_refused(self):
        read = self.client().create_meeting(CreateMeetingRequest(body=self.meeting_body())).body[0]
        change = self.meeting_body(conf_config_info=RestConfConfigDTO(guest_pwd=read.conf_config_info.guest_pwd))
        request = UpdateMeetingRequest(conference_id=read.conference_id, body=change)
        error = self.nothing_sent(self.client().update_meeting, request)
        self.assertEqual((error.status_code, error.error_code), (400, "MGW.4000004"))
        self.assertIn("guestPwd", error.error_msg)
        self.assertEqual(self.held(read.conference_id)["confConfigInfo"]["guestPwd"], GUEST_PASSWORD)

    def test_a_cancelled_meeting_is_gone(self):
        meeting = self.new_meeting()
        request = CancelMeetingRequest(conference_id=meeting.conference_id)
        response, sent = self.only_sent(self.client().cancel_meeting, request)
        self.assertEqual((response.status_code, sent["method"], sent["body"]), (200, "DELETE", ""))
        self.assertIsNone(self.simulator.meeting(meeting.conference_id))
        error = self.refused(self.client().cancel_meeting, request)
        self.assertEqual((error.status_code, error.error_code), (400, "MMC.111070005"))

    def test_a_running_meeting_is_cancelled_where_that_is_said(self):
        meeting = self.new_meeting()
        self.simulator.let_run(meeting.conference_id)
        request = CancelMeetingRequest(conference_id=meeting.conference_id)
        error = self.refused(self.client().cancel_meeting, request)
        self.assertEqual((error.status_code, error.error_code), (400, "MMC.111071067"))
        request.type = 1
        self.client().cancel_meeting(request)
        self.assertIsNone(self.simulator.meeting(meeting.conference_id))
