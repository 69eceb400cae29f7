//! What is recorded quickly is what the SDK would have recorded by itself.

use http::{StatusCode, Uri, Version};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::runtime::telemetry::Telemetry;

/// One recording of any kind, out of so few values that most come again.
#[derive(Debug, Clone)]
enum Recorded {
    Answered {
        method: Method,
        scheme: &'static str,
        route: Option<&'static str>,
        ended: (Option<u16>, Option<&'static str>),
        version: Version,
        size: usize,
    },
    Attempted {
        uri: &'static str,
        ended: (Option<u16>, Option<&'static str>),
        version: Option<Version>,
        sizes: (Option<u64>, Option<u64>),
    },
    /// Of one of the counters.
    Counted(u8, &'static str),
}

fn ended() -> impl Strategy<Value = (Option<u16>, Option<&'static str>)> {
    let statuses = vec![Some(200), Some(404), Some(500), Some(507), None];
    let errors = vec![None, Some("timeout"), Some("cut_off")];
    (select(statuses), select(errors))
}

fn recorded() -> impl Strategy<Value = Recorded> {
    let brew = Method::from_bytes(b"BREW").unwrap();
    let methods = vec![Method::GET, Method::PUT, Method::QUERY, brew];
    let routes = vec![None, Some("/v1/a"), Some("/v1/b")];
    let versions = vec![Version::HTTP_10, Version::HTTP_11, Version::HTTP_2];
    let uris = vec![
        "https://a.example/x",
        "http://a.example/x",
        "https://a.example:8443/y",
        "https://[::1]/",
        "a.example",
        "/",
    ];
    let words = vec!["decide", "baseline/explicit-start-time", "answered", ""];
    let sizes = || prop_oneof![Just(None), (0..100_000_u64).prop_map(Some)];
    let version = select(versions.clone()).prop_map(Some);
    prop_oneof![
        (
            select(methods),
            select(vec!["http", "https"]),
            select(routes),
            ended(),
            select(versions),
            0..100_000_usize,
        )
            .prop_map(|(method, scheme, route, ended, version, size)| {
                Recorded::Answered {
                    method,
                    scheme,
                    route,
                    ended,
                    version,
                    size,
                }
            }),
        (
            select(uris),
            ended(),
            prop_oneof![Just(None), version],
            (sizes(), sizes()),
        )
            .prop_map(|(uri, ended, version, sizes)| Recorded::Attempted {
                uri,
                ended,
                version,
                sizes,
            }),
        (0..7_u8, select(words)).prop_map(|(which, word)| Recorded::Counted(which, word)),
    ]
}

fn record(instruments: &Instruments, what: &Recorded) {
    // A power of two, so that sums do not depend on their order.
    let took = Duration::from_millis(125);
    let status = |code: Option<u16>| code.map(|code| StatusCode::from_u16(code).unwrap());
    match what {
        Recorded::Answered {
            method,
            scheme,
            route,
            ended,
            version,
            size,
        } => instruments.server_request(
            &Answered {
                method,
                scheme,
                version: *version,
                route: *route,
                status: status(ended.0),
                error_type: ended.1,
                request_size: *size,
                response_size: size / 2,
            },
            took,
        ),
        Recorded::Attempted {
            uri,
            ended,
            version,
            sizes,
        } => instruments.client_request(
            &Attempt {
                method: &Method::PUT,
                uri: &Uri::from_static(uri),
                template: Some("/v1/a"),
                status: status(ended.0),
                error_type: ended.1,
                version: *version,
                request_size: sizes.0,
                response_size: sizes.1,
            },
            took,
        ),
        Recorded::Counted(which, word) => match which {
            0 => instruments.refused(word, Stage::Decide),
            1 => instruments.decided(word, "audit", "change"),
            2 => instruments.stripped(word, "userUUID"),
            3 => instruments.over_quota(word),
            4 => instruments.failed_attempt(word),
            5 => instruments.attempted(word, "timeout"),
            _ => instruments.reloaded(word),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn what_is_recorded_quickly_is_what_would_be_recorded_slowly(
        all in prop::collection::vec(recorded(), 0..60),
        // All series find room, some, or none.
        quick in select(vec![(|room| room) as fn(usize) -> usize, |_| 4, |_| 1]),
    ) {
        let told = |quick: fn(usize) -> usize| {
            let telemetry = Telemetry::silent();
            let meter = telemetry.instruments().meter.clone();
            let instruments = Instruments::quick(meter, quick);
            for what in &all {
                record(&instruments, what);
            }
            telemetry.prometheus_text()
        };
        prop_assert_eq!(told(quick), told(|_| 0));
    }
}

#[test]
fn nothing_is_shown_that_was_not_recorded() {
    let telemetry = Telemetry::silent();
    let attempt = Attempt {
        method: &Method::PUT,
        uri: &Uri::from_static("https://a.example/"),
        template: None,
        status: None,
        error_type: Some("connect"),
        version: None,
        request_size: None,
        response_size: None,
    };
    for _ in 0..3 {
        telemetry
            .instruments()
            .client_request(&attempt, Duration::from_secs(1));
    }
    let text = telemetry.prometheus_text();
    let series = "{error_type=\"connect\",http_request_method=\"PUT\",server_address=\"a.example\",server_port=\"443\"}";
    let count = format!("http_client_request_duration_seconds_count{series} 3");
    assert!(text.lines().any(|line| line == count), "{text}");
    assert!(!text.contains("body_size"), "{text}");
}
