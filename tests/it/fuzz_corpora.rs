//! The committed corpora of the fuzz targets (`tests/fuzz/corpus`), asked again without a fuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

#[expect(
    unreachable_pub,
    reason = "to the targets it is a library; it knows nothing of this place"
)]
#[path = "../fuzz/invariants/mod.rs"]
mod invariants;

/// Files of one corpus, and bytes of one file.
const MOST_FILES: usize = 200;
const MOST_BYTES: usize = 4096;

fn folder(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz")
        .join(below)
}

fn names(below: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder(below)).unwrap();
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    entries.map(|entry| name(entry.unwrap())).collect()
}

#[test]
fn every_target_has_a_corpus_of_some_small_files() {
    let targets = invariants::TARGETS.map(|(name, _)| name.to_owned());
    let targets = BTreeSet::from(targets);
    assert_eq!(names("corpus"), targets);
    let sources = targets.iter().map(|name| format!("{name}.rs"));
    assert_eq!(names("targets"), sources.collect());
    for target in targets {
        let corpus = names(&format!("corpus/{target}"));
        assert!((5..=MOST_FILES).contains(&corpus.len()), "{target}");
        for name in corpus {
            let path = folder("corpus").join(&target).join(name);
            let length = fs::metadata(&path).unwrap().len();
            assert!(length <= MOST_BYTES as u64, "{}", path.display());
        }
    }
}

#[test]
fn what_the_targets_demand_holds_for_every_input_of_their_corpora() {
    let mut broken = Vec::new();
    for (target, holds) in invariants::TARGETS {
        for name in names(&format!("corpus/{target}")) {
            let path = folder("corpus").join(target).join(name);
            let input = fs::read(&path).unwrap();
            if catch_unwind(AssertUnwindSafe(|| holds(&input))).is_err() {
                broken.push(path);
            }
        }
    }
    assert!(broken.is_empty(), "it does not hold for {broken:#?}");
}
