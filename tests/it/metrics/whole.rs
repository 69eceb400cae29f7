//! A whole gateway with listeners, issuer, simulator and collector: everything in the list is there, nothing else is, and both ways of
//! telling it tell the same.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use meeting_gateway::config::Config;
use meeting_gateway::gateway::Gateway;
use meeting_gateway::model::clock::ManualClock;
use meeting_gateway::runtime::telemetry::names;
use meeting_gateway::simulator::{Settings, Simulator};
use tokio::net::TcpListener;

use super::collector::collector;
use super::series::{Series, Shown, listed, of_delivery, of_text};
use crate::jwt::configuration_with_issuer;
use crate::jwt::key_server::KeyServer;
use crate::jwt::mint::{EC, claims, set};
use crate::support::connection::{asked, head, whole};
use crate::support::request::{KEY, TARGET, documented};
use crate::support::{START, configuration};

/// A read that the second configuration allows.
const ME: &str = "/v1/usg/dcs/member";
/// How long a test waits for something that is sure to happen.
const PATIENCE: Duration = Duration::from_mins(1);
/// How many deliveries are compared before the two are said to differ: what a request leaves is not there all at once.
const COMPARED: usize = 10;

/// What nothing in this test brings about; whoever adds one says here why.
const NOT_HERE: &[&str] = &[];

/// The configuration of the tests with an issuer, a collector, ports of its own, and a quota that is soon used up.
fn configured(keys: &str, upstream: &str, collector: &str, (ratio, more): (&str, &str)) -> Config {
    let text = configuration_with_issuer(keys);
    let text = text.replace(
        "per: meeting, requests: 100000",
        "per: meeting, requests: 3",
    );
    let text = format!(
        "{text}
server: {{listeners: [{{address: '127.0.0.1:0'}}]}}
admin: {{address: '127.0.0.1:0'}}
telemetry: {{otlp: {{endpoint: '{collector}', interval: 1s}}}}
{more}"
    );
    let overrides = [
        ("upstream.url", upstream),
        ("telemetry.traces.ratio", ratio),
    ];
    configuration(&text, &overrides)
}

async fn simulator(clock: &Arc<ManualClock>) -> (String, Simulator) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings = Settings {
        seed: Some(1),
        ..Settings::default()
    };
    let simulator = Simulator::new(settings, clock.clone());
    let serving = simulator.clone().serve(listener, std::future::pending());
    tokio::spawn(serving);
    (format!("http://{address}"), simulator)
}

/// Requests of every kind that is counted.
async fn traffic(address: SocketAddr) {
    let body = documented().to_string();
    let deprecated = format!("{TARGET}&userUUID=ff80&made-up=1");
    let token = EC.token("a", &claims());
    for (text, status) in [
        (whole(&body).replace(TARGET, &deprecated), 200),
        (whole(&body).replace(KEY, &token), 200),
        (whole("{"), 400),
        (whole(&body), 429),
        (whole(&body).replace(KEY, "no-such-key"), 401),
        (whole(&body).replace(KEY, &format!("{token}AAAA")), 401),
        (
            head("content-length: 0\r\n").replace(TARGET, "/nowhere"),
            404,
        ),
    ] {
        let answer = asked(address, &text).await;
        assert_eq!(answer.status(), status, "{text}\n{}", answer.body);
    }
}

async fn scraped(gateway: &Gateway) -> Shown {
    let ask = "GET /metrics HTTP/1.1\r\nhost: admin\r\n\r\n";
    of_text(&asked(gateway.admin(), ask).await.body)
}

/// Whether a value changes by being asked for, or by itself.
fn moves((name, labels): &Series) -> bool {
    let of_process = [
        "process_",
        "meeting_gateway_process",
        "meeting_gateway_runtime",
        // It is tried again and again.
        "meeting_gateway_store_operation",
    ];
    labels.get("listener").is_some_and(|one| one == "admin")
        || of_process.iter().any(|prefix| name.starts_with(prefix))
        // Of the deliveries themselves.
        || name.starts_with("meeting_gateway_telemetry")
}

/// Where the two do not tell the same.
fn differences(told: &Shown, shown: &Shown) -> String {
    let mut text = String::new();
    for series in told.keys().chain(shown.keys()).collect::<BTreeSet<_>>() {
        let (told, shown) = (told.get(series), shown.get(series));
        let same = match (told, shown) {
            (Some(told), Some(shown)) => told.to_bits() == shown.to_bits() || moves(series),
            _ => series.0.starts_with("meeting_gateway_telemetry"),
        };
        if !same {
            let _ = writeln!(text, "{series:?}: OTLP {told:?}, Prometheus {shown:?}");
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_in_the_list_is_told_alike_by_otlp_and_to_prometheus() {
    let clock = ManualClock::at_unix(START);
    let keys = KeyServer::publishing(set(&[EC.jwk("a")])).await;
    let (upstream, simulator) = simulator(&clock).await;
    let (collector, mut deliveries) = collector().await;
    let folder = tempfile::tempdir().unwrap();
    // Nobody listens there, so this replica decides alone: on the whole of a quota, since it is the only one.
    let store = "store: {urls: ['redis://127.0.0.1:1'], replicas: 1, encryption_key: thirty-two bytes of good randomness}";
    let audit = format!(
        "{store}\naudit: {{output: {{file: '{}/audit.jsonl'}}, otlp: true}}",
        folder.path().display()
    );
    let config = configured(&keys.url, &upstream, &collector, ("1.0", &audit));
    let gateway = Gateway::start(config, clock, None).await.unwrap();
    traffic(gateway.listening()[0].address).await;

    // Another configuration: what told of the first one is gone.
    let first = scraped(&gateway).await;
    let digests = |shown: &Shown| {
        let names = shown
            .keys()
            .filter(|(name, _)| name == "meeting_gateway_config_info");
        names
            .map(|(_, labels)| labels["configuration"].clone())
            .collect::<Vec<_>>()
    };
    let more = format!("{audit}\noperations: {{allow: [show_my_info]}}");
    let config = configured(&keys.url, &upstream, &collector, ("0.0", &more));
    tokio::task::block_in_place(|| gateway.reload(&config)).unwrap();
    let second = scraped(&gateway).await;
    // So is its ratio.
    let me = head("content-length: 0\r\n")
        .replace("PUT", "GET")
        .replace(TARGET, ME);
    assert_eq!(
        asked(gateway.listening()[0].address, &me).await.status(),
        200
    );
    let seen = simulator.seen();
    let sampled = seen
        .iter()
        .filter_map(|seen| Some(seen.header("traceparent")?.ends_with("-01")));
    assert_eq!(sampled.collect::<Vec<_>>(), [true, true, true, false]);
    assert_eq!((digests(&first).len(), digests(&second).len()), (1, 1));
    assert_ne!(digests(&first), digests(&second));

    let mut found = String::new();
    for _ in 0..COMPARED {
        let delivery = tokio::time::timeout(PATIENCE, deliveries.recv()).await;
        let told = of_delivery(&delivery.unwrap().unwrap());
        let shown = scraped(&gateway).await;
        found = differences(&told, &shown);
        if found.is_empty() {
            break;
        }
    }
    assert!(found.is_empty(), "{found}");

    let shown = scraped(&gateway).await;
    let there: BTreeSet<_> = shown.keys().map(|series| listed(series).name).collect();
    let missing = names::ALL.iter().map(|metric| metric.name);
    let missing: Vec<_> = missing.filter(|name| !there.contains(name)).collect();
    assert_eq!(missing, NOT_HERE);
    expected(&shown);
    gateway.stop().await;
}

/// The name of a series, some of its labels, its value.
type Expected = (&'static str, &'static [(&'static str, &'static str)], f64);

/// What the traffic of the test comes to.
const EXPECTED: &[Expected] = &[
    (
        "http_server_active_requests",
        &[("http_request_method", "PUT")],
        0.0,
    ),
    (
        "http_server_request_duration_seconds_count",
        &[("http_response_status_code", "429")],
        1.0,
    ),
    (
        "http_server_request_body_size_bytes_count",
        &[("http_response_status_code", "400")],
        1.0,
    ),
    (
        "http_server_request_body_size_bytes_sum",
        &[("http_response_status_code", "400")],
        1.0,
    ),
    (
        "http_client_request_duration_seconds_count",
        &[
            ("http_request_method", "PUT"),
            ("http_response_status_code", "200"),
            ("network_protocol_version", "1.1"),
        ],
        2.0,
    ),
    (
        "http_client_request_duration_seconds_count",
        &[("url_template", "/v2/usg/acs/auth/appauth")],
        1.0,
    ),
    (
        "http_client_request_duration_seconds_count",
        &[("url_template", ME)],
        1.0,
    ),
    (
        "meeting_gateway_refusals_total",
        &[("code", "MGW.4000002")],
        1.0,
    ),
    (
        "meeting_gateway_refusals_total",
        &[("code", "MGW.4010003"), ("stage", "authenticate")],
        2.0,
    ),
    (
        "meeting_gateway_limiter_rejections_total",
        &[("policy", "meeting")],
        1.0,
    ),
    (
        "meeting_gateway_limiter_keys",
        &[("policy", "meeting")],
        1.0,
    ),
    (
        "meeting_gateway_limiter_keys",
        &[("policy", "failed_attempts")],
        1.0,
    ),
    (
        "meeting_gateway_failed_attempts_total",
        &[("outcome", "wrong")],
        2.0,
    ),
    (
        "meeting_gateway_stripped_total",
        &[("name", "userUUID"), ("caller", "scheduling-app")],
        1.0,
    ),
    (
        "meeting_gateway_upstream_attempts_total",
        &[
            ("operation", "update_recurring_meeting"),
            ("outcome", "answered"),
        ],
        2.0,
    ),
    (
        "meeting_gateway_token_fetches_total",
        &[("outcome", "fetched")],
        1.0,
    ),
    ("meeting_gateway_token_state", &[("state", "held")], 1.0),
    ("meeting_gateway_token_state", &[("state", "failing")], 0.0),
    ("meeting_gateway_token_failures", &[], 0.0),
    ("meeting_gateway_token_age_seconds", &[], 0.0),
    (
        "meeting_gateway_jwt_tokens_total",
        &[("outcome", "accepted")],
        1.0,
    ),
    (
        "meeting_gateway_jwt_tokens_total",
        &[("outcome", "signature")],
        1.0,
    ),
    ("meeting_gateway_jwt_keys", &[("issuer", "corp")], 1.0),
    (
        "meeting_gateway_jwt_keys_age_seconds",
        &[("issuer", "corp")],
        0.0,
    ),
    (
        "meeting_gateway_jwt_key_fetches_total",
        &[("outcome", "fetched")],
        1.0,
    ),
    (
        "meeting_gateway_config_reloads_total",
        &[("result", "applied")],
        1.0,
    ),
    ("meeting_gateway_config_snapshot", &[], 2.0),
    (
        "meeting_gateway_upstream_circuit_state",
        &[("state", "closed")],
        1.0,
    ),
    (
        "meeting_gateway_ready",
        &[("condition", "configuration")],
        1.0,
    ),
];

#[track_caller]
fn expected(shown: &Shown) {
    let value = |name: &str, labels: &[(&str, &str)]| {
        let fits = |series: &&Series| {
            let mut labels = labels.iter();
            series.0 == name
                && labels.all(|(key, value)| series.1.get(*key).is_some_and(|it| it == value))
        };
        let found: Vec<_> = shown.keys().filter(fits).collect();
        assert_eq!(found.len(), 1, "{name} {labels:?}: {found:?}");
        shown[found[0]]
    };
    for &(name, labels, expected) in EXPECTED {
        let found = value(name, labels);
        assert_eq!(
            found.to_bits(),
            expected.to_bits(),
            "{name} {labels:?}: {found}"
        );
    }
}
