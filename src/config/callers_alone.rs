//! The callers of a configuration by themselves, for commands that list or change them: where they run, the gateway's secrets are
//! not, and nothing else in the file matters.
//!
//! A reference that leads nowhere there is no mistake: what it stands for is not known, and not judged.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::config::callers::{self, Caller};
use crate::config::excerpt::Excerpt;
use crate::config::kind::{Kind, checked, list, path, section as nested};
use crate::config::reader::{PathKind, Place, Reader};
use crate::config::reference::{self, Missing};
use crate::config::section::section;
use crate::config::tree::{self, Value};
use crate::config::{Source, caller_files, read_file, schema, sections_alone, unreadable};
use crate::model::problem::Problem;

section! {
    /// The only sections that are looked at.
    pub(in crate::config) struct Alone {
        /// The internal applications that may send requests.
        callers: Vec<Caller> =
            checked(list(checked(nested(), callers::with_place)).up_to(callers::MOST), callers::check),
        /// Files with further callers.
        caller_files: Vec<PathBuf> =
            checked(list(path(PathKind::File)), caller_files::few),
    }
}

/// A caller and where it is written.
#[derive(Clone)]
pub struct ListedCaller {
    /// The caller, without credentials whose reference leads nowhere here.
    pub caller: Caller,
    /// The file.
    pub file: String,
    /// The line of its id there, from 1; 0 if it is in no file.
    pub line: usize,
    /// How many of its values have a reference that leads nowhere here.
    pub unknown: usize,
}

impl fmt::Debug for ListedCaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = format!("{}:{}", self.file, self.line);
        f.debug_tuple("ListedCaller")
            .field(&at)
            .field(&self.caller)
            .finish()
    }
}

/// Reads the callers of a configuration file and of those it names under `caller_files`, or says everything that is wrong with
/// them; the second list is those files. Overrides count; references that lead nowhere are left out.
///
/// # Errors
///
/// A file that cannot be read or is no YAML, and every mistake in a caller.
pub fn load_callers(source: Source<'_>) -> Result<(Vec<ListedCaller>, Vec<PathBuf>), Vec<Problem>> {
    let name = source.path.display().to_string();
    let text = read_file(source.path).map_err(|why| vec![unreadable(&name, &why)])?;
    let sections = ["callers", "caller_files"];
    let (mut root, mut reader) =
        sections_alone::read((&text, &name), source, &sections, Missing::Unknown)?;
    caller_files::gather(&mut root, source.environment, Missing::Unknown, &mut reader);
    let place = Place {
        node: &root,
        at: "",
    };
    let alone = nested::<Alone>().read(place, &mut reader);
    let (callers, files) = alone
        .map(|alone| (alone.callers, alone.caller_files))
        .unzip();
    Ok((listed(callers, place, reader)?, files.unwrap_or_default()))
}

/// Reads a file of callers by itself, in the same way.
///
/// # Errors
///
/// A file that cannot be read or is no YAML, and every mistake in it.
pub fn load_caller_file(
    file: &Path,
    environment: &BTreeMap<String, String>,
) -> Result<Vec<ListedCaller>, Vec<Problem>> {
    let name = file.display().to_string();
    let text = read_file(file).map_err(|why| {
        let what = format!("cannot read the callers: {why}");
        vec![Problem {
            what,
            ..unreadable(&name, &why)
        }]
    })?;
    let base_dir = file.parent().unwrap_or(Path::new(""));
    read_file_of_callers(&text, &name, base_dir, environment)
}

/// Reads the text of one.
pub(super) fn read_file_of_callers(
    text: &str,
    name: &str,
    base_dir: &Path,
    environment: &BTreeMap<String, String>,
) -> Result<Vec<ListedCaller>, Vec<Problem>> {
    let mut reader = Reader::new(text, name, base_dir, Excerpt::of(&schema()));
    let Some(mut nodes) = caller_files::entries(text, 0, &mut reader) else {
        return Err(reader.finish().err().unwrap_or_default());
    };
    for (index, node) in nodes.iter_mut().enumerate() {
        let at = format!("callers.{index}");
        reference::resolve_at(node, &at, environment, Missing::Unknown, &mut reader);
    }
    let mut root = tree::Node::unwritten(&serde_json::json!({ "callers": [] }));
    if let Value::Map(entries) = &mut root.value
        && let Some(entry) = entries.first_mut()
    {
        entry.node.value = Value::List(nodes);
    }
    let place = Place {
        node: &root,
        at: "",
    };
    let alone = nested::<Alone>().read(place, &mut reader);
    listed(alone.map(|alone| alone.callers), place, reader)
}

fn listed(
    callers: Option<Vec<Caller>>,
    place: Place<'_>,
    reader: Reader<'_>,
) -> Result<Vec<ListedCaller>, Vec<Problem>> {
    let listed = callers.into_iter().flatten().map(|caller| {
        let at = format!("callers.{}", caller.caller.index);
        let origin = &place.find(&format!("{at}.id")).origin;
        ListedCaller {
            file: reader.file_of(origin).to_owned(),
            line: origin.position().map_or(0, |place| place.line),
            unknown: reader.unknown_at(&at),
            caller,
        }
    });
    let listed = listed.collect();
    // A reader that gives up has noted why, so there is a list where there are no problems.
    reader.finish().map(|_| listed)
}
