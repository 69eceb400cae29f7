//! YAML text as a tree in which every node knows where it was written.
//!
//! Nothing is judged here: kinds, bounds and unknown keys are the readers' affair, so that one wrong
//! value never hides the next. Only a text that is no YAML at all stops.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned};

use crate::model::problem::Position;

/// A place in one of the files that a configuration is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    /// Which file: 0 is the configuration, the others are counted by the reader.
    pub(super) file: usize,
    /// Where in it.
    pub(super) position: Position,
}

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// In a file, as it stands there.
    File(Spot),
    /// In a file, as a text with a reference such as `${env.NAME}` that has been replaced.
    Reference(Spot),
    /// In this environment variable.
    Variable(String),
    /// On the command line.
    CommandLine,
    /// Nowhere: a default, or a section that is left out.
    Unwritten,
}

impl Origin {
    /// Whether the text had no chance to say what it is, so that `1000` may be read as a number.
    pub(super) const fn is_untyped(&self) -> bool {
        matches!(
            self,
            Self::Reference(_) | Self::Variable(_) | Self::CommandLine
        )
    }

    /// The place in a file, if it is one.
    pub(super) const fn spot(&self) -> Option<Spot> {
        match self {
            Self::File(spot) | Self::Reference(spot) => Some(*spot),
            Self::Variable(_) | Self::CommandLine | Self::Unwritten => None,
        }
    }

    /// The same without the file.
    pub(super) fn position(&self) -> Option<Position> {
        self.spot().map(|spot| spot.position)
    }

    /// Which file it is in; what is in none counts with the configuration.
    pub(super) fn file(&self) -> usize {
        self.spot().map_or(0, |spot| spot.file)
    }
}

/// A value and where it was written. Without `Debug`: it may hold a secret.
#[derive(Clone)]
pub(super) struct Node {
    /// What is there.
    pub(super) value: Value,
    /// Where it was written.
    pub(super) origin: Origin,
}

impl Node {
    /// A tree that nobody wrote, such as a default.
    pub(super) fn unwritten(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        let value = match json {
            Json::Null => Value::Nothing,
            Json::Bool(flag) => Value::Flag(*flag),
            Json::Number(number) => number.as_i64().map_or_else(
                || Value::Fraction(number.as_f64().unwrap_or(f64::NAN)),
                |number| Value::Whole(number.into()),
            ),
            Json::String(text) => Value::Text(text.clone()),
            Json::Array(items) => Value::List(items.iter().map(Self::unwritten).collect()),
            Json::Object(members) => {
                let entries = members.iter().map(|(key, member)| Entry {
                    key: key.clone(),
                    origin: Origin::Unwritten,
                    node: Self::unwritten(member),
                });
                Value::Map(entries.collect())
            }
        };
        Self {
            value,
            origin: Origin::Unwritten,
        }
    }
}

/// The kinds of value that YAML knows.
#[derive(Clone)]
pub(super) enum Value {
    /// `null`, or a key with nothing after it.
    Nothing,
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Whole(i128),
    /// Any other number.
    Fraction(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order written; a key may be there twice.
    Map(Vec<Entry>),
    /// A value with a mistake that has been reported already.
    Broken,
}

impl Value {
    /// What to call it in a message.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Flag(_) => "true or false",
            Self::Whole(_) | Self::Fraction(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
            Self::Broken => "a broken value",
        }
    }
}

/// One member of a mapping.
#[derive(Clone)]
pub(super) struct Entry {
    /// The key.
    pub(super) key: String,
    /// Where the key was written.
    pub(super) origin: Origin,
    /// Its value.
    pub(super) node: Node,
}

impl Entry {
    /// Whether a message may name the key. After a forgotten colon, as in `{app_key s3cret}`, or a
    /// wrong one, as in `{app_key, s3cret}`, what stands as a key is a secret, and has no value.
    pub(super) fn key_may_be_shown(&self) -> bool {
        let is_word = |c: char| c.is_alphanumeric() || "._/-*".contains(c);
        !matches!(self.node.value, Value::Nothing) && self.key.chars().all(is_word)
    }
}

/// Why a text is no YAML.
pub(super) struct NotYaml {
    /// Where reading stopped.
    pub(super) position: Option<Position>,
    /// What is wrong there, without any text of the file.
    pub(super) what: String,
}

/// Reads the text of the configuration. An empty one is an empty mapping's worth of nothing.
pub(super) fn read(text: &str) -> Result<Node, NotYaml> {
    read_as(text, 0)
}

/// Reads the text of the file with this number.
pub(super) fn read_as(text: &str, file: usize) -> Result<Node, NotYaml> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        with_snippet: false,
    };
    let raw: Spanned<Raw> =
        serde_saphyr::from_str_with_options(text, options).map_err(|error| NotYaml {
            position: error.location().and_then(position),
            what: first_line(&error.to_string()),
        })?;
    Ok(locate(raw, file))
}

/// Drops the parser's own `line … column …` tail and everything after the first line.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let line = line.strip_prefix("error: ").unwrap_or(line);
    let line = match line.find(": ") {
        Some(end) if line.starts_with("line ") => &line[end + 2..],
        _ => line,
    };
    let line = line.split(" at line ").next().unwrap_or(line);
    line.trim_end_matches('.').to_owned()
}

fn position(location: Location) -> Option<Position> {
    let line = usize::try_from(location.line()).ok()?;
    let column = usize::try_from(location.column()).ok()?;
    (line > 0).then_some(Position { line, column })
}

fn origin(location: Location, file: usize) -> Origin {
    position(location).map_or(Origin::Unwritten, |position| {
        Origin::File(Spot { file, position })
    })
}

fn locate(raw: Spanned<Raw>, file: usize) -> Node {
    let value = match raw.value {
        Raw::Scalar(value) => value,
        Raw::List(items) => {
            let items = items.into_iter().map(|item| locate(item, file));
            Value::List(items.collect())
        }
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| Entry {
                    origin: origin(key.referenced, file),
                    key: key.value,
                    node: locate(value, file),
                })
                .collect(),
        ),
    };
    Node {
        value,
        origin: origin(raw.referenced, file),
    }
}

/// A node as the parser hands it over.
enum Raw {
    Scalar(Value),
    List(Vec<Spanned<Self>>),
    Map(Vec<(Spanned<String>, Spanned<Self>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Nothing))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Nothing))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Flag(flag)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Whole(number.into())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Whole(number.into())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Fraction(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(node: &Node) -> String {
        let at = match node.origin.position() {
            Some(Position { line, column }) => format!("{line}:{column}"),
            None => "-".to_owned(),
        };
        match &node.value {
            Value::Nothing => format!("null@{at}"),
            Value::Flag(flag) => format!("{flag}@{at}"),
            Value::Whole(number) => format!("{number}@{at}"),
            Value::Fraction(number) => format!("{number:?}@{at}"),
            Value::Text(text) => format!("{text:?}@{at}"),
            Value::Broken => format!("broken@{at}"),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(show).collect();
                format!("[{}]", items.join(" "))
            }
            Value::Map(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|entry| {
                        let Some(Position { line, column }) = entry.origin.position() else {
                            return format!("{}@- {}", entry.key, show(&entry.node));
                        };
                        format!("{}@{line}:{column} {}", entry.key, show(&entry.node))
                    })
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    #[test]
    fn every_node_knows_its_place() {
        let text = "a: 30s\nb:\n  c: [1, true, 0.5]\n  d:\n  no: off\n  ü: {x: -1, x: \"2\"}\n";
        let Ok(tree) = read(text) else {
            panic!("is YAML");
        };
        assert_eq!(
            show(&tree),
            "{a@1:1 \"30s\"@1:4, b@2:1 {c@3:3 [1@3:7 true@3:10 0.5@3:16], d@4:3 null@4:4, \
             no@5:3 \"off\"@5:7, ü@6:3 {x@6:7 -1@6:10, x@6:14 \"2\"@6:17}}}"
        );
    }

    #[test]
    fn an_empty_text_is_nothing() {
        for (name, text) in [("empty", ""), ("comment", "# only\n")] {
            let node = read(text).unwrap_or_else(|error| panic!("{name}: {}", error.what));
            assert!(matches!(node.value, Value::Nothing), "{name}");
        }
    }

    #[test]
    fn a_text_that_is_no_yaml_says_where() {
        let cases = [
            ("tab", "a:\n\tb: 1\n", 2),
            ("open list", "a: [1, 2\nb: 1\n", 2),
            ("unknown alias", "a: *nobody\n", 1),
        ];
        for (name, text, line) in cases {
            let Err(error) = read(text) else {
                panic!("{name} should be refused");
            };
            assert_eq!(error.position.map(|place| place.line), Some(line), "{name}");
        }
    }
}
