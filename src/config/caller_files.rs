//! `caller_files`: files with callers of their own, each with a `callers` list as in the configuration, and nothing else.
//!
//! Their entries go behind those of the configuration, in the order of the files, before anything is read: kinds, bounds and checks
//! are the same, and so is what is said of a mistake, which names the file it is in. Paths in such a file, those of its references
//! among them, start at its own directory.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::config::callers::WrittenCaller;
use crate::config::kind::{Kind, list, section as nested};
use crate::config::reader::{Place, Reader};
use crate::config::reference::{self, Missing};
use crate::config::section::{Section, section};
use crate::config::tree::{self, Entry, Node, Origin, Value};
use crate::config::{read_file, schema};

/// The most files: each may hold as much as a configuration.
const MOST: usize = 64;

const RELATIVE: &str = "paths are relative to the directory of this file; `meeting-gateway caller add --file` makes one";

section! {
    /// A file of callers, which a configuration names under `caller_files`.
    pub(in crate::config) struct CallerFile {
        /// The internal applications that may send requests.
        callers: Nodes = AsWritten,
    }
}

/// The JSON Schema (2020-12) of a file of callers, for editors and for `config schema --callers`.
///
/// ```
/// let schema = meeting_gateway::config::caller_file_schema();
/// let caller = &schema["properties"]["callers"]["items"]["properties"];
/// assert!(caller["api_keys"].is_object() && caller["url"].is_null());
/// ```
pub fn caller_file_schema() -> Json {
    schema::document("meeting-gateway callers", CallerFile::schema())
}

/// Entries that are read later, with those of the configuration. Without their values in `Debug`: they may be secret.
pub(in crate::config) struct Nodes(pub(in crate::config) Vec<Node>);

struct AsWritten;

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Nodes").field(&self.0.len()).finish()
    }
}

impl Clone for Nodes {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Kind for AsWritten {
    type Value = Nodes;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<Nodes> {
        let Value::List(nodes) = &place.node.value else {
            reader.wrong_kind(place, "a list", "write one caller after each `- `");
            return None;
        };
        Some(Nodes(nodes.clone()))
    }

    fn absent(&self, _: &str, _: &Origin, _: &mut Reader<'_>) -> Option<Nodes> {
        Some(Nodes(Vec::new()))
    }

    fn is_required(&self) -> bool {
        false
    }

    fn may_be_nothing(&self) -> bool {
        true
    }

    fn schema(&self) -> Json {
        list(nested::<WrittenCaller>()).schema()
    }
}

/// The kind of `caller_files`.
pub(in crate::config) fn few(
    files: Vec<PathBuf>,
    place: Place<'_>,
    reader: &mut Reader<'_>,
) -> Vec<PathBuf> {
    if files.len() > MOST {
        let what = format!("has {} entries", files.len());
        reader.problem(
            &place.node.origin,
            place.at,
            what,
            format!("at most {MOST}"),
        );
    }
    let mut seen = BTreeSet::new();
    for (index, file) in files.iter().enumerate() {
        if !seen.insert(file) {
            let at = format!("{}.{index}", place.at);
            let origin = &place.find(&at).origin;
            reader.problem(origin, &at, "is here twice", "keep one of them");
        }
    }
    files
}

/// Puts the callers of the files that the configuration names behind its own. Returns what came in, for the digest.
pub(in crate::config) fn gather(
    root: &mut Node,
    environment: &BTreeMap<String, String>,
    missing: Missing,
    reader: &mut Reader<'_>,
) -> Vec<String> {
    let mut came_in = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, origin, path) in named(root, reader) {
        // What is one too many, or here twice, is a mistake that the reading of the key itself finds.
        if seen.len() >= MOST || !seen.insert(path.clone()) {
            continue;
        }
        reader.depends_on(&path);
        let text = match read_file(&path) {
            Ok(text) => text,
            Err(why) => {
                let what = format!("cannot read the callers in `{}`: {why}", path.display());
                reader.problem(&origin, &at, what, RELATIVE);
                continue;
            }
        };
        let before = count(root);
        let file = reader.add_file(&path, &text, before);
        let Some(mut nodes) = entries(&text, file, reader) else {
            continue;
        };
        came_in.push(text);
        for (index, node) in nodes.iter_mut().enumerate() {
            let at = format!("callers.{}", before + index);
            came_in.extend(reference::resolve_at(
                node,
                &at,
                environment,
                missing,
                reader,
            ));
        }
        append(root, nodes);
    }
    came_in
}

/// The entries of one file.
pub(in crate::config) fn entries(
    text: &str,
    file: usize,
    reader: &mut Reader<'_>,
) -> Option<Vec<Node>> {
    let mut root = match tree::read_as(text, file) {
        Ok(root) => root,
        Err(error) => {
            reader.not_yaml(file, error.position, error.what);
            return None;
        }
    };
    if matches!(root.value, Value::Nothing) {
        root.value = Value::Map(Vec::new());
    }
    let place = Place {
        node: &root,
        at: "",
    };
    let read = nested::<CallerFile>().read(place, reader)?;
    Some(read.callers.0)
}

/// The paths under `caller_files`; whatever is no text there is found when the key is read.
fn named(root: &Node, reader: &Reader<'_>) -> Vec<(String, Origin, PathBuf)> {
    let place = Place { node: root, at: "" };
    let Value::List(nodes) = &place.find("caller_files").value else {
        return Vec::new();
    };
    let texts = nodes.iter().enumerate().filter_map(|(index, node)| {
        let Value::Text(text) = &node.value else {
            return None;
        };
        let path = reader.resolve(&node.origin, Path::new(text));
        Some((format!("caller_files.{index}"), node.origin.clone(), path))
    });
    texts.collect()
}

fn callers(root: &Node) -> Option<&Node> {
    let Value::Map(entries) = &root.value else {
        return None;
    };
    let entry = entries.iter().find(|entry| entry.key == "callers");
    entry.map(|entry| &entry.node)
}

fn count(root: &Node) -> usize {
    match callers(root).map(|node| &node.value) {
        Some(Value::List(nodes)) => nodes.len(),
        _ => 0,
    }
}

fn append(root: &mut Node, nodes: Vec<Node>) {
    let Value::Map(entries) = &mut root.value else {
        return;
    };
    let found = entries.iter().position(|entry| entry.key == "callers");
    let at = found.unwrap_or_else(|| {
        entries.push(Entry {
            key: "callers".to_owned(),
            origin: Origin::Unwritten,
            node: Node::unwritten(&json!([])),
        });
        entries.len() - 1
    });
    if let Some(Entry { node, .. }) = entries.get_mut(at) {
        if matches!(node.value, Value::Nothing) {
            node.value = Value::List(Vec::new());
        }
        if let Value::List(all) = &mut node.value {
            all.extend(nodes);
        }
    }
}
