//! Follows the files that a configuration is made of, and reloads when they change or when it is asked to.
//!
//! It looks at them from time to time (`reload.interval`) instead of having the system tell of changes: that is right for links
//! that are swapped (a `ConfigMap`), files that are replaced, deleted and put back, and file systems of other machines, which tell
//! of nothing. A look at some dozen files takes less than a millisecond.
//!
//! - A change counts once two looks in a row saw the same, so that files which are just being written are left alone.
//! - What is loaded is what was looked at: where files change meanwhile, it is loaded again, so nothing is mixed.
//! - A pipe or a device in the place of a file is refused unread: it might never end.
//! - While files cannot be used they are tried again at each look, since one that is missing may not be known by name; problems
//!   are told once, until there are others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::Reloader;
use super::fingerprint::Fingerprint;
use crate::config::Config;
use crate::model::problem::Problem;

/// The second look at a change.
const SETTLING: Duration = Duration::from_millis(500);
/// How often files may change while they are loaded before that is a problem of its own.
const TRIES: usize = 5;

type Load = Box<dyn Fn() -> Result<Config, Vec<Problem>> + Send + Sync>;

/// A configuration that can be loaded again.
///
/// ```
/// use std::path::Path;
/// use meeting_gateway::config;
/// use meeting_gateway::gateway::Origin;
///
/// let load = |path: &'static str| move || {
///     config::load(config::Source { path: Path::new(path), environment: &Default::default(), overrides: &[] })
/// };
/// let (origin, config) = Origin::load(load("config/gateway.yaml")).unwrap();
/// assert_eq!(config.reload.interval.as_secs(), 5);
/// assert!(Origin::load(load("config/missing.yaml")).is_err());
/// # drop(origin);
/// ```
pub struct Origin {
    load: Load,
    /// The files of the configuration that was loaded last, and what they held.
    files: BTreeSet<PathBuf>,
    in_force: Fingerprint,
    /// Of a change that nobody looked at a second time yet.
    settling: Option<Fingerprint>,
    /// What was wrong the last time; nothing if nothing was.
    told: Vec<Problem>,
    /// A source that can be read only once, such as a pipe.
    once: Option<PathBuf>,
}

/// Asks whoever follows a configuration to load it now. Clones ask the same.
#[derive(Debug, Clone, Default)]
pub struct Trigger(Arc<Notify>);

impl Trigger {
    /// Asks.
    pub fn pull(&self) {
        self.0.notify_one();
    }
}

/// One load that nothing changed under.
struct Loaded {
    config: Config,
    files: BTreeSet<PathBuf>,
    held: Fingerprint,
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Origin")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl Origin {
    /// Loads a configuration for the first time; `load` does it each time.
    ///
    /// # Errors
    ///
    /// What `load` says is wrong.
    pub fn load(
        load: impl Fn() -> Result<Config, Vec<Problem>> + Send + Sync + 'static,
    ) -> Result<(Self, Config), Vec<Problem>> {
        let load: Load = Box::new(load);
        let config = load()?;
        let once = config
            .files
            .iter()
            .find(|path| path.metadata().is_ok_and(|found| !found.is_file()))
            .cloned();
        let first = match &once {
            Some(_) => Loaded::of(config),
            None => quiet(&load, config)?,
        };
        let this = Self {
            load,
            files: first.files,
            in_force: first.held,
            settling: None,
            told: Vec::new(),
            once,
        };
        Ok((this, first.config))
    }

    /// Loads it again and puts it into force, or tells why not. To be asked for by a person, so it tells in any case.
    fn reload(&mut self, reloader: &Reloader) {
        self.told.clear();
        match &self.once {
            Some(path) => self.refuse(reloader, vec![used_up(path)]),
            None => self.try_now(reloader, true),
        }
    }

    /// Looks at the files, and reloads if that is due.
    fn look(&mut self, reloader: &Reloader) {
        if self.once.is_some() {
            return;
        }
        let held = Fingerprint::of(&self.files);
        let changed = held != self.in_force;
        if changed && self.settling != Some(held) {
            self.settling = Some(held);
            return;
        }
        self.settling = None;
        if changed || !self.told.is_empty() {
            self.try_now(reloader, false);
        }
    }

    fn try_now(&mut self, reloader: &Reloader, asked: bool) {
        if let Some(path) = self.files.iter().find(|path| is_endless(path)) {
            let problem = endless(path);
            return self.refuse(reloader, vec![problem]);
        }
        let mut problems = Vec::new();
        for _ in 0..TRIES {
            let loaded = match (self.load)().and_then(|config| quiet(&self.load, config)) {
                Ok(loaded) => loaded,
                Err(wrong) => return self.refuse(reloader, wrong),
            };
            if loaded.held == self.in_force {
                if asked || !self.told.is_empty() {
                    reloader.unchanged();
                }
                self.told.clear();
                self.files = loaded.files;
                return;
            }
            let still = || Fingerprint::of(&loaded.files) == loaded.held;
            match reloader.reload_unless_told(&loaded.config, still, &self.told) {
                None => problems = vec![restless(&loaded.files)],
                Some(Ok(_)) => {
                    self.files = loaded.files;
                    self.in_force = loaded.held;
                    self.told.clear();
                    return;
                }
                Some(Err(wrong)) => {
                    // Files of both, so that a return to what is in force is seen, too.
                    self.files.extend(loaded.files);
                    self.told = wrong;
                    return;
                }
            }
        }
        self.refuse(reloader, problems);
    }

    fn refuse(&mut self, reloader: &Reloader, problems: Vec<Problem>) {
        if problems != self.told {
            reloader.refuse(&problems);
            self.told = problems;
        }
    }
}

impl Loaded {
    fn of(config: Config) -> Self {
        let files: BTreeSet<_> = config.files.iter().cloned().collect();
        Self {
            held: Fingerprint::of(&files),
            config,
            files,
        }
    }
}

/// Loads until nothing changed meanwhile.
fn quiet(load: &Load, first: Config) -> Result<Loaded, Vec<Problem>> {
    let mut loaded = Loaded::of(first);
    for _ in 0..TRIES {
        let again = load()?;
        if again.digest == loaded.config.digest {
            return Ok(loaded);
        }
        loaded = Loaded::of(again);
    }
    Err(vec![restless(&loaded.files)])
}

/// A pipe or a device: opening or reading it may never end, and then nothing would be loaded any more.
fn is_endless(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn endless(path: &Path) -> Problem {
    problem(
        path,
        "is no file any more, but a pipe or a device, and might be waited for without an end",
        "put a file in its place",
    )
}

fn used_up(path: &Path) -> Problem {
    problem(
        path,
        "is no file, and cannot be read a second time",
        "to change the configuration without a restart, write it to a file",
    )
}

fn restless(files: &BTreeSet<PathBuf>) -> Problem {
    let path = files.first().map_or(Path::new(""), PathBuf::as_path);
    problem(
        path,
        "the files of the configuration change while they are read",
        "write them elsewhere, and rename them when they are complete",
    )
}

fn problem(path: &Path, what: &str, hint: &str) -> Problem {
    Problem {
        hint: Some(hint.to_owned()),
        ..Problem::of_file(path.display().to_string(), what)
    }
}

/// Follows a configuration for ever: to be spawned, and aborted at the end.
pub(super) async fn follow(mut origin: Origin, reloader: Reloader, trigger: Trigger) {
    loop {
        let config = reloader.in_force();
        let (watch, interval) = (config.reload.watch, config.reload.interval);
        let pause = if origin.settling.is_some() {
            interval.min(SETTLING)
        } else {
            interval
        };
        let asked = tokio::select! {
            () = trigger.0.notified() => true,
            () = tokio::time::sleep(pause), if watch => false,
        };
        let reloader = reloader.clone();
        let work = tokio::task::spawn_blocking(move || {
            if asked {
                origin.reload(&reloader);
            } else {
                origin.look(&reloader);
            }
            origin
        });
        match work.await {
            Ok(back) => origin = back,
            // A defect, told of by the panic itself; nothing of the gateway is changed by it.
            Err(_) => return tracing::error!("the configuration is not followed any more"),
        }
    }
}

#[cfg(test)]
mod tests;
