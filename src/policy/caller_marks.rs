//! Whom rules are for, as one number each, so that a thousand rules for other callers are passed over in a microsecond.
//!
//! Each name has one of 64 bits. Where no bit of a caller's names is among those of a rule's names, the rule is not for that caller;
//! otherwise the names themselves are asked, since several may share a bit.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::model::principal::Caller;

use super::scope::Callers;

/// The bits of a rule's names; none where it is for everybody.
#[derive(Debug, Clone, Copy)]
pub(super) struct CallerMarks(u64);

/// One caller, whose bits are counted out when they are first needed.
#[derive(Debug)]
pub(super) struct Marked<'c> {
    caller: &'c Caller,
    bits: Option<u64>,
}

impl CallerMarks {
    pub(super) fn of(callers: &Callers) -> Self {
        let names = bits(callers.names());
        // Where some are excepted from everybody, anyone may be meant.
        Self(if names == 0 && !callers.except.is_empty() {
            u64::MAX
        } else {
            names
        })
    }
}

impl<'c> Marked<'c> {
    pub(super) const fn new(caller: &'c Caller) -> Self {
        Self { caller, bits: None }
    }

    /// Whether these callers, of whom the marks are, include this one.
    pub(super) fn is_among(&mut self, marks: CallerMarks, callers: &Callers) -> bool {
        marks.0 == 0 || (marks.0 & self.bits() != 0 && callers.include(self.caller))
    }

    fn bits(&mut self) -> u64 {
        *self.bits.get_or_insert_with(|| {
            let groups = self.caller.groups.iter().map(|group| &**group);
            bits(groups.chain([&*self.caller.id]))
        })
    }
}

fn bits<'n>(names: impl Iterator<Item = &'n str>) -> u64 {
    let bit = |name: &str| 1 << (FixedState::default().hash_one(name) % 64);
    names.fold(0, |all, name| all | bit(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::fixture::caller;

    #[test]
    fn marks_leave_out_nobody_and_let_nobody_in() {
        let name = |n: usize| format!("name-{n}");
        for n in 0..300 {
            let asked = caller(&name(n % 7), &[&name(n % 11), &name(n % 13)]);
            let mut marked = Marked::new(&asked);
            for ids in [vec![], vec![name(n % 5)], (0..n % 90).map(name).collect()] {
                for groups in [vec![], vec![name(n % 17)]] {
                    for except in [vec![], vec![name(n % 3)]] {
                        let (ids, groups) = (ids.clone(), groups.clone());
                        let callers = Callers {
                            ids,
                            groups,
                            except,
                        };
                        let marks = CallerMarks::of(&callers);
                        assert_eq!(
                            marked.is_among(marks, &callers),
                            callers.include(&asked),
                            "{asked:?} {callers:?}"
                        );
                    }
                }
            }
        }
    }
}
