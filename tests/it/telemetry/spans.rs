//! The spans of every kind of request, compared with `spans.md`: names, kinds, statuses, attributes, events and links, all of them.
//!
//! After a change, `UPDATE_SPANS=1 cargo test --test it telemetry::spans` writes the table anew; what has changed in it is then read
//! by a person.

mod requests;
mod told;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use opentelemetry_sdk::trace::SpanData;

const HEAD: &str = "# The spans of every kind of request

Written by `spans.rs` and compared with what the gateway tells, exactly. `SERVER` is a request of a caller, `CLIENT` one of the gateway's,
`INTERNAL` a stage. Attributes without a prefix of ours are those of the OpenTelemetry HTTP semantic conventions v1.44. What
differs from run to run stands in angle brackets: ports, and request ids that the gateway made. A span stands within its parent.

`error.type`, where no status says it: `connect` (no connection to the upstream), `connection_lost`, `timeout`, `invalid_answer`,
`request_body` (the client's body failed on its way), `cut_off` and `client_left` of a server span. A try that is given up because the
client left is no error.
";

#[tokio::test]
async fn every_kind_of_request_is_told_as_in_the_table() {
    let mut table = HEAD.to_owned();
    for (title, request) in cases() {
        let told = told::tree(&request.await);
        write!(table, "\n## {title}\n\n```text\n{told}```\n").unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/telemetry/spans.md");
    let update =
        "run UPDATE_SPANS=1 cargo test --test it telemetry::spans, and read what has changed";
    if std::env::var_os("UPDATE_SPANS").is_some() {
        fs::write(&path, &table).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let differs = committed
        .lines()
        .zip(table.lines())
        .position(|(one, other)| one != other);
    if let Some(line) = differs {
        let lines = |text: &str| {
            text.lines()
                .skip(line.saturating_sub(8))
                .take(16)
                .collect::<Vec<_>>()
                .join("\n")
        };
        panic!(
            "line {}: {update}\n--- committed\n{}\n--- told\n{}",
            line + 1,
            lines(&committed),
            lines(&table)
        );
    }
    assert!(committed == table, "one is longer: {update}");
}

type Case = (&'static str, LocalBoxFuture<'static, Vec<SpanData>>);

fn cases() -> Vec<Case> {
    vec![
        ("A change is answered", requests::answered().boxed_local()),
        (
            "The first request waits for a sign-in",
            requests::first().boxed_local(),
        ),
        (
            "The upstream refuses the token: a new one, and the request again",
            requests::renewed().boxed_local(),
        ),
        (
            "The upstream cannot be signed in at",
            requests::no_sign_in().boxed_local(),
        ),
        (
            "The upstream says 400",
            requests::upstream_says(400).boxed_local(),
        ),
        (
            "The upstream says 500",
            requests::upstream_says(500).boxed_local(),
        ),
        (
            "The connection is lost in a change",
            requests::lost_change().boxed_local(),
        ),
        (
            "The connection is lost in a read, which is repeated",
            requests::lost_read().boxed_local(),
        ),
        (
            "The upstream cannot be reached",
            requests::unreachable().boxed_local(),
        ),
        (
            "The upstream does not answer in time",
            requests::late().boxed_local(),
        ),
        (
            "The upstream begins an answer and does not end it in time",
            requests::half().boxed_local(),
        ),
        (
            "The upstream answers with what is no JSON",
            requests::no_json().boxed_local(),
        ),
        (
            "A meeting is read before it is changed",
            requests::merged().boxed_local(),
        ),
        ("A file is passed on", requests::file().boxed_local()),
        ("A file breaks off", requests::broken_file().boxed_local()),
        ("No credential", requests::no_credential().boxed_local()),
        ("No such path", requests::no_path().boxed_local()),
        ("Another method", requests::other_method().boxed_local()),
        ("No JSON", requests::no_json_sent().boxed_local()),
        ("Against the contract", requests::violations().boxed_local()),
        ("Against the policy", requests::denied().boxed_local()),
        ("Over a quota", requests::over_quota().boxed_local()),
        (
            "A caller signs in wrongly",
            requests::wrong_sign_in().boxed_local(),
        ),
        ("The client leaves", requests::left().boxed_local()),
        ("A stage panics", requests::panicked().boxed_local()),
        ("HTTP/2 over TLS", requests::http2_over_tls().boxed_local()),
        (
            "An unknown method",
            requests::unknown_method().boxed_local(),
        ),
        (
            "Bytes that are no request",
            requests::unreadable().boxed_local(),
        ),
        (
            "Not chosen, and answered: nothing",
            requests::unchosen(200).boxed_local(),
        ),
        (
            "Not chosen, and refused",
            requests::unchosen(401).boxed_local(),
        ),
        (
            "Not chosen, and failed",
            requests::unchosen(500).boxed_local(),
        ),
        ("Stages as spans", requests::stages_as_spans().boxed_local()),
        (
            "Stages untold, the caller's trace only linked",
            requests::linked().boxed_local(),
        ),
    ]
}
