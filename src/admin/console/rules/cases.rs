//! How the cases of each pack stand: run when somebody looks, at most once a minute for the policy that is in force.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use maud::{Markup, html};

use crate::model::problem::Problem;
use crate::policy_test::Suite;
use crate::runtime::snapshot::Snapshot;

/// How long results are told again: the files of cases may be changed meanwhile.
const KEPT: Duration = Duration::from_mins(1);

/// What came of the cases of some packs.
#[derive(Debug, Default)]
pub(in crate::admin::console) struct Cases {
    packs: Vec<PackCases>,
    /// What is wrong with files of packs and cases.
    problems: Vec<Problem>,
}

#[derive(Debug)]
struct PackCases {
    pack: String,
    tests: usize,
    failed: Vec<String>,
}

/// The newest results.
#[derive(Debug, Default)]
pub(in crate::admin::console) struct Kept {
    newest: Mutex<Option<Run>>,
    /// Held by whoever runs them.
    turn: Mutex<()>,
}

/// One run of them.
#[derive(Debug)]
struct Run {
    /// When, on the clock that never goes back.
    at: Duration,
    /// The digest of the policy that they were run under.
    policy: Arc<str>,
    cases: Arc<Cases>,
}

impl Kept {
    /// The results for the packs of a snapshot, which are in this folder; none while somebody else has them run. Runs them if they were
    /// not run in the last minute, which takes up to some seconds for hundreds of cases: on a thread that may block and is no worker of
    /// an asynchronous runtime. `now` is on the clock that never goes back.
    pub(in crate::admin::console) fn of(
        &self,
        snapshot: &Snapshot,
        folder: &Path,
        now: Duration,
    ) -> Option<Arc<Cases>> {
        let newest = || self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let is_good =
            |run: &&Run| run.policy == snapshot.policy_digest && now.saturating_sub(run.at) < KEPT;
        let known = newest()
            .as_ref()
            .filter(is_good)
            .map(|run| Arc::clone(&run.cases));
        if known.is_some() {
            return known;
        }
        let _turn = self.turn.try_lock().ok()?;
        let names = snapshot.rules.packs().iter().map(|pack| &*pack.name);
        let cases = Arc::new(Cases::run(folder, names));
        *newest() = Some(Run {
            at: now,
            policy: Arc::clone(&snapshot.policy_digest),
            cases: Arc::clone(&cases),
        });
        Some(cases)
    }
}

impl Cases {
    fn run<'p>(folder: &Path, packs: impl Iterator<Item = &'p str>) -> Self {
        let paths: Vec<_> = packs.map(|pack| folder.join(pack)).collect();
        let suite = Suite::load(&paths);
        let packs = suite.packs().iter().map(|pack| {
            let results = pack.run(None);
            let tests = results.files.iter().flat_map(|file| &file.tests);
            let failed = tests.clone().filter(|(_, report)| report.failure.is_some());
            PackCases {
                pack: results.name.to_owned(),
                tests: tests.count(),
                failed: failed.map(|(test, _)| test.name().to_owned()).collect(),
            }
        });
        Self {
            packs: packs.collect(),
            problems: suite.problems(),
        }
    }

    /// What is wrong with the files.
    pub(super) fn problems(&self) -> Markup {
        html! {
            @if !self.problems.is_empty() {
                p.cases.bad { "Not all cases could be run:" }
                ul { @for problem in self.problems.iter().take(20) { li { (problem) } } }
            }
        }
    }

    /// How those of one pack stand, in a line.
    pub(super) fn line(&self, pack: &str) -> Markup {
        let of_pack = self.packs.iter().find(|cases| cases.pack == pack);
        html! {
            @match of_pack {
                Some(cases) if cases.tests > 0 => {
                    @let passed = cases.tests - cases.failed.len();
                    p class={ "cases " (if cases.failed.is_empty() { "good" } else { "bad" }) } {
                        (passed) " of " (cases.tests) " cases pass"
                    }
                    @if !cases.failed.is_empty() {
                        ul { @for name in &cases.failed { li { code { (name) } } } }
                    }
                },
                _ => p.quiet { "No case of it was run." },
            }
        }
    }
}
