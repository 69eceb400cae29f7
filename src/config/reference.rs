//! References in values: `${env.NAME}`, `${env.NAME:-default}` and `${file.path}`.
//!
//! They are replaced in texts of the file only, after it has been read as YAML, so nothing that comes
//! in can change the structure. What comes in is not looked at again; if it is empty, the key counts as
//! left out, so `${env.NAME:-}` makes an optional key depend on a variable. `$${` is a plain `${`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::config::reader::Reader;
use crate::config::tree::{Entry, Node, Origin, Value};

/// The most that a referenced file may hold: far more than a key or a certificate needs.
const MAX_BYTES: u64 = 64 * 1024;

const HINT: &str =
    "write `${env.NAME}`, `${env.NAME:-default}` or `${file.path}`; `$${` is a plain `${`";

/// What to make of a reference that leads nowhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// A mistake.
    Problem,
    /// A value that is not known here, and about which nothing is said.
    Unknown,
}

/// Replaces the references below the root. Returns what came in, in order, for the digest.
pub(super) fn resolve(
    root: &mut Node,
    environment: &BTreeMap<String, String>,
    missing: Missing,
    reader: &mut Reader<'_>,
) -> Vec<String> {
    resolve_at(root, "", environment, missing, reader)
}

/// Replaces the references below a node with this name, as [`resolve`] does.
pub(super) fn resolve_at(
    node: &mut Node,
    at: &str,
    environment: &BTreeMap<String, String>,
    missing: Missing,
    reader: &mut Reader<'_>,
) -> Vec<String> {
    let mut resolver = Resolver {
        environment,
        missing,
        reader,
        came_in: Vec::new(),
    };
    resolver.node(node, at);
    resolver.came_in
}

struct Resolver<'r, 'a> {
    environment: &'r BTreeMap<String, String>,
    missing: Missing,
    reader: &'r mut Reader<'a>,
    came_in: Vec<String>,
}

/// Why a reference cannot be replaced: what is wrong, and what to do.
type Unresolved = (String, String);

impl Resolver<'_, '_> {
    fn node(&mut self, node: &mut Node, at: &str) {
        let below = |key: &str| {
            if at.is_empty() {
                key.to_owned()
            } else {
                format!("{at}.{key}")
            }
        };
        match &mut node.value {
            Value::Text(text) if text.contains("${") => {
                let Origin::File(spot) = node.origin else {
                    return;
                };
                match self.text(text, &node.origin) {
                    Ok(replaced) => {
                        node.value = if replaced.is_empty() {
                            Value::Nothing
                        } else {
                            Value::Text(replaced)
                        };
                        node.origin = Origin::Reference(spot);
                    }
                    Err((what, hint)) => {
                        match self.missing {
                            Missing::Problem => {
                                self.reader.problem(&node.origin, at, what, hint);
                            }
                            Missing::Unknown => self.reader.unknown(at),
                        }
                        node.value = Value::Broken;
                    }
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.node(item, &below(&index.to_string()));
                }
            }
            Value::Map(entries) => {
                for Entry { key, node, .. } in entries {
                    self.node(node, &below(key));
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, origin: &Origin) -> Result<String, Unresolved> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            if rest[..start].ends_with('$') {
                out.push_str(&rest[..start]);
                out.push('{');
                rest = &rest[start + 2..];
                continue;
            }
            out.push_str(&rest[..start]);
            let inner = &rest[start + 2..];
            let end = inner
                .find('}')
                .ok_or_else(|| ("`${` is not closed by `}`".to_owned(), HINT.to_owned()))?;
            let value = self.reference(&inner[..end], origin)?;
            out.push_str(&value);
            self.came_in.push(value);
            rest = &inner[end + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }

    fn reference(&mut self, inner: &str, origin: &Origin) -> Result<String, Unresolved> {
        if let Some(variable) = inner.strip_prefix("env.") {
            let (name, default) = match variable.split_once(":-") {
                Some((name, default)) => (name, Some(default)),
                None => (variable, None),
            };
            // As in a shell, `:-` also stands in for an empty variable.
            let value = self.environment.get(name).map(String::as_str);
            return match (value.filter(|value| !value.is_empty()).or(default), value) {
                (Some(value), _) | (None, Some(value)) => Ok(value.to_owned()),
                (None, None) => Err((
                    format!("the environment variable {name} is not set"),
                    format!("set it, or give a default: `${{env.{name}:-default}}`"),
                )),
            };
        }
        if let Some(path) = inner.strip_prefix("file.") {
            let file = self.reader.resolve(origin, Path::new(path));
            self.reader.depends_on(&file);
            return read_file(&file)
                .map_err(|why| (format!("cannot read the file `{path}`: {why}"), file_hint()));
        }
        // What stands between the braces is not shown: it may be a secret with a `${` in it.
        Err(("`${` begins no known reference".to_owned(), HINT.to_owned()))
    }
}

fn file_hint() -> String {
    "paths are relative to the directory of this file".to_owned()
}

/// The text of a small file, without the one line break that editors put at its end.
fn read_file(path: &Path) -> Result<String, String> {
    let file = File::open(path).map_err(|error| error.kind().to_string())?;
    let mut text = String::new();
    let read = file.take(MAX_BYTES + 1).read_to_string(&mut text);
    read.map_err(|error| error.kind().to_string())?;
    if text.len() as u64 > MAX_BYTES {
        return Err(format!("it is larger than {MAX_BYTES} bytes"));
    }
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}
