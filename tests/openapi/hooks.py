"""What Schemathesis cannot know of a document: which meetings there are, and how a sign-in is signed.

A value that is right by its schema is replaced by one that is also there; a value that is wrong stays as it is, so that what
was generated to violate the schema still does.
"""
import base64
import datetime
import hashlib
import hmac
import itertools
import json
import os
import re
import time
import urllib.request
import uuid

import schemathesis
from hypothesis import strategies as st

GATEWAY = os.environ["OPENAPI_TEST_GATEWAY"]
SIMULATOR = os.environ["OPENAPI_TEST_SIMULATOR"]
API_KEY = "demo-key-not-a-secret"
APP_ID, APP_KEY = "demo-app", "demo-app-key-which-is-no-secret."

TODAY = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
# Meetings are made for days to come, and a series lasts for a year at most: no schema can say either.
schemathesis.openapi.format("date", st.dates(
    (TODAY + datetime.timedelta(2)).date(), (TODAY + datetime.timedelta(300)).date()).map(str))
schemathesis.openapi.format("utc-minutes", st.datetimes(
    (TODAY + datetime.timedelta(2)).replace(tzinfo=None), (TODAY + datetime.timedelta(300)).replace(tzinfo=None),
).map(lambda at: at.strftime("%Y-%m-%d %H:%M")))

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MEETING = re.compile(r"[0-9]{1,32}")
OCCASION = re.compile(r"[0-9A-Za-z_-]{1,64}")
fresh, turn = itertools.count(500_000_000), itertools.count()


def asked(method, url, body=None, headers=()):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **dict(headers)}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def through_the_gateway(method, target, body=None):
    return asked(method, GATEWAY + target, body, {"X-Access-Token": API_KEY})


def seeded(**state):
    """A series that is there, runs or is over."""
    meeting = str(next(fresh))
    asked("POST", SIMULATOR + "/_simulator/meetings", {"conferenceID": meeting, **state})
    return meeting


def single():
    """A meeting that is no series, does not run yet, and is as the packs want it."""
    start = (TODAY + datetime.timedelta(30)).strftime("%Y-%m-%d %H:%M")
    settings = {"callInRestriction": 2, "allowGuestStartConf": False, "guestPwd": "482913", "isGuestFreePwd": False, "prolongLength": 0}
    body = {"mediaTypes": "HDVideo", "startTime": start, "length": 60, "subject": "PRJ-1 test", "encryptMode": 1,
            "confConfigInfo": settings}
    made = through_the_gateway("POST", "/v1/mmc/management/conferences", body)
    return made[0]["conferenceID"]


class Once:
    """Made when first asked for."""

    def __init__(self, make):
        self.make, self.made = make, None

    def __call__(self):
        if self.made is None:
            self.made = self.make()
        return self.made


def occasion():
    """The id of an occasion that is over."""
    meeting = seeded(started=True)
    seeded_again = {"conferenceID": meeting, "ended": True}
    asked("POST", SIMULATOR + "/_simulator/meetings", seeded_again)
    past = through_the_gateway("GET", "/v1/mmc/management/conferences/history?limit=1")
    return past["data"][0]["confUUID"]


running, past, standing = Once(lambda: seeded(started=True)), Once(occasion), Once(seeded)
MEETINGS = {
    "update_meeting": single, "update_recurring_meeting": Once(seeded), "update_recurring_sub_meeting": standing,
    "cancel_meeting": single, "cancel_recurring_meeting": seeded, "cancel_recurring_sub_meeting": seeded,
    "show_meeting_detail": standing, "show_online_meeting_detail": running, "list_online_conf_attendee": running,
}


def sub_meetings(meeting):
    detail = through_the_gateway("GET", f"/v1/mmc/management/conferences/confDetail?conferenceID={meeting}")
    return detail["conferenceData"]["subConfs"]


def signature(app_id, user, expire_time, nonce, corp=None):
    parts = [app_id, *([corp] if corp else []), user or "", str(expire_time), nonce]
    digits = hmac.new(APP_KEY.encode(), ":".join(parts).encode(), hashlib.sha256).hexdigest()
    return f"HMAC-SHA256 signature={digits},access={base64.b64encode(app_id.encode()).decode()}"


def signed_in():
    body = {"appId": APP_ID, "clientType": 72, "expireTime": int(time.time()) + 300, "nonce": uuid.uuid4().hex, "userId": "alice"}
    header = signature(APP_ID, "alice", body["expireTime"], body["nonce"])
    return asked("POST", GATEWAY + "/v2/usg/acs/auth/appauth", body, {"Authorization": header})["accessToken"]


def right(value, pattern):
    return isinstance(value, str) and pattern.fullmatch(value)


def sign(case):
    body = case.body
    if not isinstance(body, dict) or not all(right(body.get(name), re.compile(r"[^:\s]+")) for name in ("appId", "nonce")):
        return
    body["appId"] = APP_ID
    if len(body["nonce"]) in range(32, 65):
        body["nonce"] = uuid.uuid4().hex
    late = body.get("expireTime")
    if isinstance(late, int) and not isinstance(late, bool) and late > 0:
        body["expireTime"] = int(time.time()) + 300
    elif right(late, re.compile("[1-9][0-9]*")):
        body["expireTime"] = str(int(time.time()) + 300)
    texts = [body.get(name) for name in ("userId", "corpId")]
    user, corp = [text if isinstance(text, str) else None for text in texts]
    case.headers["Authorization"] = signature(APP_ID, user, body.get("expireTime"), body["nonce"], corp)


def in_order(cycle):
    dates = [cycle.get(name) for name in ("startDate", "endDate")]
    if all(right(date, DATE) for date in dates):
        cycle["startDate"], cycle["endDate"] = sorted(dates)


@schemathesis.hook
def before_call(context, case, kwargs):
    name = case.operation.definition.raw["operationId"]
    query, body = case.query or {}, case.body
    if next(turn) % 3 == 0:
        case.headers["Accept"] = "application/problem+json, application/json"
        case.headers["Prefer"] = "return=receipt"
    for key in ("conferenceID", "conf_id"):
        if name in MEETINGS and right(query.get(key), MEETING):
            query[key] = MEETINGS[name]()
    if right(query.get("confUUID"), OCCASION):
        query["confUUID"] = past()
    if isinstance(body, dict) and isinstance(body.get("cycleParams"), dict):
        in_order(body["cycleParams"])
    if name == "update_recurring_sub_meeting" and isinstance(body, dict) and right(body.get("cycleSubConfID"), OCCASION):
        first = sub_meetings(standing())[0]
        body["cycleSubConfID"] = first["cycleSubConfID"]
        if right(body.get("startTime"), re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")):
            body["startTime"] = first["startTime"]
    if name == "cancel_recurring_sub_meeting" and isinstance(body, dict) and isinstance(body.get("cycleSubConfIDs"), list):
        ids = body["cycleSubConfIDs"]
        if 1 <= len(ids) <= 50 and all(right(one, OCCASION) for one in ids) and right(query.get("conferenceID"), MEETING):
            body["cycleSubConfIDs"] = [sub_meetings(query["conferenceID"])[0]["cycleSubConfID"]]
    if name in ("update_token", "delete_token"):
        case.headers["X-Access-Token"] = signed_in()
    elif name not in ("create_app_id_token", "check_token") or case.method.upper() != case.operation.method.upper():
        case.headers["X-Access-Token"] = API_KEY
    if name == "check_token" and isinstance(body, dict) and isinstance(body.get("token"), str):
        body["token"] = signed_in()
    if name == "create_app_id_token":
        sign(case)
