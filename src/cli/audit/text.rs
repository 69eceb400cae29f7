//! A verification for people: what is wrong first, then what was looked at.

use std::fmt::Write as _;

use crate::runtime::audit_log::verify::Report;

/// The report. What a file says is not repeated, so that it cannot speak to the terminal.
pub(super) fn of(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail, here and below.
    for finding in &report.findings {
        let _ = writeln!(out, "{finding}");
    }
    if report.findings_omitted > 0 {
        let _ = writeln!(out, "and {} more", report.findings_omitted);
    }
    let _ = match report.findings.len() as u64 + report.findings_omitted {
        0 if report.lines == 0 => writeln!(out, "there is nothing to verify"),
        0 => writeln!(
            out,
            "every line is there, at its place and as it was written"
        ),
        1 => writeln!(out, "\n1 finding"),
        many => writeln!(out, "\n{many} findings"),
    };
    let _ = writeln!(
        out,
        "{} of {} read: {} of requests, {} of the log itself{}",
        counted(report.lines, "line"),
        counted(report.files, "file"),
        report.requests,
        report.events,
        if report.keyed {
            "; keyed"
        } else {
            "; not keyed: whoever can write the log can write one that fits"
        }
    );
    if let Some(before) = report.begins_after {
        let _ = writeln!(
            out,
            "it begins behind line {before}: older files were not given"
        );
    }
    for told in &report.told {
        let _ = writeln!(
            out,
            "{}:{}: the log says: {}",
            told.file, told.line, told.what
        );
    }
    if report.told_omitted > 0 {
        let _ = writeln!(out, "and {} more", report.told_omitted);
    }
    if let Some(head) = report.head {
        let _ = writeln!(out, "head {head}");
    }
    out
}

fn counted(count: u64, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}
