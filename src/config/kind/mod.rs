//! The kinds of value a key may have. A kind does two things from one definition: it reads a value,
//! and it describes itself in the JSON Schema. So what is checked and what is documented cannot differ.
//!
//! A kind that fails notes its problem and returns `None`; a kind with a default then stands in with
//! it, so that reading goes on and finds the other mistakes.

mod combine;
mod number;
mod text;
mod place;

use serde_json::Value as Json;

pub(super) use combine::{checked, converted, list, map, optional, section, word_or_section};
pub(super) use number::{count, duration, flag, ratio, size};
pub(super) use place::{address, is_loopback, path, url, url_with_path};
pub(super) use text::{Parsed, choice, identifier, parsed, secret, text};

use crate::config::reader::{Place, Reader};
use crate::config::tree::{Node, Origin};

/// One kind of value.
pub(super) trait Kind {
    /// What it becomes.
    type Value;

    /// Reads a value that is there.
    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<Self::Value>;

    /// What a key that is not there stands for. Unless overridden, that is a mistake.
    fn absent(&self, at: &str, section: &Origin, reader: &mut Reader<'_>) -> Option<Self::Value> {
        reader.problem(section, at, "is required, but missing", self.example());
        None
    }

    /// Whether the key must be there.
    fn is_required(&self) -> bool {
        true
    }

    /// Whether `null` is the same as leaving the key out.
    fn may_be_nothing(&self) -> bool {
        false
    }

    /// How to write one, as a hint.
    fn example(&self) -> String {
        String::new()
    }

    /// The JSON Schema of the value.
    fn schema(&self) -> Json;

    /// The same kind, still required, with a value to go on with where the key is missing or broken.
    fn stand_in(self, value: impl Into<Json>) -> StandIn<Self>
    where
        Self: Sized,
    {
        StandIn {
            kind: self,
            value: value.into(),
        }
    }

    /// The same kind with a default, written as in the file.
    fn or(self, default: impl Into<Json>) -> Or<Self>
    where
        Self: Sized,
    {
        Or {
            kind: self,
            default: default.into(),
        }
    }
}

/// A kind with a default. Made by [`Kind::or`].
pub(super) struct Or<K> {
    kind: K,
    default: Json,
}

impl<K: Kind> Or<K> {
    fn default(&self, at: &str, reader: &mut Reader<'_>) -> Option<K::Value> {
        let node = Node::unwritten(&self.default);
        self.kind.read(Place { node: &node, at }, reader)
    }
}

impl<K: Kind> Kind for Or<K> {
    type Value = K::Value;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<K::Value> {
        let value = self.kind.read(place, reader);
        value.or_else(|| self.default(place.at, reader))
    }

    fn absent(&self, at: &str, _: &Origin, reader: &mut Reader<'_>) -> Option<K::Value> {
        self.default(at, reader)
    }

    fn is_required(&self) -> bool {
        false
    }

    fn may_be_nothing(&self) -> bool {
        self.kind.may_be_nothing()
    }

    fn schema(&self) -> Json {
        let mut schema = self.kind.schema();
        schema["default"] = self.default.clone();
        schema
    }
}

/// A required kind with a value that keeps the reading going, so that mistakes further on are found.
/// It never comes out: the mistake that it stands in for has been noted. Made by [`Kind::stand_in`].
pub(super) struct StandIn<K> {
    kind: K,
    value: Json,
}

impl<K: Kind> StandIn<K> {
    fn value(&self, at: &str, reader: &mut Reader<'_>) -> Option<K::Value> {
        let node = Node::unwritten(&self.value);
        self.kind.read(Place { node: &node, at }, reader)
    }
}

impl<K: Kind> Kind for StandIn<K> {
    type Value = K::Value;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<K::Value> {
        let value = self.kind.read(place, reader);
        value.or_else(|| self.value(place.at, reader))
    }

    fn absent(&self, at: &str, section: &Origin, reader: &mut Reader<'_>) -> Option<K::Value> {
        let value = self.kind.absent(at, section, reader);
        value.or_else(|| self.value(at, reader))
    }

    fn may_be_nothing(&self) -> bool {
        self.kind.may_be_nothing()
    }

    fn schema(&self) -> Json {
        self.kind.schema()
    }
}

/// Lets a schema's value also be a text with a reference in it, of which nothing is known yet.
#[expect(
    clippy::needless_pass_by_value,
    reason = "every call builds the schema in place"
)]
fn or_reference(schema: Json) -> Json {
    serde_json::json!({ "anyOf": [schema, { "$ref": "#/$defs/reference" }] })
}
