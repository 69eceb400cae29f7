"""Recurring meetings: created, edited, cancelled."""
import datetime

from huaweicloudsdkmeeting.v1 import (
    CancelRecurringMeetingRequest, CreateRecurringMeetingRequest, CycleParams, RestScheduleConfDTO,
    UpdateRecurringMeetingRequest)
from sdk_test import SdkTest, body_of, day

# The series that the simulator begins with.
SEEDED = "914087436"


class Series(SdkTest):
    def test_a_new_series_is_what_the_policy_makes_of_it(self):
        request = CreateRecurringMeetingRequest(body=self.series_body(length=180, encrypt_mode=0))
        response, sent = self.only_sent(self.client().create_recurring_meeting, request)
        series = response.body[0]
        self.assertEqual((sent["method"], sent["path"]), ("POST", "/v1/mmc/management/cycleconferences"))
        self.assertEqual([one.start_time for one in series.sub_confs], [f"{day(n)} 08:30" for n in (2, 3, 4)])
        self.assertEqual((series.conf_type, series.cycle_params.cycle, series.cycle_params.pre_remind_days), ("CYCLE", "Day", 1))
        held = self.held(series.conference_id)
        self.assertEqual((held["length"], held["encryptMode"], held["timeZoneID"]), (120, 1, "26"))

    def test_a_policed_edit_end_to_end(self):
        # The SDK's documented example: a series without a start time.
        days = CycleParams(start_date=day(2), end_date=day(3), cycle="Day", pre_remind_days=1)
        body = RestScheduleConfDTO(media_types="HDVideo", cycle_params=days, length=180, encrypt_mode=0)
        request = UpdateRecurringMeetingRequest(conference_id=SEEDED, user_uuid="deprecated", x_site_id="deprecated", body=body)
        response, sent = self.only_sent(self.client().update_recurring_meeting, request)
        self.assertEqual(response.status_code, 200)
        body = body_of(sent)
        self.assertEqual((body["encryptMode"], body["length"]), (1, 120))
        self.assertNotIn("userUUID", sent["query"])
        self.assertNotIn("x-site-id", sent["headers"])

    def test_an_edit_moves_the_meetings_of_a_series(self):
        series = self.new_series()
        first = datetime.date.today() + datetime.timedelta(7)
        # The SDK counts as the API does: 0 is Sunday.
        weekdays = [(first.weekday() + 1) % 7]
        weekly = CycleParams(start_date=str(first), end_date=str(first + datetime.timedelta(14)), cycle="Week", interval=1,
                             point=weekdays, pre_remind_days=0)
        request = UpdateRecurringMeetingRequest(conference_id=series.conference_id, body=self.series_body(cycle_params=weekly))
        changed = self.client().update_recurring_meeting(request).body[0]
        self.assertEqual(changed.conference_id, series.conference_id)
        expected = [f"{first + datetime.timedelta(7 * week)} 08:30" for week in range(3)]
        self.assertEqual([one.start_time for one in changed.sub_confs], expected)
        self.assertEqual(self.held(series.conference_id)["cycleParams"]["point"], weekdays)

    def test_a_cancelled_series_is_gone(self):
        series = self.new_series()
        request = CancelRecurringMeetingRequest(conference_id=series.conference_id, type=1, user_uuid="deprecated")
        response, sent = self.only_sent(self.client().cancel_recurring_meeting, request)
        self.assertEqual(response.status_code, 200)
        self.assertEqual((sent["method"], sent["query"]), ("DELETE", f"conferenceID={series.conference_id}&type=1"))
        self.assertIsNone(self.simulator.meeting(series.conference_id))

    def test_what_the_upstream_shortened_is_told_by_its_answer(self):
        days = CycleParams(start_date=day(2), end_date=day(90), cycle="Day", interval=1, pre_remind_days=1)
        response = self.client().create_recurring_meeting(CreateRecurringMeetingRequest(body=self.series_body(cycle_params=days)))
        self.assertEqual(len(response.body[0].sub_confs), 50)
        self.assertEqual(response.body[0].cycle_params.end_date, day(51))
