//! `callers`: the internal applications, how they prove who they are, and as whom they act upstream.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::config::kind::{
    Kind, checked, choice, converted, identifier, list, map, optional, parsed, secret, section,
    text, word_or_section,
};
use crate::config::reader::{Place, Reader};
use crate::config::section::section;
use crate::model::client_certificate::Identity;
use crate::model::principal::{self, UpstreamUser};
use crate::model::scopes::Scopes;
use crate::model::secret::Secret;

/// The most callers of a configuration, those of all its files together.
pub(super) const MOST: usize = 250_000;

/// A configured caller with its credentials.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is, as the rest of the gateway knows it.
    pub caller: Arc<principal::Caller>,
    /// The hashes of its API keys.
    pub api_keys: Vec<KeyHash>,
    /// The App IDs that the gateway issued to it.
    pub app_ids: Vec<IssuedAppId>,
    /// Names in client certificates that are its own.
    pub certificates: Vec<Identity>,
    /// Whose tokens name it.
    pub jwt: Vec<JwtSubject>,
}

/// The SHA-256 of an API key. An API key is random and long, so a plain hash of it gives nothing away.
///
/// ```
/// use meeting_gateway::config::callers::KeyHash;
///
/// let written = KeyHash::of("demo-key-not-a-secret").to_string();
/// assert_eq!(KeyHash::parse(&written), Some(KeyHash::of("demo-key-not-a-secret")));
/// assert_eq!(KeyHash::parse("demo-key-not-a-secret"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The hash of a key as a caller presents it.
    pub fn of(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }

    /// Reads `sha256:` and 64 hexadecimal digits.
    pub fn parse(written: &str) -> Option<Self> {
        let digits = written.strip_prefix("sha256:")?;
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for KeyHash {
    /// The first four bytes: enough to tell keys apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyHash({}…)", HEXLOWER.encode(&self.0[..4]))
    }
}

section! {
    /// An App ID that the gateway issued, for callers that use the official SDK.
    pub struct IssuedAppId {
        /// The App ID. No two callers have the same one.
        app_id: String = text(),
        /// The App Key, at least 16 bytes. Secret.
        app_key: Secret = secret(16),
    }
}

section! {
    /// One name in a client certificate: exactly one of its keys. It is compared as a whole; there are no patterns.
    pub(super) struct CertificateName {
        /// The whole subject, as `openssl x509 -noout -subject -nameopt RFC2253` shows it.
        subject: Option<Identity> = optional(parsed(Identity::subject, "subject",
            "write it as `openssl x509 -noout -subject -nameopt RFC2253 -in FILE` shows it, such as `CN=scheduler,O=Corp`")),
        /// A host name among the alternative names.
        dns: Option<Identity> = optional(parsed(Identity::dns, "host name",
            "write a whole name, such as `scheduler.corp.example`; there are no patterns")),
        /// A URI among the alternative names, such as a SPIFFE ID.
        uri: Option<Identity> = optional(parsed(Identity::uri, "URI",
            "write a whole URI, such as `spiffe://corp.example/scheduler`")),
        /// A mail address among the alternative names.
        email: Option<Identity> = optional(parsed(Identity::email, "mail address",
            "write a whole address in ASCII, such as `scheduler@corp.example`")),
    }
}

impl CertificateName {
    fn only(self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<Identity> {
        let names = [self.subject, self.dns, self.uri, self.email];
        let mut names = names.into_iter().flatten();
        match (names.next(), names.next()) {
            (Some(name), None) => Some(name),
            _ if reader.has_problem_at(place.at) => None,
            _ => {
                let what = "must have exactly one of subject, dns, uri and email";
                let hint = "give each name an entry of its own";
                reader.problem(&place.node.origin, place.at, what, hint);
                None
            }
        }
    }
}

section! {
    /// Tokens of somebody else's that name this caller.
    pub struct JwtSubject {
        /// Who issues them: the `name` of one of `jwt.issuers`.
        issuer: String = identifier(),
        /// What its `caller_claim` says of this caller, exactly.
        subject: String = text(),
    }
}

section! {
    /// One internal application.
    pub(in crate::config) struct WrittenCaller {
        /// Its name in logs, metrics and policies: 1 to 64 of a-z, 0-9, `.`, `_` and `-`.
        id: String = identifier(),
        /// Hashes of its API keys, each `sha256:` and 64 hexadecimal digits.
        api_keys: Vec<KeyHash> = list(Hash),
        /// App IDs that the gateway issued to it, for the official SDK.
        app_ids: Vec<IssuedAppId> = list(section()),
        /// Names in client certificates that are its own: `{subject: ...}`, `{dns: ...}`, `{uri: ...}` or `{email: ...}`.
        certificates: Vec<Identity> = list(converted(section(), CertificateName::only)),
        /// JSON Web Tokens that name it, such as `{issuer: corp, subject: scheduling}`. No two callers have the same ones.
        jwt: Vec<JwtSubject> = list(section()),
        /// Groups that policies match on.
        groups: Vec<String> = list(identifier()),
        /// What it may see in answers: `secrets` lets passwords, join links and keys through, `personal_data` names,
        /// accounts, telephone numbers and addresses. What it may not see reads `***`.
        scopes: Vec<&'static str> = list(choice(SCOPES)),
        /// What policies may know of it beside that, such as `department: sales`.
        claims: BTreeMap<String, String> = map(text()),
        /// As whom it acts upstream: `{fixed: user-id}`, `signed_in` (as whom it signed in) or
        /// `default_administrator` (the enterprise's administrator, who may do everything).
        upstream_user: UpstreamUser = word_or_section(
            choice(USERS),
            checked(section(), |user: FixedUser, _, _| UpstreamUser::Fixed(user.fixed.into())),
        ).or("signed_in"),
    }
}

section! {
    /// Always the same upstream user.
    pub(super) struct FixedUser {
        /// The upstream user ID.
        fixed: String = text(),
    }
}

pub(super) const SCOPES: &[(&str, &str)] = &[
    (Scopes::SECRETS, Scopes::SECRETS),
    (Scopes::PERSONAL_DATA, Scopes::PERSONAL_DATA),
];

const USERS: &[(&str, UpstreamUser)] = &[
    ("signed_in", UpstreamUser::SignedIn),
    ("default_administrator", UpstreamUser::DefaultAdministrator),
];

/// The kind of an API key's hash.
pub(super) struct Hash;

impl Kind for Hash {
    type Value = KeyHash;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<KeyHash> {
        if reader.is_unknown(place.at) {
            return None;
        }
        let hash = secret(1).read(place, reader)?;
        let hash = KeyHash::parse(hash.expose());
        if hash.is_none() {
            // Whoever writes the key itself must not find it in a log.
            let hint = "write `sha256:` and the output of `printf %s KEY | sha256sum`";
            reader.secret_problem(place, "is no hash of an API key", hint);
        }
        hash
    }

    fn schema(&self) -> Json {
        let own = json!({ "type": "string", "pattern": "^sha256:[0-9a-fA-F]{64}$" });
        json!({ "anyOf": [own, { "$ref": "#/$defs/reference" }], "writeOnly": true })
    }
}

/// Checks what no caller can check alone, and numbers the callers.
pub(super) fn check(
    written: Vec<(WrittenCaller, String)>,
    place: Place<'_>,
    reader: &mut Reader<'_>,
) -> Vec<Caller> {
    let mut seen = Seen::default();
    for (caller, at) in &written {
        seen.note("id", &caller.id, &format!("{at}.id"), place, reader);
        for (index, hash) in caller.api_keys.iter().enumerate() {
            let at = format!("{at}.api_keys.{index}");
            seen.note("API key", &hash.to_string(), &at, place, reader);
        }
        for (index, issued) in caller.app_ids.iter().enumerate() {
            let at = format!("{at}.app_ids.{index}.app_id");
            seen.note("App ID", &issued.app_id, &at, place, reader);
        }
        for (index, name) in caller.certificates.iter().enumerate() {
            let at = format!("{at}.certificates.{index}");
            seen.note("certificate name", &name.to_string(), &at, place, reader);
        }
        for (index, JwtSubject { issuer, subject }) in caller.jwt.iter().enumerate() {
            let at = format!("{at}.jwt.{index}");
            // The name of an issuer has no space.
            seen.note("token", &format!("{issuer} {subject}"), &at, place, reader);
        }
        let no_credential = caller.api_keys.is_empty()
            && caller.app_ids.is_empty()
            && caller.certificates.is_empty()
            && caller.jwt.is_empty();
        if no_credential && !reader.has_problem_at(at) {
            reader.problem(
                &place.find(at).origin,
                at,
                format!("the caller `{}` has no credential", caller.id),
                "set `api_keys`, `app_ids`, `certificates` or `jwt`",
            );
        }
    }
    let mut users = HashSet::<Arc<str>>::new();
    let callers = written.into_iter().map(|(mut caller, at)| {
        // Many act as one user: its name is there once.
        if let UpstreamUser::Fixed(user) = &mut caller.upstream_user {
            match users.get(user) {
                Some(known) => *user = Arc::clone(known),
                None => _ = users.insert(Arc::clone(user)),
            }
        }
        // The place, not the count: one that is broken is not among them.
        let index = at.rsplit('.').next().and_then(|index| index.parse().ok());
        caller.finish(index.unwrap_or_default())
    });
    callers.collect()
}

/// What has been seen, and where.
#[derive(Default)]
struct Seen(BTreeMap<(&'static str, String), String>);

impl Seen {
    fn note(
        &mut self,
        what: &'static str,
        value: &str,
        at: &str,
        place: Place<'_>,
        reader: &mut Reader<'_>,
    ) {
        let key = (what, value.to_owned());
        let Some(first) = self.0.get(&key) else {
            self.0.insert(key, at.to_owned());
            return;
        };
        let origin = &place.find(at).origin;
        let first = reader.place_of(first, &place.find(first).origin, origin);
        let message = format!("the same {what} as {first}");
        reader.problem(origin, at, message, "no two may be the same");
    }
}

impl WrittenCaller {
    fn finish(self, index: usize) -> Caller {
        let boxed = |names: Vec<String>| names.into_iter().map(String::into_boxed_str).collect();
        Caller {
            caller: Arc::new(principal::Caller {
                id: self.id.into(),
                index,
                groups: boxed(self.groups),
                scopes: self.scopes.into_iter().collect(),
                claims: self
                    .claims
                    .into_iter()
                    .map(|(name, value)| (name, value.into()))
                    .collect(),
                upstream_user: self.upstream_user,
            }),
            api_keys: self.api_keys,
            app_ids: self.app_ids,
            certificates: self.certificates,
            jwt: self.jwt,
        }
    }
}

/// Keeps with a caller the name of its place.
pub(super) fn with_place(
    caller: WrittenCaller,
    place: Place<'_>,
    _: &mut Reader<'_>,
) -> (WrittenCaller, String) {
    (caller, place.at.to_owned())
}
