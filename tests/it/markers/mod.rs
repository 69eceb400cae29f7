//! Nothing secret and nothing personal leaves the gateway but where the table says so.
//!
//! A unique marker stands in every place that holds a secret, or something about a person, or that could: members of bodies as
//! the contract lists them, and such bodies spoilt; parameters of every operation; headers; targets that lead nowhere;
//! credentials, sign-ins, tokens and certificates; the configuration; the upstream's answers and errors. The built program
//! serves all that, with the log at its finest level, the audit log and telemetry over OTLP on. Then everything that left the process is searched for each marker, also
//! in base64, hexadecimal and the escapes of URLs and JSON: in both standard streams, the audit log, every delivery to the
//! collector, requests to the upstream, answers to callers and operators, and what commands print.
//!
//! What is found must be in [`table`], and what is in the table must be found.

mod mark;
mod outlet;
mod table;

mod bodies;
mod configuration;
mod servers;
mod process;

mod talk;
mod places;
mod credentials;
mod sign_ins;
mod answers;
mod operator;
mod commands;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use meeting_gateway::model::clock::SystemClock;
use serde_json::json;

use crate::support::authority::Authority;
use configuration::Variant;
use mark::Markers;
use outlet::{Departed, Outlet};
use process::Process;
use servers::Service;
use talk::Talk;

/// Every operation that the contract knows.
const OPERATIONS: &str = include_str!("../../../config/contract/operations.json");

const VARIANTS: [(Variant, Outlet); 3] = [
    (
        Variant {
            audit: "{file: audit.jsonl}",
            request: "masked",
            format: "json",
            level: "trace",
        },
        Outlet::Audit,
    ),
    (
        Variant {
            audit: "stdout",
            request: "none",
            format: "pretty",
            level: "trace,hyper=trace,hyper_util=trace,h2=trace,rustls=trace,tower=trace,opentelemetry_sdk=trace,opentelemetry_otlp=trace",
        },
        Outlet::Audit,
    ),
    (
        Variant {
            audit: "{file: audit.jsonl}",
            request: "full",
            format: "json",
            level: "debug",
        },
        Outlet::AuditInFull,
    ),
];

/// What config/demo.yaml signs with, and what the simulator knows.
const DEMO_SECRETS: [&str; 3] = [
    "0123456789abcdef0123456789abcdef",
    "demo-app-key-which-is-no-secret.",
    "demo-token-key-which-is-no-secret-at-all",
];

fn now() -> u64 {
    SystemClock::shared().unix().as_secs()
}

/// An upstream token of the usual form with a marker in it.
fn upstream_token(marker: &str) -> String {
    format!("cnr{marker}0123456789abcdef0123456789abc")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_the_gateway_but_what_the_table_lets() {
    let markers = Markers::default();
    for secret in DEMO_SECRETS {
        markers.made("configuration/of the demo", secret);
    }
    let mut unused: BTreeSet<usize> = (0..table::ALLOWED.len()).collect();
    let mut seen = BTreeSet::new();
    let mut leaks = String::new();
    for (variant, audit) in VARIANTS {
        let departed = Departed::default();
        serve(&markers, variant, audit, &departed).await;
        for (outlet, bytes) in departed.all() {
            if !bytes.is_empty() || outlet == Outlet::Stdout {
                seen.insert(outlet);
            }
            for (place, around) in markers.found(&bytes) {
                let entries = table::allowed(outlet, &place);
                if entries.is_empty() {
                    let _ = writeln!(leaks, "{outlet:?} | {place} | {around}");
                }
                unused.retain(|entry| !entries.contains(entry));
            }
        }
    }
    assert!(
        leaks.is_empty(),
        "these left, and are not in the table:\n{leaks}"
    );
    let unused: Vec<_> = unused.iter().map(|entry| table::ALLOWED[*entry]).collect();
    assert!(
        unused.is_empty(),
        "these entries are for nothing: {unused:#?}"
    );
    assert!(
        Outlet::ALL.iter().all(|outlet| seen.contains(outlet)),
        "only {seen:?}"
    );
}

/// One gateway, from its start to its end.
async fn serve(markers: &Markers, variant: Variant, audit: Outlet, departed: &Departed) {
    let authority = Authority::new("authority");
    let collector = servers::collector(departed.clone()).await;
    let token = upstream_token(&markers.text("credential/upstream token"));
    let signed_in = json!({
        "accessToken": token, "validPeriod": 50_000, "tokenIp": markers.text("upstream sign-in/tokenIp"),
        "refreshToken": markers.text("credential/refresh token of the upstream"),
        "user": {"userId": markers.text("upstream sign-in/userId"), "password": markers.text("upstream sign-in/password")},
    });
    let service = Service::start(departed.clone(), signed_in.to_string()).await;
    let configured =
        configuration::configured(markers, variant, &authority, (&service.url, &collector));
    let to_stdout = variant.audit == "stdout";
    let stdout = if to_stdout { audit } else { Outlet::Stdout };
    let process = Process::start(&configured, stdout, departed);
    let talk = Talk {
        markers,
        departed,
        process: &process,
        service: &service,
        credentials: &configured.credentials,
        authority: &authority,
    };
    talk.all().await;
    operator::asked(markers, departed, &process).await;
    operator::looked(markers, departed, &process).await;
    operator::reloaded(markers, departed, &process, &configured).await;
    process.stop();
    let file = configured.folder.path().join("audit.jsonl");
    let file = (!to_stdout).then_some(&*file);
    if let Some(file) = file {
        departed.note(audit, std::fs::read(file).unwrap());
    }
    commands::run(markers, departed, &configured, file);
}
