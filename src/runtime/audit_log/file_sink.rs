//! Audit lines in a file, and in the next one once that is full, old, or moved away by somebody.
//!
//! The change is between two lines. The next file is made ready while the old one can still take a last line. What fails there loses
//! nothing: lines go on into the file before, and it is tried again.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::counts::Counts;
use super::file::{AuditFile, Standing, keep_directory};
use super::rotation;
use super::sink::Sink;
use super::tail::{self, Tail};
use crate::config::audit::Rotate;
use crate::model::clock::SharedClock;

/// How long no other file is begun after that failed, unless somebody asks for it.
const PAUSE: Duration = Duration::from_secs(10);

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct FileSink {
    path: PathBuf,
    rotate: Rotate,
    clock: SharedClock,
    counts: Arc<Counts>,
    current: AuditFile,
    /// Ready to take the place of the present one.
    next: Option<AuditFile>,
    /// There is no line of a request in the present one yet, so it is not left for its size.
    fresh: bool,
    /// The same of the next one.
    next_fresh: bool,
    /// Monotonic time before which no other file is begun.
    not_before: Duration,
    /// Somebody cut the file; told of once.
    cut: bool,
}

impl FileSink {
    /// Continues the file at `path`, or begins it; gives the end of the log that is there already, with what is torn of it cut off.
    pub(super) fn open(
        path: &Path,
        rotate: Rotate,
        clock: SharedClock,
        counts: Arc<Counts>,
    ) -> io::Result<(Self, Option<Tail>)> {
        let mut current = AuditFile::open(path, clock.unix())?;
        if !current.is_regular() && rotate != Rotate::default() {
            return Err(io::Error::new(
                ErrorKind::InvalidInput,
                "it is no regular file, so it cannot be rotated; leave out `rotate`",
            ));
        }
        let found = end(path, &mut current)?;
        let sink = Self {
            path: path.to_owned(),
            rotate,
            clock,
            counts,
            fresh: current.size() == 0,
            current,
            next: None,
            next_fresh: false,
            not_before: Duration::ZERO,
            cut: false,
        };
        Ok((sink, found))
    }

    /// Makes the next file ready.
    fn prepare(&mut self, standing: Standing) {
        if self.clock.monotonic() < self.not_before {
            return;
        }
        let next = match standing {
            Standing::Moved => self.moved(),
            Standing::InPlace | Standing::Cut => self.rotated(),
        };
        match next {
            Ok(next) => self.next = Some(next),
            Err(error) => {
                self.not_before = self.clock.monotonic().saturating_add(PAUSE);
                self.counts.fail_to_rotate();
                tracing::error!(
                    %error,
                    file = %self.path.display(),
                    "cannot begin another audit log; lines go on into the one before, and it is tried again",
                );
            }
        }
    }

    /// What is at the path now, or a new file.
    fn moved(&self) -> io::Result<AuditFile> {
        // Lines would vanish in a device, and a pipe may never open. Who wants one starts the gateway with it.
        let no_file =
            || io::Error::new(ErrorKind::InvalidInput, "there is no regular file any more");
        if fs::symlink_metadata(&self.path).is_ok_and(|there| !there.is_file()) {
            return Err(no_file());
        }
        let mut next = AuditFile::open(&self.path, self.clock.unix())?;
        if !next.is_regular() {
            return Err(no_file());
        }
        if next.size() > 0 && tail::read(&mut File::open(&self.path)?)?.is_some_and(is_unfinished) {
            // Somebody else's last line; ours begin with one of their own.
            next.write_all(b"\n")?;
        }
        Ok(next)
    }

    fn rotated(&self) -> io::Result<AuditFile> {
        let target = rotation::move_away(&self.path, self.clock.unix())?;
        AuditFile::create(&self.path, self.clock.unix()).inspect_err(|_| {
            // There was room for a name, and none for a file. Back, unless somebody else put one there meanwhile.
            let free = fs::symlink_metadata(&self.path)
                .is_err_and(|error| error.kind() == ErrorKind::NotFound);
            if free && fs::rename(&target, &self.path).is_ok() {
                keep_directory(&self.path);
            }
        })
    }

    fn delete_old_ones(&self) {
        let Some(keep) = self.rotate.keep else {
            return;
        };
        match rotation::prune(&self.path, keep) {
            Ok(gone) => {
                for file in gone {
                    let file = file.display();
                    tracing::info!(%file, keep, "deleted an old audit log");
                }
            }
            Err(error) => tracing::error!(%error, "cannot delete old audit logs"),
        }
    }
}

/// Whether what is there does not end with a line break.
fn is_unfinished(tail: Tail) -> bool {
    tail.unbroken || tail.torn_bytes > 0
}

/// The end of the log that is at `path` already, or, where a rotation was interrupted, of the rotated file before.
fn end(path: &Path, current: &mut AuditFile) -> io::Result<Option<Tail>> {
    if !current.is_regular() {
        return Ok(None);
    }
    if current.size() == 0 {
        // A directory that cannot be listed is none in which files can be rotated.
        return match rotation::newest(path) {
            Ok(Some(before)) => {
                let found = tail::read(&mut File::open(before)?)?;
                // Whatever that one ends with, this one begins with a line.
                Ok(found.map(|tail| Tail {
                    unbroken: false,
                    ..tail
                }))
            }
            Ok(None) | Err(_) => Ok(None),
        };
    }
    let found = tail::read(&mut File::open(path)?)?;
    if let Some(tail) = found.filter(|tail| tail.torn_bytes > 0) {
        current.cut_to(tail.whole_bytes)?;
    }
    Ok(found)
}

impl Sink for FileSink {
    fn look(&mut self, asked: bool) {
        if asked {
            self.not_before = Duration::ZERO;
        }
        if self.next.is_some() {
            return;
        }
        let standing = self.current.standing();
        if standing == Standing::Cut && !std::mem::replace(&mut self.cut, true) {
            tracing::error!(
                file = %self.path.display(),
                "somebody cut the audit log, so lines are missing; have it moved and send SIGHUP instead (not `copytruncate`)",
            );
        }
        if standing == Standing::Moved {
            self.prepare(standing);
        }
    }

    fn is_due(&mut self, pending: usize) -> bool {
        if self.next.is_none() {
            let (size, begun) = (self.current.size(), self.current.begun());
            // Most logs are left to others, or to their size: then nobody asks for the time at every line.
            let now = match self.rotate.age {
                Some(_) => self.clock.unix(),
                None => Duration::ZERO,
            };
            let due = rotation::is_due(self.rotate, size, begun, pending as u64, now);
            if due && !self.fresh {
                self.prepare(Standing::InPlace);
            }
        }
        if self.next.is_none() {
            // What is pending goes into the present one.
            self.fresh &= pending == 0;
            return false;
        }
        // And here into the next one.
        self.next_fresh = pending == 0;
        true
    }

    fn turn(&mut self) -> io::Result<bool> {
        let Some(next) = self.next.take() else {
            return Ok(false);
        };
        let before = std::mem::replace(&mut self.current, next);
        if let Err(error) = before.sync() {
            tracing::error!(%error, "the end of the audit log before may not be on the disk");
        }
        drop(before);
        self.fresh = self.next_fresh && self.current.size() == 0;
        self.cut = false;
        self.counts.rotate();
        tracing::info!(file = %self.path.display(), "the audit log goes on in a new file");
        self.delete_old_ones();
        Ok(true)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.current.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.current.flush()
    }
}

impl Drop for FileSink {
    /// What is in the file is on the disk once the log is closed.
    fn drop(&mut self) {
        if let Err(error) = self.current.sync() {
            tracing::error!(%error, "the end of the audit log may not be on the disk");
        }
    }
}

#[cfg(test)]
mod tests;
