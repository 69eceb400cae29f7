//! `caller list`: who may send requests, and by which credentials. Of an API key the beginning of its hash is shown.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::ListOptions;
use crate::cli::exit::Exit;
use crate::cli::{environment, output, report};
use crate::config::callers::JwtSubject;
use crate::config::{self, ListedCaller, Source};
use crate::model::principal::UpstreamUser;
use crate::model::problem::Problem;

/// Digits of a hash that are shown: enough to tell keys apart, and to name one to `caller revoke`.
pub(super) const DIGITS: usize = 12;

/// Runs `caller list`.
pub(super) fn run(options: &ListOptions) -> Exit {
    match listed(options) {
        Ok(callers) if options.json => {
            let callers: Vec<Value> = callers.iter().map(as_json).collect();
            output::data(&format!("{:#}", Value::Array(callers)))
        }
        Ok(callers) if callers.is_empty() => {
            output::note(&"There are no callers.");
            Exit::Success
        }
        Ok(callers) => output::data(&table(&callers)),
        Err(problems) => {
            output::note(&report::text(&problems));
            Exit::Failure
        }
    }
}

fn listed(options: &ListOptions) -> Result<Vec<ListedCaller>, Vec<Problem>> {
    let environment = environment::variables();
    let Some(file) = &options.file else {
        let source = Source {
            path: &options.source.config,
            environment: &environment,
            overrides: &options.source.overrides,
        };
        return config::load_callers(source).map(|(callers, _)| callers);
    };
    config::load_caller_file(file, &environment)
}

/// The beginning of a hash, as it is shown and may be given to `caller revoke`.
pub(super) fn short(hash: &impl ToString) -> String {
    let hash = hash.to_string();
    let digits = hash.strip_prefix("sha256:").unwrap_or(&hash);
    digits.chars().take(DIGITS).collect()
}

fn user(user: &UpstreamUser) -> String {
    match user {
        UpstreamUser::Fixed(user) => format!("fixed:{user}"),
        UpstreamUser::SignedIn => "signed_in".to_owned(),
        UpstreamUser::DefaultAdministrator => "default_administrator".to_owned(),
    }
}

/// Whose tokens name a caller, and how.
fn token(named: &JwtSubject) -> String {
    format!("{} {}", named.issuer, named.subject)
}

fn as_json(listed: &ListedCaller) -> Value {
    let caller = &listed.caller.caller;
    let app_ids = listed.caller.app_ids.iter().map(|issued| &issued.app_id);
    let jwt = listed.caller.jwt.iter();
    let jwt = jwt.map(|named| json!({ "issuer": named.issuer, "subject": named.subject }));
    json!({
        "id": &*caller.id,
        "file": listed.file,
        "line": listed.line,
        "groups": caller.groups,
        "scopes": &*caller.scopes,
        "upstream_user": user(&caller.upstream_user),
        "api_keys": listed.caller.api_keys.iter().map(short).collect::<Vec<_>>(),
        "app_ids": app_ids.collect::<Vec<_>>(),
        "certificates": listed.caller.certificates.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "jwt": jwt.collect::<Vec<_>>(),
        "unknown_here": listed.unknown,
    })
}

/// One row a caller, its columns as wide as need be.
fn table(callers: &[ListedCaller]) -> String {
    let head = [
        "CALLER",
        "GROUPS",
        "SCOPES",
        "ACTS AS",
        "API KEYS",
        "APP IDS",
        "CERTIFICATES",
        "JWT",
        "WRITTEN IN",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    let joined = |texts: Vec<String>| {
        if texts.is_empty() {
            "-".to_owned()
        } else {
            texts.join(",")
        }
    };
    for listed in callers {
        let caller = &listed.caller.caller;
        let owned = |names: &[Box<str>]| names.iter().map(ToString::to_string).collect();
        let app_ids = listed.caller.app_ids.iter();
        let place = format!("{}:{}", listed.file, listed.line);
        rows.push([
            caller.id.to_string(),
            joined(owned(&caller.groups)),
            joined(owned(&caller.scopes)),
            user(&caller.upstream_user),
            joined(listed.caller.api_keys.iter().map(short).collect()),
            joined(app_ids.map(|issued| issued.app_id.clone()).collect()),
            joined(
                listed
                    .caller
                    .certificates
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
            ),
            joined(listed.caller.jwt.iter().map(token).collect()),
            match listed.unknown {
                0 => place,
                count => format!("{place} ({count} by references that lead nowhere here)"),
            },
        ]);
    }
    let widths: [usize; 9] = std::array::from_fn(|column| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or_default()
    });
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}
