//! The request and what became of it as a file of cases, to be kept among the tests of the pack (`policies/README.md`).
//!
//! YAML takes JSON as it is, so every value in the file is JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use http::header::HeaderName;
use maud::{Markup, html};
use percent_encoding::percent_decode_str;

use super::result::Tried;
use crate::admin::version::instant;
use crate::contract::deprecation::DEPRECATED;
use crate::model::finding::Mode;
use crate::model::header::VisibleHeaders;
use crate::model::json::{Object, Value};
use crate::model::query_pairs::pairs;
use crate::model::refusal::Refusal;
use crate::policy::cases::{ExpectedFinding, Setup, Verdict};
use crate::policy_test;

/// The file, ready to be copied, or why there is none.
pub(super) fn section(tried: &Tried<'_>) -> Markup {
    let folder = tried.folder.join(tried.pack).join("cases");
    html! {
        section aria-labelledby="case" {
            h2 #case { "A case to keep" }
            @match checked(tried) {
                Ok(text) => {
                    p {
                        "Save it in " code { (folder.display()) } ", give it a better name, and run " code { "meeting-gateway policy test" } "."
                        @if tried.is_edited { " It is about your edition of the pack: save that, too." }
                    }
                    pre #case-file tabindex="0" { (text) }
                    button type="button" data-copy="case-file" hidden { "Copy" }
                },
                Err(why) => p.note { "There is none: " (why) "." },
            }
        }
    }
}

/// The text of the file, which passes under the packs that it was made with.
fn checked(tried: &Tried<'_>) -> Result<String, String> {
    let text = text(tried)?;
    match policy_test::holds(&text, tried.pack, tried.explainer) {
        Ok(()) => Ok(text),
        Err(why) => Err(format!(
            "a case cannot say what is special about this request ({why})"
        )),
    }
}

/// The text of the file.
fn text(tried: &Tried<'_>) -> Result<String, &'static str> {
    let (asked, explanation) = (tried.asked, tried.explanation);
    if asked.hides_values {
        return Err("the request is from a log that masks values, so it is not whole");
    }
    let operation = explanation
        .operation
        .filter(|operation| operation.family.is_governed())
        .ok_or("packs are about no such operation")?;
    let body = match &*asked.body {
        [] => Value::Object(Object::new()),
        body => serde_json::from_slice(body).map_err(|_| "the body is no JSON")?,
    };
    let mut file = String::new();
    setup(tried.setup, &mut file);
    file.push_str("cases:\n  - name: from the playground\n");
    if let Some(at) = instant(asked.now) {
        line(&mut file, 4, "at", &Value::from(at));
    }
    line(&mut file, 4, "caller", &caller(tried));
    file.push_str("    request:\n");
    line(&mut file, 6, "operation", &Value::from(operation.name));
    line(&mut file, 6, "query", &query(asked.target.query()));
    let headers = headers(tried);
    if !headers.is_empty() {
        line(&mut file, 6, "headers", &Value::Object(headers));
    }
    line(&mut file, 6, "body", &body);
    file.push_str("    expect:\n");
    expect(tried, &body, &mut file);
    Ok(file)
}

/// What the configuration says of the packs.
fn setup(setup: &Setup, file: &mut String) {
    line(file, 0, "packs", &texts(&setup.packs));
    if !setup.modes.is_empty() {
        line(file, 0, "modes", &modes(&setup.modes));
    }
    if !setup.bindings.is_empty() {
        let bindings = setup.bindings.iter().map(|binding| {
            object([
                ("callers", texts(&binding.callers.ids)),
                ("groups", texts(&binding.callers.groups)),
                ("modes", modes(&binding.modes)),
            ])
        });
        line(file, 0, "bindings", &bindings.collect());
    }
    if !setup.exemptions.is_empty() {
        let exemptions = setup.exemptions.iter().map(|exemption| {
            object([
                ("rules", texts(&exemption.rules)),
                ("callers", texts(&exemption.callers.ids)),
                ("groups", texts(&exemption.callers.groups)),
                ("until", exemption.until.to_string().into()),
                ("reason", exemption.reason.clone().into()),
            ])
        });
        line(file, 0, "exemptions", &exemptions.collect());
    }
}

fn texts<T: AsRef<str>>(list: &[T]) -> Value {
    list.iter().map(|text| Value::from(text.as_ref())).collect()
}

fn modes(modes: &BTreeMap<String, Mode>) -> Value {
    let modes = modes.iter();
    Value::Object(
        modes
            .map(|(rule, mode)| (rule.clone(), mode.name().into()))
            .collect(),
    )
}

/// An object of these members, but for the empty lists among them.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    let told = members.into_iter().filter(|(_, value)| !is_empty(value));
    Value::Object(told.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// What a policy can know of the caller.
fn caller(tried: &Tried<'_>) -> Value {
    let caller = &tried.asked.caller;
    let mut known = Object::new();
    known.insert("id".into(), Value::from(&*caller.id));
    if !caller.groups.is_empty() {
        known.insert("groups".into(), texts(&caller.groups));
    }
    if !caller.scopes.is_empty() {
        known.insert("scopes".into(), texts(&caller.scopes));
    }
    if !caller.claims.is_empty() {
        known.insert("claims".into(), Value::Object(caller.claims.clone()));
    }
    if let Some(address) = tried.asked.address {
        known.insert("address".into(), address.to_string().into());
    }
    Value::Object(known)
}

fn query(query: Option<&str>) -> Value {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = pairs(query.unwrap_or_default()).filter(|pair| *pair != ("", None));
    let pairs = pairs.map(|(name, value)| {
        (
            decoded(name),
            Value::from(decoded(value.unwrap_or_default())),
        )
    });
    Value::Object(pairs.collect())
}

/// Those that a rule can look at; no credential is among them.
fn headers(tried: &Tried<'_>) -> Object {
    let deprecated = DEPRECATED.iter().map(|entry| entry.name);
    let deprecated = deprecated.filter_map(|name| HeaderName::try_from(name).ok());
    let names = VisibleHeaders::NAMES.into_iter().chain(deprecated);
    let found = names.filter_map(|name| {
        let value = tried.asked.headers.get(&name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), Value::from(value)))
    });
    found.collect()
}

fn expect(tried: &Tried<'_>, body: &Value, file: &mut String) {
    let explanation = tried.explanation;
    let verdict = match &explanation.refusal {
        None => Verdict::Allow,
        Some(Refusal::Denied { .. }) => Verdict::Deny,
        Some(_) => Verdict::Refuse,
    };
    line(file, 6, "verdict", &Value::from(verdict.name()));
    if let Some(refusal) = &explanation.refusal {
        line(file, 6, "code", &Value::from(refusal.code()));
    }
    let findings = explanation.findings.iter().map(|finding| {
        let expected = ExpectedFinding {
            // Sentences are for people, and may be better tomorrow.
            message: None,
            ..ExpectedFinding::of(finding)
        };
        expected.to_json()
    });
    line(file, 6, "findings", &findings.collect());
    if let Some(forwarded) = explanation
        .forwarded
        .as_ref()
        .filter(|sent| !sent.body.is_empty())
    {
        let sent: Value = serde_json::from_slice(&forwarded.body).unwrap_or_default();
        if sent == *body {
            file.push_str("      forwarded: unchanged\n");
        } else {
            line(file, 6, "forwarded", &sent);
        }
    }
}

/// `key: value`, indented; what is large goes over several lines.
fn line(file: &mut String, indent: usize, key: &str, value: &Value) {
    /// Characters up to which a value stays on its line.
    const SHORT: usize = 90;
    let margin = " ".repeat(indent);
    let mut text = value.to_string();
    if text.len() > SHORT {
        text = format!("{value:#}").replace('\n', &format!("\n{margin}  "));
    }
    // Writing into a text cannot fail.
    let _ = writeln!(file, "{margin}{key}: {text}");
}
