//! A file of callers on the disk: read under a lock, replaced as a whole or not at all.
//!
//! Who reads the file meanwhile, a gateway among them, finds the old text or the new one. The mode and the owner stay; of a link the
//! target is replaced. Two runs wait for one another (the directory is locked, so that no file is left behind), and a text that
//! changed under an editor's hands is not overwritten.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;

use crate::model::secret::Secret;

/// The most that is read, in bytes; the gateway reads no more.
const MAX_BYTES: u64 = 4 << 20;

/// An opened file of callers.
#[derive(Debug)]
pub(super) struct Storage {
    /// Where it is, links followed.
    path: PathBuf,
    directory: PathBuf,
    /// What was in it; nothing if it is to be made.
    text: Option<String>,
    /// Held until the end.
    _lock: Option<File>,
}

impl Storage {
    /// Opens a file, waiting for another run that changes one of the same directory.
    ///
    /// # Errors
    ///
    /// The file or its directory cannot be read, or it is no file of text, or too large.
    pub(super) fn open(named: &Path) -> Result<Self, String> {
        let shown = named.display();
        let path = match fs::canonicalize(named) {
            Ok(path) => path,
            Err(fault) if fault.kind() != ErrorKind::NotFound => {
                return Err(format!("cannot open {shown}: {fault}"));
            }
            Err(_) if fs::symlink_metadata(named).is_ok() => {
                return Err(format!("{shown} is a link to a file that is not there"));
            }
            Err(_) => new_path(named)?,
        };
        let directory = path.parent().unwrap_or(Path::new("/")).to_owned();
        let lock = File::open(&directory)
            .map_err(|fault| format!("cannot open the directory of {shown}: {fault}"))?;
        // Where directories cannot be locked, as on some network file systems, the comparison before the end remains.
        let lock = lock.lock().is_ok().then_some(lock);
        let text = read(&path).map_err(|why| format!("cannot read {shown}: {why}"))?;
        Ok(Self {
            path,
            directory,
            text,
            _lock: lock,
        })
    }

    /// Whether there is no such file yet.
    pub(super) const fn is_new(&self) -> bool {
        self.text.is_none()
    }

    /// What is in it.
    pub(super) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Puts another text in its place. A new file can be read by its owner and, unless it is private, by the group.
    ///
    /// # Errors
    ///
    /// The file was changed meanwhile, or cannot be written; it is as it was then.
    pub(super) fn replace(&self, text: &str, private: bool) -> Result<(), String> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|fault| fault.to_string())?;
        let name = self.path.file_name().unwrap_or(OsStr::new("callers"));
        let temporary = Temporary(self.directory.join(format!(
            ".{}.{}.tmp",
            name.to_string_lossy(),
            HEXLOWER.encode(&random)
        )));
        self.write(&temporary.0, text, private)
            .map_err(|fault| format!("cannot write {}: {fault}", self.path.display()))?;
        if read(&self.path)? != self.text {
            return Err(format!(
                "{} was changed meanwhile and is left as it is: run the command again",
                self.path.display()
            ));
        }
        fs::rename(&temporary.0, &self.path)
            .map_err(|fault| format!("cannot replace {}: {fault}", self.path.display()))?;
        // Without this a crash could bring the old text back; where it cannot be done, nothing else can be, either.
        let _ = File::open(&self.directory).and_then(|directory| directory.sync_all());
        Ok(())
    }

    fn write(&self, temporary: &Path, text: &str, private: bool) -> Result<(), String> {
        let told = |fault: std::io::Error| fault.to_string();
        let mode = if private { 0o600 } else { 0o640 };
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(temporary)
            .map_err(told)?;
        if !self.is_new() {
            let before = fs::metadata(&self.path).map_err(told)?;
            let now = file.metadata().map_err(told)?;
            if (now.uid(), now.gid()) != (before.uid(), before.gid()) {
                fchown(&file, Some(before.uid()), Some(before.gid())).map_err(|_| {
                    format!(
                        "it belongs to user {} and group {}, and would not any more: run this as its owner",
                        before.uid(),
                        before.gid()
                    )
                })?;
            }
            file.set_permissions(before.permissions()).map_err(told)?;
        }
        file.write_all(text.as_bytes()).map_err(told)?;
        file.sync_all().map_err(told)
    }
}

/// A temporary file, gone at the end unless it was moved.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Where a file is that is still to be made.
fn new_path(named: &Path) -> Result<PathBuf, String> {
    let shown = named.display();
    let name = named
        .file_name()
        .ok_or_else(|| format!("{shown} names no file"))?;
    let directory = match named.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let directory = fs::canonicalize(directory)
        .map_err(|fault| format!("cannot open the directory of {shown}: {fault}"))?;
    Ok(directory.join(name))
}

fn read(path: &Path) -> Result<Option<String>, String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(None),
        Err(fault) => return Err(fault.to_string()),
    };
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err("it is no file".to_owned());
    }
    let mut text = String::new();
    let read = file.take(MAX_BYTES + 1).read_to_string(&mut text);
    read.map_err(|fault| fault.kind().to_string())?;
    if text.len() as u64 > MAX_BYTES {
        return Err(format!("it is larger than {MAX_BYTES} bytes"));
    }
    Ok(Some(text))
}

/// A file with a secret, which only its owner can read. It is taken away again unless it is [kept](Self::keep).
#[derive(Debug)]
pub(super) struct SecretFile {
    path: PathBuf,
    kept: bool,
}

impl SecretFile {
    /// Writes one that is not there yet, and its directory if need be.
    ///
    /// # Errors
    ///
    /// There is such a file, or it cannot be written.
    pub(super) fn write(path: &Path, secret: &Secret) -> Result<Self, String> {
        let shown = path.display();
        let directory = path.parent().unwrap_or(Path::new("."));
        let told = |fault: std::io::Error| match fault.kind() {
            ErrorKind::AlreadyExists => {
                format!("{shown} is there already: choose another name, or take the file away")
            }
            _ => format!("cannot write {shown}: {fault}"),
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(told)?;
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(told)?;
        let written = Self {
            path: path.to_owned(),
            kept: false,
        };
        file.write_all(secret.expose().as_bytes()).map_err(told)?;
        file.write_all(b"\n").map_err(told)?;
        file.sync_all().map_err(told)?;
        let _ = File::open(directory).and_then(|directory| directory.sync_all());
        Ok(written)
    }

    /// Leaves it where it is.
    pub(super) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for SecretFile {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_wrote_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("callers.yaml");
        for before in [None, Some("callers: []\n")] {
            if let Some(text) = before {
                fs::write(&path, text).unwrap();
            }
            let storage = Storage::open(&path).unwrap();
            assert_eq!(
                (storage.is_new(), storage.text()),
                (before.is_none(), before.unwrap_or_default())
            );
            fs::write(&path, "# An editor was here.\n").unwrap();
            let fault = storage.replace("callers: []\n", false).unwrap_err();
            assert!(fault.contains("was changed meanwhile"), "{fault}");
            assert_eq!(
                fs::read_to_string(&path).unwrap(),
                "# An editor was here.\n"
            );
            assert_eq!(
                fs::read_dir(folder.path()).unwrap().count(),
                1,
                "nothing is left"
            );
        }
    }

    #[test]
    fn a_file_that_is_too_large_or_no_text_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("callers.yaml");
        fs::write(&path, b"callers: []\xff").unwrap();
        assert!(Storage::open(&path).is_err());
        fs::write(&path, "#".repeat(5 << 20)).unwrap();
        assert!(Storage::open(&path).is_err_and(|fault| fault.contains("larger than")));
    }
}
