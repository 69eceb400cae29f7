//! The layers above the file: command line over environment over file. What counts below it is in `opentelemetry_variables`.
//!
//! An override names one scalar: `MEETING_GATEWAY__UPSTREAM__URL` is `upstream.url`, and entries of a
//! list go by their index, `server.listeners.0.address`. Its text is taken as it is, without references.

use std::collections::BTreeMap;

use crate::config::reader::Reader;
use crate::config::tree::{Entry, Node, Origin, Value};

/// What the names of overriding environment variables begin with.
pub(super) const PREFIX: &str = "MEETING_GATEWAY__";

/// Puts the environment and then the command line on top of the tree.
pub(super) fn apply(
    root: &mut Node,
    environment: &BTreeMap<String, String>,
    overrides: &[(String, String)],
    reader: &mut Reader<'_>,
) {
    for (variable, text) in environment {
        if let Some(name) = variable.strip_prefix(PREFIX) {
            let key = name.to_ascii_lowercase().replace("__", ".");
            set(
                root,
                &key,
                text,
                &Origin::Variable(variable.clone()),
                reader,
            );
        }
    }
    for (key, text) in overrides {
        set(root, key, text, &Origin::CommandLine, reader);
    }
}

/// The node at a dotted key, or else the deepest one on the way to it.
pub(super) fn nearest_node<'n>(root: &'n Node, key: &str) -> &'n Node {
    find(root, key).unwrap_or_else(|deepest| deepest)
}

/// Whether there is anything at a dotted key.
pub(super) fn is_written(root: &Node, key: &str) -> bool {
    find(root, key).is_ok_and(|node| !matches!(node.value, Value::Nothing))
}

fn find<'n>(root: &'n Node, key: &str) -> Result<&'n Node, &'n Node> {
    let mut node = root;
    for part in key.split('.') {
        let next = match &node.value {
            Value::Map(entries) => entries
                .iter()
                .find(|entry| entry.key == part)
                .map(|entry| &entry.node),
            Value::List(items) => part.parse().ok().and_then(|index: usize| items.get(index)),
            _ => None,
        };
        node = next.ok_or(node)?;
    }
    Ok(node)
}

/// Puts a text at a dotted key.
pub(super) fn set(
    root: &mut Node,
    key: &str,
    text: &str,
    origin: &Origin,
    reader: &mut Reader<'_>,
) {
    let mut node = root;
    for part in key.split('.') {
        if part.is_empty() {
            let hint = "write it as `section.key`, in the environment `SECTION__KEY`";
            reader.problem(origin, key, "is no key", hint);
            return;
        }
        let index = part.parse::<usize>().ok();
        if index.is_some_and(|index| index > 0)
            && !matches!(node.value, Value::List(_) | Value::Map(_))
        {
            let what = format!("`{part}` is no index of an empty list");
            reader.problem(
                origin,
                key,
                what,
                "begin with 0; what is written replaces the default",
            );
            return;
        }
        // What stands in the way is replaced: a later layer wins over an earlier one.
        if !matches!(node.value, Value::Map(_) | Value::List(_)) {
            node.origin = origin.clone();
            node.value = match index {
                Some(_) => Value::List(Vec::new()),
                None => Value::Map(Vec::new()),
            };
        }
        node = match &mut node.value {
            Value::List(items) => {
                let length = items.len();
                let Some(index) = index.filter(|index| *index <= length) else {
                    let what = format!("`{part}` is no index of a list with {length} entries");
                    reader.problem(origin, key, what, format!("from 0 to {length}"));
                    return;
                };
                if index == length {
                    items.push(nothing(origin));
                }
                &mut items[index]
            }
            Value::Map(entries) => {
                let found = entries.iter().position(|entry| entry.key == part);
                let at = found.unwrap_or_else(|| {
                    entries.push(Entry {
                        key: part.to_owned(),
                        origin: origin.clone(),
                        node: nothing(origin),
                    });
                    entries.len() - 1
                });
                &mut entries[at].node
            }
            _ => return,
        };
    }
    *node = Node {
        value: Value::Text(text.to_owned()),
        origin: origin.clone(),
    };
}

fn nothing(origin: &Origin) -> Node {
    Node {
        value: Value::Nothing,
        origin: origin.clone(),
    }
}
