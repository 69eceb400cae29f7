//! `in`: an item in a list, a name in a map.

use super::super::bounds::{Constant, Domain};
use super::super::kind::Kind;
use super::super::limits::text_steps;
use super::super::program::Op;
use super::super::syntax::{Form, Member, NodeId, Operator};
use super::comparison::meant;
use super::narrows::Narrows;
use super::place::Target;
use super::special::Special;
use super::{Checker, Term};

impl Checker<'_> {
    pub(super) fn membership(&mut self, id: NodeId, left: NodeId, right: NodeId) -> Term {
        let item = self.check(left);
        let target = self.target(right);
        if let Target::Special(special) = &target
            && special.has_members()
        {
            let special = special.clone();
            return self.name_in(left, &item, right, &special);
        }
        let list = self.read(right, target);
        if item.kind == Kind::Unknown || list.kind == Kind::Unknown {
            return self.truth_unknown();
        }
        let items = match &list.kind {
            Kind::List(items) => (**items).clone(),
            Kind::Dyn => Kind::Dyn,
            kind => {
                let what = format!("`in` needs a list; {} is {kind}", self.shown(right));
                self.note(right, what);
                return self.truth_unknown();
            }
        };
        if !item.kind.comparable(&items) {
            let what = format!(
                "`in` cannot find it: {} is {}, the items of {} are {items}",
                self.shown(left),
                item.kind,
                self.shown(right)
            );
            self.note(left, what);
            return self.truth_unknown();
        }
        if let Some(Form::List(written)) = self.tree.get(right).map(|node| &node.form)
            && let Some(decided) = self.in_written(id, (left, &item), written)
        {
            return decided;
        }
        let one = text_steps(
            item.bounds
                .size
                .counted()
                .min(list.bounds.item().size.counted()),
        );
        let each = if matches!(item.kind, Kind::Text | Kind::Dyn) {
            one.saturating_add(1)
        } else {
            1
        };
        let cost = list
            .bounds
            .size
            .counted()
            .saturating_mul(each)
            .saturating_add(item.cost)
            .saturating_add(list.cost);
        self.truth(Op::In(item.op, list.op), cost)
    }

    /// Whether something is one of the values that are written out, where that is known.
    fn in_written(
        &mut self,
        id: NodeId,
        (left, item): (NodeId, &Term),
        written: &[NodeId],
    ) -> Option<Term> {
        let before = self.mistakes.len();
        // Plain values only: to check anything else a second time could take long.
        let mut terms: Vec<(NodeId, Term)> = Vec::new();
        for part in written {
            let form = self.tree.get(*part).map(|node| &node.form);
            if let Some(Form::Bool(_) | Form::Int(_) | Form::Double(_) | Form::Text(_)) = form {
                let term = self.check(*part);
                terms.push((*part, term));
            }
        }
        if item.of_operation {
            for (part, term) in &terms {
                if let Some(name) = self.literal_text(term) {
                    self.is_operation(*part, &name);
                }
            }
            if self.mistakes.len() > before {
                return Some(self.truth_unknown());
            }
            let all = terms.len() == written.len();
            let found = terms
                .iter()
                .any(|(_, term)| item.bounds.outcome(Operator::Equal, &term.bounds) == Some(true));
            return (all && self.is_literal(item)).then(|| self.fixed(Constant::of(found), true));
        }
        for (part, term) in &terms {
            if item.bounds.outcome(Operator::Equal, &term.bounds) != Some(false) {
                continue;
            }
            let what = match item.bounds.described(Operator::In, &term.bounds) {
                Some(reason) if !self.is_literal(item) => {
                    format!("{} is never this: it {reason}", self.shown(left))
                }
                _ => format!("{} is never this", self.shown(left)),
            };
            let hint = meant(&item.bounds, &term.bounds);
            self.note_with(*part, what, hint);
        }
        if self.mistakes.len() > before {
            return Some(self.truth_unknown());
        }
        if written.is_empty() {
            self.note(id, "this is never true: the list is empty");
            return Some(self.truth_unknown());
        }
        let all = match &item.bounds.domain {
            Domain::Integers(integers) => integers.values().map(<[i64]>::len),
            Domain::Texts(texts) => Some(texts.len()),
            _ => None,
        };
        let mut distinct: Vec<&Domain> = Vec::new();
        for (_, term) in &terms {
            if !distinct.contains(&&term.bounds.domain) {
                distinct.push(&term.bounds.domain);
            }
        }
        if all.is_some_and(|all| all <= distinct.len()) {
            let reason = item.bounds.described(Operator::In, &item.bounds);
            let what = format!(
                "this is always true: {} {}",
                self.shown(left),
                reason.unwrap_or_default()
            );
            self.note(id, what);
            return Some(self.truth_unknown());
        }
        None
    }

    /// `"x" in headers`, in the query, in the claims.
    fn name_in(&mut self, left: NodeId, item: &Term, right: NodeId, special: &Special) -> Term {
        if item.kind == Kind::Unknown || !self.require(left, item, &Kind::Text, "the name in a map")
        {
            return self.truth_unknown();
        }
        let written = self.literal_text(item).map(|name| Member {
            name,
            span: self.tree.span(left),
        });
        let found = match (special, written) {
            (Special::Caller, _) => {
                self.note(right, "`caller` is no map; ask with `has(caller.address)`");
                None
            }
            (_, Some(name)) => match self.special_member(special.clone(), &name) {
                Target::Special(special) => Some(special),
                _ => None,
            },
            (Special::Claims(path), None) if path.is_empty() => {
                return self.truth(Op::HasClaimNamed(item.op), item.cost);
            }
            (Special::Query, None) => {
                let steps = text_steps(item.bounds.size.counted());
                let most = self.environment.parameters.len() as u64;
                let cost = item.cost.saturating_add(steps.saturating_mul(most + 1));
                return self.truth(Op::HasParameter(item.op), cost);
            }
            (Special::Claims(_), None) => {
                let claims = self.read(right, Target::Special(special.clone()));
                let cost = item.cost.saturating_add(claims.cost);
                let cost = cost.saturating_add(super::super::limits::UNBOUNDED);
                return self.truth(Op::In(item.op, claims.op), cost);
            }
            (_, None) => {
                self.note(left, "the name must be written out as a text");
                None
            }
        };
        let Some(found) = found else {
            return self.truth_unknown();
        };
        if let Special::Claims(path) = special
            && !path.is_empty()
        {
            // It may be a list or a map; only a run of it knows.
            let claims = self.read(right, Target::Special(special.clone()));
            let cost = claims.cost.saturating_add(super::super::limits::UNBOUNDED);
            return self.truth(Op::In(item.op, claims.op), cost);
        }
        let mut term = self.has_special(&found);
        if let Some(key) = found.key() {
            term.narrows = Narrows::present(key);
        }
        term
    }

    /// Whether something beside the body is there.
    pub(super) fn has_special(&mut self, special: &Special) -> Term {
        let op = match special {
            Special::Address => Op::HasAddress,
            Special::Header(index) => Op::HasHeader(*index),
            Special::Claims(path) => Op::HasClaim(path.iter().cloned().collect()),
            Special::Parameter(name) => {
                let name = self.literal(super::super::literal::Literal::Text(name.clone()));
                Op::HasParameter(name.op)
            }
            _ => Op::Literal(super::super::literal::Literal::Bool(true)),
        };
        // A parameter is looked for among all of them.
        self.truth(op, self.environment.parameters.len() as u64 + 2)
    }
}
