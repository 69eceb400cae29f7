//! Reads of fields, and lists that are written out.

use super::super::bounds::{Bounds, Domain, Integers, Size};
use super::super::environment::ShapeId;
use super::super::kind::Kind;
use super::super::literal::Literal;
use super::super::program::{Field, Op, Root};
use super::super::reader::Reader;
use super::super::syntax::NodeId;
use super::narrows::Narrows;
use super::place::{Place, Target};
use super::special::Special;
use super::{Checker, Term};
use crate::model::field::{Field as Contract, FieldType};

impl Checker<'_> {
    /// Reads what a name or selection stands for; says where it may be absent.
    pub(super) fn read(&mut self, id: NodeId, target: Target) -> Term {
        match target {
            Target::Computed(term) => term,
            Target::Special(special) => {
                if let Some(key) = special.key()
                    && !self.known.contains(&key)
                {
                    let guard = match &special {
                        Special::Header(index) => header_guard(*index),
                        _ => self.guard(id),
                    };
                    self.note_absent(id, &guard);
                    return self.unknown();
                }
                self.special_term(&special)
            }
            Target::Field(place) => self.read_field(id, &place),
        }
    }

    fn read_field(&mut self, id: NodeId, place: &Place) -> Term {
        let shape = place.shape();
        let kind = self.shapes.kind(shape);
        self.note_read(shape);
        let there = self.is_there(place);
        if place.path.is_empty() {
            let bounds = Bounds::object(there);
            match place.root {
                Root::Item(slot) => return self.term(kind, Op::Item(slot), bounds, 0),
                Root::Computed(op) => {
                    return Term {
                        kind,
                        op,
                        bounds,
                        cost: place.cost,
                        narrows: Narrows::default(),
                        of_operation: false,
                    };
                }
                Root::Body => {}
            }
        }
        let default = self
            .contract(shape)
            .and_then(|field| field.default.as_ref())
            .and_then(Literal::of_json);
        let holds_others = matches!(kind, Kind::List(_) | Kind::Object(_));
        if !holds_others && default.is_none() && !there {
            if place.key.is_some() {
                let guard = self.guard(id);
                self.note_absent(id, &guard);
            } else {
                // What is computed twice is not known to be the same twice; a loop gives it a name.
                let path = place.names().join(".");
                let what = format!("{} may be absent", self.shown(id));
                let hint = format!("write `[...].exists(x, has(x.{path}) && ...)`");
                self.note_with(id, what, Some(hint));
            }
            return self.unknown();
        }
        let bounds = match kind {
            Kind::Object(_) => Bounds::object(there),
            _ => self.bounds(shape, 4),
        };
        let op = Op::Field(Box::new(Field {
            root: place.root,
            path: place.names(),
            reader: Reader::of(&kind),
            default,
        }));
        self.term(kind, op, bounds, place.cost)
    }

    /// Remembers that a field is read.
    pub(super) fn note_read(&mut self, shape: ShapeId) {
        if let Some(shape) = self.shapes.get(shape)
            && !shape.pointer.is_empty()
            && !shape.pointer.ends_with("/*")
        {
            self.reads.insert(shape.pointer.clone());
        }
    }

    fn contract(&self, shape: ShapeId) -> Option<&Contract> {
        self.shapes.get(shape)?.field
    }

    /// What the contract says of the values of a field.
    pub(super) fn bounds(&self, shape: ShapeId, depth: u8) -> Bounds {
        let Some(found) = self.shapes.get(shape) else {
            return Bounds::ANY;
        };
        let most = found.most_items();
        let item = self.shapes.item(shape);
        match (found.kind, found.field) {
            (FieldType::Array, _) => Bounds {
                domain: Domain::Any,
                size: most.map_or(Size::ANY, Size::at_most),
                item: item.zip(depth.checked_sub(1)).map(|(item, depth)| {
                    Box::new(Bounds {
                        there: true,
                        ..self.bounds(item, depth)
                    })
                }),
                there: false,
            },
            (FieldType::Integer, Some(field)) => Bounds::domain(Domain::Integers(integers(field))),
            (FieldType::String, Some(field)) => texts(field),
            _ => Bounds::ANY,
        }
    }

    /// A list that is written out.
    pub(super) fn list(&mut self, items: &[NodeId]) -> Term {
        let terms: Vec<Term> = items.iter().map(|item| self.check(*item)).collect();
        let mut kind: Option<Kind> = None;
        let mut bounds: Option<Bounds> = None;
        for (id, term) in items.iter().zip(&terms) {
            if !term.kind.is_value() {
                let what = format!("{} is no value", self.shown(*id));
                self.note(*id, what);
                return self.unknown();
            }
            let joined = match &kind {
                None => Some(term.kind.clone()),
                Some(kind) => kind.joined(&term.kind),
            };
            let Some(joined) = joined else {
                let what = format!(
                    "the items of a list are of one type: {} is {}, those before are {}",
                    self.shown(*id),
                    term.kind,
                    kind.unwrap_or(Kind::Dyn)
                );
                self.note(*id, what);
                return self.unknown();
            };
            kind = Some(joined);
            bounds = Some(match bounds {
                None => term.bounds.clone(),
                Some(bounds) => bounds.or(&term.bounds),
            });
        }
        let literals: Option<Vec<Literal>> = terms
            .iter()
            .map(|term| self.program.literal(term.op).cloned())
            .collect();
        let (op, cost) = match literals {
            Some(literals) => (Op::Literal(Literal::List(literals.into())), 0),
            None => (
                Op::List(terms.iter().map(|term| term.op).collect()),
                terms
                    .iter()
                    .fold(0_u64, |cost, term| cost.saturating_add(term.cost + 1)),
            ),
        };
        let bounds = Bounds {
            domain: Domain::Any,
            size: Size::exactly(items.len() as u64),
            item: bounds.map(Box::new),
            there: false,
        };
        let kind = Kind::list_of(kind.unwrap_or(Kind::Dyn));
        self.term(kind, op, bounds, cost)
    }
}

fn header_guard(index: usize) -> String {
    let name = crate::model::header::VisibleHeaders::NAMES
        .get(index)
        .map_or_else(String::new, ToString::to_string);
    format!("'{name}' in headers")
}

fn integers(field: &Contract) -> Integers {
    let allowed: Vec<i64> = field
        .allowed
        .iter()
        .filter_map(crate::model::json::Value::as_i64)
        .collect();
    let bounds = if allowed.is_empty() {
        Integers::between(
            field.minimum.unwrap_or(i64::MIN),
            field.maximum.unwrap_or(i64::MAX),
        )
    } else {
        Integers::only(allowed)
    };
    match field
        .default
        .as_ref()
        .and_then(crate::model::json::Value::as_i64)
    {
        Some(default) => bounds.or(&Integers::one(default)),
        None => bounds,
    }
}

fn texts(field: &Contract) -> Bounds {
    let allowed: Vec<&str> = field
        .allowed
        .iter()
        .chain(&field.default)
        .filter_map(crate::model::json::Value::as_str)
        .collect();
    let most = field.max_length.map(|most| most as u64);
    if field.allowed.is_empty() {
        return Bounds::size(most.map_or(Size::ANY, Size::at_most));
    }
    let mut texts: Vec<Box<str>> = Vec::new();
    for text in allowed {
        if !texts.iter().any(|known| &**known == text) {
            texts.push(text.into());
        }
    }
    let lengths = texts.iter().map(|text| text.chars().count() as u64);
    Bounds {
        size: Size {
            low: lengths.clone().min().unwrap_or(0),
            high: lengths.max(),
        },
        domain: Domain::Texts(texts.into()),
        item: None,
        there: false,
    }
}
