//! Test cases of packs, as people write them in `policies/<pack>/cases/*.yaml`: a request, and what must become of it.
//!
//! Rules:
//!
//! 1. What a case does not say is taken from the file's `defaults`, and what these do not say from [`Request::default`].
//! 2. A case's body is merged into that of the defaults by RFC 7396; where the defaults have none, it is taken as it is.
//! 3. All mistakes of a file are returned at once, with their places. Rules are known by the packs that the file names.
//!
//! ```
//! use meeting_gateway::policy::cases::{self, KnownPack, Surroundings, Verdict};
//!
//! let packs = [KnownPack { folder: "house".into(), rules: Some(vec!["house/start".into()]) }];
//! let surroundings = Surroundings { pack: "house", packs: &packs, operations: &["update_meeting"] };
//! let text = "
//! cases:
//!   - name: an absent start time is refused
//!     request: {body: {mediaTypes: HDVideo}}
//!     expect: {verdict: deny, findings: [{rule: start, pointer: /startTime}]}
//! ";
//! let file = cases::read("start.yaml", text, &surroundings).unwrap();
//! assert_eq!(file.cases[0].expected.verdict, Verdict::Deny);
//!
//! let problems = cases::read("start.yaml", &text.replace("rule: start", "rule: strat"), &surroundings).unwrap_err();
//! assert_eq!(
//!     problems[0].to_string(),
//!     "start.yaml:5:47: an absent start time is refused: no rule of these packs is called `house/strat` (did you mean `house/start`?)",
//! );
//! ```

mod setup;
mod request;
mod expected;
mod merge_patch;
mod known;
mod read_file;
mod read_setup;
mod read_request;
mod read_expected;
#[cfg(test)]
mod tests;

use crate::model::problem::{Position, Problem};

use super::sheet::Sheet;

pub use expected::{Expected, ExpectedFinding, Verdict};
pub use known::{KnownPack, Surroundings};
pub use request::Request;
pub use setup::Setup;

/// Bytes that a case file may have.
pub const MAX_BYTES: usize = 1 << 20;

/// A file of cases.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// What all of its cases are decided under.
    pub setup: Setup,
    /// The cases, in the order of the file. No two have the same name.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// What is tried, in a few words.
    pub name: String,
    /// Where it begins in its file.
    pub position: Position,
    /// What is asked.
    pub request: Request,
    /// What must become of it.
    pub expected: Expected,
}

/// Reads a file of cases. `file` is only its name in problems; all problems of the text are returned at once.
pub fn read(
    file: &str,
    text: &str,
    surroundings: &Surroundings<'_>,
) -> Result<CaseFile, Vec<Problem>> {
    let mut sheet = Sheet::new(file, text);
    let read = read_file::whole(&mut sheet, text, surroundings);
    let mut problems = sheet.into_problems();
    problems.sort_by_key(|problem| problem.position);
    match read {
        Some(read) if problems.is_empty() => Ok(read),
        _ => Err(problems),
    }
}
