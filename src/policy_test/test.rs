//! One test: a case, and the packs that it is decided under.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::ask;
use super::compare;
use super::failure::Failure;
use crate::explain::{Explainer, Explanation};
use crate::model::clock::{Clock as _, SystemClock};
use crate::model::decision::Decision;
use crate::model::problem::Position;
use crate::policy::cases::Case;

/// A case that can be run.
#[derive(Debug)]
pub struct Test {
    name: String,
    file: Arc<str>,
    case: Case,
    explainer: Arc<Explainer>,
}

/// What came of a test.
#[derive(Debug)]
pub struct Report {
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// What came of each rule that was asked.
    pub decisions: Vec<Decision>,
    /// How long it took.
    pub took: Duration,
}

impl Test {
    pub(super) fn new(
        pack: &str,
        stem: &str,
        file: &str,
        case: Case,
        explainer: Arc<Explainer>,
    ) -> Self {
        Self {
            name: format!("{pack}::{stem}::{}", case.name),
            file: file.into(),
            case,
            explainer,
        }
    }

    /// `<pack>::<file>::<case>`, the file without its ending.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The case's own name.
    pub fn case(&self) -> &str {
        &self.case.name
    }

    /// The file that the case is in.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Where in the file.
    pub const fn position(&self) -> Position {
        self.case.position
    }

    /// Runs it, in a runtime of its own: not to be called within one.
    pub fn run(&self) -> Report {
        let clock = SystemClock::new();
        let compared = contained(|| {
            let got = self.explained()?;
            let failure = compare::failure(&self.case.expected, &got);
            Ok((failure, got.decisions))
        });
        let (failure, decisions) =
            compared.unwrap_or_else(|what| (Some(Failure::without_result(what)), Vec::new()));
        Report {
            failure,
            decisions,
            took: clock.monotonic(),
        }
    }

    fn explained(&self) -> Result<Explanation, String> {
        let request = &self.case.request;
        let contract = &self.explainer.snapshot().contract;
        let operation = contract
            .operation(&request.operation)
            .ok_or_else(|| format!("there is no operation `{}`", request.operation))?;
        let asked = ask::asked(request, operation)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|fault| format!("cannot start: {fault}"))?;
        Ok(runtime.block_on(self.explainer.explain(asked)))
    }
}

/// Lets no panic out: it has failed the test, and no other.
fn contained<T>(run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let what = said(&*panic);
        Err(format!("a defect of the gateway: it panicked: {what}"))
    })
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a word")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_failure_with_what_it_said() {
        assert_eq!(contained(|| Ok(1)), Ok(1));
        let told = contained::<()>(|| panic!("at {}", 3));
        let expected = "a defect of the gateway: it panicked: at 3";
        assert_eq!(told, Err(expected.to_owned()));
    }
}
