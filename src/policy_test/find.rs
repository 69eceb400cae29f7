//! Which packs and case files a path means: a folder of packs, one pack's folder, or one case file.

use std::path::{Path, PathBuf};

use crate::model::problem::Problem;
use crate::runtime::packs;

/// Case files that one pack may have.
const MAX_FILES: usize = 1000;

/// A pack, and those of its case files that are meant.
#[derive(Debug)]
pub(super) struct Found {
    /// The folder of packs that it is in.
    pub(super) directory: PathBuf,
    /// The name of its own folder.
    pub(super) folder: String,
    /// The case files, sorted.
    pub(super) files: Vec<PathBuf>,
    /// Whether these are all that it has.
    pub(super) whole: bool,
}

/// The packs that some paths mean, each once, in the order of the paths, and what is wrong with the paths.
pub(super) fn packs(paths: &[PathBuf]) -> (Vec<Found>, Vec<Problem>) {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        if path.is_file() {
            file(path, &mut found, &mut problems);
        } else if path.join("pack.yaml").is_file() {
            let (directory, folder) = place(path);
            whole(&directory, folder, &mut found, &mut problems);
        } else if path.is_dir() {
            let folders = packs::folders(path);
            if folders.is_empty() {
                let what = "no folder in here has a pack.yaml";
                problems.push(problem(
                    path,
                    what,
                    Some("name a folder of packs, or a pack's"),
                ));
            }
            for folder in folders {
                whole(path, folder, &mut found, &mut problems);
            }
        } else {
            problems.push(problem(path, "there is no such file or folder", None));
        }
    }
    (found, problems)
}

fn file(path: &Path, found: &mut Vec<Found>, problems: &mut Vec<Problem>) {
    let pack = pack_of(path).filter(|pack| pack.join("pack.yaml").is_file() && is_yaml(path));
    let Some(pack) = pack else {
        let hint = "cases are in the folder of a pack, as in policies/house/cases/length.yaml";
        problems.push(problem(path, "this is no case file of a pack", Some(hint)));
        return;
    };
    let (directory, folder) = place(&pack);
    let only = Found {
        directory,
        folder,
        files: vec![path.to_owned()],
        whole: false,
    };
    add(only, found);
}

/// The folder of the pack that a file in a folder `cases` is of: as written, where that is long enough to say.
fn pack_of(file: &Path) -> Option<PathBuf> {
    let full = file.canonicalize().ok()?;
    let of = |file: &Path| file.parent()?.parent().map(Path::to_owned);
    let written = of(file).filter(|pack| !pack.as_os_str().is_empty());
    full.parent()
        .filter(|folder| folder.ends_with("cases"))
        .and_then(|_| written.or_else(|| of(&full)))
}

fn whole(directory: &Path, folder: String, found: &mut Vec<Found>, problems: &mut Vec<Problem>) {
    let cases = directory.join(&folder).join("cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&cases)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    for file in &files {
        if file.extension().is_some_and(|extension| extension == "yml") {
            let what = "this file is not read: the name of a case file ends in `.yaml`";
            problems.push(problem(file, what, None));
        }
    }
    files.retain(|file| is_yaml(file));
    if files.len() > MAX_FILES {
        let what = format!("there are more than {MAX_FILES} case files; the rest is not read");
        problems.push(problem(&cases, &what, None));
        files.truncate(MAX_FILES);
    }
    let all = Found {
        directory: directory.to_owned(),
        folder,
        files,
        whole: true,
    };
    add(all, found);
}

/// Adds a pack, or more files of one that is already there.
fn add(new: Found, found: &mut Vec<Found>) {
    let same = |left: &Path, right: &Path| match (left.canonicalize(), right.canonicalize()) {
        (Ok(left), Ok(right)) => left == right,
        _ => left == right,
    };
    let known = found
        .iter_mut()
        .find(|known| known.folder == new.folder && same(&known.directory, &new.directory));
    let Some(known) = known else {
        found.push(new);
        return;
    };
    if new.whole {
        *known = new;
    } else if !known.whole {
        let more = new.files.into_iter();
        let more = more.filter(|file| !known.files.iter().any(|other| same(other, file)));
        let more: Vec<_> = more.collect();
        known.files.extend(more);
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "yaml")
        && path.is_file()
}

/// The folder that a pack's folder is in, and its own name.
fn place(pack: &Path) -> (PathBuf, String) {
    let name = |path: &Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    match (pack.parent(), name(pack)) {
        (Some(parent), Some(folder)) if parent.as_os_str().is_empty() => (".".into(), folder),
        (Some(parent), Some(folder)) => (parent.to_owned(), folder),
        // `.` and `..` have no name of their own.
        _ => {
            let folder = pack.canonicalize().ok().and_then(|path| name(&path));
            (pack.join(".."), folder.unwrap_or_default())
        }
    }
}

fn problem(path: &Path, what: &str, hint: Option<&str>) -> Problem {
    Problem {
        hint: hint.map(str::to_owned),
        ..Problem::of_file(path.display().to_string(), what)
    }
}
