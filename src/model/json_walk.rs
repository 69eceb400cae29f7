//! One walk over a JSON text, which holds it to UTF-8 and the grammar and shows its members on the way. Nothing is decoded or built,
//! nothing recurses: numbers may be of any size, escapes of any half of a character, containers of any depth.
//!
//! What programs write comes first: no white space, no escape, a member behind a member. What is rare has functions of its own.
//!
//! What watches decides what becomes of what it is shown; two can watch one walk. That the walk says of a text what `serde_json`
//! says of it is a property test.

use std::borrow::Cow;
use std::ops::Range;

use super::json_text::skip_space;
use super::text_runs::{plain_run, until_quote_or_backslash};

/// A member of an object, at its name.
#[derive(Debug, Clone)]
pub(crate) struct Member<'t> {
    json: &'t [u8],
    /// Where the name stands, between its quotes.
    pub(crate) place: Range<usize>,
    /// Whether anything in it is escaped.
    pub(crate) is_escaped: bool,
    /// Where the value begins.
    pub(crate) value: usize,
    /// How many containers are around the value.
    pub(crate) depth: usize,
}

/// What looks on while a text is walked over. The depth of a value is the number of containers around it.
pub(crate) trait Watch {
    /// A member's name; its value follows.
    fn member(&mut self, member: &Member<'_>);

    /// A text, a number, `true`, `false` or `null`.
    fn scalar(&mut self, _value: Range<usize>, _depth: usize) {}

    /// A container begins with this byte.
    fn opens(&mut self, _at: usize, _depth: usize, _bracket: u8) {}

    /// The last container that is open ends before this place.
    fn closes(&mut self, _end: usize, _depth: usize) {}
}

/// Nobody looks on.
impl Watch for () {
    fn member(&mut self, _: &Member<'_>) {}
}

impl<A: Watch, B: Watch> Watch for (&mut A, &mut B) {
    fn member(&mut self, member: &Member<'_>) {
        self.0.member(member);
        self.1.member(member);
    }

    fn scalar(&mut self, value: Range<usize>, depth: usize) {
        self.0.scalar(value.clone(), depth);
        self.1.scalar(value, depth);
    }

    fn opens(&mut self, at: usize, depth: usize, bracket: u8) {
        self.0.opens(at, depth, bracket);
        self.1.opens(at, depth, bracket);
    }

    fn closes(&mut self, end: usize, depth: usize) {
        self.0.closes(end, depth);
        self.1.closes(end, depth);
    }
}

impl<'t> Member<'t> {
    /// The name as it is written, without its quotes.
    #[inline]
    pub(crate) fn written(&self) -> &'t [u8] {
        self.json.get(self.place.clone()).unwrap_or_default()
    }

    /// What the name says; none where it has half a character in it.
    #[inline]
    pub(crate) fn name(&self) -> Option<Cow<'t, str>> {
        if !self.is_escaped {
            let name = std::str::from_utf8(self.written());
            return name.ok().map(Cow::Borrowed);
        }
        let quoted = self.place.start.checked_sub(1)?..self.place.end + 1;
        let name = serde_json::from_slice(self.json.get(quoted)?);
        name.ok().map(Cow::Owned)
    }

    /// The first byte of the value.
    #[inline]
    pub(crate) fn first_byte(&self) -> Option<u8> {
        self.json.get(self.value).copied()
    }
}

/// One of 64 bits for a name, by its ends: whoever wants a few names rules nearly all others out by the bits of those few.
#[inline]
pub(crate) fn mark(name: &[u8]) -> u64 {
    match name {
        [first, .., last] => 1 << ((first ^ last.rotate_left(3)) & 63),
        _ => 1,
    }
}

/// Walks over a text; none where it is not JSON, and then what was shown before means nothing.
pub(crate) fn walk(text: &(impl AsRef<[u8]> + ?Sized), watch: &mut impl Watch) -> Option<()> {
    let json = text.as_ref();
    // Asked of all bytes at once, so that it need not be asked of each text.
    let ends = |(low, high): (u8, u8), byte: &u8| (low.min(*byte), high.max(*byte));
    let (lowest, highest) = json.iter().fold((u8::MAX, 0), ends);
    if !highest.is_ascii() && std::str::from_utf8(json).is_err() {
        return None;
    }
    let has_controls = lowest < b' ';
    let mut around = Containers::default();
    let mut at = skip_space(json, 0);
    loop {
        // A value begins here, behind its name if it is a member's.
        if around.is_object() {
            at = name(json, at, around.depth, has_controls, watch)?;
        }
        let first = *json.get(at)?;
        if let b'{' | b'[' = first {
            watch.opens(at, around.depth, first);
            around.open(first == b'{');
            at = skip_space(json, at + 1);
            if !matches!(*json.get(at)?, b'}' | b']') {
                continue;
            }
        } else {
            let end = match first {
                b'"' => end_of_text(json, at, has_controls)?.0,
                b'0'..=b'9' => end_of_number(json, at, first)?,
                b'-' => end_of_number(json, at + 1, *json.get(at + 1)?)?,
                _ => end_of_literal(json, at)?,
            };
            watch.scalar(at..end, around.depth);
            at = end;
            // Nearly always, another member follows.
            if around.is_object() && matches!(json.get(at..), Some([b',', b'"', ..])) {
                at += 1;
                continue;
            }
        }
        // And ended here, or a container without any does.
        loop {
            at = skip_space(json, at);
            match json.get(at) {
                Some(b',') if around.depth > 0 => {
                    at = skip_space(json, at + 1);
                    break;
                }
                Some(bracket @ (b'}' | b']'))
                    if around.depth > 0 && around.is_object() == (*bracket == b'}') =>
                {
                    at += 1;
                    around.close();
                    watch.closes(at, around.depth);
                }
                Some(_) => return None,
                None => return (around.depth == 0).then_some(()),
            }
        }
    }
}

/// Shows the member whose name begins here; gives where its value does.
#[inline]
fn name(
    json: &[u8],
    at: usize,
    depth: usize,
    has_controls: bool,
    watch: &mut impl Watch,
) -> Option<usize> {
    if *json.get(at)? != b'"' {
        return None;
    }
    let (end, is_escaped) = end_of_text(json, at, has_controls)?;
    let value = match json.get(end..)? {
        [b':', first, ..] if *first > b' ' => end + 1,
        _ => behind_colon(json, end)?,
    };
    watch.member(&Member {
        json,
        place: at + 1..end - 1,
        is_escaped,
        value,
        depth,
    });
    Some(value)
}

/// Behind the colon, where there is space around it.
#[cold]
fn behind_colon(json: &[u8], from: usize) -> Option<usize> {
    let colon = skip_space(json, from);
    (*json.get(colon)? == b':').then(|| skip_space(json, colon + 1))
}

/// Behind the closing quote of the text that begins with the quote at `from`, and whether anything in it is escaped.
#[inline]
fn end_of_text(json: &[u8], from: usize, has_controls: bool) -> Option<(usize, bool)> {
    if !has_controls {
        let end = from + 1 + until_quote_or_backslash(json.get(from + 1..)?)?;
        if *json.get(end)? == b'"' {
            return Some((end + 1, false));
        }
    }
    end_of_odd_text(json, from)
}

/// The same, where it may have escapes and control characters.
#[cold]
fn end_of_odd_text(json: &[u8], from: usize) -> Option<(usize, bool)> {
    let mut at = from + 1;
    let mut is_escaped = false;
    loop {
        at += plain_run(json.get(at..)?);
        match *json.get(at)? {
            b'"' => return Some((at + 1, is_escaped)),
            b'\\' => {
                at = end_of_escape(json, at)?;
                is_escaped = true;
            }
            // A control character, which has to be escaped.
            _ => return None,
        }
    }
}

/// Behind the escape that begins with the backslash at `from`.
fn end_of_escape(json: &[u8], from: usize) -> Option<usize> {
    match *json.get(from + 1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(from + 2),
        b'u' => {
            let digits = json.get(from + 2..from + 6)?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(from + 6)
        }
        _ => None,
    }
}

/// Behind the literal at `from`.
#[inline]
fn end_of_literal(json: &[u8], from: usize) -> Option<usize> {
    match json.get(from..)? {
        [b't', b'r', b'u', b'e', ..] | [b'n', b'u', b'l', b'l', ..] => Some(from + 4),
        [b'f', b'a', b'l', b's', b'e', ..] => Some(from + 5),
        _ => None,
    }
}

/// Behind the number (RFC 8259, section 6) whose first digit is at `from`.
#[inline]
fn end_of_number(json: &[u8], from: usize, first: u8) -> Option<usize> {
    let end = match first {
        b'0' => from + 1,
        b'1'..=b'9' => end_of_digits(json, from + 1),
        _ => return None,
    };
    match json.get(end) {
        Some(b'.' | b'e' | b'E') => end_of_fraction(json, end),
        _ => Some(end),
    }
}

/// Behind the fraction, the exponent or both that begin at `from`.
#[cold]
fn end_of_fraction(json: &[u8], from: usize) -> Option<usize> {
    let some_digits = |from: usize| Some(end_of_digits(json, from)).filter(|end| *end > from);
    let mut at = from;
    if json.get(at) == Some(&b'.') {
        at = some_digits(at + 1)?;
    }
    if let Some(b'e' | b'E') = json.get(at) {
        let sign = matches!(json.get(at + 1), Some(b'+' | b'-'));
        at = some_digits(at + 1 + usize::from(sign))?;
    }
    Some(at)
}

/// Behind the digits at `from`, where there are any.
#[inline]
fn end_of_digits(json: &[u8], from: usize) -> usize {
    let mut at = from;
    while json.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

/// The containers around a place: one bit for each, which says whether it is an object.
#[derive(Debug, Default)]
struct Containers {
    depth: usize,
    /// Of the innermost, up to 64; the lowest bit is the last.
    objects: u64,
    /// Of those around them.
    outer: Vec<u64>,
}

impl Containers {
    #[inline]
    fn open(&mut self, is_object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.objects);
        }
        self.objects = self.objects << 1 | u64::from(is_object);
        self.depth += 1;
    }

    #[inline]
    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.objects >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.objects = self.outer.pop().unwrap_or_default();
        }
    }

    #[inline]
    const fn is_object(&self) -> bool {
        self.objects & 1 == 1
    }
}

#[cfg(test)]
mod tests;
