"""Single meetings of a series: edited, and cancelled by a DELETE with a body."""
from huaweicloudsdkmeeting.v1 import (
    CancelRecurringSubMeetingRequest, CycleSubConfConfigDTO, RestCancelSingleRecordCycleConfListReqBody,
    RestScheduleCycleConfDTO, ShowMeetingDetailRequest, UpdateRecurringSubMeetingRequest)
from sdk_test import SdkTest, body_of, day


class SubMeetings(SdkTest):
    def change(self, series, **fields):
        second = series.sub_confs[1].cycle_sub_conf_id
        wanted = {"cycle_sub_conf_id": second, "media_types": "HDVideo", "start_time": f"{day(3)} 10:00", "length": 60}
        body = RestScheduleCycleConfDTO(**{**wanted, **fields})
        return UpdateRecurringSubMeetingRequest(conference_id=series.conference_id, body=body)

    def read(self, series):
        shown = self.client().show_meeting_detail(ShowMeetingDetailRequest(conference_id=series.conference_id))
        return shown.conference_data.sub_confs

    def test_one_meeting_is_moved_under_the_policy(self):
        series = self.new_series()
        loose = CycleSubConfConfigDTO(enable_waiting_room=False, allow_guest_start_conf=True)
        request = self.change(series, length=180, conf_config_info=loose)
        response, sent = self.only_sent(self.client().update_recurring_sub_meeting, request)
        # The service answers with nothing, and the SDK makes an empty object of it.
        self.assertEqual((response.status_code, response.to_dict()), (200, {}))
        self.assertEqual((sent["method"], sent["path"]), ("PUT", "/v1/mmc/management/conferences/cyclesubconf"))
        body = body_of(sent)
        self.assertEqual(body["length"], 120)
        expected = {"enableWaitingRoom": True, "allowGuestStartConf": False, "callInRestriction": 2}
        self.assertEqual(body["confConfigInfo"], expected)
        first, second, third = self.read(series)
        self.assertEqual((second.start_time, second.end_time), (f"{day(3)} 10:00", f"{day(3)} 12:00"))
        self.assertEqual((first.start_time, third.start_time), (f"{day(2)} 08:30", f"{day(4)} 08:30"))
        self.assertEqual(second.conf_config_info.enable_waiting_room, True)

    def test_a_loosened_meeting_is_refused(self):
        series = self.new_series()
        request = self.change(series, conf_config_info=CycleSubConfConfigDTO(call_in_restriction=0))
        error = self.nothing_sent(self.client().update_recurring_sub_meeting, request)
        self.assertEqual((error.status_code, error.error_code), (403, "MGW.4030001"))
        self.assertEqual([one.start_time for one in self.read(series)], [f"{day(n)} 08:30" for n in (2, 3, 4)])

    def test_some_meetings_are_cancelled(self):
        series = self.new_series()
        first, second, third = (one.cycle_sub_conf_id for one in series.sub_confs)
        which = RestCancelSingleRecordCycleConfListReqBody(cycle_sub_conf_i_ds=[first, third])
        request = CancelRecurringSubMeetingRequest(conference_id=series.conference_id, body=which)
        response, sent = self.only_sent(self.client().cancel_recurring_sub_meeting, request)
        self.assertEqual((response.status_code, response.to_dict()), (200, {}))
        self.assertEqual((sent["method"], sent["query"]), ("DELETE", f"conferenceID={series.conference_id}"))
        self.assertEqual(body_of(sent), {"cycleSubConfIDs": [first, third]})
        self.assertEqual([one.cycle_sub_conf_id for one in self.read(series)], [second])

    def test_cancelling_none_is_refused(self):
        series = self.new_series()
        which = RestCancelSingleRecordCycleConfListReqBody(cycle_sub_conf_i_ds=[])
        request = CancelRecurringSubMeetingRequest(conference_id=series.conference_id, body=which)
        error = self.nothing_sent(self.client().cancel_recurring_sub_meeting, request)
        self.assertEqual((error.status_code, error.error_code), (400, "MGW.4000004"))
        self.assertIn("cycleSubConfIDs", error.error_msg)
