//! `+ - * / %` and the sign. What is written out is computed at once, so that `1/0` is a mistake.

use super::super::bounds::{Bounds, Domain};
use super::super::budget::Budget;
use super::super::evaluate::arithmetic;
use super::super::failure::Failure;
use super::super::kind::Kind;
use super::super::literal::Literal;
use super::super::program::Op;
use super::super::syntax::{NodeId, Operator};
use super::{Checker, Term};

impl Checker<'_> {
    pub(super) fn negate(&mut self, id: NodeId, operand: NodeId) -> Term {
        let term = self.check(operand);
        match &term.kind {
            Kind::Unknown => return term,
            Kind::Dyn | Kind::Int | Kind::Double | Kind::Duration => {}
            kind => {
                let what = format!("`-` needs a number; {} is {kind}", self.shown(operand));
                self.note(operand, what);
                return self.unknown();
            }
        }
        if let Some(literal) = self.program.literal(term.op) {
            let result = arithmetic::negated(&literal.value()).map(|value| Literal::of(&value));
            return self.folded(id, result);
        }
        let zero = Bounds::domain(Domain::Integers(super::super::bounds::Integers::one(0)));
        let bounds = combined(Operator::Minus, &zero, &term.bounds);
        self.term(term.kind, Op::Negate(term.op), bounds, term.cost)
    }

    pub(super) fn arithmetic(
        &mut self,
        id: NodeId,
        operator: Operator,
        left: NodeId,
        right: NodeId,
    ) -> Term {
        let first = self.check(left);
        let second = self.check(right);
        if first.kind == Kind::Unknown || second.kind == Kind::Unknown {
            return self.unknown();
        }
        let Some(kind) = result(operator, &first.kind, &second.kind) else {
            let what = format!(
                "`{}` does not go with them: {} is {}, {} is {}",
                operator.written(),
                self.shown(left),
                first.kind,
                self.shown(right),
                second.kind
            );
            let hint = match (&first.kind, &second.kind) {
                (Kind::Int, Kind::Double) | (Kind::Double, Kind::Int) => {
                    Some("convert one with `double(...)`".to_owned())
                }
                (Kind::Timestamp | Kind::Duration, Kind::Int) => Some(format!(
                    "write `minutes({})`",
                    self.shown(right).trim_matches('`')
                )),
                (Kind::Text, Kind::Int | Kind::Double | Kind::Bool) => Some(format!(
                    "write `string({})`",
                    self.shown(right).trim_matches('`')
                )),
                _ => None,
            };
            self.note_with(left, what, hint);
            return self.unknown();
        };
        if let (Some(first), Some(second)) = (
            self.program.literal(first.op),
            self.program.literal(second.op),
        ) && !matches!(kind, Kind::List(_))
        {
            let mut budget = Budget::default();
            let (first, second) = (first.value(), second.value());
            let result = arithmetic::apply(operator, &first, &second, &mut budget)
                .map(|value| Literal::of(&value));
            return self.folded(id, result);
        }
        let bounds = combined(operator, &first.bounds, &second.bounds);
        // A text or list that is built takes room for each part of it.
        let room = match kind {
            Kind::Text | Kind::Dyn | Kind::List(_) => bounds.size.counted(),
            _ => 0,
        };
        let room = if kind == Kind::Text {
            room / 4 + 1
        } else {
            room
        };
        let cost = first.cost.saturating_add(second.cost).saturating_add(room);
        let op = match (&first.kind, &second.kind) {
            (Kind::Int, Kind::Int) => Op::IntArithmetic(operator, first.op, second.op),
            _ => Op::Arithmetic(operator, first.op, second.op),
        };
        self.term(kind, op, bounds, cost)
    }

    /// A value that is known already, or why there is none.
    pub(super) fn folded(&mut self, id: NodeId, result: Result<Option<Literal>, Failure>) -> Term {
        match result {
            Ok(Some(literal)) => self.literal(literal),
            Ok(None) => self.unknown(),
            Err(failure) => {
                let what = format!("{} has no value: {failure}", self.shown(id));
                self.note(id, what);
                self.unknown()
            }
        }
    }
}

/// The type of a result, if the operands go together.
fn result(operator: Operator, left: &Kind, right: &Kind) -> Option<Kind> {
    use Operator::{Minus, Plus, Remainder};
    match (operator, left, right) {
        (_, Kind::Dyn, other) | (_, other, Kind::Dyn) => other.is_value().then_some(Kind::Dyn),
        (_, Kind::Int, Kind::Int) => Some(Kind::Int),
        (Remainder, Kind::Double, Kind::Double) => None,
        (_, Kind::Double, Kind::Double) => Some(Kind::Double),
        (Plus, Kind::Text, Kind::Text) => Some(Kind::Text),
        (Plus, Kind::List(_), Kind::List(_)) => left.joined(right),
        (Plus | Minus, Kind::Timestamp, Kind::Duration)
        | (Plus, Kind::Duration, Kind::Timestamp) => Some(Kind::Timestamp),
        (Minus, Kind::Timestamp, Kind::Timestamp)
        | (Plus | Minus, Kind::Duration, Kind::Duration) => Some(Kind::Duration),
        _ => None,
    }
}

fn combined(operator: Operator, left: &Bounds, right: &Bounds) -> Bounds {
    if let (Domain::Integers(left), Domain::Integers(right)) = (&left.domain, &right.domain) {
        return Bounds::domain(Domain::Integers(left.combined(operator, right)));
    }
    let item = match (&left.item, &right.item) {
        (Some(left), Some(right)) => Some(Box::new(left.or(right))),
        _ => None,
    };
    Bounds {
        domain: Domain::Any,
        size: left.size.plus(right.size),
        item,
        there: false,
    }
}
