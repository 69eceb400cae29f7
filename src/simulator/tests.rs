//! The simulator as a whole: sign in, schedule, be refused, be throttled.

use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Method, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use super::*;
use crate::model::clock::ManualClock;

mod faults_met;
mod meanwhile_met;
mod reading;
mod relayed;

/// 2026-01-05T16:30:59Z.
const NOW: u64 = 1_767_630_659;
const SIGN_IN: &str = "/v2/usg/acs/auth/appauth";
const TOKEN: &str = "/v1/usg/acs/token";
const SERIES: &str = "/v1/mmc/management/cycleconferences?conferenceID=914087436";
const CREATE: &str = "/v1/mmc/management/conferences";

/// A simulator, its clock, and a client of it.
struct Bench {
    simulator: Simulator,
    clock: Arc<ManualClock>,
}

impl Bench {
    fn new(settings: Settings) -> Self {
        let clock = ManualClock::at_unix(Duration::from_secs(NOW));
        let simulator = Simulator::new(settings, clock.clone());
        Self { simulator, clock }
    }

    async fn ask(
        &self,
        method: Method,
        uri: &str,
        token: &str,
        body: &Value,
    ) -> Response<SimulatedBody> {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header("X-Access-Token", token);
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        self.simulator.answer(request).await.unwrap()
    }

    /// The status, and `error_code` or the whole body.
    async fn told(&self, method: Method, uri: &str, token: &str, body: &Value) -> (u16, Value) {
        let answer = self.ask(method, uri, token, body).await;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let code = body.get("error_code").cloned();
        (status, code.unwrap_or(body))
    }

    async fn signed_in(&self, user: &str, client_type: i64) -> Value {
        let nonce = "EycLQsHwxhzK9OW8UEKWNfH2I3CGR2nINuU1EBpv162d42d92s";
        let message = format!("{DEMO_APP_ID}:{user}:0:{nonce}");
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(DEMO_APP_KEY.as_bytes()).unwrap();
        mac.update(message.as_bytes());
        let signature = data_encoding::HEXUPPER.encode(&mac.finalize().into_bytes());
        let body = json!({"appId": DEMO_APP_ID, "userId": user, "expireTime": 0, "nonce": nonce, "clientType": client_type});
        let request = Request::post(SIGN_IN)
            .header(
                "Authorization",
                format!("HMAC-SHA256 signature={signature}"),
            )
            .body(Full::new(Bytes::from(body.to_string())))
            .unwrap();
        let answer = self.simulator.answer(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice(&body).unwrap()
    }

    async fn token(&self) -> String {
        text(&self.signed_in("alice", 72).await["accessToken"])
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn bench() -> Bench {
    Bench::new(Settings::default())
}

fn cycle() -> Value {
    json!({"mediaTypes": "HDVideo", "cycleParams":
        {"startDate": "2026-01-07", "endDate": "2026-01-08", "cycle": "Day", "preRemindDays": 1}})
}

#[tokio::test]
async fn the_documented_path_works() {
    let bench = bench();
    let token = bench.token().await;
    let (status, body) = bench.told(Method::PUT, SERIES, &token, &cycle()).await;
    assert_eq!(status, 200);
    assert_eq!(body[0]["conferenceID"], "914087436");
    assert_eq!(body[0]["subConfs"].as_array().unwrap().len(), 2);
    assert_eq!(body[0].get("subject"), None, "PUT replaces");
    let detail = "/v1/mmc/management/conferences/confDetail?conferenceID=914087436";
    let (_, told) = bench.told(Method::GET, detail, &token, &Value::Null).await;
    assert_eq!(told["conferenceData"]["startTime"], body[0]["startTime"]);
    let (_, list) = bench.told(Method::GET, CREATE, &token, &Value::Null).await;
    assert_eq!(list["count"], 1);
    let seen = bench.simulator.take_seen();
    let methods: Vec<_> = seen.iter().map(|seen| seen.method.as_str()).collect();
    assert_eq!(methods, ["POST", "PUT", "GET", "GET"]);
    assert_eq!(seen[1].json(), Some(cycle()));
    assert!(bench.simulator.seen().is_empty());
}

#[tokio::test]
async fn a_created_meeting_runs_at_once_without_a_start() {
    let bench = bench();
    let token = bench.token().await;
    let (_, body) = bench
        .told(
            Method::POST,
            CREATE,
            &token,
            &json!({"mediaTypes": "Voice", "startTime": ""}),
        )
        .await;
    let id = text(&body[0]["conferenceID"]);
    assert!(bench.simulator.meeting(&id).unwrap().is_started());
    let edit = format!("{CREATE}?conferenceID={id}");
    let refused = bench
        .told(Method::PUT, &edit, &token, &json!({"mediaTypes": "Voice"}))
        .await;
    assert_eq!(refused, (400, "MMC.111071065".into()));
    let refused = bench
        .told(Method::DELETE, &edit, &token, &Value::Null)
        .await;
    assert_eq!(refused, (400, "MMC.111071067".into()));
    let gone = bench
        .told(
            Method::DELETE,
            &format!("{edit}&type=1"),
            &token,
            &Value::Null,
        )
        .await;
    assert_eq!(gone, (200, Value::Null));
}

#[tokio::test]
async fn refusals() {
    let bench = bench();
    let token = bench.token().await;
    bench.simulator.seed_meeting("900000001");
    assert!(bench.simulator.mark_started("900000001"));
    assert!(!bench.simulator.mark_started("900000002"));
    let series = |id: &str| format!("/v1/mmc/management/cycleconferences{id}");
    let (seeded, files) = (SERIES.to_owned(), "/v1/mmc/management/record/files");
    #[rustfmt::skip]
    let cases = [
        ("unknown", Method::PUT, series("?conferenceID=1"), cycle(), 400, "MMC.111070005"),
        ("unknown before wrong", Method::PUT, series("?conferenceID=1"), json!({}), 400, "MMC.111070005"),
        ("started", Method::PUT, series("?conferenceID=900000001"), cycle(), 400, "MMC.111071065"),
        ("no id", Method::PUT, series(""), cycle(), 400, "MMC.111070001"),
        ("no body", Method::PUT, seeded.clone(), Value::Null, 400, "MMC.111070001"),
        ("no object", Method::PUT, seeded.clone(), json!([1]), 400, "MMC.111071062"),
        ("no cycle", Method::PUT, seeded.clone(), json!({"mediaTypes": "Voice"}), 400, "MMC.111071020"),
        ("no path", Method::GET, files.to_owned(), Value::Null, 404, "APIG.0101"),
        ("no method", Method::PATCH, seeded, cycle(), 404, "APIG.0101"),
        ("no control", Method::GET, "/_simulator/seen".to_owned(), Value::Null, 404, "APIG.0101"),
        ("long", Method::GET, format!("/{}", "x".repeat(MOST_URI)), Value::Null, 414, "APIG.0201"),
        ("large", Method::POST, CREATE.to_owned(), "x".repeat(MOST_BODY).into(), 413, "APIG.0201"),
    ];
    for (name, method, uri, body, status, code) in cases {
        let told = bench.told(method, &uri, &token, &body).await;
        assert_eq!(told, (status, code.into()), "{name}");
    }
}

#[tokio::test]
async fn tokens_are_needed_and_end() {
    let bench = bench();
    let invalid = (401, Value::from("USG.000000004"));
    let put = |token: String| async { bench.told(Method::PUT, SERIES, &{ token }, &cycle()).await };
    let request = Request::put(SERIES).body(Full::new(Bytes::new())).unwrap();
    assert_eq!(bench.simulator.answer(request).await.unwrap().status(), 401);
    assert_eq!(put("cnrINVENTED".to_owned()).await, invalid);

    let first = bench.token().await;
    assert_eq!(put(first.clone()).await.0, 200);
    bench.clock.advance(Duration::from_secs(56_326));
    assert_eq!(put(first).await, invalid);

    let kicked = bench.token().await;
    assert_eq!(bench.simulator.live_tokens("alice").len(), 1);
    bench.simulator.kick_tokens();
    assert_eq!(put(kicked).await, invalid);

    let oldest = bench.token().await;
    for _ in 0..64 {
        bench.token().await;
    }
    assert_eq!(bench.simulator.live_tokens("alice").len(), 64);
    assert_eq!(put(oldest).await, invalid);

    let left = bench.token().await;
    assert_eq!(
        bench.told(Method::DELETE, TOKEN, &left, &Value::Null).await,
        (200, Value::Null)
    );
    assert_eq!(put(left).await, invalid);
}

#[tokio::test]
async fn refresh_and_validate() {
    let bench = bench();
    let signed_in = bench.signed_in("", 72).await;
    assert_eq!(signed_in["user"]["adminType"], 0);
    assert_eq!(signed_in["createTime"], NOW * 1000);
    let (access, refresh) = (
        text(&signed_in["accessToken"]),
        text(&signed_in["refreshToken"]),
    );
    let refused = bench.told(Method::PUT, TOKEN, &access, &Value::Null).await;
    assert_eq!(
        refused,
        (401, "USG.000000004".into()),
        "the header wants the refresh token"
    );

    let validate = "/v1/usg/acs/token/validate";
    let asked = json!({"token": access, "needGenNewToken": "false"});
    let (status, told) = bench.told(Method::POST, validate, "", &asked).await;
    assert_eq!(
        (status, &told["accessToken"]),
        (200, &signed_in["accessToken"])
    );
    let asked = json!({"token": access, "needGenNewToken": true});
    let (_, told) = bench.told(Method::POST, validate, "", &asked).await;
    assert_ne!(told["accessToken"], signed_in["accessToken"]);
    let (status, _) = bench
        .told(Method::POST, validate, "", &json!({"token": "x"}))
        .await;
    assert_eq!(status, 401);
    let refused = bench.told(Method::POST, validate, "", &json!({})).await;
    assert_eq!(refused, (400, "USG.206060011".into()));

    let (status, told) = bench.told(Method::PUT, TOKEN, &refresh, &Value::Null).await;
    assert_eq!((status, told["clientType"].clone()), (200, 72.into()));
    let refused = bench.told(Method::PUT, TOKEN, &refresh, &Value::Null).await;
    assert_eq!(refused.0, 401, "a refresh token works once");
}

#[tokio::test]
async fn throttling_is_by_api_and_minute() {
    let bench = Bench::new(Settings {
        throttle: Some(1),
        ..Settings::default()
    });
    let token = bench.token().await;
    let first = bench.ask(Method::PUT, SERIES, &token, &cycle()).await;
    assert_eq!(
        first.headers()["x-apig-ratelimit-api"],
        "remain:0,limit:1,time:1 minute"
    );
    let second = bench.ask(Method::PUT, SERIES, &token, &cycle()).await;
    assert_eq!(second.status(), StatusCode::TOO_MANY_REQUESTS);
    let body = second.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["error_code"], "APIG.0308");
    assert_eq!(text(&body["request_id"]).len(), 32);
    assert_eq!(
        body["error_msg"],
        "The throttling threshold has been reached: policy api over ratelimit,limit:1,time:1 minute"
    );
    bench.clock.advance(Duration::from_mins(1));
    assert_eq!(
        bench.told(Method::PUT, SERIES, &token, &cycle()).await.0,
        200
    );
}

#[tokio::test]
async fn the_control_endpoint_is_there_when_wanted() {
    let bench = Bench::new(Settings {
        control: true,
        seed: Some(1),
        ..Settings::default()
    });
    bench.token().await;
    let (status, seen) = bench
        .told(Method::GET, "/_simulator/seen", "", &Value::Null)
        .await;
    assert_eq!((status, seen.as_array().unwrap().len()), (200, 1));
    assert_eq!(seen[0]["path"], SIGN_IN);
    bench
        .told(Method::POST, "/_simulator/kick", "", &Value::Null)
        .await;
    assert!(bench.simulator.live_tokens("alice").is_empty());
}
