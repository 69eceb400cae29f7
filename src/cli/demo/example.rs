//! The requests that the demo sends.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request};
use jiff::{Span, Timestamp};

use crate::model::json::{Value, json};

/// The API key of the demo's caller; its hash is in `config/demo.yaml`. Not a secret.
pub const API_KEY: &str = "demo-key-not-a-secret";
/// The path that everything here is about.
pub const PATH: &str = "/v1/mmc/management/cycleconferences";

/// One request, as an existing client would send it.
#[derive(Debug)]
pub struct Example {
    /// What it shows.
    pub title: &'static str,
    /// Query, as sent.
    pub query: &'static str,
    /// Headers beside the ones that every request has.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body.
    pub body: Value,
}

impl Example {
    /// The request, to be sent to the TLS listener.
    pub fn request(&self, to: SocketAddr) -> http::Result<Request<Bytes>> {
        let mut request = Request::builder()
            .method(Method::PUT)
            .uri(format!("https://{to}{PATH}?{}", self.query))
            .header("content-type", "application/json")
            .header("x-access-token", API_KEY);
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        request.body(Bytes::from(self.body.to_string()))
    }
}

/// The documented example, and a fuller request as clients in the field send it. The page's dates lie in the past, where no
/// series can be: they are moved to the weeks after `now`.
pub fn all(now: Timestamp) -> [Example; 2] {
    let day = |days: i64| {
        let date = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        date.checked_add(Span::new().days(days))
            .unwrap_or(date)
            .to_string()
    };
    let documented = Example {
        title: "The documented example, with the deprecated parameters (dates moved to the future)",
        query: "conferenceID=914087436&userUUID=ff80808178d4f4fe0178d4fd1b180005",
        headers: &[
            ("x-authorization-type", "HMAC-SHA256"),
            ("x-site-id", "ea8f2b9c"),
        ],
        body: json!({
            "mediaTypes": "HDVideo",
            "cycleParams": {"startDate": day(2), "endDate": day(3), "cycle": "Day", "preRemindDays": 1},
        }),
    };
    let fuller = Example {
        title: "A fuller request, spelt as clients in the field spell it",
        query: "conferenceID=914087436",
        headers: &[],
        body: json!({
            "startTime": format!("{}T16:30:00+08:00", day(2)),
            "length": "180",
            "subject": "  Weekly platform review ",
            "mediaTypes": "HDVideo,Data,HDVideo",
            "encryptMode": 0,
            "timeZoneID": "56",
            "conferenceType": 2,
            "recordType": 2,
            "recordAuthType": 0,
            "attendees": [{"name": "Alice", "email": "alice@CORP.example", "phone": "0086 138-0013-8000", "role": 1}],
            "confConfigInfo": {"isSendNotify": "false", "prolongLength": 15, "enableWaitingRoom": false},
            "cycleParams": {"startDate": day(2), "endDate": day(30), "cycle": "Week", "interval": 1, "point": [1, 3], "preRemindDays": 1},
        }),
    };
    [documented, fuller]
}
