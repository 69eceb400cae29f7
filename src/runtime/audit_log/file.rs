//! A file that audit lines are appended to: opened without surprises, and watched for what others do to it.
//!
//! - A new file is readable by its owner alone (0600); one that exists keeps its mode, and is told of where others may read or change it.
//! - A symbolic link to a file is refused: whoever may write in the directory could lead the log elsewhere by one, and a rotation would
//!   move the link.
//! - The file is locked (`flock`) as long as it is written, so that two gateways do not write one log.
//! - A device or a pipe is written as it is, neither locked nor watched.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// How often a path may change between a look at it and its opening.
const TRIES: usize = 8;

/// A file that is open for appending.
#[derive(Debug)]
pub(super) struct AuditFile {
    path: PathBuf,
    file: File,
    /// Device and inode; none of what is no regular file.
    identity: Option<(u64, u64)>,
    size: u64,
    /// Unix time.
    begun: Duration,
}

/// Where a path leads, seen from a file that was opened by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// To the file.
    InPlace,
    /// To the file, which has become shorter: somebody cut it.
    Cut,
    /// To another file, or to none.
    Moved,
}

impl AuditFile {
    /// Opens what is at the path, or creates it at `now` (Unix time).
    pub(super) fn open(path: &Path, now: Duration) -> io::Result<Self> {
        for _ in 0..TRIES {
            let found = match fs::symlink_metadata(path) {
                Ok(found) => found,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    match Self::create(path, now) {
                        Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                        created => return created,
                    }
                }
                Err(error) => return Err(error),
            };
            if found.is_symlink() && fs::metadata(path).is_ok_and(|target| target.is_file()) {
                return Err(io::Error::new(
                    ErrorKind::InvalidInput,
                    "it is a symbolic link; name the file that it leads to",
                ));
            }
            let file = match OpenOptions::new().append(true).open(path) {
                Err(error) if error.kind() == ErrorKind::NotFound && !found.is_symlink() => {
                    continue;
                }
                opened => opened?,
            };
            let opened = file.metadata()?;
            if !opened.is_file() {
                return Ok(Self::of(path, file, &opened, now));
            }
            // What was looked at is what was opened: no link was put in between.
            if identity(&opened) == identity(&found) {
                lock(&file)?;
                tell_of_others(path, &opened);
                return Ok(Self::of(path, file, &opened, now));
            }
        }
        Err(io::Error::other("it changes again and again"))
    }

    /// Creates the file, and makes sure that it is there after a loss of power, too.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] where there is something at the path, be it a link that leads nowhere.
    pub(super) fn create(path: &Path, now: Duration) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        lock(&file)?;
        keep_directory(path);
        let created = file.metadata()?;
        Ok(Self {
            begun: now,
            ..Self::of(path, file, &created, now)
        })
    }

    fn of(path: &Path, file: File, metadata: &Metadata, now: Duration) -> Self {
        // Not every file system knows when a file was created.
        let begun = metadata.created().or_else(|_| metadata.modified());
        let begun = begun.ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        Self {
            path: path.to_owned(),
            file,
            identity: metadata.is_file().then(|| identity(metadata)),
            size: metadata.len(),
            begun: begun.unwrap_or(now),
        }
    }

    /// Whether it is a regular file, which can be rotated.
    pub(super) const fn is_regular(&self) -> bool {
        self.identity.is_some()
    }

    /// Its size in bytes, as far as it is known.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// When it was begun, in Unix time.
    pub(super) const fn begun(&self) -> Duration {
        self.begun
    }

    /// Looks where its path leads.
    pub(super) fn standing(&mut self) -> Standing {
        let Some(identity_here) = self.identity else {
            return Standing::InPlace;
        };
        match fs::symlink_metadata(&self.path) {
            Ok(there) if identity(&there) != identity_here => Standing::Moved,
            Ok(there) if there.len() < self.size => {
                self.size = there.len();
                Standing::Cut
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Standing::Moved,
            // What cannot be looked at is taken for unchanged: there is nothing better to write to.
            Ok(_) | Err(_) => Standing::InPlace,
        }
    }

    /// Cuts off what is behind so many bytes.
    pub(super) fn cut_to(&mut self, size: u64) -> io::Result<()> {
        self.file.set_len(size)?;
        self.size = size;
        Ok(())
    }

    /// Hands what was written to the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        if self.is_regular() {
            self.file.sync_data()
        } else {
            Ok(())
        }
    }
}

impl Write for AuditFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn lock(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(io::Error::new(
            ErrorKind::ResourceBusy,
            "another process writes it; give each gateway a file of its own",
        )),
        // A file system without locks is no reason not to write.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

fn tell_of_others(path: &Path, metadata: &Metadata) {
    let others = metadata.mode() & 0o027;
    if others != 0 {
        tracing::warn!(
            file = %path.display(),
            mode = format!("{:04o}", metadata.mode() & 0o7777),
            "users other than the owner and its group can read the audit log, or somebody else can change it; 0600 is what new files have",
        );
    }
}

/// Makes sure that a new name in a directory is there after a loss of power.
pub(super) fn keep_directory(path: &Path) {
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    // Some file systems cannot; the file is written all the same.
    if let Err(error) = File::open(directory).and_then(|directory| directory.sync_all()) {
        tracing::debug!(%error, "the directory of the audit log cannot be synchronised");
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    const NOW: Duration = Duration::from_secs(7);

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        (folder, path)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_for_its_owner_alone_and_an_old_one_is_continued_as_it_is() {
        let (_folder, path) = folder();
        let mut file = AuditFile::open(&path, NOW).unwrap();
        file.write_all(b"one\n").unwrap();
        assert_eq!((mode(&path), file.size(), file.begun()), (0o600, 4, NOW));
        drop(file);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let mut file = AuditFile::open(&path, NOW).unwrap();
        assert!(file.begun() > NOW, "it is as old as it was");
        file.write_all(b"two\n").unwrap();
        assert_eq!((mode(&path), file.size()), (0o640, 8));
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn links_and_what_else_is_no_file_of_its_own_are_refused() {
        let (folder, path) = folder();
        let elsewhere = folder.path().join("elsewhere");
        // One that leads nowhere would create a file there.
        symlink(&elsewhere, &path).unwrap();
        assert!(AuditFile::open(&path, NOW).is_err());
        assert!(!elsewhere.exists());
        fs::write(&elsewhere, "of somebody else\n").unwrap();
        let error = AuditFile::open(&path, NOW).unwrap_err();
        assert!(error.to_string().contains("symbolic link"), "{error}");
        assert!(AuditFile::open(folder.path(), NOW).is_err());
        // What a link to a device leads to is meant: `/dev/stdout` is one.
        fs::remove_file(&path).unwrap();
        symlink("/dev/null", &path).unwrap();
        assert!(!AuditFile::open(&path, NOW).unwrap().is_regular());
    }

    #[test]
    fn nobody_else_writes_it() {
        let (_folder, path) = folder();
        let first = AuditFile::open(&path, NOW).unwrap();
        let error = AuditFile::open(&path, NOW).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResourceBusy);
        drop(first);
        assert!(AuditFile::open(&path, NOW).is_ok());
    }

    #[test]
    fn it_is_seen_what_others_do_to_it() {
        let (folder, path) = folder();
        let mut file = AuditFile::open(&path, NOW).unwrap();
        file.write_all(b"one\ntwo\n").unwrap();
        assert_eq!(file.standing(), Standing::InPlace);
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(4)
            .unwrap();
        assert_eq!(file.standing(), Standing::Cut);
        assert_eq!(file.standing(), Standing::InPlace, "told once");
        fs::rename(&path, folder.path().join("moved")).unwrap();
        assert_eq!(file.standing(), Standing::Moved);
        fs::write(&path, "of somebody else\n").unwrap();
        assert_eq!(file.standing(), Standing::Moved);
        fs::remove_file(&path).unwrap();
        symlink(folder.path().join("moved"), &path).unwrap();
        assert_eq!(file.standing(), Standing::Moved, "a link is not followed");
    }
}
