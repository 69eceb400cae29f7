//! Why a test failed: what differs, and who acted on the request.

use crate::model::json::Value;

/// One thing that is not as expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What of the case: `verdict`, `code`, `findings`, `forwarded`, or `run` where there was nothing to compare.
    pub member: &'static str,
    /// Where in the body, as a JSON Pointer, for `forwarded`.
    pub pointer: Option<String>,
    /// What was expected; `None` is nothing.
    pub expected: Option<Value>,
    /// What was found; `None` is nothing.
    pub got: Option<Value>,
}

/// Somebody who acted on the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    /// A rule, as `pack/rule`, or a stage.
    pub who: String,
    /// What came of it: `changed`, `denied`, `warned`, `audited`, `exempt`, `refused`.
    pub outcome: &'static str,
    /// Where, as JSON Pointers or names of parameters and headers.
    pub places: Vec<String>,
}

/// Why a test failed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Failure {
    /// What is not as expected; at least one.
    pub differences: Vec<Difference>,
    /// How many more places of the body differ than are listed.
    pub omitted: usize,
    /// The refusal, if there was one: its code and its sentence.
    pub refusal: Option<(&'static str, String)>,
    /// Who acted, in order.
    pub acted: Vec<Acted>,
}

impl Failure {
    /// There was nothing to compare.
    pub(super) fn without_result(what: String) -> Self {
        let difference = Difference {
            member: "run",
            pointer: None,
            expected: None,
            got: Some(what.into()),
        };
        Self {
            differences: vec![difference],
            ..Self::default()
        }
    }
}
