//! Kinds made of kinds: lists, maps, sections, optional values, and values with a further check.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use super::Kind;
use crate::config::reader::{Place, Reader};
use crate::config::section::{Keys, Section};
use crate::config::tree::{Entry, Node, Origin, Value};

/// The most entries of a list or map, unless it says otherwise.
const MAX_ENTRIES: usize = 10_000;

/// A value that may be left out.
pub(in crate::config) const fn optional<K: Kind>(kind: K) -> Optional<K> {
    Optional { kind }
}

/// A list; left out, it is empty.
pub(in crate::config) const fn list<K: Kind>(kind: K) -> List<K> {
    List {
        kind,
        least: 0,
        most: MAX_ENTRIES,
    }
}

/// A mapping from free names; left out, it is empty.
pub(in crate::config) const fn map<K: Kind>(kind: K) -> Map<K> {
    Map { kind }
}

/// A mapping with known keys; left out, each of its keys is left out.
pub(in crate::config) const fn section<S: Section>() -> Nested<S> {
    Nested(PhantomData)
}

/// Either a word, or a mapping that says more.
pub(in crate::config) const fn word_or_section<W: Kind, S: Kind<Value = W::Value>>(
    word: W,
    section: S,
) -> WordOr<W, S> {
    WordOr { word, section }
}

/// A value with a further check, which notes its own problems, or of another type.
pub(in crate::config) fn checked<K: Kind, T>(
    kind: K,
    check: fn(K::Value, Place<'_>, &mut Reader<'_>) -> T,
) -> impl Kind<Value = T> {
    converted(
        kind,
        move |value, place: Place<'_>, reader: &mut Reader<'_>| Some(check(value, place, reader)),
    )
}

/// A value of another type, if it can be made one. What makes it notes its own problems.
pub(in crate::config) const fn converted<K: Kind, T, F>(kind: K, convert: F) -> Converted<K, F>
where
    F: Fn(K::Value, Place<'_>, &mut Reader<'_>) -> Option<T>,
{
    Converted { kind, convert }
}

pub(in crate::config) struct Optional<K> {
    kind: K,
}

pub(in crate::config) struct List<K> {
    kind: K,
    least: usize,
    most: usize,
}

pub(in crate::config) struct Map<K> {
    kind: K,
}

pub(in crate::config) struct Nested<S>(PhantomData<S>);

pub(in crate::config) struct WordOr<W, S> {
    word: W,
    section: S,
}

pub(in crate::config) struct Converted<K, F> {
    kind: K,
    convert: F,
}

// === impl Optional ===

impl<K: Kind> Kind for Optional<K> {
    type Value = Option<K::Value>;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        Some(self.kind.read(place, reader))
    }

    fn absent(&self, _: &str, _: &Origin, _: &mut Reader<'_>) -> Option<Self::Value> {
        Some(None)
    }

    fn is_required(&self) -> bool {
        false
    }

    fn may_be_nothing(&self) -> bool {
        true
    }

    fn schema(&self) -> Json {
        let mut schema = json!({ "anyOf": [self.kind.schema(), { "type": "null" }] });
        // A reference into `anyOf` of `anyOf` reads badly: lift the inner alternatives.
        if let Json::Object(inner) = self.kind.schema()
            && let Some(Json::Array(mut alternatives)) = inner.get("anyOf").cloned()
        {
            alternatives.push(json!({ "type": "null" }));
            schema = Json::Object(inner);
            schema["anyOf"] = Json::Array(alternatives);
        }
        schema
    }
}

// === impl List ===

impl<K: Kind> List<K> {
    /// The same list with at least one entry.
    pub(in crate::config) fn filled(mut self) -> Self {
        self.least = 1;
        self
    }

    /// The same list with so many entries at most.
    pub(in crate::config) fn up_to(mut self, most: usize) -> Self {
        self.most = most;
        self
    }
}

impl<K: Kind> Kind for List<K> {
    type Value = Vec<K::Value>;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        let Value::List(nodes) = &place.node.value else {
            let hint = match place.node.origin {
                Origin::Variable(_) | Origin::CommandLine => "set its entries one by one: 0, 1, …",
                _ => "write `[a, b]`, or one entry a line after `- `",
            };
            reader.wrong_kind(place, "a list", hint);
            return None;
        };
        if !(self.least..=self.most).contains(&nodes.len()) {
            let what = format!("has {} entries", nodes.len());
            let hint = format!("from {} to {}", self.least, self.most);
            reader.problem(&place.node.origin, place.at, what, hint);
            return None;
        }
        let read = nodes.iter().enumerate().filter_map(|(index, node)| {
            let at = format!("{}.{index}", place.at);
            self.kind.read(Place { node, at: &at }, reader)
        });
        Some(read.collect())
    }

    fn absent(&self, _: &str, _: &Origin, _: &mut Reader<'_>) -> Option<Self::Value> {
        Some(Vec::new())
    }

    fn is_required(&self) -> bool {
        false
    }

    fn may_be_nothing(&self) -> bool {
        true
    }

    fn schema(&self) -> Json {
        let mut schema = json!({ "type": ["array", "null"], "items": self.kind.schema() });
        schema["minItems"] = self.least.into();
        schema["maxItems"] = self.most.into();
        schema
    }
}

// === impl Map ===

impl<K: Kind> Kind for Map<K> {
    type Value = BTreeMap<String, K::Value>;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        let Value::Map(entries) = &place.node.value else {
            reader.wrong_kind(place, "a mapping", "write one `name: value` a line");
            return None;
        };
        if entries.len() > MAX_ENTRIES {
            let what = format!("has {} entries", entries.len());
            let hint = format!("from 0 to {MAX_ENTRIES}");
            reader.problem(&place.node.origin, place.at, what, hint);
            return None;
        }
        let mut values = BTreeMap::new();
        for entry in entries {
            let Entry { key, origin, node } = entry;
            if !entry.key_may_be_shown() {
                let hint = "write one `name: value` a line".to_owned();
                reader.unknown_key(origin, place.at, "", hint);
                continue;
            }
            let at = format!("{}.{key}", place.at);
            if values.contains_key(key) {
                reader.problem(origin, &at, "is here twice", "keep one of them");
            }
            if let Some(value) = self.kind.read(Place { node, at: &at }, reader) {
                values.insert(key.clone(), value);
            }
        }
        Some(values)
    }

    fn absent(&self, _: &str, _: &Origin, _: &mut Reader<'_>) -> Option<Self::Value> {
        Some(BTreeMap::new())
    }

    fn is_required(&self) -> bool {
        false
    }

    fn may_be_nothing(&self) -> bool {
        true
    }

    fn schema(&self) -> Json {
        let values = self.kind.schema();
        json!({ "type": ["object", "null"], "additionalProperties": values })
    }
}

// === impl Nested ===

impl<S: Section> Kind for Nested<S> {
    type Value = S;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<S> {
        let Value::Map(entries) = &place.node.value else {
            reader.wrong_kind(place, "a mapping", "write one `key: value` a line");
            return None;
        };
        let mut keys = Keys::new(entries, place.at, &place.node.origin, reader);
        let value = S::read(&mut keys);
        keys.finish();
        value
    }

    fn absent(&self, at: &str, section: &Origin, reader: &mut Reader<'_>) -> Option<S> {
        let empty = Node {
            value: Value::Map(Vec::new()),
            origin: section.clone(),
        };
        self.read(Place { node: &empty, at }, reader)
    }

    fn is_required(&self) -> bool {
        S::is_required()
    }

    fn may_be_nothing(&self) -> bool {
        true
    }

    fn schema(&self) -> Json {
        S::schema()
    }
}

// === impl WordOr ===

impl<W: Kind, S: Kind<Value = W::Value>> Kind for WordOr<W, S> {
    type Value = W::Value;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<W::Value> {
        match place.node.value {
            Value::Map(_) => self.section.read(place, reader),
            _ => self.word.read(place, reader),
        }
    }

    fn example(&self) -> String {
        self.word.example()
    }

    fn schema(&self) -> Json {
        json!({ "anyOf": [self.word.schema(), self.section.schema()] })
    }
}

// === impl Converted ===

impl<K: Kind, T, F> Kind for Converted<K, F>
where
    F: Fn(K::Value, Place<'_>, &mut Reader<'_>) -> Option<T>,
{
    type Value = T;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<T> {
        let value = self.kind.read(place, reader)?;
        (self.convert)(value, place, reader)
    }

    fn absent(&self, at: &str, section: &Origin, reader: &mut Reader<'_>) -> Option<T> {
        let value = self.kind.absent(at, section, reader)?;
        let node = Node {
            value: Value::Nothing,
            origin: section.clone(),
        };
        (self.convert)(value, Place { node: &node, at }, reader)
    }

    fn is_required(&self) -> bool {
        self.kind.is_required()
    }

    fn may_be_nothing(&self) -> bool {
        self.kind.may_be_nothing()
    }

    fn example(&self) -> String {
        self.kind.example()
    }

    fn schema(&self) -> Json {
        self.kind.schema()
    }
}
