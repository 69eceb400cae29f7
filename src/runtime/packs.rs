//! Reads the policy packs that a configuration names: `<directory>/<pack>/pack.yaml`.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::config::policy::Policy;
use crate::model::problem::{Problem, Severity, nearest};
use crate::policy::{Pack, pack};

/// A pack is written by hand; one larger than this is something else.
const MAX_BYTES: u64 = 1 << 20;

/// Reads every pack, and says everything that is wrong with any of them. With problems, the packs lack rules: good for finding
/// more problems, not for use.
pub fn read(policy: &Policy) -> (Vec<Pack>, Vec<Problem>) {
    read_edited(policy, None)
}

/// The same, with another text in place of one pack's: its name, and the text.
pub fn read_edited(policy: &Policy, edited: Option<(&str, &str)>) -> (Vec<Pack>, Vec<Problem>) {
    let mut packs = Vec::new();
    let mut problems = Vec::new();
    for name in &policy.packs {
        let (pack, mut more) = match edited.filter(|(edited, _)| edited == name) {
            Some((_, text)) => pack::read_partly(&file(&policy.directory, name), text),
            None => read_one(&policy.directory, name),
        };
        packs.extend(pack);
        problems.append(&mut more);
    }
    (packs, problems)
}

/// Reads one pack of a directory, as [`read`] does.
pub fn read_one(directory: &Path, name: &str) -> (Option<Pack>, Vec<Problem>) {
    let file = file(directory, name);
    match text(directory, name) {
        Ok(text) => pack::read_partly(&file, &text),
        Err(fault) => (None, vec![missing(&file, name, directory, &fault)]),
    }
}

/// The file of a pack, as messages name it.
fn file(directory: &Path, name: &str) -> String {
    directory.join(name).join("pack.yaml").display().to_string()
}

/// The text of a pack, or of a little more of it than a pack may have.
///
/// # Errors
///
/// The file cannot be read, or is no text.
pub fn text(directory: &Path, name: &str) -> std::io::Result<String> {
    let mut text = String::new();
    // One byte more, so that a pack that is too large is refused as such and not taken for its first half.
    File::open(directory.join(name).join("pack.yaml"))?
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)?;
    Ok(text)
}

fn missing(file: &str, name: &str, directory: &Path, fault: &std::io::Error) -> Problem {
    let present = folders(directory);
    let hint = nearest(name, present.iter().map(String::as_str))
        .map(|meant| format!("did you mean `{meant}`?"))
        .or_else(|| {
            (!present.is_empty())
                .then(|| format!("{} has: {}", directory.display(), present.join(", ")))
        });
    Problem {
        severity: Severity::Error,
        file: file.to_owned(),
        position: None,
        at: "policy.packs".to_owned(),
        line: String::new(),
        what: match fault.kind() {
            ErrorKind::NotFound => format!("there is no pack `{name}`"),
            _ => format!("the pack `{name}` cannot be read: {fault}"),
        },
        hint,
    }
}

/// The names of the packs in a directory, sorted.
pub fn folders(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join("pack.yaml").is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn policy(folder: &Path, pack: &str) -> Policy {
        Policy {
            directory: folder.into(),
            packs: vec![pack.into()],
            modes: BTreeMap::new(),
            bindings: Vec::new(),
            exemptions: Vec::new(),
        }
    }

    #[test]
    fn a_pack_that_is_too_large_is_not_taken_for_its_first_half() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("large")).unwrap();
        let rule = "  - {id: a, require: {field: /startTime}}\n";
        let text = |bytes: usize| format!("pack: large\nrules:\n{rule}{}\n", "#".repeat(bytes));
        let mut said = Vec::new();
        for bytes in [1_000_000, 1 << 20, 1 << 21] {
            std::fs::write(folder.path().join("large/pack.yaml"), text(bytes)).unwrap();
            let (packs, problems) = read(&policy(folder.path(), "large"));
            said.push((packs.len(), problems.first().map(|p| p.what.clone())));
        }
        let too_large = Some("the pack is larger than 1048576 bytes".to_owned());
        assert_eq!(said, [(1, None), (0, too_large.clone()), (0, too_large)]);
    }

    #[test]
    fn a_misspelt_pack_is_named_with_the_one_that_was_meant() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("baseline")).unwrap();
        std::fs::write(
            folder.path().join("baseline/pack.yaml"),
            "pack: baseline\ndescription: d\nrules: []\n",
        )
        .unwrap();
        let (_, problems) = read(&policy(folder.path(), "baselin"));
        assert_eq!(problems.len(), 1);
        assert_eq!(
            problems[0].hint.as_deref(),
            Some("did you mean `baseline`?")
        );
    }
}
