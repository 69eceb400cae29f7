//! What an answer tells of the first meeting in it, seen while somebody walks over it: where the values stand that were asked for.

use std::borrow::Cow;
use std::ops::Range;

use super::Asked;
use super::echo::ECHOES;
use crate::model::json_walk::{Member, Watch, mark};

/// Places for values: of every echo that can be asked for, then of the two times between which a meeting is.
const PLACES: usize = ECHOES.len() + 2;
const START: usize = ECHOES.len();
const END: usize = START + 1;
const START_TIME: &str = "startTime";
const END_TIME: &str = "endTime";

/// What of an answer is told, by what was asked for.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    asked: &'a Asked,
    /// The [`mark`]s of names that are wanted: nearly all others are passed over by it.
    marks: u64,
    at: At,
    /// The member of the meeting that the walk is in, if something in it is wanted.
    parent: Option<&'static str>,
    /// What the next value is: one bit for each place.
    next: u32,
    /// What the container is that begins there, in this depth.
    open: Option<(u32, usize, usize)>,
    /// Empty where nothing is told.
    values: [Range<usize>; PLACES],
    /// Whether it is a list that the meeting stands in.
    in_list: bool,
    /// Whether a name in the meeting cannot be read.
    is_unreadable: bool,
}

/// Where a walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// At the first value of so many lists.
    Front(usize),
    /// In the meeting, whose members are of this depth.
    Meeting(usize),
    /// Behind it, or where there is none.
    Behind,
}

impl<'a> Told<'a> {
    pub(super) fn new(asked: &'a Asked) -> Self {
        const { assert!(PLACES <= u32::BITS as usize) };
        let names = asked.echoes.iter().map(|(echo, _)| {
            let outer = echo.parent.unwrap_or(echo.name);
            mark(outer.as_bytes()) | mark(echo.name.as_bytes())
        });
        let times = if asked.length.is_some() {
            mark(START_TIME.as_bytes()) | mark(END_TIME.as_bytes())
        } else {
            0
        };
        Self {
            asked,
            marks: names.fold(times, |all, name| all | name),
            at: At::Front(0),
            parent: None,
            next: 0,
            open: None,
            values: [const { 0..0 }; PLACES],
            in_list: false,
            is_unreadable: false,
        }
    }

    pub(super) const fn asked(&self) -> &'a Asked {
        self.asked
    }

    pub(super) const fn in_list(&self) -> bool {
        self.in_list
    }

    /// The JSON value of an echo, by its place among those that are asked for; none where the answer does not tell.
    pub(super) fn written<'t>(&self, answer: &'t str, echo: usize) -> Option<&'t str> {
        let written = answer.get(self.values.get(echo)?.clone())?;
        let tells = !self.is_unreadable && !matches!(written, "" | "null" | "\"\"");
        tells.then_some(written)
    }

    /// When the meeting begins and ends, as far as it is told; none where that cannot be read.
    pub(super) fn times<'t>(&self, answer: &'t str) -> Option<[Option<Cow<'t, str>>; 2]> {
        let time = |place| match self.written(answer, place) {
            Some(written) if written.starts_with('"') => text(written).map(Some),
            _ => Some(None),
        };
        Some([time(START)?, time(END)?])
    }

    /// Notes what the value of a member is, if it is wanted.
    fn expect(&mut self, member: &Member<'_>, parent: Option<&'static str>) {
        if !member.is_escaped && self.marks & mark(member.written()) == 0 {
            return;
        }
        let Some(name) = member.name() else {
            self.is_unreadable = true;
            return;
        };
        for (place, (echo, _)) in self.asked.echoes.iter().enumerate() {
            if echo.parent == parent {
                self.next |= u32::from(echo.name == name) << place;
            } else if parent.is_none() && echo.parent.is_some_and(|parent| parent == name) {
                self.parent = echo.parent;
                // What the same name told before is no more.
                self.note(1 << place, &(0..0));
            }
        }
        if parent.is_none() && self.asked.length.is_some() {
            self.next |= u32::from(name == START_TIME) << START;
            self.next |= u32::from(name == END_TIME) << END;
        }
    }

    fn note(&mut self, what: u32, value: &Range<usize>) {
        let mut left = what;
        while left != 0 {
            if let Some(place) = self.values.get_mut(left.trailing_zeros() as usize) {
                *place = value.clone();
            }
            left &= left - 1;
        }
    }
}

/// What a JSON text says.
fn text(written: &str) -> Option<Cow<'_, str>> {
    match written.get(1..written.len() - 1) {
        Some(plain) if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
        _ => serde_json::from_str(written).ok().map(Cow::Owned),
    }
}

impl Watch for Told<'_> {
    #[inline]
    fn member(&mut self, member: &Member<'_>) {
        let At::Meeting(depth) = self.at else {
            return;
        };
        if member.depth == depth {
            (self.next, self.parent) = (0, None);
            self.expect(member, None);
        } else if member.depth == depth + 1 && self.parent.is_some() {
            self.next = 0;
            self.expect(member, self.parent);
        }
    }

    #[inline]
    fn scalar(&mut self, value: Range<usize>, _: usize) {
        if self.next != 0 {
            self.note(self.next, &value);
            self.next = 0;
        } else if matches!(self.at, At::Front(_)) {
            self.at = At::Behind;
        }
    }

    #[inline]
    fn opens(&mut self, from: usize, depth: usize, bracket: u8) {
        if self.next != 0 {
            self.open = Some((self.next, from, depth));
            self.next = 0;
        } else if matches!(self.at, At::Front(_)) {
            self.in_list = depth > 0;
            self.at = if bracket == b'{' {
                At::Meeting(depth + 1)
            } else {
                At::Front(depth + 1)
            };
        }
    }

    #[inline]
    fn closes(&mut self, end: usize, depth: usize) {
        match (self.open, self.at) {
            (Some((what, from, around)), _) if around == depth => {
                self.open = None;
                self.note(what, &(from..end));
            }
            (_, At::Front(_)) => self.at = At::Behind,
            (_, At::Meeting(members)) if members == depth + 1 => self.at = At::Behind,
            _ => {}
        }
    }
}
