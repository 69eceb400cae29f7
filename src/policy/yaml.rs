//! A YAML text as a tree in which every key and value knows its line and column.
//!
//! Packs are read from this tree and not with a derived `Deserialize`, because a derived one stops at the first mistake
//! and a person wants to see all of them. A text that is no YAML at all is the one mistake that hides the others.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, SnippetMode, Spanned, UserMessageFormatter};

use crate::model::json::Value;
use crate::model::problem::Position;

/// Levels of nesting that a pack or a file of cases may have; a pack uses five, a case with attendees eight.
const MAX_DEPTH: usize = 16;
/// Keys, values and lists that a pack may have: more than any text of the largest size has.
const MAX_NODES: usize = 500_000;
/// Those among them that come from aliases: text that is written once and read again and again.
const MAX_REPLAYED: usize = 10_000;

/// A value and where it begins.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) position: Position,
    pub(super) content: Content,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// Null, a boolean, a number or a text.
    Scalar(Value),
    List(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// One `key: value` of a mapping.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) position: Position,
    pub(super) value: Node,
}

impl Node {
    /// The value without its places, as JSON: numbers, booleans and texts stay what they are.
    pub(super) fn into_json(self) -> Value {
        match self.content {
            Content::Scalar(value) => value,
            Content::List(items) => items.into_iter().map(Self::into_json).collect(),
            Content::Mapping(entries) => {
                let members = entries.into_iter();
                let members = members.map(|entry| (entry.key, entry.value.into_json()));
                Value::Object(members.collect())
            }
        }
    }
}

/// Why a text is no YAML.
#[derive(Debug)]
pub(super) struct NotYaml {
    pub(super) position: Option<Position>,
    pub(super) what: String,
}

/// Reads a text of one YAML document. Duplicate keys are refused; only `true` and `false` are booleans.
pub(super) fn parse(text: &str) -> Result<Node, NotYaml> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: MAX_DEPTH, max_nodes: MAX_NODES, max_documents: 1 },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_REPLAYED },
        duplicate_keys: DuplicateKeyPolicy::Error,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| NotYaml {
        position: error.location().and_then(position),
        what: message(&error),
    })
}

/// The library's message without the place, which a problem shows by itself.
fn message(error: &serde_saphyr::Error) -> String {
    let rendered = error.render_with_options(serde_saphyr::render_options! {
        formatter: &UserMessageFormatter,
        snippets: SnippetMode::Off,
    });
    let first = rendered.lines().next().unwrap_or_default();
    let bare = first
        .rsplit_once(" at line ")
        .map_or(first, |(what, _)| what);
    bare.trim_end_matches('.').to_owned()
}

fn position(location: serde_saphyr::Location) -> Option<Position> {
    let line = usize::try_from(location.line()).ok().filter(|n| *n > 0)?;
    let column = usize::try_from(location.column()).ok()?;
    Some(Position { line, column })
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Content>::deserialize(deserializer)?;
        Ok(Self {
            position: position(spanned.referenced).unwrap_or(Position { line: 1, column: 1 }),
            content: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Content, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Content::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<String>, Node>()? {
            entries.push(Entry {
                position: position(key.referenced).unwrap_or(value.position),
                key: key.value,
                value,
            });
        }
        Ok(Content::Mapping(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_know_their_places() {
        let Content::Mapping(entries) = parse("a: 1\nb:\n  - x: yes\n").unwrap().content else {
            panic!("a mapping")
        };
        let at = |p: Position| (p.line, p.column);
        assert_eq!(
            (at(entries[0].position), at(entries[0].value.position)),
            ((1, 1), (1, 4))
        );
        let Content::List(items) = &entries[1].value.content else {
            panic!("a list")
        };
        let Content::Mapping(inner) = &items[0].content else {
            panic!("a mapping")
        };
        assert_eq!(
            (at(inner[0].position), at(inner[0].value.position)),
            ((3, 5), (3, 8))
        );
        assert!(
            matches!(&inner[0].value.content, Content::Scalar(Value::String(yes)) if yes == "yes")
        );
    }

    #[test]
    fn what_is_no_yaml_is_said_with_its_place() {
        for (name, text, line) in [
            ("a duplicate key", "a: 1\na: 2\n", 2),
            ("an open list", "a: [1,\n", 1),
            ("a tag", "a: !secret x\n", 1),
        ] {
            let error = parse(text).expect_err(name);
            assert_eq!(
                error.position.map(|p| p.line),
                Some(line),
                "{name}: {}",
                error.what
            );
            assert!(!error.what.contains("line"), "{name}: {}", error.what);
        }
    }

    #[test]
    fn nesting_is_bounded() {
        assert!(parse(&"[".repeat(10_000)).is_err());
        assert!(parse("a: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n").is_err());
    }
}
