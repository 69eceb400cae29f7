//! The reader for what is in order: one pass, texts skipped eight bytes at a time, no fault ever described. Where anything is not
//! as it should be it gives up, and the second reading tells what. So it may be wrong in one way only: to accept what the second
//! would not, or with another value; that the two agree is a property test.
//!
//! What it does not do itself it leaves to `serde_json`: escapes, fractions and exponents, numbers of more than 18 digits.

use super::Limits;
use crate::model::json::{Number, Object, Text, Value};
use crate::model::text_runs::plain_run;

/// Objects and arrays inside one another that the second reading takes.
const DEEPEST: usize = 127;
/// Members that room is made for where nothing is known of an object.
const MEMBERS: usize = 7;
/// The same of the outermost one.
const ROOT_MEMBERS: usize = 14;
/// Most members that room is made for because the object before it had as many.
const MEMBERS_LIKE_BEFORE: usize = 28;
/// Digits that an integer has room for, whatever they are.
const SHORT_NUMBER: usize = 18;

/// The members of the outermost object, or nothing where the second reading has to look.
pub(super) fn read(text: &str, limits: Limits) -> Option<Object> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        values_left: limits.values,
        escapes_names: false,
    };
    reader.space();
    reader.expect(b'{')?;
    let members = reader.members(limits.depth.min(DEEPEST), ROOT_MEMBERS, None)?;
    reader.space();
    (reader.at == text.len()).then_some(members)
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    values_left: usize,
    /// Whether a name was written with escapes. Such a name may hold quotes and backslashes, which mean something else in the text: from
    /// then on all names are read.
    escapes_names: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        let is_there = self.peek()? == byte;
        self.at += 1;
        is_there.then_some(())
    }

    /// The members of an object behind its brace; room is made for as many as are expected. As long as the names are those of `like`, the
    /// object before it in a list, and in its order, they are neither read nor looked for among the members so far.
    fn members(
        &mut self,
        depth_left: usize,
        expected: usize,
        mut like: Option<&Object>,
    ) -> Option<Object> {
        let depth_left = depth_left.checked_sub(1)?;
        self.space();
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(Object::new());
        }
        let mut members = Object::with_capacity(expected);
        loop {
            self.space();
            self.expect(b'"')?;
            like = like.filter(|like| self.is_next(like.name_at(members.len())));
            let name = match like {
                Some(_) => None,
                None => Some(self.name()?),
            };
            self.space();
            self.expect(b':')?;
            self.space();
            let value = self.value(depth_left, None)?;
            if let Some(like) = like {
                members.push_like(like, value)?;
            } else if members.insert(name?, value).is_some() {
                return None;
            }
            self.space();
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(members);
                }
                _ => return None,
            }
        }
    }

    /// The items of an array behind its bracket. Objects in one array tend to be alike.
    fn items(&mut self, depth_left: usize) -> Option<Vec<Value>> {
        let depth_left = depth_left.checked_sub(1)?;
        self.space();
        let mut items = Vec::new();
        if self.peek()? == b']' {
            self.at += 1;
            return Some(items);
        }
        loop {
            self.space();
            let before = items.last().and_then(Value::as_object);
            let item = self.value(depth_left, before)?;
            items.push(item);
            self.space();
            match self.peek()? {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Some(items);
                }
                _ => return None,
            }
        }
    }

    fn value(&mut self, depth_left: usize, like: Option<&Object>) -> Option<Value> {
        self.values_left = self.values_left.checked_sub(1)?;
        let first = self.peek()?;
        if let b'-' | b'0'..=b'9' = first {
            return self.number(first).map(Value::Number);
        }
        self.at += 1;
        match first {
            b'"' => self.string().map(Value::String),
            b'{' => {
                let expected = like.map_or(MEMBERS, |like| like.len().min(MEMBERS_LIKE_BEFORE));
                let members = self.members(depth_left, expected, like);
                members.map(Value::Object)
            }
            b'[' => self.items(depth_left).map(Value::Array),
            b't' => self.word("rue", Value::Bool(true)),
            b'f' => self.word("alse", Value::Bool(false)),
            b'n' => self.word("ull", Value::Null),
            _ => None,
        }
    }

    fn word(&mut self, rest: &str, value: Value) -> Option<Value> {
        let end = self.at + rest.len();
        let is_there = self.bytes.get(self.at..end)? == rest.as_bytes();
        self.at = end;
        is_there.then_some(value)
    }

    fn name(&mut self) -> Option<Text> {
        let start = self.at;
        let name = self.string()?;
        // A character is always shorter than its escape, and only an escape can write what must not be in a name.
        let is_escaped = self.at - start != name.len() + 1;
        self.escapes_names |= is_escaped;
        (!is_escaped || !name.as_bytes().contains(&0)).then_some(name)
    }

    /// Passes the name behind a quote where it is this one, letter for letter.
    fn is_next(&mut self, name: Option<&str>) -> bool {
        let Some(name) = name.filter(|_| !self.escapes_names) else {
            return false;
        };
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let behind = rest.strip_prefix(name.as_bytes());
        let is_it = behind.is_some_and(|behind| behind.first() == Some(&b'"'));
        if is_it {
            self.at += name.len() + 1;
        }
        is_it
    }

    /// The text behind a quote.
    fn string(&mut self) -> Option<Text> {
        let start = self.at;
        self.at += plain_run(self.bytes.get(start..)?);
        match self.peek()? {
            b'"' => {
                let text = self.text.get(start..self.at)?;
                self.at += 1;
                Some(text.into())
            }
            b'\\' => self.escaped(start),
            _ => None,
        }
    }

    #[cold]
    fn escaped(&mut self, start: usize) -> Option<Text> {
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => return None,
            }
            self.at += plain_run(self.bytes.get(self.at..)?);
        }
        self.at += 1;
        serde_json::from_str(self.text.get(start - 1..self.at)?).ok()
    }

    fn number(&mut self, first: u8) -> Option<Number> {
        let start = self.at;
        self.at += usize::from(first == b'-');
        let digits = self.at;
        let mut value: u64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        let length = self.at - digits;
        let leads_with_zero = length > 1 && self.bytes.get(digits) == Some(&b'0');
        let is_more = matches!(self.peek()?, b'.' | b'e' | b'E');
        if is_more || length == 0 || length > SHORT_NUMBER || leads_with_zero {
            return self.long_number(start);
        }
        if first != b'-' {
            return Some(value.into());
        }
        match i64::try_from(value).ok()? {
            0 => self.long_number(start),
            value => Some((-value).into()),
        }
    }

    #[cold]
    fn long_number(&mut self, start: usize) -> Option<Number> {
        let rest = self.bytes.get(start..)?;
        let end = rest
            .iter()
            .position(|b| !matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))?;
        self.at = start + end;
        let number: Number = serde_json::from_str(self.text.get(start..self.at)?).ok()?;
        // Whether a large one was written as an integer, the second reading finds out.
        let is_large = number.is_f64() && number.as_f64()?.abs() >= LARGE;
        (!is_large).then_some(number)
    }
}

/// 2 to the power of 63: integers below that fit, whatever their sign.
const LARGE: f64 = 9_223_372_036_854_775_808.0;

#[cfg(test)]
mod tests;
