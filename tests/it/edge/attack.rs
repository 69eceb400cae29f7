//! One attack over HTTP/1: the bytes, and what has to come of them.

use std::fmt::Write as _;

use serde_json::json;

use super::door::Door;
use crate::support::connection::{head, whole};
use crate::support::request::{KEY, TARGET, documented};

/// What the upstream sees of a request that passes, whatever its bytes were: the gateway's own, and nothing of the client's but the
/// document that was checked.
pub(super) const CANONICAL: &str = concat!(
    "PUT /v1/mmc/management/cycleconferences?conferenceID=914087436 HTTP/1.1\n",
    "content-type: application/json\n",
    "accept: application/json\n",
    "user-agent: meeting-gateway/",
    env!("CARGO_PKG_VERSION"),
    "\n",
    "x-request-id: *\n",
    "x-access-token: *\n",
    "traceparent: *\n",
    "host: upstream\n",
    "content-length: *\n\n*"
);

/// An attack.
pub(super) struct Attack {
    /// What it is, in a few words.
    pub(super) about: &'static str,
    /// What is sent.
    pub(super) bytes: Vec<u8>,
    /// The answers, in order: status and code.
    pub(super) answers: Vec<(u16, &'static str)>,
    /// Whether the connection is closed behind the last one; else it serves a further request.
    pub(super) closes: bool,
    /// What must not be found in any request, audit line or answer.
    pub(super) secrets: Vec<&'static str>,
}

/// Refused, and the connection closed: nobody knows where the next request would begin.
pub(super) fn closed(
    about: &'static str,
    bytes: impl Into<Vec<u8>>,
    answer: (u16, &'static str),
) -> Attack {
    Attack {
        about,
        bytes: bytes.into(),
        answers: vec![answer],
        closes: true,
        secrets: Vec::new(),
    }
}

/// Not well-formed.
pub(super) fn malformed(about: &'static str, bytes: impl Into<Vec<u8>>) -> Attack {
    closed(about, bytes, MALFORMED)
}

pub(super) const MALFORMED: (u16, &str) = (400, "MGW.4000009");
pub(super) const OK: (u16, &str) = (200, "");

/// Refused; what follows is a new request.
pub(super) fn refused(
    about: &'static str,
    bytes: impl Into<Vec<u8>>,
    answer: (u16, &'static str),
) -> Attack {
    Attack {
        closes: false,
        ..closed(about, bytes, answer)
    }
}

/// Harmless: passes as the one canonical request.
pub(super) fn passes(about: &'static str, bytes: impl Into<Vec<u8>>) -> Attack {
    refused(about, bytes, OK)
}

impl Attack {
    /// The same, with these answers.
    pub(super) fn answered(mut self, answers: &[(u16, &'static str)]) -> Self {
        self.answers = answers.to_vec();
        self
    }

    /// The same, and the connection is closed.
    pub(super) fn then_closed(mut self) -> Self {
        self.closes = true;
        self
    }

    /// The same, and these go nowhere.
    pub(super) fn hiding(mut self, secrets: &[&'static str]) -> Self {
        self.secrets = secrets.to_vec();
        self
    }

    fn passed(&self) -> usize {
        self.answers.iter().filter(|answer| **answer == OK).count()
    }

    /// What the upstream has to see, for the table.
    pub(super) fn seen(&self) -> String {
        match self.passed() {
            0 => "nothing".to_owned(),
            1 => "the canonical request".to_owned(),
            more => format!("the canonical request, {more} times"),
        }
    }

    /// What the client has to get, for the table.
    pub(super) fn got(&self) -> String {
        let mut text = String::new();
        for (status, code) in &self.answers {
            let comma = if text.is_empty() { "" } else { ", " };
            let space = if code.is_empty() { "" } else { " " };
            let _ = write!(text, "{comma}{status}{space}{code}");
        }
        let end = if self.closes { "closed" } else { "kept" };
        let comma = if text.is_empty() { "" } else { "; " };
        format!("{text}{comma}{end}")
    }
}

/// The usual head with these lines.
pub(super) fn with(lines: &str) -> String {
    head(lines)
}

pub(super) fn body() -> String {
    documented().to_string()
}

/// A whole request that passes.
pub(super) fn good() -> String {
    whole(&body())
}

/// The same with further header lines, each with its end.
pub(super) fn good_with(lines: &str) -> String {
    let body = body();
    head(&format!("{lines}content-length: {}\r\n", body.len())) + &body
}

/// The same to another target.
pub(super) fn good_at(target: &str) -> String {
    good().replacen(TARGET, target, 1)
}

/// A request to delete the meeting, which nobody asked for: what smugglers carry.
pub(super) fn hidden() -> String {
    format!("DELETE {TARGET} HTTP/1.1\r\nhost: gateway.test\r\nx-access-token: {KEY}\r\n\r\n")
}

/// Sends it, and looks at all that it came to.
pub(super) async fn run(attack: Attack) {
    let door = Door::open().await;
    let mut client = door.client().await;
    client.send(&attack.bytes).await;
    let mut told = String::new();
    for expected in &attack.answers {
        let answer = client
            .answer()
            .await
            .unwrap_or_else(|| panic!("closed instead of {expected:?}"));
        assert_eq!((answer.status, &*answer.code()), *expected, "{answer:?}");
        told += &(answer.head + &answer.body);
    }
    let mut passed = attack.passed();
    let mut statuses: Vec<_> = attack
        .answers
        .iter()
        .map(|(status, _)| json!(status))
        .collect();
    if attack.closes {
        let more = client.answer().await;
        assert!(more.is_none(), "not closed: {more:?}");
        assert!(!client.reset, "reset instead of closed");
    } else {
        client.send(good().as_bytes()).await;
        let answer = client.answer().await.expect("the connection was not kept");
        assert_eq!(answer.status, 200, "{answer:?}");
        statuses.push(json!(200));
        passed += 1;
    }
    door.serves().await;
    statuses.push(json!(200));
    passed += 1;

    // Exactly this, and nothing else.
    let saw = door.recorder.saw();
    assert_eq!(saw.len(), passed, "{saw:#?}");
    for request in &saw {
        assert_eq!(canonical(request), CANONICAL);
    }
    // One line for each answer.
    let audit = door.gateway.audit_text();
    let lines: Vec<_> = door
        .audit()
        .iter()
        .map(|line| line["status"].clone())
        .collect();
    assert_eq!(lines, statuses, "{audit}");
    for secret in attack.secrets {
        assert!(
            !audit.contains(secret),
            "{secret} in the audit log: {audit}"
        );
        assert!(!told.contains(secret), "{secret} in an answer: {told}");
        assert!(!saw.concat().contains(secret), "{secret} at the upstream");
    }
}

/// The request without its body, which is held to the document where that is checked.
fn canonical(request: &str) -> String {
    let (head, body) = request.split_once("\n\n").unwrap();
    let sent: serde_json::Value = serde_json::from_str(body).unwrap();
    assert!(sent["length"].is_null() || sent["length"] == 30, "{body}");
    for (name, value) in documented().as_object().unwrap() {
        if name != "cycleParams" {
            assert_eq!(&sent[name], value, "{body}");
        }
    }
    head.replace(
        &format!("content-length: {}", body.len()),
        "content-length: *",
    ) + "\n\n*"
}
