//! Puts entries into lists of a YAML text and takes them out, and leaves every other byte as it is.
//!
//! Nothing here is trusted: what comes out is read again and compared before anybody uses it. So a style of writing that is not
//! understood needs no more than `None`.

use std::ops::Range;

use serde_json::Value as Json;

use super::outline::{Part, Shape};
use super::written;

/// A change of a text.
pub(super) struct Splice<'t> {
    text: &'t str,
    line_break: &'static str,
}

impl<'t> Splice<'t> {
    /// Changes of this text, with line breaks of the kind it has.
    pub(super) fn of(text: &'t str) -> Self {
        let first = text.find('\n').map_or(text, |end| &text[..end]);
        Self {
            text,
            line_break: if first.ends_with('\r') { "\r\n" } else { "\n" },
        }
    }

    /// A text without a list of callers gets one with this entry at its end.
    pub(super) fn begin(&self, end: usize, item: &Json) -> Option<String> {
        let line_break = self.line_break;
        let new = format!(
            "callers:{line_break}{}",
            written::entry("callers", item, 2, line_break)
        );
        self.lines(end, &new)
    }

    /// Puts an entry at the end of the list under a key. In a block it goes to the line at `end`, or else behind the last entry.
    pub(super) fn append(
        &self,
        owner: &Part,
        key: &str,
        item: &Json,
        end: Option<usize>,
    ) -> Option<String> {
        let Shape::Map { flow, entries } = &owner.shape else {
            return None;
        };
        let Some(value) = owner.get(key) else {
            return self.new_member(owner, *flow, entries, key, item);
        };
        match &value.shape {
            Shape::List { flow: false, items } => {
                let column = self.dash(items.last()?.start)?.1;
                let new = written::entry(key, item, column, self.line_break);
                self.lines(end.unwrap_or_else(|| self.line_after(value.end)), &new)
            }
            Shape::List { flow: true, items } => match items.last() {
                Some(last) => {
                    self.replace(last.end..last.end, &format!(", {}", written::flow(item)))
                }
                None if !*flow && value.end - value.start == 2 => {
                    self.instead(owner, key, value.start..value.end, item, end)
                }
                None => self.replace(value.start + 1..value.start + 1, &written::flow(item)),
            },
            Shape::Scalar(_) if !*flow => {
                self.instead(owner, key, value.start..value.end, item, end)
            }
            _ => None,
        }
    }

    /// A block list in place of nothing, `null` or `[]`, which stand in this range.
    fn instead(
        &self,
        owner: &Part,
        key: &str,
        nothing: Range<usize>,
        item: &Json,
        end: Option<usize>,
    ) -> Option<String> {
        let at = end.unwrap_or_else(|| self.line_after(nothing.end));
        let new = written::entry(key, item, self.column(owner.start) + 2, self.line_break);
        let with_item = self.lines(at, &new)?;
        let mut text = with_item.get(..nothing.start)?.to_owned();
        if nothing.start < nothing.end {
            text.truncate(text.trim_end_matches(' ').len());
        }
        text.push_str(with_item.get(nothing.end..)?);
        Some(text)
    }

    fn new_member(
        &self,
        owner: &Part,
        flow: bool,
        entries: &[(Part, Part)],
        key: &str,
        item: &Json,
    ) -> Option<String> {
        let items = Json::Array(vec![item.clone()]);
        let (_, last) = entries.last()?;
        if flow {
            let new = format!(", {key}: {}", written::flow(&items));
            return self.replace(last.end..last.end, &new);
        }
        let column = self.column(owner.start);
        let new = written::member(key, &items, column, self.line_break);
        let new = format!("{}{new}", " ".repeat(column));
        self.lines(self.line_after(owner.end), &new)
    }

    /// Takes an entry out of a list. Comments above it stay.
    pub(super) fn remove(&self, list: &Part, index: usize) -> Option<String> {
        let Shape::List { flow, items } = &list.shape else {
            return None;
        };
        let item = items.get(index)?;
        let before = index.checked_sub(1).and_then(|before| items.get(before));
        if !*flow {
            return self.replace(self.dash(item.start)?.0..self.line_after(item.end), "");
        }
        match (before, items.get(index + 1)) {
            (Some(before), _) => self.replace(before.end..item.end, ""),
            (None, Some(after)) => self.replace(item.start..after.start, ""),
            (None, None) => self.replace(item.start..item.end, ""),
        }
    }

    /// The line and the column of the dash of an entry: on its own line, or on one above it.
    fn dash(&self, item: usize) -> Option<(usize, usize)> {
        let mut end = item;
        loop {
            let line = self.line_of(end);
            let words = self.text.get(line..end)?.trim_start_matches(' ');
            let column = end - line - words.len();
            if words
                .strip_prefix('-')
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '#']))
            {
                return Some((line, column));
            }
            end = line.checked_sub(1)?;
        }
    }

    fn line_of(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.rfind('\n').map_or(0, |end| end + 1)
    }

    fn column(&self, at: usize) -> usize {
        at - self.line_of(at)
    }

    /// Where the line behind this place begins.
    fn line_after(&self, at: usize) -> usize {
        let behind = self.text.get(at..).unwrap_or_default();
        behind
            .find('\n')
            .map_or(self.text.len(), |end| at + end + 1)
    }

    /// Puts whole lines where a line begins, or at the end of the text.
    fn lines(&self, at: usize, lines: &str) -> Option<String> {
        let unfinished = at > 0 && !self.text.get(..at)?.ends_with('\n');
        let line_break = if unfinished { self.line_break } else { "" };
        self.replace(at..at, &format!("{line_break}{lines}"))
    }

    fn replace(&self, range: Range<usize>, new: &str) -> Option<String> {
        let (before, after) = (self.text.get(..range.start)?, self.text.get(range.end..)?);
        Some([before, new, after].concat())
    }
}
