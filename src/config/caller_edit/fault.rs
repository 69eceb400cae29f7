//! Why a file of callers is not changed.

use crate::model::problem::Problem;

/// Why a file is not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditFault {
    /// There is no such caller; perhaps this one was meant.
    #[error("there is no caller `{id}` in {file}{}", did_you_mean(.meant.as_deref()))]
    NoSuchCaller {
        /// The caller that was asked for.
        id: String,
        /// The file.
        file: String,
        /// One with a name like it.
        meant: Option<String>,
    },
    /// The caller has no such credential.
    #[error(
        "the caller `{id}` has no such credential ({file}, line {line}): `caller list` shows what it has"
    )]
    NoSuchCredential {
        /// The caller.
        id: String,
        /// The file.
        file: String,
        /// The line of the caller.
        line: usize,
    },
    /// With the change there would be mistakes in the file.
    #[error("the file would have mistakes: {}", told(.0))]
    Mistakes(Vec<Problem>),
    /// The file is written in a way that cannot be changed in one place.
    #[error(
        "{0} is written in a way that this command does not change (anchors, several documents, unusual breaks): edit it by hand"
    )]
    ByHand(String),
}

fn did_you_mean(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |id| format!(" (did you mean `{id}`?)"))
}

fn told(problems: &[Problem]) -> String {
    let told = problems.iter().map(|problem| {
        let hint = problem.hint.as_deref();
        let hint = hint.map_or_else(String::new, |hint| format!(" ({hint})"));
        format!("{}: {}{hint}", problem.at, problem.what)
    });
    told.collect::<Vec<_>>().join("; ")
}
