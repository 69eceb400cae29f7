//! How a request ended.

use std::borrow::Cow;

use serde::Serialize;

use super::super::Explanation;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;

/// How a request ended, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It would go upstream.
    Forwarded,
    /// The policy denies it.
    Denied,
    /// Anything else is wrong with it.
    Refused,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Forwarded, Self::Denied, Self::Refused];
}

/// The outcome, and what the caller would be told.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    /// The last stage that it came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<Stage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Cow<'static, str>>,
    /// Violations that the refusal does not list.
    #[serde(skip_serializing_if = "Option::is_none")]
    violations_omitted: Option<usize>,
}

impl Verdict {
    pub(super) fn of(explanation: &Explanation) -> Self {
        let refusal = explanation.refusal.as_ref();
        let last = explanation.stages.last().map(|(stage, _)| *stage);
        Self {
            outcome: match refusal {
                None => Outcome::Forwarded,
                Some(Refusal::Denied { .. }) => Outcome::Denied,
                Some(_) => Outcome::Refused,
            },
            stage: refusal.and(last),
            status: refusal.map(|refusal| refusal.status().as_u16()),
            code: refusal.map(Refusal::code),
            message: refusal.map(Refusal::message),
            violations_omitted: match refusal {
                Some(
                    Refusal::Violations { omitted, .. } | Refusal::MissingFields { omitted, .. },
                ) if *omitted > 0 => Some(*omitted),
                _ => None,
            },
        }
    }
}
