//! Which branches of a pack's rules have been taken: the coverage of its cases.
//!
//! A rule has the branches that it can take with all callers: `pass` (asked, nothing to do) unless it only denies, `hit` (it changed,
//! denied, warned or counted), `skipped` if it has a `when`, `exempt` if it has exemptions. An enforced sunset has `warned` and
//! `denied` instead of `hit`: it must have been tried before its day and after.
//!
//! ```
//! use meeting_gateway::model::decision::{Decision, Outcome};
//! use meeting_gateway::model::finding::Mode;
//! use meeting_gateway::policy::coverage::{Branch, Coverage};
//! use meeting_gateway::policy::pack;
//!
//! let pack = pack::read("pack.yaml", "
//! pack: house
//! rules: [{id: start, require: {field: /startTime}}]
//! ").unwrap();
//! let decision = |outcome| [Decision { rule: "house/start".into(), mode: Mode::Enforce, outcome }];
//! let mut coverage = Coverage::of(&pack);
//! coverage.add(&decision(Outcome::Denied));
//! assert_eq!(coverage.rules()[0].missing().collect::<Vec<_>>(), [Branch::Pass]);
//!
//! coverage.add(&decision(Outcome::Passed));
//! assert!(coverage.is_complete());
//! ```

use std::sync::Arc;

use crate::model::decision::{Decision, Outcome};
use crate::model::finding::Mode;
use crate::model::problem::Position;

use super::pack::{Pack, Rule};
use super::verb::Verb;

/// What a rule can do with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Branch {
    /// Asked, with nothing to do.
    Pass,
    /// It changed, denied, warned or counted.
    Hit,
    /// Its `when` did not hold.
    Skipped,
    /// The caller was exempt.
    Exempt,
    /// A sunset before its day.
    Warned,
    /// A sunset after its day.
    Denied,
}

impl Branch {
    /// Every branch, in the order of reports.
    pub const ALL: [Self; 6] = [
        Self::Pass,
        Self::Hit,
        Self::Skipped,
        Self::Exempt,
        Self::Warned,
        Self::Denied,
    ];

    /// The stable lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Hit => "hit",
            Self::Skipped => "skipped",
            Self::Exempt => "exempt",
            Self::Warned => "warned",
            Self::Denied => "denied",
        }
    }

    /// Whether something that came of a rule is this branch.
    const fn is(self, outcome: Outcome) -> bool {
        matches!(
            (self, outcome),
            (Self::Pass, Outcome::Passed)
                | (
                    Self::Hit,
                    Outcome::Changed | Outcome::Denied | Outcome::Warned | Outcome::Audited
                )
                | (Self::Skipped, Outcome::Skipped)
                | (Self::Exempt, Outcome::Exempt)
                | (Self::Warned, Outcome::Warned)
                | (Self::Denied, Outcome::Denied)
        )
    }
}

/// How often each branch of a rule was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCoverage {
    /// `pack/rule`.
    pub rule: Arc<str>,
    /// Where the rule is in its pack's file.
    pub position: Position,
    /// The rule's branches, with the number of requests that took each.
    pub branches: Vec<(Branch, usize)>,
}

impl RuleCoverage {
    /// The branches that no request took.
    pub fn missing(&self) -> impl Iterator<Item = Branch> {
        let untaken = self.branches.iter().filter(|(_, taken)| *taken == 0);
        untaken.map(|(branch, _)| *branch)
    }

    /// Whether every branch was taken.
    pub fn is_complete(&self) -> bool {
        self.missing().next().is_none()
    }
}

/// The coverage of one pack's rules.
#[derive(Debug, Clone)]
pub struct Coverage {
    file: String,
    rules: Vec<RuleCoverage>,
}

impl Coverage {
    /// Begins with nothing covered.
    pub fn of(pack: &Pack) -> Self {
        let rules = pack.rules.iter().map(|rule| RuleCoverage {
            rule: pack.full_id(rule).into(),
            position: rule.id.position,
            branches: branches(rule).map(|branch| (branch, 0)).collect(),
        });
        Self {
            file: pack.file.clone(),
            rules: rules.collect(),
        }
    }

    /// Adds what came of one request. A rule of two halves that hit with one of them has not passed.
    pub fn add(&mut self, decisions: &[Decision]) {
        for covered in &mut self.rules {
            let came = decisions
                .iter()
                .filter(|decision| decision.rule == covered.rule);
            let came: Vec<_> = came.map(|decision| decision.outcome).collect();
            let acted = came.iter().any(|outcome| *outcome > Outcome::Passed);
            for (branch, taken) in &mut covered.branches {
                let passes = !(acted && *branch == Branch::Pass);
                if passes && came.iter().any(|outcome| branch.is(*outcome)) {
                    *taken += 1;
                }
            }
        }
    }

    /// The pack's file, as it was named when it was read.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Every rule, in the order of the pack.
    pub fn rules(&self) -> &[RuleCoverage] {
        &self.rules
    }

    /// Whether every branch of every rule was taken.
    pub fn is_complete(&self) -> bool {
        self.rules.iter().all(RuleCoverage::is_complete)
    }
}

fn branches(rule: &Rule) -> impl Iterator<Item = Branch> + use<> {
    let denies = matches!(rule.verb, Verb::Deny { .. });
    let sunset = matches!(rule.verb, Verb::Sunset { .. }) && rule.mode == Mode::Enforce;
    let (skips, exempts) = (rule.when.is_some(), !rule.exemptions.is_empty());
    Branch::ALL.into_iter().filter(move |branch| match branch {
        // What denies is not asked where it has nothing to deny: its `when` says so.
        Branch::Pass => !denies,
        Branch::Hit => !sunset,
        Branch::Skipped => skips,
        Branch::Exempt => exempts,
        Branch::Warned | Branch::Denied => sunset,
    })
}

#[cfg(test)]
mod tests;
