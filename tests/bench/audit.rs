//! What the instruction bench measures of the audit log: the record of the documented request when it is over, and the line that tells of it.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode, Version};
use meeting_gateway::model::change::Change;
use meeting_gateway::model::changes::Changes;
use meeting_gateway::model::clock::SystemClock;
use meeting_gateway::model::finding::{Finding, Location, Mode};
use meeting_gateway::model::json::json;
use meeting_gateway::model::principal::{CredentialKind, Principal};
use meeting_gateway::model::record::{Journal, Outcome, TraceIdentity, UpstreamExchange};
use meeting_gateway::model::stage::Stage;
use meeting_gateway::runtime::audit_log::{AuditLog, ChainSettings, Settings};
use meeting_gateway::stages::reply::audit_line;

use crate::cases;

/// How long the request took.
pub(crate) const DURATION: Duration = Duration::from_micros(2_345);

/// What both example packs do to the documented request.
fn changes() -> Changes {
    let mut changes = Changes::default();
    let why = "set by policy: Meetings are always encrypted.";
    for (path, was, value) in [
        ("/length", Some(json!(180)), json!(120)),
        ("/confConfigInfo/prolongLength", None, json!(0)),
        ("/encryptMode", None, json!(1)),
        ("/confConfigInfo/isGuestFreePwd", None, json!(false)),
        ("/confConfigInfo/callInRestriction", None, json!(2)),
        ("/confConfigInfo/enableWaitingRoom", None, json!(true)),
    ] {
        let change = Change::in_body(Stage::Decide, path.to_owned(), was, Some(value), why);
        changes.push(change.by_rule("example-enterprise/encryption".into()));
    }
    changes
}

fn finding() -> Finding {
    Finding {
        location: Location::Body,
        pointer: "/startTime".to_owned(),
        keyword: "require".into(),
        rule: Some("baseline/explicit-start-time".into()),
        expected: Some("a value".to_owned()),
        got: None,
        message: "Say when the meeting starts: without a time it starts at once.".to_owned(),
        mode: Mode::Audit,
        exemption: None,
    }
}

/// The documented request as packs leave it, changed in six places and answered.
pub(crate) fn journal() -> Journal {
    let mut journal = Journal::of(
        "9f0c3d1e-6c1b-4f0e-8a53-2f1d7c5b9e04".into(),
        Method::PUT,
        Version::HTTP_11,
        "/v1/mmc/management/cycleconferences".into(),
        &SystemClock::shared(),
    );
    journal.trace = TraceIdentity {
        trace_id: 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c,
        ..TraceIdentity::default()
    };
    journal.peer = Some(([192, 0, 2, 7], 40_000).into());
    journal.client = journal.peer.map(|peer| peer.ip());
    journal.principal = Some(Principal {
        caller: Arc::new(cases::caller()),
        signed_in_user: None,
        credential: CredentialKind::ApiKey,
    });
    journal.operation = Some(&cases::ASKED);
    journal.meeting = Some("914087436".into());
    journal.snapshot = 1;
    journal.configuration = Some("5d1c8f0a2b7e4c39".into());
    journal.policy = Some("1f0b7c2e9a4d8356".into());
    journal.stage = Stage::Reply;
    journal.changes = changes();
    journal.findings = vec![finding()];
    journal.upstream = UpstreamExchange {
        status: Some(StatusCode::OK),
        request_id: Some("ff8080816e2bd4ea016e2c4f21d50010".into()),
        attempts: 1,
        duration: Duration::from_micros(1_234),
        overdue: false,
    };
    (journal.bytes_in, journal.bytes_out) = (412, 2_104);
    journal.outcome = Some(Outcome::Answered(StatusCode::OK));
    // What is looked up in tables is looked up once before.
    let line = audit_line::line(&journal, DURATION);
    assert!(line.len() > 1000, "it has a receipt");
    journal
}

/// The same, and a buffer that has room for its line.
pub(crate) fn buffered() -> (Journal, Vec<u8>) {
    (journal(), Vec::with_capacity(8 * 1024))
}

/// A log in a file that holds a line already, and the line of [`journal`].
pub(crate) fn appended() -> (AuditLog, Vec<u8>) {
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/bench-append.jsonl");
    // It may have been left by a bench before.
    let _ = std::fs::remove_file(file);
    let log = AuditLog::file(file.as_ref(), Settings::default(), ChainSettings::default());
    let log = log.expect("a file to write to");
    let line = audit_line::line(&journal(), DURATION);
    // The second finds the writer awake, and room that is there already.
    assert!(log.append(&line) && log.append(&line));
    (log, line)
}
