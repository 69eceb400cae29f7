"""The reading operations: of meetings to come, that run, that are over; for who may see everything and who may not."""
from huaweicloudsdkmeeting.v1 import (
    ListOnlineConfAttendeeRequest, SearchAttendanceRecordsOfHisMeetingRequest, SearchCtlRecordsOfHisMeetingRequest,
    SearchHisMeetingsRequest, SearchMeetingsRequest, SearchOnlineMeetingsRequest, ShowHisMeetingDetailRequest,
    ShowMeetingDetailRequest, ShowOnlineMeetingDetailRequest)
from sdk_test import GUEST_PASSWORD, MASK, SdkTest


class Reading(SdkTest):
    def both(self, operation, request):
        """What the caller without scopes reads, and what the one with all of them does."""
        readers = (self.client(), self.client("front-desk-app"))
        responses = [getattr(reader, operation)(request) for reader in readers]
        self.assertEqual([response.status_code for response in responses], [200, 200])
        return responses

    def masked_and_plain(self, masked, plain):
        """The same meeting, read twice."""
        self.assertEqual(masked.conference_id, plain.conference_id)
        self.assertEqual(masked.subject, plain.subject)
        self.assertEqual({masked.chair_join_uri, masked.guest_join_uri, masked.scheduser_name}, {MASK})
        self.assertIn(f"/#/j/{plain.conference_id}/", plain.chair_join_uri)
        self.assertEqual(plain.scheduser_name, "alice@ent01")
        self.assertEqual({entry.password for entry in masked.password_entry}, {MASK})
        self.assertEqual(plain.password_entry[1].password, GUEST_PASSWORD)

    def people_masked_and_plain(self, masked, plain):
        """The attendee of a detail, read twice."""
        self.assertEqual((masked.data.count, plain.data.count), (1, 1))
        bob = plain.data.data[0]
        self.assertEqual((bob.name, bob.account_id, bob.email, bob.participant_id), ("Bob", "bob@ent01", "bob@corp.example", "1001"))
        bob = masked.data.data[0]
        self.assertEqual({bob.name, bob.account_id, bob.email, bob.participant_id}, {MASK})
        self.assertEqual(bob.role, 0)

    def past(self, **fields):
        """A meeting that ran and is over, with the id of its one occasion."""
        meeting = self.new_meeting(**fields)
        self.simulator.let_run(meeting.conference_id)
        self.simulator.let_end(meeting.conference_id)
        over = self.client().search_his_meetings(SearchHisMeetingsRequest(search_key=meeting.conference_id)).data
        self.assertEqual([one.conference_id for one in over], [meeting.conference_id])
        return meeting, over[0].conf_uuid

    def test_meetings_to_come(self):
        meeting = self.new_meeting()
        request = SearchMeetingsRequest(
            search_key=meeting.conference_id, limit=500, offset=0, query_all=False, query_conf_mode="ALL", sort_type="ASC_StartTIME")
        masked, plain = self.both("search_meetings", request)
        self.assertEqual((plain.count, plain.limit, plain.offset), (1, 500, 0))
        self.masked_and_plain(masked.data[0], plain.data[0])

    def test_the_parameters_of_a_list_go_upstream_in_their_documented_form(self):
        request = SearchMeetingsRequest(
            user_uuid="deprecated", search_key="R&D=1/é#", limit=500, query_all=True, query_conf_mode="AWEEK")
        _, sent = self.only_sent(self.client().search_meetings, request)
        self.assertEqual(sent["query"], "limit=500&queryAll=true&queryConfMode=AWEEK&searchKey=R%26D%3D1%2F%C3%A9%23")

    def test_a_meeting_in_detail(self):
        meeting = self.new_meeting()
        masked, plain = self.both("show_meeting_detail", ShowMeetingDetailRequest(conference_id=meeting.conference_id, x_type="1"))
        self.masked_and_plain(masked.conference_data, plain.conference_data)
        self.people_masked_and_plain(masked, plain)
        self.assertEqual(plain.conference_data.conference_state, "Schedule")

    def test_meetings_that_run(self):
        meeting = self.new_meeting()
        request = SearchOnlineMeetingsRequest(search_key=meeting.conference_id)
        self.assertEqual(self.client().search_online_meetings(request).data, [])
        self.simulator.let_run(meeting.conference_id)
        masked, plain = self.both("search_online_meetings", request)
        self.masked_and_plain(masked.data[0], plain.data[0])

    def test_a_running_meeting_in_detail(self):
        meeting = self.new_meeting()
        request = ShowOnlineMeetingDetailRequest(conference_id=meeting.conference_id)
        error = self.refused(self.client().show_online_meeting_detail, request)
        self.assertEqual((error.status_code, error.error_code), (400, "MMC.111072005"))
        self.simulator.let_run(meeting.conference_id)
        masked, plain = self.both("show_online_meeting_detail", request)
        self.masked_and_plain(masked.conference_data, plain.conference_data)
        self.people_masked_and_plain(masked, plain)

    def test_who_is_in_a_running_meeting(self):
        meeting = self.new_meeting()
        self.simulator.let_run(meeting.conference_id)
        # The one operation whose parameters and answer are in snake case.
        masked, plain = self.both("list_online_conf_attendee", ListOnlineConfAttendeeRequest(conf_id=meeting.conference_id))
        self.assertEqual((masked.count, plain.count), (1, 1))
        self.assertEqual((plain.data[0].name, plain.data[0].third_account, plain.data[0].call_number), ("Bob", "bob@ent01", "1001"))
        self.assertEqual({masked.data[0].name, masked.data[0].third_account, masked.data[0].call_number}, {MASK})

    def test_past_meetings(self):
        meeting, uuid = self.past()
        masked, plain = self.both("search_his_meetings", SearchHisMeetingsRequest(search_key=meeting.conference_id, start_date=1))
        self.assertEqual(plain.data[0].conf_uuid, uuid)
        self.assertEqual((masked.data[0].scheduser_name, plain.data[0].scheduser_name), (MASK, "alice@ent01"))

    def test_a_past_meeting_in_detail(self):
        meeting, uuid = self.past()
        masked, plain = self.both("show_his_meeting_detail", ShowHisMeetingDetailRequest(conf_uuid=uuid, x_type=1, x_query_type=0))
        self.assertEqual(plain.conference_data.conference_id, meeting.conference_id)
        self.people_masked_and_plain(masked, plain)

    def test_who_was_in_a_past_meeting(self):
        _, uuid = self.past()
        request = SearchAttendanceRecordsOfHisMeetingRequest(conf_uuid=uuid, accept_language="en-US")
        masked, plain = self.both("search_attendance_records_of_his_meeting", request)
        self.assertEqual((plain.data[0].display_name, plain.data[0].call_number), ("Bob", "1001"))
        self.assertEqual({masked.data[0].display_name, masked.data[0].call_number}, {MASK})
        self.assertEqual(masked.data[0].join_time, plain.data[0].join_time)

    def test_what_was_done_in_a_past_meeting(self):
        _, uuid = self.past()
        request = SearchCtlRecordsOfHisMeetingRequest(conf_uuid=uuid)
        masked, plain = self.both("search_ctl_records_of_his_meeting", request)
        self.assertEqual([record.operate_code for record in masked.data], ["START_CONF", "END_CONF"])
        self.assertEqual((masked.data[0].operator, plain.data[0].operator), (MASK, "alice@ent01"))
