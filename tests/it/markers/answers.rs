//! What the upstream answers, with a marker in each text, to a caller that has no scope and to one that has both.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::bodies::{Spoilt, marked};
use super::outlet::Outlet;
use super::servers::json as good;
use super::talk::{Talk, status, wire};

/// Written by hand from the upstream's documentation: the texts of a meeting, of who is in it, of users, tokens, rooms, webinars,
/// recordings and records.
fn documented() -> Value {
    json!({
        "conferenceData": {
            "conferenceID": "@", "subject": "@", "timeZoneID": "@", "startTime": "@", "endTime": "@", "mediaTypes": "@",
            "conferenceState": "@", "language": "@", "accessNumber": "@", "passwordEntry": [{"conferenceRole": "@", "password": "@"}],
            "userUUID": "@", "scheduserName": "@", "deptName": "@", "confType": "@", "chairJoinUri": "@", "guestJoinUri": "@",
            "audienceJoinUri": "@", "auxAddress": "@", "liveAddress": "@", "liveUrl": "@", "confConfigInfo": {"guestPwd": "@"},
            "vmrID": "@", "vmrConferenceID": "@", "confUUID": "@", "role": "@", "confMode": "@", "cycleSubConfID": "@",
            "partAttendeeInfo": [{"name": "@", "phone": "@", "phone2": "@", "phone3": "@", "type": "@"}],
            "subConfs": [{"cycleSubConfID": "@", "conferenceID": "@", "mediaType": "@", "startTime": "@", "endTime": "@", "description": "@"}],
            "picDisplay": {"imageType": "@", "subscriberInPics": [{"id": ["@", "@"]}]},
        },
        "data": {"data": [{
            "participantID": "@", "name": "@", "accountId": "@", "email": "@", "sms": "@", "phone2": "@", "phone3": "@", "userUUID": "@",
            "deptName": "@", "appId": "@", "state": "@", "attendeeType": "@",
        }]},
        "token": {
            "accessToken": "@", "tokenIp": "@", "proxyToken": {"accessToken": "@", "longAccessToken": "@"}, "refreshToken": "@",
            "user": {
                "userId": "@", "ucloginAccount": "@", "serviceAccount": "@", "numberHA1": "@", "alias1": "@", "companyId": "@",
                "spId": "@", "companyDomain": "@", "realm": "@", "name": "@", "nameEn": "@", "thirdAccount": "@", "visionAccount": "@",
                "headPictureUrl": "@", "password": "@", "paidAccount": "@", "paidPassword": "@", "appId": "@", "tr069Account": "@",
                "cloudUserId": "@",
            },
        },
        "rooms": [{"vmrId": "@", "gustPwd": "@", "chairPwd": "@", "gustJoinUrl": "@", "chairJoinUrl": "@"}],
        "webinars": [{"guestPasswd": "@", "audiencePasswd": "@", "chairPasswd": "@", "scheduserId": "@"}],
        "recordings": [{"recordUrls": [{"urls": [{"token": "@", "url": "@"}]}], "playUrl": "@", "downloadUrl": "@"}],
        "records": [{"displayName": "@", "callNumber": "@", "operator": "@", "operationObject": "@", "detail": "@"}],
        "applications": [{"app_id": "@", "app_key": "@"}], "webhooks": [{"subscriberId": "@", "subscriberKey": "@"}],
        "error_msg": "@", "request_id": "@",
    })
}

impl Talk<'_> {
    /// Good answers, errors, and answers that cannot be used.
    pub(super) async fn answers(&self) {
        // What came before left nothing behind.
        assert!(self.service.has_nothing_left());
        let mark = |what: &str| self.markers.text(&format!("answer/{what}"));
        for (outlet, key) in [
            (Outlet::Narrow, &self.credentials.narrow),
            (Outlet::Wide, &self.credentials.wide),
        ] {
            let reader = if outlet == Outlet::Wide {
                " for wide"
            } else {
                ""
            };
            for target in [
                "/v1/mmc/management/conferences/confDetail?conferenceID=1",
                "/v1/usg/dcs/corp/admin/a",
            ] {
                let body = marked(
                    self.markers,
                    &documented(),
                    Spoilt::Not,
                    &format!("answer{reader}"),
                );
                self.answered(outlet, key, target, good(body.to_string()), 200)
                    .await;
            }
        }
        let key = &self.credentials.narrow;
        let target = "/v1/mmc/management/conferences/confDetail?conferenceID=1";
        let headers = [
            "set-cookie",
            "x-access-token",
            "x-subject-token",
            "www-authenticate",
            "location",
            "link",
            "server",
            "x-unknown",
            "x-user-id",
            "warning",
            "x-request-id",
            "content-language",
        ];
        let mut response = good("[]");
        for name in headers {
            response
                .headers_mut()
                .insert(name, mark(&format!("header {name}")).parse().unwrap());
        }
        self.answered(Outlet::Narrow, key, target, response, 200)
            .await;
        // The token of the gateway, and some that look like tokens, in the words of an error.
        let own = self.markers.places();
        let own = own
            .iter()
            .rposition(|place| place == "credential/upstream token")
            .unwrap();
        let own = super::upstream_token(&format!("zqm{own:04}k"));
        let told = json!({
            "error_code": "USG.000000004",
            "error_msg": format!(
                "token {own} of {} is invalid: cnr{}0000000000000000000000000000, Bearer {}00000000000000000000.x, pwd={}",
                mark("name in an error"), mark("token in an error"), mark("bearer token in an error"), mark("password in an error"),
            ),
        });
        for status in [400, 403, 404, 429, 500] {
            self.answered(
                Outlet::Narrow,
                key,
                target,
                response_of(status, "application/json", &told.to_string()),
                status,
            )
            .await;
        }
        for (status, media_type, body) in [
            (200, "text/html", format!("<html>{}", mark("page"))),
            (
                200,
                "application/json",
                format!("{{\"password\":\"{}", mark("cut")),
            ),
            (
                200,
                "application/json",
                format!("{} {own}", mark("no JSON")),
            ),
            (302, "application/json", format!("\"{}\"", mark("redirect"))),
        ] {
            self.answered(
                Outlet::Narrow,
                key,
                target,
                response_of(status, media_type, &body),
                502,
            )
            .await;
        }
    }

    async fn answered(
        &self,
        outlet: Outlet,
        key: &str,
        target: &str,
        response: Response<Bytes>,
        expected: u16,
    ) {
        self.service.next(response);
        let request = wire("GET", target, &[("x-access-token", key)], b"");
        let answer = super::process::exchange(self.process.plain, &request).await;
        assert_eq!(
            status(&answer),
            expected,
            "{}",
            String::from_utf8_lossy(&answer)
        );
        self.departed.note(outlet, answer);
    }
}

fn response_of(status: u16, media_type: &str, body: &str) -> Response<Bytes> {
    let response = Response::builder()
        .status(status)
        .header("content-type", media_type);
    response.body(body.to_owned().into()).unwrap()
}
