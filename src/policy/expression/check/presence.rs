//! What may be absent, and `has()`.
//!
//! A list or object is never absent for an expression: it is empty then. A scalar is never absent if it has a default, or
//! if the contract requires it of an object that is itself there, or if a guard has found it.

use super::super::bounds::{Bounds, Constant, Domain};
use super::super::kind::Kind;
use super::super::program::{Op, Root};
use super::super::syntax::NodeId;
use super::narrows::Narrows;
use super::place::{Place, Target};
use super::{Checker, Term};

impl Checker<'_> {
    /// Whether a place is certainly there, in the request itself.
    pub(super) fn is_there(&self, place: &Place) -> bool {
        self.climbs(place, |key| {
            self.known.iter().any(|known| {
                known
                    .strip_prefix(key)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '[']))
            })
        })
    }

    /// Whether the contract alone makes a place be there. A list may be shorter than an index needs, so nothing is said of
    /// what is computed.
    fn always_there(&self, place: &Place) -> bool {
        !matches!(place.root, Root::Computed(_)) && self.climbs(place, |_| false)
    }

    /// Whether what is known, or a root that is there, is reached from a place by members that are required.
    fn climbs(&self, place: &Place, known: impl Fn(&str) -> bool) -> bool {
        for members in (1..=place.path.len()).rev() {
            if place.key_of(members).is_some_and(|key| known(&key)) {
                return true;
            }
            let shape = members
                .checked_sub(1)
                .and_then(|index| place.path.get(index))
                .and_then(|(_, shape)| self.shapes.get(*shape));
            if !shape
                .and_then(|shape| shape.field)
                .is_some_and(|field| field.required)
            {
                return false;
            }
        }
        place.there || place.key_of(0).is_some_and(|key| known(&key))
    }

    /// Says that something may be absent.
    pub(super) fn note_absent(&mut self, id: NodeId, guard: &str) {
        let what = format!("{} may be absent", self.shown(id));
        self.note_with(id, what, Some(format!("write `{guard} && ...`")));
    }

    /// How a part is asked whether it is there.
    pub(super) fn guard(&self, id: NodeId) -> String {
        let text = self.tree.span(id).of(self.text);
        let words: Vec<&str> = text.split_whitespace().collect();
        format!("has({})", words.join(" "))
    }

    /// `has(selection)`.
    pub(super) fn has(&mut self, id: NodeId, selection: NodeId) -> Term {
        match self.target(selection) {
            Target::Field(place) => {
                if place.path.is_empty() && place.root != Root::Body {
                    return self.no_member(id, selection);
                }
                if place.path.is_empty() {
                    let what = format!("{} is always there", self.shown(selection));
                    self.note(id, what);
                    return self.truth_unknown();
                }
                self.note_read(place.shape());
                // No mistake: where another operation does not require it, the same rule must ask.
                if self.always_there(&place) {
                    return self.fixed(Constant::Always, false);
                }
                let key = place.key_of(place.path.len());
                let op = Op::HasField(place.root, place.names());
                let mut term = self.truth(op, place.cost);
                if let Some(key) = key {
                    term.narrows = Narrows::present(key);
                }
                term
            }
            Target::Special(special) => {
                let Some(key) = special.key() else {
                    let what = format!("{} is always there", self.shown(selection));
                    self.note(id, what);
                    return self.truth_unknown();
                };
                let mut term = self.has_special(&special);
                term.narrows = Narrows::present(key);
                term
            }
            Target::Computed(term) => match self.program.get(term.op) {
                Some(Op::Member(object, path)) => {
                    let op = Op::HasMember(*object, path.clone());
                    self.truth(op, term.cost)
                }
                Some(Op::ClaimNamed(name)) => {
                    let op = Op::HasClaimNamed(*name);
                    self.truth(op, term.cost)
                }
                _ if term.kind == Kind::Unknown => self.truth_unknown(),
                _ => self.no_member(id, selection),
            },
        }
    }

    fn no_member(&mut self, id: NodeId, selection: NodeId) -> Term {
        let what = format!(
            "`has` asks for a member, and {} is none",
            self.shown(selection)
        );
        self.note(id, what);
        self.truth_unknown()
    }

    /// A truth value of a part that has a mistake.
    pub(super) fn truth_unknown(&mut self) -> Term {
        let bounds = Bounds::domain(Domain::Bool(Constant::Depends));
        let op = Op::Literal(super::super::literal::Literal::Null);
        self.term(Kind::Unknown, op, bounds, 0)
    }
}
