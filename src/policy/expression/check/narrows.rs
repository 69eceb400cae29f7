//! What follows from a truth value: what is present where a part is true, and where it is false.

use std::rc::Rc;

/// What is known to be present, by the outcome of a part.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrows {
    pub(super) met: Vec<Rc<str>>,
    pub(super) unmet: Vec<Rc<str>>,
}

impl Narrows {
    /// Present where the part is true.
    pub(super) fn present(key: Rc<str>) -> Self {
        Self {
            met: vec![key],
            unmet: Vec::new(),
        }
    }

    pub(super) fn negated(self) -> Self {
        Self {
            met: self.unmet,
            unmet: self.met,
        }
    }
}

/// What is known in both cases.
pub(super) fn both(left: &[Rc<str>], right: &[Rc<str>]) -> Vec<Rc<str>> {
    left.iter()
        .filter(|key| right.contains(key))
        .cloned()
        .collect()
}

/// What is known if either is.
pub(super) fn either(left: &[Rc<str>], right: &[Rc<str>]) -> Vec<Rc<str>> {
    let mut all = left.to_vec();
    all.extend(right.iter().filter(|key| !left.contains(key)).cloned());
    all
}
