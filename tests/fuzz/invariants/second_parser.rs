//! A second reader of JSON, of another author and another making than the one that the gateway builds on: it gives events, and
//! numbers as they are spelt, so that nothing is lost before it can be compared.

use json_event_parser::{JsonEvent, SliceJsonParser};
use serde_json::{Map, Value};

/// What a text is.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four facts that have nothing to do with one another"
)]
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The outermost value; of members with one name the last.
    pub(super) value: Value,
    /// Objects and arrays inside one another.
    pub(super) depth: usize,
    /// Values in all.
    pub(super) values: usize,
    /// Whether a name occurs twice in one object.
    pub(super) duplicates: bool,
    /// Whether a name contains NUL.
    pub(super) nul_in_name: bool,
    /// Whether a number without fraction and exponent fits no integer type.
    pub(super) beyond_64_bits: bool,
    /// Whether a number is larger than any double.
    pub(super) beyond_double: bool,
}

enum Open {
    Object(Map<String, Value>, Option<String>),
    Array(Vec<Value>),
}

/// Reads a text; `None` where it is no JSON.
pub(super) fn read(text: &[u8]) -> Option<Read> {
    let mut parser = SliceJsonParser::new(text);
    let mut read = Read::default();
    let mut open: Vec<Open> = Vec::new();
    loop {
        let value = match parser.parse_next().ok()? {
            JsonEvent::StartObject => {
                open.push(Open::Object(Map::new(), None));
                read.depth = read.depth.max(open.len());
                continue;
            }
            JsonEvent::StartArray => {
                open.push(Open::Array(Vec::new()));
                read.depth = read.depth.max(open.len());
                continue;
            }
            JsonEvent::ObjectKey(name) => {
                if let Some(Open::Object(members, next)) = open.last_mut() {
                    read.duplicates |= members.contains_key(&*name);
                    read.nul_in_name |= name.contains('\0');
                    *next = Some(name.into_owned());
                }
                continue;
            }
            JsonEvent::EndObject | JsonEvent::EndArray => match open.pop()? {
                Open::Object(members, _) => Value::Object(members),
                Open::Array(items) => Value::Array(items),
            },
            JsonEvent::String(text) => Value::String(text.into_owned()),
            JsonEvent::Number(spelt) => read.number(&spelt),
            JsonEvent::Boolean(flag) => Value::Bool(flag),
            JsonEvent::Null => Value::Null,
            JsonEvent::Eof => return Some(read),
        };
        read.values += 1;
        match open.last_mut() {
            Some(Open::Object(members, next)) => {
                members.insert(next.take()?, value);
            }
            Some(Open::Array(items)) => items.push(value),
            None => read.value = value,
        }
    }
}

impl Read {
    /// The number as the standard library reads it: an integer if it is spelt like one, otherwise the nearest double.
    fn number(&mut self, spelt: &str) -> Value {
        if !spelt.contains(['.', 'e', 'E']) && spelt != "-0" {
            let signed = spelt.parse::<i64>().map(Value::from);
            let whole = signed.or_else(|_| spelt.parse::<u64>().map(Value::from));
            return whole.unwrap_or_else(|_| {
                self.beyond_64_bits = true;
                Value::Null
            });
        }
        let double: f64 = spelt.parse().expect("a number of JSON is one of Rust");
        self.beyond_double |= !double.is_finite();
        Value::from(double)
    }
}
