//! One refusal or warning, read from a line of the audit log. The line masks what is sensitive, and so does this.

use serde::Deserialize;

use crate::model::finding::{Finding, Mode};

/// A request that was refused, or in which something was found.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Event {
    pub(super) time: String,
    pub(super) request_id: String,
    #[serde(default)]
    pub(super) caller: Option<String>,
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) operation: Option<String>,
    outcome: Outcome,
    #[serde(default)]
    pub(super) status: Option<u16>,
    #[serde(default)]
    pub(super) code: Option<String>,
    #[serde(default)]
    pub(super) message: Option<String>,
    #[serde(default)]
    receipt: Receipt,
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
struct Receipt {
    #[serde(default)]
    findings: Vec<Finding>,
}

/// How it ended, as the audit log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Answered,
    Refused,
    CutOff,
    ClientLeft,
}

/// How a request ended, as the console sorts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was refused.
    Refused,
    /// It went on, and its caller was told of something.
    Warned,
    /// It went on, and the log alone was told of something.
    Audited,
    /// Its answer broke off.
    CutOff,
}

impl Verdict {
    /// Every one.
    pub(super) const ALL: [Self; 4] = [Self::Refused, Self::Warned, Self::Audited, Self::CutOff];

    /// The one of a name.
    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }

    /// Its name in the page and in the address.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Warned => "warned",
            Self::Audited => "audited",
            Self::CutOff => "cut_off",
        }
    }
}

impl Event {
    /// Reads a line. None where it is no line of a request, or tells of nothing that was refused or found: what it looked like may have
    /// been the body of a request that was kept.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let event: Self = serde_json::from_slice(line).ok()?;
        let ended_badly = matches!(event.outcome, Outcome::Refused | Outcome::CutOff);
        (ended_badly || !event.findings().is_empty()).then_some(event)
    }

    /// How it ended.
    pub(super) fn verdict(&self) -> Verdict {
        match self.outcome {
            Outcome::Refused => Verdict::Refused,
            Outcome::CutOff => Verdict::CutOff,
            Outcome::Answered | Outcome::ClientLeft => {
                let warns = |found: &Finding| found.mode == Mode::Warn;
                if self.findings().iter().any(warns) {
                    Verdict::Warned
                } else {
                    Verdict::Audited
                }
            }
        }
    }

    /// What was found in it.
    pub(super) fn findings(&self) -> &[Finding] {
        &self.receipt.findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(outcome: &str, modes: &[&str]) -> Event {
        let findings: Vec<String> = modes
            .iter()
            .map(|mode| format!(r#"{{"in":"body","pointer":"/a","keyword":"k","rule":"p/r","message":"m","mode":"{mode}"}}"#))
            .collect();
        let line = format!(
            r#"{{"seq":3,"schema":"meeting-gateway.audit/3","time":"2026-11-30T10:00:00.000Z","request_id":"i","caller":"app","method":"PUT","path":"/v1","outcome":"{outcome}","stage":"reply","receipt":{{"findings":[{}]}},"bytes_in":1}}"#,
            findings.join(",")
        );
        Event::read(line.as_bytes()).unwrap()
    }

    #[test]
    fn the_worst_word_counts() {
        for (outcome, modes, expected) in [
            ("refused", &["enforce", "warn"][..], Verdict::Refused),
            ("answered", &["audit", "warn"], Verdict::Warned),
            ("answered", &["audit"], Verdict::Audited),
            ("cut_off", &[], Verdict::CutOff),
        ] {
            assert_eq!(
                event(outcome, modes).verdict(),
                expected,
                "{outcome} {modes:?}"
            );
        }
    }

    #[test]
    fn lines_of_the_log_itself_are_none() {
        assert_eq!(
            Event::read(br#"{"seq":1,"event":"opened","time":"2026-11-30T10:00:00.000Z"}"#),
            None
        );
        assert_eq!(Event::read(b"no line"), None);
    }

    #[test]
    fn a_body_that_was_kept_is_no_refusal() {
        let line = br#"{"time":"t","request_id":"i","method":"PUT","path":"/v1","outcome":"answered","request":{"body":{"findings":[1],"outcome":"refused"}}}"#;
        assert_eq!(Event::read(line), None);
    }
}
