//! Some sections of a configuration by themselves, for commands that run where its secrets and files are not: nothing else in the
//! file is looked at.

use std::path::Path;

use crate::config::excerpt::Excerpt;
use crate::config::reader::Reader;
use crate::config::reference::{self, Missing};
use crate::config::tree::{self, Node, Value};
use crate::config::{Source, overlay, schema};
use crate::model::problem::Problem;

/// Reads the tree of `text`, which is the file called `name`, with the overrides of these sections and what their references stand
/// for. The reader has what is wrong with them.
///
/// # Errors
///
/// The text is no YAML.
pub(super) fn read<'a>(
    (text, name): (&'a str, &'a str),
    source: Source<'a>,
    sections: &[&str],
    missing: Missing,
) -> Result<(Node, Reader<'a>), Vec<Problem>> {
    let base_dir = source.path.parent().unwrap_or(Path::new(""));
    let mut reader = Reader::new(text, name, base_dir, Excerpt::of(&schema()));
    let mut root = match tree::read(text) {
        Ok(root) => root,
        Err(error) => {
            reader.not_yaml(0, error.position, error.what);
            return Err(reader.finish().err().unwrap_or_default());
        }
    };
    if matches!(root.value, Value::Nothing) {
        root.value = Value::Map(Vec::new());
    }
    overlay::apply(&mut root, source.environment, source.overrides, &mut reader);
    if let Value::Map(entries) = &mut root.value {
        entries.retain(|entry| sections.contains(&entry.key.as_str()));
    }
    reference::resolve(&mut root, source.environment, missing, &mut reader);
    Ok((root, reader))
}
