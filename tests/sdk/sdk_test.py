"""What the test cases have in common: clients of the unmodified SDK, meetings to work on, and a look at the upstream."""
import datetime
import json
import unittest

from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkmeeting.v1 import (
    CreateMeetingRequest, CreateRecurringMeetingRequest, CycleParams, MeetingClient, RestAttendeeDTO, RestConfConfigDTO,
    RestScheduleConfDTO)
from huaweicloudsdkmeeting.v1.meeting_credentials import AuthTypeEnum, MeetingCredentials

# Each caller's App ID and App Key, as in gateway.yaml.
CALLERS = {
    "sdk-app": ("gateway-issued-app-id", "gateway-issued-app-key-0000000000"),
    "front-desk-app": ("front-desk-app-id", "front-desk-app-key-00000000000000"),
}
MASK = "***"
# The guest password of the meetings here: nobody would guess it, so that finding it anywhere means something.
GUEST_PASSWORD = "482913"


def day(offset):
    """The date some days from now, in UTC."""
    return str(datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(offset))


class SdkTest(unittest.TestCase):
    """A test with a stand; `test_sdk.py` sets it up."""

    stand = None

    @property
    def simulator(self):
        return self.stand.simulator

    def client(self, caller="sdk-app", app_key=None, user_id="alice@ent01", gateway=None, credentials=None):
        """A client as its users make it. Only endpoint and credentials are other than with the real service."""
        config = HttpConfig.get_default_config()
        config.ssl_ca_cert = f"{self.stand.folder}/certificate.pem"
        app_id, known_key = CALLERS[caller]
        credentials = credentials or (
            MeetingCredentials().with_auth_type_enum(AuthTypeEnum.APP_ID).with_app_id(app_id)
            .with_app_key(app_key or known_key).with_user_id(user_id))
        return (MeetingClient.new_builder().with_http_config(config).with_credentials(credentials)
                .with_endpoint((gateway or self.stand.gateway).endpoint).build())

    def refused(self, call, *arguments):
        """The exception that the SDK makes of a refusal."""
        with self.assertRaises(SdkException) as caught:
            call(*arguments)
        return caught.exception

    def only_sent(self, call, *arguments):
        """What a call answered, and the one request that it led to upstream."""
        self.simulator.take_seen()
        response = call(*arguments)
        sent = self.simulator.take_seen()
        self.assertEqual(len(sent), 1, sent)
        return response, sent[0]

    def nothing_sent(self, call, *arguments):
        """The exception of a call of which the upstream heard nothing."""
        self.simulator.take_seen()
        error = self.refused(call, *arguments)
        self.assertEqual(self.simulator.take_seen(), [])
        return error

    def held(self, conference_id):
        """The body that the upstream holds of a meeting, defaults filled in."""
        meeting = self.simulator.meeting(conference_id)
        self.assertIsNotNone(meeting, f"no meeting {conference_id}")
        return meeting["body"]

    def meeting_body(self, **fields):
        wanted = {"media_types": "HDVideo", "start_time": f"{day(2)} 08:30", "length": 45, "subject": "PRJ-1 Review",
                  "attendees": [RestAttendeeDTO(account_id="bob@ent01", name="Bob", email="bob@corp.example", phone="1001")],
                  "conf_config_info": RestConfConfigDTO(guest_pwd=GUEST_PASSWORD)}
        return RestScheduleConfDTO(**{**wanted, **fields})

    def series_body(self, **fields):
        series = CycleParams(start_date=day(2), end_date=day(4), cycle="Day", interval=1, pre_remind_days=1)
        return self.meeting_body(**{"cycle_params": series, "time_zone_id": "26", **fields})

    def new_meeting(self, **fields):
        """A meeting made through the gateway."""
        response = self.client().create_meeting(CreateMeetingRequest(body=self.meeting_body(**fields)))
        return response.body[0]

    def new_series(self, **fields):
        """A series of three days made through the gateway."""
        response = self.client().create_recurring_meeting(CreateRecurringMeetingRequest(body=self.series_body(**fields)))
        return response.body[0]


def body_of(sent):
    """The body of a request as the upstream saw it."""
    return json.loads(sent["body"])
