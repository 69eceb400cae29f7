//! What a change made for a caller and took away from it, and how that is told: the key on stdout, all else on stderr.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::Target;
use super::key::{self, Purpose};
use super::list::short;
use super::storage::SecretFile;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::config::caller_edit::Credential;
use crate::config::callers::KeyHash;
use crate::model::secret::Secret;

/// What goes wrong, ready to be shown.
pub(super) type Fault = String;

/// What was made for a caller, and what was taken away.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) api_key: Option<(Secret, KeyHash)>,
    pub(super) app_id: Option<(String, Secret, PathBuf)>,
    pub(super) removed: Vec<Credential>,
    /// What was done, and what is to be done next.
    pub(super) notes: Vec<String>,
}

/// Makes credentials, and keeps what has been made.
pub(super) struct Made<'p> {
    pub(super) outcome: Outcome,
    pub(super) path: &'p Path,
    pub(super) files: Vec<SecretFile>,
}

impl std::ops::Deref for Made<'_> {
    type Target = Outcome;

    fn deref(&self) -> &Outcome {
        &self.outcome
    }
}

impl std::ops::DerefMut for Made<'_> {
    fn deref_mut(&mut self) -> &mut Outcome {
        &mut self.outcome
    }
}

impl Made<'_> {
    /// An API key; returns its hash.
    pub(super) fn api_key(&mut self) -> Result<KeyHash, Fault> {
        let key = key::issue(Purpose::ApiKey)?;
        let hash = KeyHash::of(key.expose());
        self.api_key = Some((key, hash));
        Ok(hash)
    }

    /// An App Key in a file of its own; returns the reference to it.
    pub(super) fn app_id(&mut self, name: &str) -> Result<String, Fault> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty()
            || name.len() > 64
            || name.starts_with('.')
            || !name.chars().all(is_plain)
        {
            return Err("an App ID has 1 to 64 of A-Z, a-z, 0-9, `.`, `_` and `-`, and does not begin with `.`: it names a file, too".to_owned());
        }
        let key = key::issue(Purpose::AppKey)?;
        let relative = format!("secrets/{name}.key");
        let path = self.path.parent().unwrap_or(Path::new("")).join(&relative);
        self.files.push(SecretFile::write(&path, &key)?);
        self.app_id = Some((name.to_owned(), key, path));
        Ok(format!("${{file.{relative}}}"))
    }
}

/// Tells of it.
pub(super) fn tell(target: &Target, outcome: &Outcome) -> Exit {
    let secret = if target.told.json {
        format!("{:#}", as_json(target, outcome))
    } else {
        let api_key = outcome.api_key.iter().map(|(key, _)| key.expose());
        let app_key = outcome.app_id.iter().map(|(_, key, _)| key.expose());
        api_key.chain(app_key).collect::<Vec<_>>().join("\n")
    };
    let has_key = outcome.api_key.is_some() || outcome.app_id.is_some();
    if !secret.is_empty()
        && let Err(fault) = output::once(&secret)
        && has_key
    {
        return output::failed(&format_args!(
            "the key could not be shown ({fault}) and cannot be again: issue another one by `caller rotate --drop-old`, or take it away by `caller remove`"
        ));
    }
    if !target.told.quiet {
        if let Some((_, hash)) = &outcome.api_key {
            output::note(&format_args!(
                "The API key is shown this once; its hash is kept, {}….",
                short(hash)
            ));
        }
        if let Some((name, _, path)) = &outcome.app_id {
            output::note(&format_args!(
                "The key of the App ID `{name}` is shown this once, and kept in {}.",
                path.display()
            ));
        }
        for note in &outcome.notes {
            output::note(note);
        }
        for credential in &outcome.removed {
            if let Credential::AppId(name) = credential {
                output::note(&format_args!(
                    "If secrets/{name}.key has the key of `{name}`, it is out of use now: delete it."
                ));
            }
        }
    }
    Exit::Success
}

fn as_json(target: &Target, outcome: &Outcome) -> Value {
    let mut told = Map::new();
    told.insert("file".to_owned(), json!(target.file.display().to_string()));
    told.insert("caller".to_owned(), json!(target.id));
    if let Some((key, hash)) = &outcome.api_key {
        told.insert("api_key".to_owned(), json!(key.expose()));
        told.insert("api_key_hash".to_owned(), json!(hash.to_string()));
    }
    if let Some((name, key, path)) = &outcome.app_id {
        told.insert("app_id".to_owned(), json!(name));
        told.insert("app_key".to_owned(), json!(key.expose()));
        told.insert("app_key_file".to_owned(), json!(path.display().to_string()));
    }
    let removed = outcome.removed.iter().map(|credential| match credential {
        Credential::ApiKey(hash) => json!({ "api_key_hash": hash.to_string() }),
        Credential::AppId(name) => json!({ "app_id": name }),
    });
    told.insert("removed".to_owned(), removed.collect());
    Value::Object(told)
}
