//! What must become of a case's request.

use crate::model::finding::{Finding, Location, Mode};
use crate::model::json::{Object, Value};

/// Whether the request goes upstream, and if not, who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is forwarded.
    Allow,
    /// A policy rule denies it.
    Deny,
    /// Something else refuses it, such as the contract.
    Refuse,
}

impl Verdict {
    /// As in a case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Refuse => "refuse",
        }
    }
}

/// What must become of a request. What is absent may be anything.
#[derive(Debug, Clone)]
pub struct Expected {
    /// Whether it goes upstream.
    pub verdict: Verdict,
    /// The code of the refusal.
    pub code: Option<String>,
    /// Exactly these findings, in any order.
    pub findings: Option<Vec<ExpectedFinding>>,
    /// Exactly this body.
    pub forwarded: Option<Value>,
}

/// A finding of which some members are given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExpectedFinding {
    /// The rule, as `pack/rule`.
    pub rule: Option<String>,
    /// What it leads to.
    pub mode: Option<Mode>,
    /// The part of the request.
    pub location: Option<Location>,
    /// Where in it.
    pub pointer: Option<String>,
    /// The schema keyword or the verb.
    pub keyword: Option<String>,
    /// Whether the caller is exempt from the rule.
    pub exempt: Option<bool>,
    /// The sentence.
    pub message: Option<String>,
}

impl ExpectedFinding {
    /// Whether every member that is given is that of a finding.
    pub fn fits(&self, finding: &Finding) -> bool {
        fn is<T: PartialEq>(expected: Option<T>, got: &T) -> bool {
            expected.is_none_or(|expected| expected == *got)
        }
        is(
            self.rule.as_deref(),
            &finding.rule.as_deref().unwrap_or_default(),
        ) && is(self.mode, &finding.mode)
            && is(self.location, &finding.location)
            && is(self.pointer.as_deref(), &finding.pointer.as_str())
            && is(self.keyword.as_deref(), &&*finding.keyword)
            && is(self.exempt, &finding.exemption.is_some())
            && is(self.message.as_deref(), &finding.message.as_str())
    }

    /// As it would be written in a case.
    pub fn to_json(&self) -> Value {
        let text = |text: &Option<String>| text.clone().map(Value::from);
        let members = [
            ("rule", text(&self.rule)),
            ("mode", self.mode.map(|mode| mode.name().into())),
            ("in", self.location.map(|location| name(location).into())),
            ("pointer", text(&self.pointer)),
            ("keyword", text(&self.keyword)),
            ("exempt", self.exempt.map(Value::from)),
            ("message", text(&self.message)),
        ];
        let given = members
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(given.collect::<Object>())
    }

    /// The finding in full, as a case would expect it.
    pub fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.as_deref().map(str::to_owned),
            mode: Some(finding.mode),
            location: Some(finding.location),
            pointer: Some(finding.pointer.clone()),
            keyword: Some(finding.keyword.to_string()),
            exempt: finding.exemption.is_some().then_some(true),
            message: Some(finding.message.clone()),
        }
    }
}

/// The part of a request, as in a case.
const fn name(location: Location) -> &'static str {
    match location {
        Location::Body => "body",
        Location::Query => "query",
        Location::Header => "header",
        Location::Answer => "answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_fits_if_each_member_that_is_given_is_equal() {
        let finding = Finding {
            location: Location::Body,
            pointer: "/length".to_owned(),
            keyword: "max".into(),
            rule: Some("house/hour".into()),
            expected: None,
            got: None,
            message: "Too long.".to_owned(),
            mode: Mode::Audit,
            exemption: Some("the summit (until 2026-12-31)".into()),
        };
        let whole = ExpectedFinding::of(&finding);
        assert!(whole.fits(&finding) && ExpectedFinding::default().fits(&finding));
        let text = |text: &str| Some(text.to_owned());
        let of = whole.clone();
        #[rustfmt::skip]
        let others = [
            ExpectedFinding { rule: text("house/day"), ..of.clone() },
            ExpectedFinding { mode: Some(Mode::Warn), ..of.clone() },
            ExpectedFinding { location: Some(Location::Query), ..of.clone() },
            ExpectedFinding { pointer: text("/subject"), ..of.clone() },
            ExpectedFinding { keyword: text("min"), ..of.clone() },
            ExpectedFinding { exempt: Some(false), ..of.clone() },
            ExpectedFinding { message: text("Too short."), ..of },
        ];
        for other in others {
            assert!(!other.fits(&finding), "{other:?}");
        }
        let members = whole.to_json();
        assert_eq!(members.as_object().map(Object::len), Some(7), "{members}");
    }
}
