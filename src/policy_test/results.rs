//! What came of the tests of a suite, of all or of some of them.

use super::suite::{FileSuite, PackSuite, Suite};
use super::test::{Report, Test};
use crate::model::problem::Problem;
use crate::policy::coverage::{Branch, Coverage, RuleCoverage};

/// What came of the tests of a suite.
#[derive(Debug)]
pub struct Results<'s> {
    /// By pack, in the order of the suite.
    pub packs: Vec<PackResults<'s>>,
    /// What is wrong with paths, packs and case files.
    pub problems: Vec<Problem>,
    /// How many tests were not run, because their names do not have the filter in them.
    pub filtered_out: usize,
}

/// What came of the tests of one pack.
#[derive(Debug)]
pub struct PackResults<'s> {
    /// The pack's name.
    pub name: &'s str,
    /// By file.
    pub files: Vec<FileResults<'s>>,
    /// Which branches of its rules were taken. `None` where not all of its cases were run, or its rules cannot be read.
    pub coverage: Option<Coverage>,
    /// How many of its tests were not run.
    filtered_out: usize,
    cases: usize,
}

/// What came of the tests of one file.
#[derive(Debug)]
pub struct FileResults<'s> {
    /// The file.
    pub file: &'s str,
    /// What is wrong with it, so that none of its tests could be run.
    pub problems: &'s [Problem],
    /// Its tests that were run.
    pub tests: Vec<(&'s Test, Report)>,
}

/// What is demanded of packs beyond tests that pass.
#[derive(Debug, Clone, Copy, Default)]
pub struct Demands {
    /// Every pack has at least one test.
    pub tests: bool,
    /// Every branch of every rule is taken.
    pub coverage: bool,
}

/// A demand that a pack does not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet<'r> {
    /// The pack.
    pub pack: &'r str,
    /// `tests` or `coverage`.
    pub demand: &'static str,
    /// What is wrong.
    pub what: String,
}

/// Counts of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Totals {
    /// Packs.
    pub packs: usize,
    /// Tests that were run.
    pub tests: usize,
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
    /// Tests that were not run.
    pub filtered_out: usize,
    /// Mistakes in paths, packs and case files.
    pub problems: usize,
    /// Rules whose coverage was counted.
    pub rules: usize,
    /// Those of which every branch was taken.
    pub covered: usize,
}

impl Suite {
    /// Runs every test whose name has `filter` in it. Not to be called within an asynchronous runtime.
    pub fn run(&self, filter: Option<&str>) -> Results<'_> {
        let packs = self.packs().iter();
        let packs: Vec<_> = packs.map(|pack| pack.run(filter)).collect();
        Results {
            problems: self.problems(),
            filtered_out: packs.iter().map(|pack| pack.filtered_out).sum(),
            packs,
        }
    }
}

impl PackSuite {
    /// Runs the tests of one pack, as [`Suite::run`] does.
    pub fn run(&self, filter: Option<&str>) -> PackResults<'_> {
        let files = self.files.iter().map(|suite| file(suite, filter));
        let files: Vec<_> = files.collect();
        let reports = || files.iter().flat_map(|file| &file.tests);
        let mut coverage = self.coverage().filter(|_| filter.is_none());
        if let Some(coverage) = &mut coverage {
            for (_, report) in reports() {
                coverage.add(&report.decisions);
            }
        }
        let cases = self.tests().count();
        PackResults {
            name: &self.name,
            filtered_out: cases - reports().count(),
            cases,
            coverage,
            files,
        }
    }
}

fn file<'s>(suite: &'s FileSuite, filter: Option<&str>) -> FileResults<'s> {
    let (tests, problems) = match &suite.tests {
        Ok(tests) => (tests.as_slice(), [].as_slice()),
        Err(problems) => ([].as_slice(), problems.as_slice()),
    };
    let meant = |test: &&Test| filter.is_none_or(|text| test.name().contains(text));
    let meant = tests.iter().filter(meant);
    FileResults {
        file: &suite.file,
        problems,
        tests: meant.map(|test| (test, test.run())).collect(),
    }
}

impl<'s> Results<'s> {
    /// Every test that was run, in order.
    pub fn tests(&self) -> impl Iterator<Item = &(&'s Test, Report)> {
        let files = self.packs.iter().flat_map(|pack| &pack.files);
        files.flat_map(|file| &file.tests)
    }

    /// The demands that are not met, by pack.
    pub fn unmet(&self, demands: Demands) -> Vec<Unmet<'s>> {
        let all = self.packs.iter();
        all.flat_map(|pack| pack.unmet(demands)).collect()
    }

    /// Whether there is nothing to complain about.
    pub fn pass(&self, demands: Demands) -> bool {
        let totals = self.totals();
        totals.failed == 0 && totals.problems == 0 && self.unmet(demands).is_empty()
    }

    /// Counts everything.
    pub fn totals(&self) -> Totals {
        let failed = |(_, report): &&(_, Report)| report.failure.is_some();
        let (tests, failed) = (self.tests().count(), self.tests().filter(failed).count());
        let coverages = || self.packs.iter().filter_map(|pack| pack.coverage.as_ref());
        let rules = || coverages().flat_map(Coverage::rules);
        Totals {
            packs: self.packs.len(),
            tests,
            passed: tests - failed,
            failed,
            filtered_out: self.filtered_out,
            problems: self.problems.len(),
            rules: rules().count(),
            covered: rules().filter(|rule| rule.is_complete()).count(),
        }
    }
}

impl<'s> PackResults<'s> {
    /// The demands that this pack does not meet.
    pub fn unmet(&self, demands: Demands) -> Vec<Unmet<'s>> {
        let mut unmet = Vec::new();
        let mut add = |demand, what: String| {
            unmet.push(Unmet {
                pack: self.name,
                demand,
                what,
            });
        };
        if demands.tests && self.cases == 0 {
            add("tests", "has no test that can be run".to_owned());
        }
        if demands.coverage {
            match &self.coverage {
                None => {
                    let what = "its coverage is not known: that takes all cases of a pack that can be read";
                    add("coverage", what.to_owned());
                }
                Some(coverage) => {
                    let rules = coverage.rules().iter();
                    let gaps = rules.filter(|rule| !rule.is_complete()).map(gap);
                    let gaps: Vec<_> = gaps.collect();
                    if !gaps.is_empty() {
                        add("coverage", format!("not covered: {}", gaps.join("; ")));
                    }
                }
            }
        }
        unmet
    }
}

/// The branches of a rule that were not taken: `house/start (hit)`.
fn gap(rule: &RuleCoverage) -> String {
    let missing: Vec<_> = rule.missing().map(Branch::name).collect();
    format!("{} ({})", rule.rule, missing.join(", "))
}
