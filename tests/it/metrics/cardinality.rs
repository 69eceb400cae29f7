//! Whatever callers send, there are only so many series: 100,000 requests, of which no two name the same meeting, user, path, method,
//! host, header, query parameter or claim.

use std::convert::Infallible;
use std::process::Command;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use meeting_gateway::gateway::Assembly;
use meeting_gateway::model::clock::ManualClock;
use meeting_gateway::model::refusal::Refusal;
use meeting_gateway::runtime::audit_log::AuditLog;
use meeting_gateway::stack;
use meeting_gateway::stages::forward::{Answer, Outbound};
use serde_json::json;
use tower::ServiceExt;

use super::series::{listed, of_text};
use crate::jwt::configuration_with_issuer;
use crate::jwt::key_server::KeyServer;
use crate::jwt::mint::{EC, claims_with, set};
use crate::support::request::{Asking, KEY, PATH, TestBody, documented, whole};
use crate::support::{START, configuration};

const REQUESTS: usize = 100_000;
/// After so many, memory is looked at for the first time: what is bounded is full then, or nearly.
const WARM: usize = 40_000;
/// Lines of the Prometheus text; those of one histogram with one set of attributes are 15 or 17.
const MOST_LINES: usize = 1_500;
/// Bytes that the process may grow by between the two looks.
const MOST_GROWTH: u64 = 32 * 1024 * 1024;
/// Part of everything that a request makes up.
const MARK: &str = "made-up";

/// Another request than all others.
fn distinct(number: usize) -> Request<TestBody> {
    let made_up = format!("{MARK}-{number}");
    let asking = |method: Method, target: &str| Asking::with_key(method, target, KEY);
    let with_token = |method: Method, target: &str, subject: &str| {
        let claims = claims_with(&json!({
            "sub": subject, "email": format!("{made_up}@ent01"), "groups": [made_up], "jti": made_up,
        }));
        Asking::to(method, target)
            .header("content-type", "application/json")
            .header(
                "authorization",
                &format!("Bearer {}", EC.token("a", &claims)),
            )
    };
    let update = format!("{PATH}?conferenceID={number}&userUUID={made_up}&{made_up}=1");
    let body = match number % 10 {
        0 => documented().to_string(),
        1 => format!("{{\"{made_up}\": 1}}"),
        _ => String::new(),
    };
    let asking = match number % 10 {
        // A user of the issuer's, for a meeting of its own.
        0 => with_token(Method::PUT, &update, "app-1"),
        1 => asking(Method::PUT, &update),
        2 => asking(
            Method::GET,
            &format!("/v1/mmc/management/conferences/confDetail?conferenceID={number}"),
        ),
        // Somebody that the configuration does not know.
        3 => with_token(Method::GET, PATH, &made_up),
        4 => Asking::with_key(Method::PUT, &update, &made_up),
        5 => asking(
            Method::from_bytes(format!("M{number}").as_bytes()).unwrap(),
            PATH,
        ),
        // An operation with a person in its path, which is allowed.
        6 => asking(Method::GET, &format!("/v1/usg/dcs/corp/member/{made_up}")),
        7 => asking(Method::GET, &format!("/{made_up}")),
        8 => asking(
            Method::DELETE,
            &format!("/v1/mmc/{made_up}/conferences/{number}"),
        ),
        _ => Asking::to(Method::GET, &format!("/v2/{made_up}")),
    };
    let mut request = asking.streamed(whole(body));
    let headers = request.headers_mut();
    let value = HeaderValue::from_str(&made_up).unwrap();
    for name in [
        format!("x-{made_up}"),
        "user-agent".to_owned(),
        "x-request-id".to_owned(),
    ] {
        headers.insert(HeaderName::try_from(name).unwrap(), value.clone());
    }
    headers.insert(
        "host",
        HeaderValue::from_str(&format!("{made_up}.example:{}", number % 65_536)).unwrap(),
    );
    request
}

fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let kibibytes: u64 = line.split_whitespace().next().unwrap().parse().unwrap();
    kibibytes * 1024
}

#[test]
fn a_hundred_thousand_distinct_requests_make_no_series() {
    // In a process of its own, whose memory nothing else uses.
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "metrics::cardinality::distinct_requests",
        ])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}"
    );
}

#[tokio::test]
#[ignore = "run by the test above in a process of its own"]
async fn distinct_requests() {
    let keys = KeyServer::publishing(set(&[EC.jwk("a")])).await;
    let text = configuration_with_issuer(&keys.url);
    let text = format!(
        "{text}\noperations: {{allow: [show_user_detail]}}\nadmin: {{address: '127.0.0.1:0'}}\n"
    );
    let (before, rest) = text.split_once("  credentials:").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let text = format!("{before}  credentials: {{fixed_token: a-token-of-the-tests}}\n\n{after}");
    let config = configuration(&text, &[]);
    let (log, _) = AuditLog::in_memory();
    let clock = ManualClock::at_unix(START);
    let assembly = Assembly::new(&config, clock.clone(), Some(Arc::new(log))).unwrap();
    let upstream = tower::service_fn(async |_: Outbound| {
        Ok::<_, Refusal>(Answer::own(StatusCode::OK, Bytes::from_static(b"{}")))
    });
    let gateway = stack::gateway::<TestBody, _>(&assembly.parts, upstream);

    let (mut warm, mut answered) = (0, 0);
    for number in 0..REQUESTS {
        if number == WARM {
            warm = resident();
        }
        // Quotas fill up again, and wrong credentials are forgotten.
        clock.advance(std::time::Duration::from_millis(1));
        let response = gateway.clone().oneshot(distinct(number)).await;
        let response = response.unwrap_or_else(|never: Infallible| match never {});
        answered += usize::from(response.status() == StatusCode::OK);
    }
    let grown = resident().saturating_sub(warm);
    assert!(answered > REQUESTS / 5, "{answered} were answered");

    let text = assembly.parts.telemetry.prometheus_text();
    let shown = of_text(&text);
    for series in shown.keys() {
        listed(series);
    }
    assert!(!text.contains(MARK), "{text}");
    assert!(!text.contains("overflow"), "{text}");
    let counted = |name: &str| {
        let of = shown.iter().filter(|((found, _), _)| found == name);
        of.map(|(_, value)| *value).sum::<f64>()
    };
    let count = counted("http_server_request_duration_seconds_count");
    assert!((count - 100_000.0).abs() < 0.5, "{count} were counted");
    assert!(shown.len() < MOST_LINES, "{} lines:\n{text}", shown.len());
    assert!(grown < MOST_GROWTH, "{grown} bytes more");
}
