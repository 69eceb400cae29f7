//! A look at the files that a configuration is made of: what is in them, in one digest.
//!
//! Contents, and not times or inode numbers: those differ where nothing changed (a link that is swapped for another one to the
//! same text) and agree where something did (an editor within the same second, a file system that keeps no fine times).

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// The most that is looked at of one file; the largest that is read for a configuration is smaller.
const MAX_BYTES: u64 = 8 << 20;

/// What the files of a configuration held at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Looks at each file. One that is not there is part of the picture, too.
    pub(super) fn of(files: &BTreeSet<PathBuf>) -> Self {
        let mut hash = Sha256::new();
        for path in files {
            hash.update(path.as_os_str().as_encoded_bytes());
            match content(path) {
                Ok(digest) => {
                    hash.update([0]);
                    hash.update(digest);
                }
                Err(fault) => {
                    hash.update([1]);
                    hash.update(fault.kind().to_string());
                }
            }
            hash.update([2]);
        }
        Self(hash.finalize().into())
    }
}

fn content(path: &Path) -> io::Result<[u8; 32]> {
    // A pipe would be waited for, and has nothing to say a second time.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut hash = Sha256::new();
    let mut buffer = [0; 8 << 10];
    let mut file = File::open(path)?.take(MAX_BYTES);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(length) => hash.update(buffer.get(..length).unwrap_or_default()),
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn content_counts_however_it_comes_to_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let watched = BTreeSet::from([path("one"), path("two")]);
        let look = || Fingerprint::of(&watched);
        fs::write(path("one"), "1").unwrap();
        fs::write(path("two"), "2").unwrap();
        let first = look();

        // Written anew, or replaced by another file with the same text: nothing changed.
        fs::write(path("one"), "1").unwrap();
        assert_eq!(look(), first);
        fs::write(path("new"), "1").unwrap();
        fs::rename(path("new"), path("one")).unwrap();
        assert_eq!(look(), first);
        fs::remove_file(path("one")).unwrap();
        symlink(path("two"), path("one")).unwrap();
        let same_text = look();
        assert_ne!(same_text, first);
        fs::remove_file(path("one")).unwrap();
        let gone = look();
        assert!(gone != first && gone != same_text);
        fs::write(path("one"), "").unwrap();
        assert_ne!(look(), gone, "an empty file is there");
        // What moves from one file to the next is another picture.
        fs::write(path("one"), "2").unwrap();
        fs::write(path("two"), "1").unwrap();
        assert_ne!(look(), first);
        fs::write(path("one"), "1").unwrap();
        fs::write(path("two"), "2").unwrap();
        assert_eq!(look(), first);
        fs::remove_file(path("two")).unwrap();
        fs::create_dir(path("two")).unwrap();
        assert_ne!(look(), first);
    }
}
