//! Where a walk through a document stands: a chain on the stack, written out as a JSON Pointer only where something happened.

use std::borrow::Cow;

use crate::model::pointer;

/// One step from the root.
#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Index(usize),
}

/// A place in a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    parent: Option<&'a Self>,
    step: Step<'a>,
}

/// Characters of one member name that are shown. Names are the caller's, so they are bounded like its values.
const NAME_SHOWN: usize = 64;

impl<'a> Place<'a> {
    /// The document itself.
    pub(super) const ROOT: Place<'static> = Place {
        parent: None,
        step: Step::Root,
    };

    /// A member of this object.
    pub(super) const fn member(&'a self, name: &'a str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Member(name),
        }
    }

    /// An item of this array.
    pub(super) const fn index(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Index(index),
        }
    }

    /// The JSON Pointer.
    pub(super) fn pointer(&self) -> String {
        self.written(&|name| Cow::Borrowed(name))
    }

    /// The JSON Pointer, with names as they may be shown.
    pub(super) fn shown(&self) -> String {
        self.written(&|name| Cow::Owned(short_name(name)))
    }

    fn written(&self, name_as: &dyn Fn(&'a str) -> Cow<'a, str>) -> String {
        let mut text = self
            .parent
            .map(|parent| parent.written(name_as))
            .unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Member(name) => pointer::push(&mut text, &name_as(name)),
            Step::Index(index) => pointer::push_index(&mut text, index),
        }
        text
    }
}

/// A member name as it may be shown: control characters escaped, cut where more than 64 characters would be shown.
pub(super) fn short_name(name: &str) -> String {
    let mut shown = String::with_capacity(name.len().min(NAME_SHOWN));
    let mut left = NAME_SHOWN;
    for c in name.chars() {
        let escape =
            (c.is_control() || super::look_alike::is_invisible(c)).then(|| c.escape_unicode());
        let Some(rest) = left.checked_sub(escape.as_ref().map_or(1, ExactSizeIterator::len)) else {
            shown.push('…');
            break;
        };
        left = rest;
        match escape {
            Some(escape) => shown.extend(escape),
            None => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_reads_as_a_pointer() {
        let list = Place::ROOT.member("attendees");
        let item = list.index(3);
        assert_eq!(item.member("a/b").pointer(), "/attendees/3/a~1b");
        assert_eq!(Place::ROOT.pointer(), "");
    }

    #[test]
    fn names_are_shown_short_and_visible() {
        assert_eq!(short_name("length\u{200b}"), "length\\u{200b}");
        assert_eq!(short_name(&"x".repeat(1000)).chars().count(), 65);
        // An escape is six characters of what is shown.
        let ten = "\\u{7f}".repeat(10);
        assert_eq!(short_name(&"\u{7f}".repeat(10)), ten);
        assert_eq!(short_name(&"\u{7f}".repeat(1000)), format!("{ten}…"));
    }
}
