//! One walk over a JSON text, which holds it to the grammar and shows its members on the way. Nothing is decoded or built, nothing
//! recurses: numbers may be of any size, escapes of any half of a character, containers of any depth.
//!
//! What watches decides what becomes of what it is shown; two can watch one walk. That the walk says of a text what `serde_json`
//! says of it is a property test.

use std::borrow::Cow;
use std::ops::Range;

use super::json_text::skip_space;
use super::text_runs::plain_run;

/// A member of an object, at its name.
#[derive(Debug, Clone)]
pub(crate) struct Member<'t> {
    text: &'t str,
    /// Where the name stands, between its quotes.
    name: Range<usize>,
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
    pub(crate) fn written(&self) -> &'t str {
        self.text.get(self.name.clone()).unwrap_or_default()
    }

    /// What the name says; none where it has half a character in it.
    #[inline]
    pub(crate) fn name(&self) -> Option<Cow<'t, str>> {
        if !self.is_escaped {
            return Some(Cow::Borrowed(self.written()));
        }
        let quoted = self.name.start.checked_sub(1)?..self.name.end + 1;
        let name = serde_json::from_str(self.text.get(quoted)?);
        name.ok().map(Cow::Owned)
    }

    /// The first byte of the value.
    #[inline]
    pub(crate) fn first_byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.value).copied()
    }
}

/// One of 64 bits for a name, by its ends: whoever wants a few names rules nearly all others out by the bits of those few.
#[inline]
pub(crate) fn mark(name: &str) -> u64 {
    match name.as_bytes() {
        [first, .., last] => 1 << ((first ^ last.rotate_left(3)) & 63),
        _ => 1,
    }
}

/// Walks over a text; none where it is not JSON, and then what was shown before means nothing.
pub(crate) fn walk(text: &str, watch: &mut impl Watch) -> Option<()> {
    let json = text.as_bytes();
    let mut around = Containers::default();
    let mut at = skip_space(json, 0);
    loop {
        // A value begins here.
        match *json.get(at)? {
            b'"' => {
                let end = end_of_text(json, at)?.0;
                watch.scalar(at..end, around.depth);
                at = end;
            }
            bracket @ (b'{' | b'[') => {
                watch.opens(at, around.depth, bracket);
                around.open(bracket == b'{');
                at = skip_space(json, at + 1);
                match (bracket, *json.get(at)?) {
                    (b'{', b'}') | (b'[', b']') => {}
                    (b'{', _) => {
                        at = name(text, at, around.depth, watch)?;
                        continue;
                    }
                    _ => continue,
                }
            }
            _ => {
                let end = end_of_word(json, at)?;
                watch.scalar(at..end, around.depth);
                at = end;
            }
        }
        // And ended here, or a container without any does.
        loop {
            at = skip_space(json, at);
            if around.depth == 0 {
                return (at == json.len()).then_some(());
            }
            match *json.get(at)? {
                b',' => {
                    at = skip_space(json, at + 1);
                    if around.is_object() {
                        at = name(text, at, around.depth, watch)?;
                    }
                    break;
                }
                bracket @ (b'}' | b']') if around.is_object() == (bracket == b'}') => {
                    at += 1;
                    around.close();
                    watch.closes(at, around.depth);
                }
                _ => return None,
            }
        }
    }
}

/// Shows the member whose name begins here; gives where its value does.
#[inline]
fn name(text: &str, at: usize, depth: usize, watch: &mut impl Watch) -> Option<usize> {
    let json = text.as_bytes();
    if *json.get(at)? != b'"' {
        return None;
    }
    let (end, is_escaped) = end_of_text(json, at)?;
    let colon = skip_space(json, end);
    if *json.get(colon)? != b':' {
        return None;
    }
    let value = skip_space(json, colon + 1);
    watch.member(&Member {
        text,
        name: at + 1..end - 1,
        is_escaped,
        value,
        depth,
    });
    Some(value)
}

/// Behind the closing quote of the text that begins with the quote at `from`, and whether anything in it is escaped.
#[inline]
fn end_of_text(json: &[u8], from: usize) -> Option<(usize, bool)> {
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

/// Behind the number or literal at `from`.
#[inline]
fn end_of_word(json: &[u8], from: usize) -> Option<usize> {
    let literal = |word: &[u8]| {
        let end = from + word.len();
        (json.get(from..end)? == word).then_some(end)
    };
    match *json.get(from)? {
        b't' => literal(b"true"),
        b'f' => literal(b"false"),
        b'n' => literal(b"null"),
        _ => end_of_number(json, from),
    }
}

/// Behind the number at `from` (RFC 8259, section 6).
fn end_of_number(json: &[u8], from: usize) -> Option<usize> {
    let is = |at: usize, these: &[u8]| json.get(at).is_some_and(|byte| these.contains(byte));
    let digits = |from: usize| {
        let rest = json.get(from..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then_some(from + count)
    };
    let first = from + usize::from(is(from, b"-"));
    let mut at = if is(first, b"0") {
        first + 1
    } else {
        digits(first)?
    };
    if is(at, b".") {
        at = digits(at + 1)?;
    }
    if is(at, b"eE") {
        let sign = usize::from(is(at + 1, b"+-"));
        at = digits(at + 1 + sign)?;
    }
    Some(at)
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
