//! Comparisons: their types, and whether the contract leaves them more than one outcome.

use super::super::bounds::{Bounds, Constant, Domain};
use super::super::kind::Kind;
use super::super::limits::text_steps;
use super::super::mistake::Mistake;
use super::super::program::Op;
use super::super::syntax::{NodeId, Operator};
use super::{Checker, Term};
use crate::model::problem::nearest;

impl Checker<'_> {
    pub(super) fn binary(
        &mut self,
        id: NodeId,
        operator: Operator,
        left: NodeId,
        right: NodeId,
    ) -> Term {
        match operator {
            Operator::In => self.membership(id, left, right),
            Operator::Plus
            | Operator::Minus
            | Operator::Times
            | Operator::Divide
            | Operator::Remainder => self.arithmetic(id, operator, left, right),
            _ => self.comparison(operator, left, right),
        }
    }

    fn comparison(&mut self, operator: Operator, left: NodeId, right: NodeId) -> Term {
        let first = self.check(left);
        let second = self.check(right);
        if first.kind == Kind::Unknown || second.kind == Kind::Unknown {
            return self.truth_unknown();
        }
        let fits = match operator {
            Operator::Equal | Operator::NotEqual => first.kind.comparable(&second.kind),
            _ => first.kind.ordered(&second.kind),
        };
        if !fits {
            self.note_incomparable(operator, (left, &first), (right, &second));
            return self.truth_unknown();
        }
        if first.of_operation || second.of_operation {
            return self.of_operation(operator, (left, &first), (right, &second));
        }
        if let Some(outcome) = first.bounds.outcome(operator, &second.bounds) {
            self.note_fixed(outcome, operator, (left, &first), (right, &second));
            return self.truth_unknown();
        }
        let looked_at = first
            .bounds
            .size
            .counted()
            .min(second.bounds.size.counted());
        let own = match (&first.kind, &second.kind) {
            (Kind::Text | Kind::Dyn, Kind::Text | Kind::Dyn) => text_steps(looked_at),
            (Kind::List(_), _) | (_, Kind::List(_)) => {
                let item = text_steps(first.bounds.item().size.counted());
                looked_at.saturating_mul(item.saturating_add(1))
            }
            _ => 0,
        };
        let cost = first.cost.saturating_add(second.cost).saturating_add(own);
        self.truth(compared(operator, &first, &second), cost)
    }

    /// A comparison with the operation's name is known here, and another one elsewhere.
    fn of_operation(
        &mut self,
        operator: Operator,
        (left, first): (NodeId, &Term),
        (right, second): (NodeId, &Term),
    ) -> Term {
        let (other, named) = if first.of_operation {
            (right, second)
        } else {
            (left, first)
        };
        if let Some(name) = self.literal_text(named)
            && !self.is_operation(other, &name)
        {
            return self.truth_unknown();
        }
        if let Some(outcome) = first.bounds.outcome(operator, &second.bounds) {
            return self.fixed(Constant::of(outcome), true);
        }
        let steps = text_steps(first.bounds.size.counted());
        let cost = first.cost.saturating_add(second.cost);
        self.truth(
            compared(operator, first, second),
            cost.saturating_add(steps),
        )
    }

    /// Whether there is an operation of a name; says so otherwise.
    pub(super) fn is_operation(&mut self, id: NodeId, name: &str) -> bool {
        let known = self.environment.operations;
        if known.contains(&name) || name == self.environment.operation {
            return true;
        }
        let offset = self.tree.span(id).start;
        let mistake = Mistake::new(offset, format!("there is no operation `{name}`"));
        self.mistakes
            .push(mistake.nearest(name, known.iter().copied()));
        false
    }

    fn note_incomparable(
        &mut self,
        operator: Operator,
        (left, first): (NodeId, &Term),
        (right, second): (NodeId, &Term),
    ) {
        let what = format!(
            "`{}` cannot compare them: {} is {}, {} is {}",
            operator.written(),
            self.shown(left),
            first.kind,
            self.shown(right),
            second.kind
        );
        let field = if second.kind == Kind::Null {
            left
        } else {
            right
        };
        let null = first.kind == Kind::Null || second.kind == Kind::Null;
        let hint = match operator {
            Operator::Equal if null => Some(format!("write `!{}`", self.guard(field))),
            Operator::NotEqual if null => Some(format!("write `{}`", self.guard(field))),
            _ => None,
        };
        self.note_with(left, what, hint);
    }

    /// Says that a comparison has one outcome only, at the side that is written out.
    fn note_fixed(
        &mut self,
        outcome: bool,
        operator: Operator,
        (left, first): (NodeId, &Term),
        (right, second): (NodeId, &Term),
    ) {
        let written = |checker: &Self, term: &Term| checker.is_literal(term);
        let (at, (id, term), (_, other)) = if written(self, first) && !written(self, second) {
            (left, (right, second), (left, first))
        } else if written(self, second) {
            (right, (left, first), (right, second))
        } else {
            (left, (left, first), (right, second))
        };
        let operator = if id == left {
            operator
        } else {
            mirrored(operator)
        };
        let reason = term
            .bounds
            .described(operator, &other.bounds)
            .filter(|_| !written(self, term))
            .map(|reason| format!(": {} {reason}", self.shown(id)));
        let what = format!(
            "this is {} true{}",
            if outcome { "always" } else { "never" },
            reason.unwrap_or_default()
        );
        let hint = meant(&term.bounds, &other.bounds);
        self.note_with(at, what, hint);
    }
}

/// The operation for a comparison: the one that knows the types beforehand, where there is one.
const fn compared(operator: Operator, first: &Term, second: &Term) -> Op {
    match (&first.kind, &second.kind) {
        (Kind::Int, Kind::Int) => Op::CompareInts(operator, first.op, second.op),
        (Kind::Text, Kind::Text) => Op::CompareTexts(operator, first.op, second.op),
        _ => Op::Compare(operator, first.op, second.op),
    }
}

/// The allowed text that a wrong one is near to.
pub(super) fn meant(may_be: &Bounds, wrong: &Bounds) -> Option<String> {
    let (Domain::Texts(texts), Domain::Texts(wrong)) = (&may_be.domain, &wrong.domain) else {
        return None;
    };
    let found = nearest(wrong.first()?, texts.iter().map(|text| &**text))?;
    (texts.len() > 1).then(|| format!("did you mean {found:?}?"))
}

/// The operator that says the same with its sides changed.
const fn mirrored(operator: Operator) -> Operator {
    match operator {
        Operator::Less => Operator::Greater,
        Operator::LessEqual => Operator::GreaterEqual,
        Operator::Greater => Operator::Less,
        Operator::GreaterEqual => Operator::LessEqual,
        other => other,
    }
}
