//! Where the parts of a YAML text stand, to the byte, so that a text can be changed in one place and stays as it is elsewhere.

use serde_saphyr::granit_parser::{Event, Parser, Span, StructureStyle};

/// How deep a part may lie: far deeper than anything in a file of callers.
const MOST_DEEP: usize = 16;

/// One value and where it stands. Of a block, the end is that of the last thing in it, comments and line breaks behind it left out.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) shape: Shape,
}

/// What a part is made of.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// A text, a number, or nothing at all; what it says.
    Scalar(String),
    /// The value of an anchor.
    Alias,
    /// `[a, b]` if it is in flow style, else one entry after each `- `.
    List {
        /// Whether it stands between brackets.
        flow: bool,
        /// Its entries.
        items: Vec<Part>,
    },
    /// `{a: 1}` if it is in flow style, else one `key: value` a line.
    Map {
        /// Whether it stands between braces.
        flow: bool,
        /// Its keys and values.
        entries: Vec<(Part, Part)>,
    },
}

/// A text with one document.
#[derive(Debug, Clone)]
pub(super) struct Outline {
    /// What is in it; nothing, if there are only comments.
    pub(super) root: Option<Part>,
    /// Where it ends: at a `...`, else with the text.
    pub(super) end: usize,
}

/// The outline of a text; nothing for one that is no YAML, or holds several documents.
pub(super) fn outline(text: &str) -> Option<Outline> {
    let mut events = Parser::new_from_str(text);
    let mut outline = Outline {
        root: None,
        end: text.len(),
    };
    let mut documents = 0;
    while let Some(event) = events.next() {
        let (event, span) = event.ok()?;
        match event {
            Event::DocumentStart(..) => documents += 1,
            Event::DocumentEnd => {
                let (start, end) = bytes(span)?;
                if start < end {
                    outline.end = start;
                }
            }
            Event::StreamStart | Event::StreamEnd => {}
            event => outline.root = Some(part(event, span, text, &mut events, 0)?),
        }
    }
    (documents < 2).then_some(outline)
}

fn bytes(span: Span) -> Option<(usize, usize)> {
    span.start.byte_offset().zip(span.end.byte_offset())
}

fn part<'t>(
    event: Event<'t>,
    span: Span,
    text: &'t str,
    events: &mut impl Iterator<Item = Result<(Event<'t>, Span), impl Sized>>,
    depth: usize,
) -> Option<Part> {
    let (start, end) = bytes(span)?;
    if depth > MOST_DEEP {
        return None;
    }
    let mut end = end;
    let shape = match event {
        Event::Alias(_) => Shape::Alias,
        Event::Scalar(value, ..) => {
            // A text over several lines ends where the next thing begins, its indentation included.
            end = start + text.get(start..end)?.trim_end().len();
            Shape::Scalar(value.into_owned())
        }
        Event::SequenceStart(style, ..) => {
            let mut items = Vec::new();
            loop {
                let (event, span) = events.next()?.ok()?;
                if event == Event::SequenceEnd {
                    let last = items.last().map_or(end, |item: &Part| item.end);
                    end = end_of(style, span, last)?;
                    break;
                }
                items.push(part(event, span, text, events, depth + 1)?);
            }
            let flow = style == StructureStyle::Flow;
            Shape::List { flow, items }
        }
        Event::MappingStart(style, ..) => {
            let mut entries = Vec::new();
            loop {
                let (event, span) = events.next()?.ok()?;
                if event == Event::MappingEnd {
                    let last = entries.last();
                    let last =
                        last.map_or(end, |(key, value): &(Part, Part)| value.end.max(key.end));
                    end = end_of(style, span, last)?;
                    break;
                }
                let key = part(event, span, text, events, depth + 1)?;
                let (event, span) = events.next()?.ok()?;
                entries.push((key, part(event, span, text, events, depth + 1)?));
            }
            let flow = style == StructureStyle::Flow;
            Shape::Map { flow, entries }
        }
        _ => return None,
    };
    Some(Part { start, end, shape })
}

/// A bracket ends a part; a block ends with the last thing in it.
fn end_of(style: StructureStyle, span: Span, last: usize) -> Option<usize> {
    match style {
        StructureStyle::Flow => span.end.byte_offset(),
        StructureStyle::Block => Some(last),
    }
}

impl Part {
    /// The value under a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Shape::Map { entries, .. } = &self.shape else {
            return None;
        };
        let is_key = |part: &Self| matches!(&part.shape, Shape::Scalar(name) if name == key);
        let found = entries.iter().find(|(name, _)| is_key(name));
        found.map(|(_, value)| value)
    }

    /// The entries of a list.
    pub(super) fn items(&self) -> &[Self] {
        match &self.shape {
            Shape::List { items, .. } => items,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a text as they stand in it, one for each line.
    fn told(text: &str) -> Vec<&str> {
        fn walk<'t>(part: &Part, text: &'t str, out: &mut Vec<&'t str>) {
            out.push(&text[part.start..part.end]);
            match &part.shape {
                Shape::List { items, .. } => {
                    for item in items {
                        walk(item, text, out);
                    }
                }
                Shape::Map { entries, .. } => {
                    for (_, value) in entries {
                        walk(value, text, out);
                    }
                }
                Shape::Scalar(_) | Shape::Alias => {}
            }
        }
        let mut out = Vec::new();
        if let Some(root) = outline(text).and_then(|outline| outline.root) {
            walk(&root, text, &mut out);
        }
        out
    }

    #[test]
    fn every_part_is_where_it_stands() {
        let cases: [(&str, &[&str]); 6] = [
            ("a: 1 # one\n# end\n", &["a: 1", "1"]),
            (
                "ü: [x, 'y' ,]\n",
                &["ü: [x, 'y' ,]", "[x, 'y' ,]", "x", "'y'"],
            ),
            (
                "- é\n-\n  b: |\n    c\n\n",
                &["- é\n-\n  b: |\n    c", "é", "b: |\n    c", "c"],
            ),
            ("a:\n", &["a", ""]),
            ("&x {a: b}\n", &["{a: b}", "b"]),
            ("# only\n", &[]),
        ];
        for (text, parts) in cases {
            assert_eq!(told(text), parts, "{text}");
        }
    }

    #[test]
    fn a_text_ends_at_its_end_marker_and_is_one_document() {
        assert_eq!(
            outline("a: 1\n...\n# x\n").map(|outline| outline.end),
            Some(5)
        );
        assert_eq!(outline("a: 1\n").map(|outline| outline.end), Some(5));
        assert!(outline("a: 1\n---\nb: 2\n").is_none());
        assert!(outline("a: [\n").is_none());
        assert!(outline(&"[".repeat(40)).is_none());
    }
}
