//! The results as `JUnit` XML, in the shape that Jenkins, GitLab and the others read: a suite for each file, and one for each pack of
//! which something is demanded. A case file that cannot be read is an error.

use std::time::Duration;

use super::xml::Writer;
use super::{made, place, text};
use crate::policy_test::{Demands, Difference, FileResults, PackResults, Report, Results, Test};

/// The document.
pub fn render(results: &Results<'_>, demands: Demands) -> String {
    let suites: Vec<_> = results
        .packs
        .iter()
        .flat_map(|pack| {
            let files = pack.files.iter().map(|file| of_file(pack, file));
            files.chain(of_demands(pack, demands)).collect::<Vec<_>>()
        })
        .chain(of_paths(results))
        .filter(|suite| !suite.cases.is_empty())
        .collect();
    let mut xml = Writer::new();
    let counts = Counts::of(suites.iter().flat_map(|suite| &suite.cases));
    xml.element("testsuites", &counts.attributes("policy test"), |xml| {
        for suite in &suites {
            suite.write(xml);
        }
    });
    xml.finish()
}

struct TestSuite {
    name: String,
    cases: Vec<TestCase>,
}

struct TestCase {
    class: String,
    name: String,
    took: Duration,
    wrong: Option<Wrong>,
}

/// What is wrong with a test: `failure` where it was run, `error` where it could not be.
struct Wrong {
    element: &'static str,
    message: String,
    text: String,
}

fn of_file(pack: &PackResults<'_>, file: &FileResults<'_>) -> TestSuite {
    let mut cases: Vec<_> = file
        .tests
        .iter()
        .map(|(test, report)| case(test, report))
        .collect();
    if !file.problems.is_empty() {
        cases.push(unreadable(pack.name, file.file, file.problems));
    }
    TestSuite {
        name: file.file.to_owned(),
        cases,
    }
}

fn case(test: &Test, report: &Report) -> TestCase {
    // The names of classes are made of dots, here as everywhere; the case's own name is a sentence.
    let class = test.name().strip_suffix(test.case()).unwrap_or_default();
    TestCase {
        class: class.trim_end_matches("::").replace("::", "."),
        name: test.case().to_owned(),
        took: report.took,
        wrong: report.failure.as_ref().map(|failure| Wrong {
            element: "failure",
            message: differing(&failure.differences),
            text: format!("{}\n{}", place(test), text::told(failure)),
        }),
    }
}

/// What differs, in one line.
fn differing(differences: &[Difference]) -> String {
    let mut members: Vec<String> = Vec::new();
    for difference in differences {
        let at = difference.pointer.as_deref().unwrap_or_default();
        let member = format!("{} {at}", difference.member).trim_end().to_owned();
        if !members.contains(&member) {
            members.push(member);
        }
    }
    format!("not as expected: {}", members.join(", "))
}

fn unreadable(class: &str, file: &str, problems: &[crate::model::problem::Problem]) -> TestCase {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    TestCase {
        class: class.to_owned(),
        name: format!("{file} can be read"),
        took: Duration::ZERO,
        wrong: Some(Wrong {
            element: "error",
            message: lines.first().cloned().unwrap_or_default(),
            text: lines.join("\n"),
        }),
    }
}

fn of_demands(pack: &PackResults<'_>, demands: Demands) -> Option<TestSuite> {
    let unmet = pack.unmet(demands);
    let cases = made(demands).map(|demand| {
        let unmet = unmet.iter().find(|unmet| unmet.demand == demand);
        TestCase {
            class: pack.name.to_owned(),
            name: demand.to_owned(),
            took: Duration::ZERO,
            wrong: unmet.map(|unmet| Wrong {
                element: "failure",
                message: unmet.what.clone(),
                text: unmet.what.clone(),
            }),
        }
    });
    let cases: Vec<_> = cases.collect();
    (!cases.is_empty()).then(|| TestSuite {
        name: pack.name.to_owned(),
        cases,
    })
}

/// What is wrong with no case file: paths, and packs without cases.
fn of_paths(results: &Results<'_>) -> Option<TestSuite> {
    let files = results.packs.iter().flat_map(|pack| &pack.files);
    let told: Vec<_> = files.flat_map(|file| file.problems).collect();
    let others = results
        .problems
        .iter()
        .filter(|problem| !told.contains(problem));
    let others: Vec<_> = others.cloned().collect();
    (!others.is_empty()).then(|| TestSuite {
        name: "paths".to_owned(),
        cases: vec![unreadable("paths", "what was named", &others)],
    })
}

impl TestSuite {
    fn write(&self, xml: &mut Writer) {
        let counts = Counts::of(&self.cases);
        xml.element("testsuite", &counts.attributes(&self.name), |xml| {
            for case in &self.cases {
                let time = seconds(case.took);
                let attributes = [
                    ("name", &*case.name),
                    ("classname", &*case.class),
                    ("time", &*time),
                ];
                xml.element("testcase", &attributes, |xml| {
                    if let Some(wrong) = &case.wrong {
                        let message = [("message", &*wrong.message), ("type", wrong.element)];
                        xml.element(wrong.element, &message, |xml| xml.text(&wrong.text));
                    }
                });
            }
        });
    }
}

struct Counts {
    tests: String,
    failures: String,
    errors: String,
    time: String,
}

impl Counts {
    fn of<'c>(cases: impl IntoIterator<Item = &'c TestCase>) -> Self {
        let (mut tests, mut failures, mut errors, mut time) = (0, 0, 0, Duration::ZERO);
        for case in cases {
            tests += 1;
            time += case.took;
            match case.wrong.as_ref().map(|wrong| wrong.element) {
                Some("error") => errors += 1,
                Some(_) => failures += 1,
                None => {}
            }
        }
        Self {
            tests: tests.to_string(),
            failures: failures.to_string(),
            errors: errors.to_string(),
            time: seconds(time),
        }
    }

    fn attributes<'a>(&'a self, name: &'a str) -> [(&'static str, &'a str); 5] {
        [
            ("name", name),
            ("tests", &self.tests),
            ("failures", &self.failures),
            ("errors", &self.errors),
            ("time", &self.time),
        ]
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.6}", time.as_secs_f64())
}
