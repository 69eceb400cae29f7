//! The results for people: a line for each test, then what failed in full, then the coverage, then the totals.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::place;
use crate::model::json::Value;
use crate::policy::coverage::{Branch, Coverage, RuleCoverage};
use crate::policy_test::{Acted, Demands, Difference, Failure, Results, Test, Totals};

const BOLD: Style = Style::new().bold();
const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default().bold();

/// Characters of a value that are shown; the JSON format has all of them.
const MAX_VALUE: usize = 300;

/// Everything; with `quiet` only what is not as it should be, and the totals.
pub fn render(results: &Results<'_>, demands: Demands, quiet: bool) -> String {
    let mut out = String::new();
    for (test, report) in results.tests() {
        let name = test.name();
        let _ = match report.failure {
            Some(_) => writeln!(out, "{RED}FAILED{RED:#}  {name}"),
            None if quiet => Ok(()),
            None => writeln!(out, "{GREEN}ok{GREEN:#}      {name}"),
        };
    }
    for (test, report) in results.tests() {
        if let Some(failure) = &report.failure {
            out.push_str(&failed(test, failure));
        }
    }
    for pack in &results.packs {
        if let Some(coverage) = &pack.coverage {
            out.push_str(&covered(pack.name, coverage, quiet));
        }
    }
    for unmet in results.unmet(demands) {
        let _ = write!(
            out,
            "\n{RED}{}{RED:#}: {} (--require-{})",
            unmet.pack, unmet.what, unmet.demand
        );
    }
    let _ = write!(out, "\n{}", totals(&results.totals()));
    out.trim_start_matches('\n').to_owned()
}

fn failed(test: &Test, failure: &Failure) -> String {
    let mut out = format!(
        "\n{BOLD}---- {}{BOLD:#}\n     {}\n",
        test.name(),
        place(test)
    );
    out.push_str(&told(failure));
    out
}

/// A failure in full, a line for each thing.
pub fn told(failure: &Failure) -> String {
    let mut out = String::new();
    for difference in &failure.differences {
        let _ = writeln!(out, "{:<11}{}", difference.member, differs(difference));
    }
    if failure.omitted > 0 {
        let _ = writeln!(out, "{:<11}and {} more", "forwarded", failure.omitted);
    }
    if let Some((code, message)) = &failure.refusal {
        let _ = writeln!(out, "{:<11}{code}: {message}", "refusal");
    }
    for Acted {
        who,
        outcome,
        places,
    } in &failure.acted
    {
        let places = places.join(", ");
        let line = format!("{:<11}{who} {outcome} {places}", "acted");
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

fn differs(difference: &Difference) -> String {
    let at = match difference.pointer.as_deref() {
        Some("") => "the whole body: ".to_owned(),
        Some(pointer) => format!("{pointer}: "),
        None => String::new(),
    };
    match (&difference.expected, &difference.got) {
        (Some(expected), Some(got)) => {
            format!("{at}expected {}, got {}", shown(expected), shown(got))
        }
        (Some(expected), None) => format!("{at}expected {}, got nothing", shown(expected)),
        // What went wrong is a sentence.
        (None, Some(Value::String(got))) if at.is_empty() => got.to_string(),
        (None, Some(got)) => format!("{at}not expected: {}", shown(got)),
        (None, None) => at,
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A table of rules and branches: how many tests took each.
fn covered(pack: &str, coverage: &Coverage, quiet: bool) -> String {
    let rules: Vec<_> = coverage
        .rules()
        .iter()
        .filter(|rule| !quiet || !rule.is_complete())
        .collect();
    if rules.is_empty() {
        return String::new();
    }
    let has = |rule: &RuleCoverage, branch| rule.branches.iter().any(|(own, _)| *own == branch);
    let columns: Vec<_> = Branch::ALL
        .into_iter()
        .filter(|branch| rules.iter().any(|rule| has(rule, *branch)))
        .collect();
    let id = |rule: &RuleCoverage| rule.rule.rsplit('/').next().unwrap_or_default().to_owned();
    let title = format!("coverage of {pack}");
    let width = rules.iter().map(|rule| id(rule).chars().count() + 2);
    let width = width.chain([title.chars().count()]).max().unwrap_or(0);
    let mut out = format!("\n{BOLD}{title:<width$}{BOLD:#}");
    for branch in &columns {
        let _ = write!(out, "  {:>7}", branch.name());
    }
    out.push('\n');
    for rule in rules {
        let mut line = format!("  {:<width$}", id(rule), width = width.saturating_sub(2));
        for branch in &columns {
            let taken = rule.branches.iter().find(|(own, _)| own == branch);
            let taken = taken.map_or_else(String::new, |(_, taken)| taken.to_string());
            let _ = write!(line, "  {taken:>7}");
        }
        let missing: Vec<_> = rule.missing().map(Branch::name).collect();
        if !missing.is_empty() {
            let (file, at) = (coverage.file(), rule.position);
            let missing = missing.join(", ");
            let _ = write!(
                line,
                "  {RED}not covered: {missing}{RED:#} ({file}:{}:{})",
                at.line, at.column
            );
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

fn totals(totals: &Totals) -> String {
    let Totals {
        tests,
        passed,
        failed,
        filtered_out,
        rules,
        covered,
        ..
    } = totals;
    let s = if *tests == 1 { "" } else { "s" };
    let mut out = format!("{tests} test{s}: {passed} passed, {failed} failed");
    if *filtered_out > 0 {
        let _ = write!(out, ", {filtered_out} filtered out");
    }
    if *rules > 0 {
        let _ = write!(out, "; {covered} of {rules} rules covered");
    }
    out
}
