//! Follows names and selections to what they stand for: a place in the body, or something else that is known.

use std::rc::Rc;

use super::super::bounds::Bounds;
use super::super::environment::ShapeId;
use super::super::kind::Kind;
use super::super::literal::Literal;
use super::super::mistake::Mistake;
use super::super::program::{Op, Root};
use super::super::syntax::{Form, Member, NodeId};
use super::special::Special;
use super::{Checker, Term};
use crate::model::pointer;

/// The variables that every expression has.
pub(in super::super) const VARIABLES: [&str; 6] =
    ["body", "query", "headers", "caller", "operation", "now"];

/// What a name or selection stands for.
#[derive(Debug)]
pub(super) enum Target {
    Field(Place),
    Special(Special),
    Computed(Term),
}

/// A place in the body, below a root.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) root: Root,
    /// What stands for the root in what is known to be present; `None` where that cannot be known.
    pub(super) key: Option<Rc<str>>,
    pub(super) root_shape: ShapeId,
    /// Whether the root is certainly there.
    pub(super) there: bool,
    pub(super) path: Vec<(Box<str>, ShapeId)>,
    /// Steps to compute the root.
    pub(super) cost: u64,
}

impl Place {
    pub(super) fn shape(&self) -> ShapeId {
        self.path
            .last()
            .map_or(self.root_shape, |(_, shape)| *shape)
    }

    /// What stands for the first members of it in what is known to be present.
    pub(super) fn key_of(&self, members: usize) -> Option<Rc<str>> {
        let mut key = self.key.as_deref()?.to_owned();
        for (name, _) in self.path.iter().take(members) {
            pointer::push(&mut key, name);
        }
        Some(key.into())
    }

    pub(super) fn names(&self) -> Box<[Box<str>]> {
        self.path.iter().map(|(name, _)| name.clone()).collect()
    }
}

impl Checker<'_> {
    /// What a name, selection or index stands for; anything else is computed.
    pub(super) fn target(&mut self, id: NodeId) -> Target {
        let tree = self.tree;
        match tree.get(id).map(|node| &node.form) {
            Some(Form::Name(name)) => self.name(id, name),
            Some(Form::Select(base, member)) => {
                let target = self.target(*base);
                self.select(*base, target, member)
            }
            Some(Form::Index(base, index)) => {
                let target = self.target(*base);
                let text = tree.get(*index).and_then(|node| match &node.form {
                    Form::Text(text) => Some(Member {
                        name: text.clone(),
                        span: node.span,
                    }),
                    _ => None,
                });
                let by_name = match &target {
                    Target::Field(place) => {
                        matches!(self.shapes.kind(place.shape()), Kind::Object(_))
                    }
                    Target::Special(special) => special.has_members(),
                    Target::Computed(term) => matches!(term.kind, Kind::Object(_) | Kind::Dyn),
                };
                match text {
                    Some(member) if by_name => self.select(*base, target, &member),
                    _ => self.index(*base, target, *index),
                }
            }
            _ => Target::Computed(self.check(id)),
        }
    }

    fn name(&mut self, id: NodeId, name: &str) -> Target {
        if let Some(variable) = self
            .variables
            .iter()
            .rev()
            .find(|variable| &*variable.name == name)
        {
            let (slot, kind) = (variable.slot, variable.kind.clone());
            let (bounds, key) = (variable.bounds.clone(), Rc::clone(&variable.key));
            return match kind {
                Kind::Object(shape) => Target::Field(Place {
                    root: Root::Item(slot),
                    key: Some(key),
                    root_shape: shape,
                    there: bounds.there,
                    path: Vec::new(),
                    cost: 0,
                }),
                kind => Target::Computed(self.term(kind, Op::Item(slot), bounds, 0)),
            };
        }
        match name {
            "body" => Target::Field(Place {
                root: Root::Body,
                key: Some("body".into()),
                root_shape: ShapeId::BODY,
                there: true,
                path: Vec::new(),
                cost: 0,
            }),
            "query" => Target::Special(Special::Query),
            "headers" => Target::Special(Special::Headers),
            "caller" => Target::Special(Special::Caller),
            "now" => Target::Special(Special::Now),
            "operation" => {
                let mut term = self.literal(Literal::Text(self.environment.operation.into()));
                term.of_operation = true;
                Target::Computed(term)
            }
            _ => {
                let offset = self.tree.span(id).start;
                let mistake = Mistake::new(offset, format!("there is no variable `{name}`"));
                let known = self.variables.iter().map(|variable| &*variable.name);
                let mistake = match self.shapes.anywhere(name) {
                    Some(field) => mistake.hint(format!("write `{field}`")),
                    None => mistake.nearest(name, known.chain(VARIABLES)),
                };
                self.mistakes.push(mistake);
                Target::Computed(self.unknown())
            }
        }
    }

    fn select(&mut self, base: NodeId, target: Target, member: &Member) -> Target {
        match target {
            Target::Special(special) => self.special_member(special, member),
            Target::Field(place) => match self.shapes.kind(place.shape()) {
                Kind::Object(_) => self.field(base, place, member),
                kind => self.no_members(base, &kind, member),
            },
            Target::Computed(term) => match term.kind {
                Kind::Object(shape) => {
                    let place = Place {
                        root: Root::Computed(term.op),
                        key: None,
                        root_shape: shape,
                        there: term.bounds.there,
                        path: Vec::new(),
                        cost: term.cost,
                    };
                    self.field(base, place, member)
                }
                Kind::Dyn => {
                    let op = Op::Member(term.op, [member.name.clone()].into());
                    Target::Computed(self.term(Kind::Dyn, op, Bounds::ANY, term.cost))
                }
                Kind::Unknown => Target::Computed(term),
                kind => self.no_members(base, &kind, member),
            },
        }
    }

    fn field(&mut self, base: NodeId, mut place: Place, member: &Member) -> Target {
        if let Some(shape) = self.shapes.member(place.shape(), &member.name) {
            place.path.push((member.name.clone(), shape));
            return Target::Field(place);
        }
        let what = format!("{} has no field `{}`", self.shown(base), member.name);
        let mistake = Mistake::new(member.span.start, what)
            .lacking()
            .nearest(&member.name, self.shapes.members(place.shape()));
        self.mistakes.push(mistake);
        Target::Computed(self.unknown())
    }

    fn no_members(&mut self, base: NodeId, kind: &Kind, member: &Member) -> Target {
        if !kind.open() {
            let what = format!("{} is {kind} and has no members", self.shown(base));
            let mistake = Mistake::new(member.span.start, what);
            self.mistakes.push(match kind {
                Kind::List(_) => mistake.hint(format!(
                    "ask its items, as in {}.exists(item, ...)`",
                    self.shown(base).trim_end_matches('`')
                )),
                _ => mistake,
            });
        }
        Target::Computed(self.unknown())
    }

    /// An item of a list, or a member whose name is computed.
    fn index(&mut self, base: NodeId, target: Target, index: NodeId) -> Target {
        if let Target::Special(special) = target {
            return self.special_index(base, special, index);
        }
        let key = match &target {
            Target::Field(place) => place.key_of(place.path.len()),
            _ => None,
        };
        let list = self.read(base, target);
        let at = self.check(index);
        let item = match &list.kind {
            Kind::Unknown => return Target::Computed(list),
            Kind::Dyn => Kind::Dyn,
            Kind::List(item) => {
                if !self.require(index, &at, &Kind::Int, "an index") {
                    return Target::Computed(self.unknown());
                }
                (**item).clone()
            }
            kind => {
                let what = format!("{} is {kind} and has no items", self.shown(base));
                self.note(base, what);
                return Target::Computed(self.unknown());
            }
        };
        let cost = list.cost.saturating_add(at.cost);
        let term = self.term(item, Op::Index(list.op, at.op), list.bounds.item(), cost);
        let written = match self.program.literal(at.op) {
            Some(Literal::Int(number)) => Some(*number),
            _ => None,
        };
        match term.kind {
            Kind::Object(shape) => Target::Field(Place {
                root: Root::Computed(term.op),
                key: key
                    .zip(written)
                    .map(|(key, number)| format!("{key}[{number}]").into()),
                root_shape: shape,
                there: term.bounds.there,
                path: Vec::new(),
                cost: term.cost,
            }),
            _ => Target::Computed(term),
        }
    }
}
