//! `caller add`, `rotate`, `revoke` and `remove`: each one change of one file, told on stderr, its key on stdout.

use std::path::Path;

use super::list::short;
use super::outcome::{Fault, Made, Outcome, tell};
use super::storage::{SecretFile, Storage};
use super::{AddOptions, RevokeOptions, RotateOptions, Target};
use crate::cli::exit::Exit;
use crate::cli::{environment, output, report};
use crate::config::caller_edit::{CallerFile, Credential, NewCaller};
use crate::model::principal::UpstreamUser;

/// The fewest digits of a hash that name a key.
const LEAST_DIGITS: usize = 6;

/// Runs `caller add`.
pub(super) fn add(options: &AddOptions) -> Exit {
    change(&options.target, |file, made| {
        let id = &options.target.id;
        if let Some(there) = file
            .callers()
            .iter()
            .find(|listed| *listed.caller.caller.id == **id)
        {
            return Err(format!(
                "{}, line {}: there is a caller `{id}` already; for another key of it: meeting-gateway caller rotate --file {} --id {id}",
                there.file, there.line, there.file
            ));
        }
        let mut new = NewCaller {
            id: id.clone(),
            groups: options.groups.clone(),
            scopes: options.scopes.clone(),
            upstream_user: options.upstream_user.clone(),
            ..NewCaller::default()
        };
        if let Some(app_id) = &options.app_id {
            let app_id = app_id.as_ref().unwrap_or(id);
            new.app_ids.push((app_id.clone(), made.app_id(app_id)?));
        }
        if options.app_id.is_none() || options.api_key {
            new.api_keys.push(made.api_key()?);
        }
        let file = file.add(&new).map_err(|fault| fault.to_string())?;
        let line = file.callers().last().map_or(0, |listed| listed.line);
        made.notes.push(format!(
            "{}: added the caller `{id}`, line {line}.",
            options.target.file.display()
        ));
        if options.app_id.is_none()
            && matches!(options.upstream_user, None | Some(UpstreamUser::SignedIn))
        {
            made.notes.push(
                "With an API key nobody signs in: unless upstream.credentials is a fixed token or passed through, it needs \
                 `upstream_user`, as --upstream-user fixed:USER writes it."
                    .to_owned(),
            );
        }
        Ok(file)
    })
}

/// Runs `caller rotate`.
pub(super) fn rotate(options: &RotateOptions) -> Exit {
    let Target { file: path, id, .. } = &options.target;
    change(&options.target, |file, made| {
        let before = file.credentials(id).map_err(|fault| fault.to_string())?;
        let has_api_key = before
            .iter()
            .any(|one| matches!(one, Credential::ApiKey(_)));
        let with_new = match &options.app_id {
            Some(app_id) => {
                let reference = made.app_id(app_id)?;
                file.add_app_id(id, app_id, &reference)
            }
            None if !has_api_key
                && before.iter().any(|one| matches!(one, Credential::AppId(_))) =>
            {
                return Err(format!(
                    "the caller `{id}` has App IDs only, and an App ID has one key: --app-id NAME issues another App ID"
                ));
            }
            None => file.add_api_key(id, made.api_key()?),
        };
        let mut now = with_new.map_err(|fault| fault.to_string())?;
        let same_kind =
            |one: &&Credential| matches!(one, Credential::AppId(_)) == options.app_id.is_some();
        let old: Vec<Credential> = before.iter().filter(same_kind).cloned().collect();
        made.notes.push(format!(
            "{}: added {} for `{id}`, which has {} now.",
            path.display(),
            if options.app_id.is_some() {
                "an App ID"
            } else {
                "an API key"
            },
            old.len() + 1
        ));
        if options.drop_old {
            all_known(file, id)?;
            now = without(now, id, &old, made)?;
        } else if let Some(Credential::AppId(name)) = old.last() {
            made.notes.push(next(
                "the new App ID is in use",
                path,
                id,
                &format!("--app-id {name}"),
            ));
        } else if !old.is_empty() {
            made.notes
                .push(next("the new key is in use", path, id, "--all-but-newest"));
        }
        Ok(now)
    })
}

/// Runs `caller revoke`.
pub(super) fn revoke(options: &RevokeOptions) -> Exit {
    let Target { file: path, id, .. } = &options.target;
    change(&options.target, |file, made| {
        let has = file.credentials(id).map_err(|fault| fault.to_string())?;
        let keys = has
            .iter()
            .filter(|one| matches!(one, Credential::ApiKey(_)));
        let gone: Vec<Credential> = if let Some(name) = &options.which.app_id {
            vec![Credential::AppId(name.clone())]
        } else if let Some(digits) = &options.which.key {
            vec![named(keys, digits, id)?]
        } else {
            all_known(file, id)?;
            let keys: Vec<&Credential> = keys.collect();
            let old = keys.split_last().map_or(&[][..], |(_, old)| old);
            old.iter().map(|key| (*key).clone()).collect()
        };
        if gone.is_empty() {
            made.notes.push(format!(
                "{}: `{id}` has no older API key; nothing is changed.",
                path.display()
            ));
        }
        let leaves_some = has.iter().any(|one| !gone.contains(one));
        without(file.clone(), id, &gone, made).map_err(|fault| {
            if leaves_some {
                return fault;
            }
            format!(
                "{fault}; rotate first, or take the caller away: meeting-gateway caller remove --file {} --id {id}",
                path.display()
            )
        })
    })
}

/// Runs `caller remove`.
pub(super) fn remove(target: &Target) -> Exit {
    change(target, |file, made| {
        made.removed = file
            .credentials(&target.id)
            .map_err(|fault| fault.to_string())?;
        let now = file.remove(&target.id).map_err(|fault| fault.to_string())?;
        made.notes.push(format!(
            "{}: took the caller `{}` out.",
            target.file.display(),
            target.id
        ));
        Ok(now)
    })
}

/// The first note on what comes after a rotation.
fn next(when: &str, path: &Path, id: &str, which: &str) -> String {
    format!(
        "The old one stays good. When {when}: meeting-gateway caller revoke --file {} --id {id} {which}",
        path.display()
    )
}

/// Which is the newest, and which are all, can be told only if every one can be read.
fn all_known(file: &CallerFile<'_>, id: &str) -> Result<(), Fault> {
    let mut callers = file.callers().iter();
    match callers.find(|listed| *listed.caller.caller.id == *id) {
        Some(listed) if listed.unknown > 0 => Err(format!(
            "{}, line {}: {} of the caller's values are references that lead nowhere here, so not all its keys are known: name \
             them by --key or --app-id",
            listed.file, listed.line, listed.unknown
        )),
        _ => Ok(()),
    }
}

/// The one key whose hash begins so.
fn named<'c>(
    keys: impl Iterator<Item = &'c Credential>,
    digits: &str,
    id: &str,
) -> Result<Credential, Fault> {
    let digits = digits
        .strip_prefix("sha256:")
        .unwrap_or(digits)
        .to_ascii_lowercase();
    if digits.len() < LEAST_DIGITS || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(format!(
            "a key is named by the beginning of its hash, at least {LEAST_DIGITS} hexadecimal digits, as `caller list` shows it"
        ));
    }
    let begins = |one: &&Credential| match one {
        Credential::ApiKey(hash) => hash.to_string().starts_with(&format!("sha256:{digits}")),
        Credential::AppId(_) => false,
    };
    let found: Vec<&Credential> = keys.filter(begins).collect();
    match found[..] {
        [one] => Ok(one.clone()),
        [] => Err(format!(
            "the caller `{id}` has no API key whose hash begins with {digits}: `caller list` shows what it has"
        )),
        _ => Err(format!(
            "{} API keys of `{id}` begin with {digits}: write more digits",
            found.len()
        )),
    }
}

fn without<'e>(
    mut file: CallerFile<'e>,
    id: &str,
    credentials: &[Credential],
    made: &mut Made<'_>,
) -> Result<CallerFile<'e>, Fault> {
    for credential in credentials {
        file = file
            .remove_credential(id, credential)
            .map_err(|fault| fault.to_string())?;
    }
    if !credentials.is_empty() {
        let gone: Vec<String> = credentials.iter().map(shown).collect();
        made.notes.push(format!("Taken away: {}.", gone.join(", ")));
    }
    made.removed.extend_from_slice(credentials);
    Ok(file)
}

fn shown(credential: &Credential) -> String {
    match credential {
        Credential::ApiKey(hash) => format!("API key {}…", short(hash)),
        Credential::AppId(name) => format!("App ID {name}"),
    }
}

/// Opens the file, changes it, puts it back, and tells of it; or says why not, and then nothing is changed.
fn change(
    target: &Target,
    edit: impl for<'e> FnOnce(&CallerFile<'e>, &mut Made<'_>) -> Result<CallerFile<'e>, Fault>,
) -> Exit {
    let storage = match Storage::open(&target.file) {
        Ok(storage) => storage,
        Err(why) => return output::failed(&why),
    };
    let name = target.file.display().to_string();
    let base_dir = target.file.parent().unwrap_or(Path::new(""));
    let environment = environment::variables();
    let file = match CallerFile::read(&name, storage.text(), base_dir, &environment) {
        Ok(file) => file,
        Err(problems) => {
            output::note(&report::text(&problems));
            if problems.iter().any(|problem| {
                ["upstream", "server", "caller_files"].contains(&problem.at.as_str())
            }) {
                output::note(&format_args!(
                    "{name} looks like a configuration: callers that are issued go to a file of their own, which it names under `caller_files`."
                ));
            }
            return output::failed(&format_args!("{name} is not touched: it has mistakes"));
        }
    };
    let mut made = Made {
        outcome: Outcome::default(),
        path: &target.file,
        files: Vec::new(),
    };
    let now = match edit(&file, &mut made) {
        Ok(now) => now,
        Err(why) => return output::failed(&why),
    };
    if now.text() != storage.text() {
        let private = made.app_id.is_some();
        if let Err(why) = storage.replace(now.text(), private) {
            return output::failed(&why);
        }
        made.notes.push(
            "A gateway that runs with the file takes it up by itself, or at once on SIGHUP."
                .to_owned(),
        );
    }
    made.files.drain(..).for_each(SecretFile::keep);
    if storage.is_new() {
        let base = target
            .file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        made.notes.push(format!(
            "{name} is new: name it in the configuration, such as `caller_files: [{base}]`."
        ));
    }
    tell(target, &made.outcome)
}
