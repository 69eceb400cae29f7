//! `jwt`: JSON Web Tokens of somebody else's that callers may show, and who issues them.
//!
//! Which caller a token stands for is said in [`callers`](super::callers), so that no token can bring a name of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use http::Uri;
use serde_json::json;

use crate::config::callers::SCOPES;
use crate::config::kind::{
    Kind, checked, choice, converted, count, duration, identifier, is_loopback, list, optional,
    path, section, text,
};
use crate::config::reader::{PathKind, Place, Reader};
use crate::config::section::section;

/// The most issuers: every token is compared with each of them.
const MAX_ISSUERS: usize = 32;

/// An algorithm that a token may be signed with. There is no other: none with a shared secret, and not `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA with PKCS #1 v1.5 and SHA-256.
    Rs256,
    /// ECDSA on the curve P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

const ALGORITHMS: &[(&str, Algorithm)] = &[
    ("RS256", Algorithm::Rs256),
    ("ES256", Algorithm::Es256),
    ("EdDSA", Algorithm::EdDsa),
];

section! {
    /// JSON Web Tokens that callers may show; which caller shows which is in `callers[].jwt`.
    pub struct Jwt {
        /// Who issues them. At most 32.
        issuers: Vec<Issuer> = checked(list(checked(section(), with_place)), check),
        /// Verified tokens remembered at a time, so that each is verified once.
        remembered: usize = count(1, 1_000_000).or(10_000),
    }
}

section! {
    /// One issuer of tokens.
    pub struct Issuer {
        /// Its name in `callers[].jwt` and in the log: 1 to 64 of a-z, 0-9, `.`, `_` and `-`.
        name: String = identifier(),
        /// What `iss` says, exactly: scheme, host and every slash.
        issuer: String = text(),
        /// What names this gateway in `aud`; one of them must be there. Required.
        audiences: Vec<String> = list(text()),
        /// What its tokens may be signed with.
        algorithms: Vec<Algorithm> =
            list(choice(ALGORITHMS)).filled().or(json!(["RS256", "ES256", "EdDSA"])),
        /// Where its public keys are (a JWK Set, RFC 7517): exactly one of `file` and `url`.
        keys: Keys = converted(section(), WrittenKeys::check).stand_in(json!({ "file": "stand-in" })),
        /// How far its clock may be from ours, both ways.
        leeway: Duration = duration(Duration::ZERO, Duration::from_mins(5)).or("60s"),
        /// How far ahead `exp` may lie; a token that lives longer is refused.
        max_lifetime: Duration =
            duration(Duration::from_mins(1), Duration::from_hours(30 * 24)).or("24h"),
        /// The claim that names the caller, such as `sub`, `azp` or `client_id`. One that begins with `/` is a JSON Pointer.
        caller_claim: String = text().or("sub"),
        /// The claim that names the user for whom the caller acts, where its `upstream_user` is `signed_in`.
        user_claim: Option<String> = optional(text()),
        /// The claim that lists groups. Only those in `groups` are taken from it.
        groups_claim: Option<String> = optional(text()),
        /// Groups that a token may add to those of its caller.
        groups: Vec<String> = list(identifier()),
        /// The claim that lists scopes: texts in a list, or one text with spaces between. Only those in `scopes` are taken from it.
        scopes_claim: Option<String> = optional(text()),
        /// Scopes that a token may add to those of its caller: `secrets`, `personal_data`.
        scopes: Vec<&'static str> = list(choice(SCOPES)),
    }
}

/// Where the public keys of an issuer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keys {
    /// In this file, which is read with the configuration.
    File(PathBuf),
    /// At a URL.
    Url(KeyUrl),
}

/// Public keys at a URL, and how often they are fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUrl {
    /// The URL: https, or http of a loopback address.
    pub url: Uri,
    /// Certificates to trust instead of the built-in ones.
    pub ca_file: Option<PathBuf>,
    /// How old keys are when they are fetched again.
    pub refresh_interval: Duration,
    /// The least time between two fetches, whatever keys tokens name.
    pub refetch_pause: Duration,
    /// How old keys may become while fetching them fails.
    pub max_age: Duration,
}

section! {
    /// Where the public keys of an issuer are: exactly one of `file` and `url`.
    pub(super) struct WrittenKeys {
        /// A file, read with the configuration. A path.
        file: Option<PathBuf> = optional(path(PathKind::File)),
        /// A URL: https, or http of a loopback address. Redirects are not followed.
        url: Option<Uri> = optional(converted(text(), key_url)),
        /// Certificates (PEM) to trust for the URL instead of the built-in ones. A path.
        ca_file: Option<PathBuf> = optional(path(PathKind::File)),
        /// How old keys from the URL are when they are fetched again.
        refresh_interval: Duration =
            duration(Duration::from_secs(10), Duration::from_hours(24)).or("10m"),
        /// The least time between two fetches, however many tokens name a key that is not known.
        refetch_pause: Duration =
            duration(Duration::from_secs(1), Duration::from_hours(1)).or("30s"),
        /// How old keys may become while fetching them fails; after that no token of the issuer is accepted.
        max_age: Duration =
            duration(Duration::from_mins(1), Duration::from_hours(30 * 24)).or("24h"),
    }
}

impl WrittenKeys {
    fn check(self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<Keys> {
        let problem = match (self.file, self.url) {
            (Some(file), None) => return Some(Keys::File(file)),
            (None, Some(url)) if self.max_age >= self.refresh_interval => {
                return Some(Keys::Url(KeyUrl {
                    url,
                    ca_file: self.ca_file,
                    refresh_interval: self.refresh_interval,
                    refetch_pause: self.refetch_pause,
                    max_age: self.max_age,
                }));
            }
            // One that is there and broken has been reported already.
            _ if reader.has_problem_at(place.at) => return None,
            (None, Some(_)) => (
                "max_age is shorter than refresh_interval",
                "raise max_age, or lower refresh_interval",
            ),
            (None, None) => (
                "is required, but missing",
                "set exactly one of `file` and `url`",
            ),
            (Some(_), Some(_)) => (
                "more than one place for the keys",
                "keep exactly one of `file` and `url`",
            ),
        };
        reader.problem(&place.node.origin, place.at, problem.0, problem.1);
        None
    }
}

/// The URL of a key set. Whoever can change what comes from it can be every caller, so it must not travel in the clear.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the kind hands over what it has read"
)]
fn key_url(text: String, place: Place<'_>, reader: &mut Reader<'_>) -> Option<Uri> {
    // User information is a secret, so no message about such a URL shows any of it.
    if text.contains('@') {
        let what = "holds user information, or an `@`";
        reader.secret_problem(place, what, "keys are public: no credentials are sent");
        return None;
    }
    let refused = match text.parse::<Uri>() {
        Err(_) => "is no URL",
        Ok(uri) => match (uri.scheme_str(), uri.host()) {
            (_, None | Some("")) => "has no scheme or no host",
            (Some("https"), _) => return Some(uri),
            (Some("http"), Some(host)) if is_loopback(host) => return Some(uri),
            (Some("http"), _) => "is not https",
            _ => "is neither http nor https",
        },
    };
    let hint = "write the issuer's `jwks_uri`, such as `https://login.corp.example/oauth2/v1/keys`";
    reader.problem(&place.node.origin, place.at, refused, hint);
    None
}

/// Keeps with an issuer the name of its place.
fn with_place(issuer: Issuer, place: Place<'_>, _: &mut Reader<'_>) -> (Issuer, String) {
    (issuer, place.at.to_owned())
}

/// Checks what no key of an issuer can check alone, and no issuer.
fn check(written: Vec<(Issuer, String)>, place: Place<'_>, reader: &mut Reader<'_>) -> Vec<Issuer> {
    if written.len() > MAX_ISSUERS {
        let what = format!("has {} entries", written.len());
        let hint = format!("at most {MAX_ISSUERS}");
        reader.problem(&place.node.origin, place.at, what, hint);
    }
    let mut seen = BTreeMap::new();
    for (issuer, at) in &written {
        let mut mistake = |key: &str, what: String, hint: &str| {
            let at = format!("{at}.{key}");
            if !reader.has_problem_at(&at) {
                reader.problem(&place.find(&at).origin, &at, what, hint);
            }
        };
        for (key, value) in [("name", &issuer.name), ("issuer", &issuer.issuer)] {
            if let Some(first) = seen.insert((key, value), at) {
                let what = format!("the same {key} as {first}");
                mistake(key, what, "no two may be the same");
            }
        }
        if issuer.audiences.is_empty() {
            let what = "is required: a token for somebody else must not be accepted here";
            mistake(
                "audiences",
                what.to_owned(),
                "what names this gateway in `aud`",
            );
        }
        let pairs = [
            ("groups", &issuer.groups_claim, issuer.groups.is_empty()),
            ("scopes", &issuer.scopes_claim, issuer.scopes.is_empty()),
        ];
        for (names, claim, nothing_allowed) in pairs {
            let claim_key = format!("{names}_claim");
            if claim.is_some() && nothing_allowed {
                let what = format!("adds nothing, because `{names}` allows nothing");
                mistake(&claim_key, what, "set both, or neither");
            } else if claim.is_none() && !nothing_allowed {
                let what = format!("add nothing without `{claim_key}`");
                mistake(names, what, "set both, or neither");
            }
        }
    }
    written.into_iter().map(|(issuer, _)| issuer).collect()
}
