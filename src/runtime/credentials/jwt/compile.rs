//! The `jwt` section becomes a verifier; keys in files are read here, with everything that is wrong with them.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::key_set::{KeySet, KeySetFault, MOST_BYTES, PassedOver};
use super::key_source::{KeySource, KeySources};
use super::{Issuer, TokenVerifier};
use crate::config::Config;
use crate::config::jwt::{self as written, Keys};
use crate::model::clock::SharedClock;
use crate::model::principal::Caller;
use crate::model::problem::{Position, Problem};

/// The issuers of a configuration with their keys.
pub(in crate::runtime) fn compile(
    config: &Config,
    sources: &KeySources,
    clock: &SharedClock,
) -> Result<Vec<Issuer>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut issuers = Vec::new();
    for (index, issuer) in config.jwt.issuers.iter().enumerate() {
        let keys = match &issuer.keys {
            Keys::File(path) => {
                let at = format!("jwt.issuers.{index}.keys.file");
                read(path, |what| in_configuration(config, &at, what)).map(KeySource::File)
            }
            Keys::Url(settings) => {
                sources
                    .of(settings, clock)
                    .map(KeySource::Url)
                    .map_err(|fault| {
                        let at = format!("jwt.issuers.{index}.keys.ca_file");
                        vec![in_configuration(
                            config,
                            &at,
                            format!("cannot be used: {fault}"),
                        )]
                    })
            }
        };
        match keys {
            Ok(keys) => issuers.push(Issuer::new(issuer.clone(), keys, callers(issuer, config))),
            Err(mut more) => problems.append(&mut more),
        }
    }
    if problems.is_empty() {
        Ok(issuers)
    } else {
        Err(problems)
    }
}

/// The verifier, where there are issuers.
pub(in crate::runtime) fn token_verifier(
    config: &Config,
    issuers: Vec<Issuer>,
    sources: &KeySources,
    clock: SharedClock,
) -> Option<Arc<TokenVerifier>> {
    let verifier = || {
        let verifier = TokenVerifier::new(issuers, config.jwt.remembered, clock);
        // Whoever waits holds a slot of the gateway's, and has not yet proved to be anybody.
        let verifier = verifier.waiting(config.server.in_flight / 4);
        Arc::new(verifier.counting(Arc::clone(sources.tokens())))
    };
    (!config.jwt.issuers.is_empty()).then(verifier)
}

/// Whom an issuer's tokens name. The configuration has no subject twice.
fn callers(issuer: &written::Issuer, config: &Config) -> HashMap<Box<str>, Arc<Caller>> {
    let callers = config.callers.iter();
    let named = callers.flat_map(|caller| {
        let subjects = caller.jwt.iter();
        let subjects = subjects.filter(|subject| subject.issuer == issuer.name);
        subjects.map(|subject| (subject.subject.as_str().into(), Arc::clone(&caller.caller)))
    });
    named.collect()
}

/// A mistake about a file that the configuration names, where it names it.
fn in_configuration(config: &Config, at: &str, what: String) -> Problem {
    let named = config.paths.iter();
    let mut named = named.map(|named| named.problem(&*what));
    let found = named.find(|problem| problem.at == at);
    found.unwrap_or_else(|| Problem {
        hint: None,
        ..problem("configuration".to_owned(), at.to_owned(), what)
    })
}

/// The keys in a file. What would only be passed over in an issuer's own set is a mistake here. `missing` tells of one that cannot be
/// read at all.
fn read(path: &Path, missing: impl FnOnce(String) -> Problem) -> Result<Arc<KeySet>, Vec<Problem>> {
    let file = named(path);
    let mut bytes = Vec::new();
    let opened = File::open(path);
    // One byte more, so that what is too large is refused as such.
    let read = opened.and_then(|file| file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes));
    if let Err(fault) = read {
        return Err(vec![missing(format!(
            "the keys cannot be read: {}",
            fault.kind()
        ))]);
    }
    let mistakes = |passed_over: &[PassedOver]| {
        let mistakes = passed_over.iter().filter(|key| key.is_mistake());
        mistakes
            .map(|key| problem(file.clone(), String::new(), key.to_string()))
            .collect::<Vec<_>>()
    };
    match KeySet::read(&bytes) {
        Ok((keys, passed_over)) => match mistakes(&passed_over) {
            mistakes if mistakes.is_empty() => Ok(Arc::new(keys)),
            mistakes => Err(mistakes),
        },
        Err(fault) => {
            let mut problem = problem(file.clone(), String::new(), fault.to_string());
            let mut problems = Vec::new();
            match &fault {
                KeySetFault::Json(fault) => {
                    problem.what =
                        format!("no JSON object without duplicate names: {}", fault.reason);
                    problem.position = Some(Position {
                        line: fault.line,
                        column: fault.column.max(1),
                    });
                }
                KeySetFault::NoKey(passed_over) => problems = mistakes(passed_over),
                _ => {}
            }
            problems.push(problem);
            Err(problems)
        }
    }
}

fn named(path: &Path) -> String {
    path.display().to_string()
}

fn problem(file: String, at: String, what: String) -> Problem {
    // Without the line: a file of keys may hold private ones by mistake.
    Problem {
        at,
        hint: Some("a JWK Set of public keys is needed, as at the issuer's `jwks_uri`".to_owned()),
        ..Problem::of_file(file, what)
    }
}
