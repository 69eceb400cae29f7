//! Tests: tables of texts, and what is told of each.

mod audit_line;
mod curl;
mod formats;
mod har;
mod http_message;
mod round_trip;
mod shell;

use super::{SavedRequest, Unreadable, read};

/// A request in one line, `METHOD target | name: value | body`, or `! ` and the fault.
fn told(text: &str) -> String {
    line(read(text.as_bytes()))
}

fn line(read: Result<SavedRequest, Unreadable>) -> String {
    match read {
        Ok(request) => {
            let mut parts = vec![format!("{} {}", request.method, request.target)];
            parts.extend(request.headers.iter().map(|(name, value)| {
                format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
            }));
            parts.push(String::from_utf8_lossy(&request.body).into_owned());
            parts.join(" | ")
        }
        Err(unreadable) => format!("! {unreadable}"),
    }
}

fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (text, told(text), *expected))
        .filter(|(_, found, expected)| found != expected)
        .map(|(text, found, expected)| format!("{text}\n  found    {found}\n  expected {expected}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}
