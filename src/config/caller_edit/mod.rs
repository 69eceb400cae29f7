//! Changes a file of callers as its owner would by hand: in one place, with all comments, order and style left as they are.
//!
//! The text is changed, not written anew. What comes out is read again, by the reader that the gateway has, and must hold exactly
//! what was there before and the change. A style of writing that is not understood is refused, never guessed at.
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::path::Path;
//! use meeting_gateway::config::caller_edit::{CallerFile, NewCaller};
//! use meeting_gateway::config::callers::KeyHash;
//!
//! let environment = BTreeMap::new();
//! let read = |text: &str| CallerFile::read("callers.yaml", text, Path::new("."), &environment);
//! let new = NewCaller {
//!     id: "events".to_owned(),
//!     api_keys: vec![KeyHash::of("a-key-of-random-bytes")],
//!     ..NewCaller::default()
//! };
//!
//! let file = read("# Ours.\ncallers:\n").unwrap().add(&new).unwrap();
//! assert!(file.text().starts_with("# Ours.\ncallers:\n  - id: events\n    api_keys:\n      - sha256:"));
//! assert_eq!(file.callers()[0].line, 3);
//! assert!(file.add(&new).is_err(), "no two callers have the same id");
//! ```

mod fault;
mod new_caller;
mod outline;
mod splice;
mod written;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::config::callers::KeyHash;
use crate::config::callers_alone::{ListedCaller, read_file_of_callers};
use crate::config::excerpt::Excerpt;
use crate::config::reader::Reader;
use crate::config::reference::{self, Missing};
use crate::config::tree::{self, Entry, Node, Origin, Value};
use crate::model::problem::{Problem, nearest};
pub use fault::EditFault;
pub use new_caller::NewCaller;
use new_caller::literal;
use outline::{Outline, Part, Shape, outline};
use splice::Splice;

/// A file of callers that has been read and can be changed. `Debug` shows its name only: it may hold secrets.
#[derive(Clone)]
pub struct CallerFile<'e> {
    name: String,
    base_dir: &'e Path,
    environment: &'e BTreeMap<String, String>,
    text: String,
    outline: Outline,
    written: Vec<Node>,
    callers: Vec<ListedCaller>,
}

/// A credential that is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// An API key, by its hash.
    ApiKey(KeyHash),
    /// An App ID.
    AppId(String),
}

impl fmt::Debug for CallerFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallerFile")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl<'e> CallerFile<'e> {
    /// Reads a text. `name` is the file's in messages; relative paths in it start at `base_dir`. References that lead nowhere are
    /// no mistakes: the environment of whoever changes the file is not that of the gateway.
    ///
    /// # Errors
    ///
    /// Every mistake in it.
    pub fn read(
        name: &str,
        text: &str,
        base_dir: &'e Path,
        environment: &'e BTreeMap<String, String>,
    ) -> Result<Self, Vec<Problem>> {
        let callers = read_file_of_callers(text, name, base_dir, environment)?;
        let written = tree::read(text)
            .map(|root| written(&root))
            .unwrap_or_default();
        let outline = outline(text).unwrap_or(Outline {
            root: Some(Part {
                start: 0,
                end: 0,
                shape: Shape::Alias,
            }),
            end: text.len(),
        });
        Ok(Self {
            name: name.to_owned(),
            base_dir,
            environment,
            text: text.to_owned(),
            outline,
            written,
            callers,
        })
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The callers in it.
    pub fn callers(&self) -> &[ListedCaller] {
        &self.callers
    }

    /// The credentials of a caller, as the file lists them: API keys before App IDs, the newest of each last. Those whose reference
    /// leads nowhere here are left out.
    ///
    /// # Errors
    ///
    /// [`EditFault::NoSuchCaller`].
    pub fn credentials(&self, id: &str) -> Result<Vec<Credential>, EditFault> {
        let index = self.index(id)?;
        let keys = self.list(index, API_KEYS).into_iter();
        Ok(keys.chain(self.list(index, APP_IDS)).flatten().collect())
    }

    /// The file with one caller more, behind all others.
    ///
    /// # Errors
    ///
    /// [`EditFault`], where the caller is not well formed, or the file cannot be changed.
    pub fn add(&self, new: &NewCaller) -> Result<Self, EditFault> {
        let item = new.as_json();
        let mut expected = self.written.clone();
        expected.push(Node::unwritten(&item));
        let splice = Splice::of(&self.text);
        let end = self.outline.end;
        let text = match &self.outline.root {
            None => splice.begin(end, &item),
            Some(root) => match root.shape {
                Shape::Scalar(_) if root.start == root.end => splice.begin(end, &item),
                _ => splice.append(root, CALLERS, &item, Some(end)),
            },
        };
        self.changed(text, &expected)
    }

    /// The file with an API key more for a caller, behind those it has.
    ///
    /// # Errors
    ///
    /// [`EditFault`].
    pub fn add_api_key(&self, id: &str, hash: KeyHash) -> Result<Self, EditFault> {
        self.add_credential(id, API_KEYS, &json!(hash.to_string()))
    }

    /// The file with an App ID more for a caller; its key is a reference.
    ///
    /// # Errors
    ///
    /// [`EditFault`].
    pub fn add_app_id(&self, id: &str, app_id: &str, key: &str) -> Result<Self, EditFault> {
        let app_id = literal(app_id);
        self.add_credential(id, APP_IDS, &json!({ "app_id": app_id, "app_key": key }))
    }

    /// The file without a credential of a caller.
    ///
    /// # Errors
    ///
    /// [`EditFault`]: also where it is the caller's only one.
    pub fn remove_credential(&self, id: &str, credential: &Credential) -> Result<Self, EditFault> {
        let index = self.index(id)?;
        let key = match credential {
            Credential::ApiKey(_) => API_KEYS,
            Credential::AppId(_) => APP_IDS,
        };
        let found = self.list(index, key);
        let found = found
            .iter()
            .position(|found| found.as_ref() == Some(credential));
        let position = found.ok_or_else(|| EditFault::NoSuchCredential {
            id: id.to_owned(),
            file: self.name.clone(),
            line: self.line(index),
        })?;
        let mut expected = self.written.clone();
        let items = expected.get_mut(index).and_then(|node| member(node, key));
        if let Some(Value::List(items)) = items
            && position < items.len()
        {
            items.remove(position);
        }
        let list = self.part(index).and_then(|part| part.get(key));
        let text = list.and_then(|list| Splice::of(&self.text).remove(list, position));
        self.changed(text, &expected)
    }

    /// The file without a caller. Comments above it stay.
    ///
    /// # Errors
    ///
    /// [`EditFault`].
    pub fn remove(&self, id: &str) -> Result<Self, EditFault> {
        let index = self.index(id)?;
        let mut expected = self.written.clone();
        expected.remove(index);
        let root = self.outline.root.as_ref();
        let list = root.and_then(|root| root.get(CALLERS));
        let text = list.and_then(|list| Splice::of(&self.text).remove(list, index));
        self.changed(text, &expected)
    }

    fn add_credential(&self, id: &str, key: &str, item: &Json) -> Result<Self, EditFault> {
        let index = self.index(id)?;
        let mut expected = self.written.clone();
        if let Some(Node {
            value: Value::Map(entries),
            ..
        }) = expected.get_mut(index)
            && !entries.iter().any(|entry| entry.key == key)
        {
            entries.push(Entry {
                key: key.to_owned(),
                origin: Origin::Unwritten,
                node: Node::unwritten(&json!([])),
            });
        }
        if let Some(value) = expected.get_mut(index).and_then(|node| member(node, key)) {
            if matches!(value, Value::Nothing) {
                *value = Value::List(Vec::new());
            }
            if let Value::List(items) = value {
                items.push(Node::unwritten(item));
            }
        }
        let part = self.part(index);
        let text = part.and_then(|part| Splice::of(&self.text).append(part, key, item, None));
        self.changed(text, &expected)
    }

    /// Takes a changed text only if it holds what is expected, and nothing else.
    fn changed(&self, text: Option<String>, expected: &[Node]) -> Result<Self, EditFault> {
        let by_hand = || EditFault::ByHand(self.name.clone());
        let text = text.ok_or_else(by_hand)?;
        let root = tree::read(&text).map_err(|_| by_hand())?;
        let now = written(&root);
        let alike = now.len() == expected.len();
        if !alike || !now.iter().zip(expected).all(|(now, then)| same(now, then)) {
            return Err(by_hand());
        }
        Self::read(&self.name, &text, self.base_dir, self.environment).map_err(EditFault::Mistakes)
    }

    /// Which caller of the file has this id.
    fn index(&self, id: &str) -> Result<usize, EditFault> {
        let ids = || self.callers.iter().map(|listed| &*listed.caller.caller.id);
        let found = self
            .callers
            .iter()
            .find(|listed| &*listed.caller.caller.id == id);
        let found = found.map(|listed| listed.caller.caller.index);
        found.ok_or_else(|| EditFault::NoSuchCaller {
            id: id.to_owned(),
            file: self.name.clone(),
            meant: nearest(id, ids()).map(str::to_owned),
        })
    }

    fn line(&self, index: usize) -> usize {
        let mut callers = self.callers.iter();
        let found = callers.find(|listed| listed.caller.caller.index == index);
        found.map_or(0, |listed| listed.line)
    }

    fn part(&self, index: usize) -> Option<&Part> {
        let root = self.outline.root.as_ref()?;
        root.get(CALLERS)?.items().get(index)
    }

    /// What a list of credentials holds, in its order; nothing for one that is not known here.
    fn list(&self, index: usize, key: &str) -> Vec<Option<Credential>> {
        let Some(mut caller) = self.written.get(index).cloned() else {
            return Vec::new();
        };
        let mut reader = Reader::new("", &self.name, self.base_dir, Excerpt::default());
        reference::resolve_at(
            &mut caller,
            "",
            self.environment,
            Missing::Unknown,
            &mut reader,
        );
        let Some(Value::List(items)) = member(&mut caller, key) else {
            return Vec::new();
        };
        let credentials = items.iter_mut().map(|item| match &item.value {
            Value::Text(hash) => KeyHash::parse(hash).map(Credential::ApiKey),
            _ => match member(item, "app_id") {
                Some(Value::Text(app_id)) => Some(Credential::AppId(app_id.clone())),
                _ => None,
            },
        });
        credentials.collect()
    }
}

const CALLERS: &str = "callers";
const API_KEYS: &str = "api_keys";
const APP_IDS: &str = "app_ids";

/// The entries of `callers` as they are written.
fn written(root: &Node) -> Vec<Node> {
    let Value::Map(entries) = &root.value else {
        return Vec::new();
    };
    let entry = entries.iter().find(|entry| entry.key == CALLERS);
    match entry.map(|entry| &entry.node.value) {
        Some(Value::List(nodes)) => nodes.clone(),
        _ => Vec::new(),
    }
}

fn member<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Value> {
    let Value::Map(entries) = &mut node.value else {
        return None;
    };
    let entry = entries.iter_mut().find(|entry| entry.key == key);
    entry.map(|entry| &mut entry.node.value)
}

/// Whether two values say the same. An empty list is as good as nothing.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Flag(one), Value::Flag(other)) => one == other,
        (Value::Whole(one), Value::Whole(other)) => one == other,
        (Value::Fraction(one), Value::Fraction(other)) => one.to_bits() == other.to_bits(),
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Map(one), Value::Map(other)) => {
            let alike = |(one, other): (&Entry, &Entry)| {
                one.key == other.key && same(&one.node, &other.node)
            };
            one.len() == other.len() && one.iter().zip(other).all(alike)
        }
        (Value::Nothing, Value::Nothing) => true,
        (Value::Nothing, Value::List(items)) | (Value::List(items), Value::Nothing) => {
            items.is_empty()
        }
        _ => false,
    }
}
