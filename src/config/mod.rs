//! Floor 1: the configuration file becomes checked values, or a list of every mistake in it.
//!
//! The way of a file: `tree` (YAML with places) → `overlay` (command line over environment over file
//! over `OTEL_*`) → `reference` (`${env.NAME}`, `${file.path}`) → one reader per section, built from
//! `kind` → `check` (what sections mean to one another) → [`Config`]. The readers also describe
//! themselves: that is the [`schema()`].
//!
//! Nothing here reads the process environment, and nothing secret ends up in a [`Problem`].
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::path::Path;
//! use meeting_gateway::config;
//!
//! let environment = BTreeMap::from([("TOKEN".to_owned(), "t0ken".to_owned())]);
//! let parse = |text: &str| config::parse(text, "gateway.yaml", Path::new("."), &environment, &[]);
//!
//! let good = "upstream: {url: 'https://api.example', credentials: {fixed_token: '${env.TOKEN}'}}";
//! assert_eq!(parse(good).unwrap().upstream.connect_timeout.as_secs(), 3);
//!
//! let wrong = "upstream:\n  ulr: https://api.example\n  credentials: {pass_through: true}\n";
//! let problems = parse(wrong).unwrap_err();
//! assert_eq!(
//!     problems[1].to_string(),
//!     "gateway.yaml:2:3: upstream.ulr: is no known key (did you mean `url`?)",
//! );
//! ```

mod tree;
mod quantity;
mod excerpt;
mod reader;
mod kind;
mod section;
mod opentelemetry_variables;
pub mod otlp;
mod overlay;
mod reference;
pub mod server;
pub mod admin;
pub mod upstream;
pub mod callers;
pub mod sign_in;
pub mod jwt;
pub mod contract;
pub mod operations;
pub mod policy;
mod sections_alone;
mod policy_alone;
mod caller_files;
mod callers_alone;
pub mod caller_edit;
pub mod limits;
pub mod store;
pub mod telemetry;
pub mod traces;
pub mod log;
pub mod audit;
pub mod reload;
mod check;
mod schema;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::config::excerpt::Excerpt;
use crate::config::kind::{Kind, checked, list, path, section as nested};
use crate::config::reader::{Place, Reader};
use crate::config::section::section;
use crate::config::tree::Value;
use crate::model::problem::Problem;

pub use caller_files::caller_file_schema;
pub use callers_alone::{ListedCaller, load_caller_file, load_callers};
pub use policy_alone::load_policy;
pub use reader::{NamedPath, PathKind};
pub use schema::schema;

/// The most a configuration file may hold, in bytes: room for some thousand callers.
const MAX_BYTES: u64 = 4 << 20;

section! {
    /// The configuration of meeting-gateway.
    pub(in crate::config) struct Written {
        /// Where callers connect, and how much one of them may ask for.
        server: server::Server = checked(nested(), server::Server::check),
        /// The operator's listener: health, metrics, version, explanations.
        admin: admin::Admin = checked(nested(), admin::Admin::check),
        /// The Huawei Cloud Meeting endpoint that requests go on to.
        upstream: upstream::Upstream = nested(),
        /// The internal applications that may send requests.
        callers: Vec<callers::Caller> =
            checked(list(checked(nested(), callers::with_place)).up_to(callers::MOST), callers::check),
        /// Files with further callers, each with a list `callers` as here and nothing else. Paths.
        caller_files: Vec<PathBuf> =
            checked(list(path(PathKind::File)), caller_files::few),
        /// The gateway's own tokens, which callers get for an App ID and its key.
        sign_in: sign_in::SignIn = nested(),
        /// JSON Web Tokens that callers may show; which caller shows which is in `callers[].jwt`.
        jwt: jwt::Jwt = nested(),
        /// How strictly a request is held to the upstream's documentation.
        contract: contract::Contract = nested(),
        /// What is let through beside the operations that the policy governs.
        operations: operations::Operations = nested(),
        /// Which policy packs apply, in which order, and how sharply.
        policy: policy::Policy = nested(),
        /// How many requests are let through.
        limits: limits::Limits = nested(),
        /// The Redis or Valkey that several gateways share. Without it, each counts for itself.
        store: Option<store::Store> = store::shared(),
        /// Logs, traces and metrics.
        telemetry: telemetry::Telemetry = nested(),
        /// The audit log.
        audit: audit::Audit = nested(),
        /// How a changed configuration gets into force without a restart.
        reload: reload::Reload = nested(),
    }
}

/// A checked configuration. Plain values: whoever holds one need not check again.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where callers connect, and how much one of them may ask for.
    pub server: server::Server,
    /// The operator's listener.
    pub admin: admin::Admin,
    /// The endpoint that requests go on to.
    pub upstream: upstream::Upstream,
    /// The internal applications, in the order of the files; `Caller::index` counts them.
    pub callers: Vec<callers::Caller>,
    /// The files that some of them are in.
    pub caller_files: Vec<PathBuf>,
    /// The gateway's own tokens.
    pub sign_in: sign_in::SignIn,
    /// The tokens of others that callers may show.
    pub jwt: jwt::Jwt,
    /// How strictly a request is held to the upstream's documentation.
    pub contract: contract::Contract,
    /// What is let through beside the operations that the policy governs.
    pub operations: operations::Operations,
    /// Which policy packs apply.
    pub policy: policy::Policy,
    /// How many requests are let through.
    pub limits: limits::Limits,
    /// What several gateways share, where they do.
    pub store: Option<store::Store>,
    /// Logs, traces and metrics.
    pub telemetry: telemetry::Telemetry,
    /// The audit log.
    pub audit: audit::Audit,
    /// How a changed configuration gets into force without a restart.
    pub reload: reload::Reload,
    /// Files and directories that it names, for [`check_files`] and for watching.
    pub paths: Vec<NamedPath>,
    /// Every file whose content this configuration depends on, each once: the file itself if it was [loaded](load), files of callers,
    /// those that references name, certificates and keys, and the `pack.yaml` of each policy pack. A file may be a link, and may be
    /// replaced rather than written (editors and mounted `ConfigMap`s do so): to watch one, watch the directory it is in.
    pub files: Vec<PathBuf>,
    /// Names this configuration in traces and logs: 16 hexadecimal digits of a SHA-256 over the file,
    /// those it names under `caller_files`, what references brought in, and the overrides. Changes when any of them does.
    pub digest: String,
}

/// What a configuration is made from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The file.
    pub path: &'a Path,
    /// The process environment, read by the caller.
    pub environment: &'a BTreeMap<String, String>,
    /// Overrides from the command line, such as `("upstream.url", "http://127.0.0.1:9")`.
    pub overrides: &'a [(String, String)],
}

impl fmt::Debug for Source<'_> {
    /// The path only: the rest may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Reads a configuration file, or says everything that is wrong with it.
pub fn load(source: Source<'_>) -> Result<Config, Vec<Problem>> {
    load_with_files(source).0
}

/// Reads a configuration file as [`load`] does. The files that it depends on ([`Config::files`]) come with mistakes, too, as far
/// as they are known then: whoever waits for the mistakes to be put right has to watch them.
pub fn load_with_files(source: Source<'_>) -> (Result<Config, Vec<Problem>>, Vec<PathBuf>) {
    let itself = source.path.to_owned();
    let name = source.path.display().to_string();
    let text = match read_file(source.path) {
        Ok(text) => text,
        Err(why) => return (Err(vec![unreadable(&name, &why)]), vec![itself]),
    };
    let base_dir = source.path.parent().unwrap_or(Path::new(""));
    let mut reader = Reader::new(&text, &name, base_dir, Excerpt::of(&schema()));
    reader.depends_on(&itself);
    read_whole(reader, &text, source.environment, source.overrides)
}

fn unreadable(file: &str, why: &str) -> Problem {
    Problem::of_file(file, format!("cannot read the configuration: {why}"))
}

fn read_file(path: &Path) -> Result<String, String> {
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        kind => kind.to_string(),
    })?;
    let mut text = String::new();
    let read = file.take(MAX_BYTES + 1).read_to_string(&mut text);
    read.map_err(|error| error.kind().to_string())?;
    if text.len() as u64 > MAX_BYTES {
        return Err(format!("it is larger than {MAX_BYTES} bytes"));
    }
    Ok(text)
}

/// Reads a configuration from a text. `file` is its name in messages; relative paths in it start at
/// `base_dir`.
pub fn parse(
    text: &str,
    file: &str,
    base_dir: &Path,
    environment: &BTreeMap<String, String>,
    overrides: &[(String, String)],
) -> Result<Config, Vec<Problem>> {
    let reader = Reader::new(text, file, base_dir, Excerpt::of(&schema()));
    read_whole(reader, text, environment, overrides).0
}

fn read_whole(
    mut reader: Reader<'_>,
    text: &str,
    environment: &BTreeMap<String, String>,
    overrides: &[(String, String)],
) -> (Result<Config, Vec<Problem>>, Vec<PathBuf>) {
    let mut root = match tree::read(text) {
        Ok(root) => root,
        Err(error) => {
            reader.not_yaml(0, error.position, error.what);
            let files = reader.files();
            return (Err(reader.finish().err().unwrap_or_default()), files);
        }
    };
    if matches!(root.value, Value::Nothing) {
        root.value = Value::Map(Vec::new());
    }
    overlay::apply(&mut root, environment, overrides, &mut reader);
    opentelemetry_variables::apply(&mut root, environment, &mut reader);
    let missing = reference::Missing::Problem;
    let mut came_in = reference::resolve(&mut root, environment, missing, &mut reader);
    let further = caller_files::gather(&mut root, environment, missing, &mut reader);
    came_in.extend(further);

    let place = Place {
        node: &root,
        at: "",
    };
    let written = nested::<Written>().read(place, &mut reader);
    if let Some(written) = &written {
        check::sections(written, place, &mut reader);
        for pack in &written.policy.packs {
            reader.depends_on(&written.policy.directory.join(pack).join("pack.yaml"));
        }
    }
    let files = reader.files();
    let paths = match reader.finish() {
        Ok(paths) => paths,
        Err(problems) => return (Err(problems), files),
    };
    let Some(written) = written else {
        // A reader that gives up has noted why, so there are problems and this is not reached.
        return (Err(Vec::new()), files);
    };
    let config = Config {
        server: written.server,
        admin: written.admin,
        upstream: written.upstream,
        callers: written.callers,
        caller_files: written.caller_files,
        sign_in: written.sign_in,
        jwt: written.jwt,
        contract: written.contract,
        operations: written.operations,
        policy: written.policy,
        limits: written.limits,
        store: written.store,
        telemetry: written.telemetry,
        audit: written.audit,
        reload: written.reload,
        paths,
        files: files.clone(),
        digest: digest(text, &came_in, environment, overrides),
    };
    (Ok(config), files)
}

/// Checks that the files and directories that a configuration names are there.
pub fn check_files(config: &Config) -> Vec<Problem> {
    check::files(&config.paths)
}

/// Each part goes in with its length, so that no two sources run together the same way.
fn digest(
    text: &str,
    came_in: &[String],
    environment: &BTreeMap<String, String>,
    overrides: &[(String, String)],
) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    };
    add(text);
    for value in came_in {
        add(value);
    }
    let counting = |name: &str| name.starts_with(overlay::PREFIX) || name.starts_with("OTEL_");
    for (name, value) in environment.iter().filter(|(name, _)| counting(name)) {
        add(name);
        add(value);
    }
    for (key, value) in overrides {
        add(key);
        add(value);
    }
    HEXLOWER.encode(&hash.finalize()[..8])
}
