//! Macros that walk over a list.

use super::super::bounds::{Bounds, Constant, Domain, Size};
use super::super::kind::Kind;
use super::super::limits::{MAX_COST, MAX_LOOPS};
use super::super::mistake::Mistake;
use super::super::program::{Loop as Lowered, Op};
use super::super::syntax::{Loop, Member, NodeId, Quantifier};
use super::place::VARIABLES;
use super::{Checker, Term, Variable};

impl Checker<'_> {
    pub(super) fn repeat(&mut self, id: NodeId, turn: &Loop) -> Term {
        let list = self.check(turn.list);
        let items = match &list.kind {
            Kind::List(items) => (**items).clone(),
            Kind::Dyn => Kind::Dyn,
            Kind::Unknown => Kind::Unknown,
            kind => {
                let what = format!(
                    "`{}` needs a list; {} is {kind}",
                    turn.quantifier.name(),
                    self.shown(turn.list)
                );
                self.note(turn.list, what);
                Kind::Unknown
            }
        };
        if !self.may_bind(id, &turn.variable) {
            return self.unknown();
        }
        let name = &turn.variable.name;
        let slot = u8::try_from(self.variables.len()).unwrap_or(u8::MAX);
        self.loops += 1;
        self.variables.push(Variable {
            name: name.clone(),
            slot,
            kind: items.clone(),
            bounds: list.bounds.item(),
            key: format!("{name}#{}", self.loops).into(),
        });
        let by = format!("`{}`", turn.quantifier.name());
        let condition = turn.condition.map(|condition| {
            let term = self.check(condition);
            self.require(condition, &term, &Kind::Bool, &by);
            term
        });
        let guarded = condition
            .as_ref()
            .map_or_else(Vec::new, |term| term.narrows.met.clone());
        let body = self.knowing(&guarded, |checker| checker.check(turn.body));
        self.variables.pop();
        let maps = turn.quantifier == Quantifier::Map;
        if !maps {
            self.require(turn.body, &body, &Kind::Bool, &by);
        } else if !body.kind.is_value() {
            let what = format!("{} is no value", self.shown(turn.body));
            self.note(turn.body, what);
            return self.unknown();
        }
        if items == Kind::Unknown || body.kind == Kind::Unknown {
            return self.unknown();
        }
        self.looped(id, turn, &list, condition.as_ref(), body)
    }

    /// The loop, whose parts are checked.
    fn looped(
        &mut self,
        id: NodeId,
        turn: &Loop,
        list: &Term,
        condition: Option<&Term>,
        body: Term,
    ) -> Term {
        let each = condition
            .map_or(0, |term| term.cost)
            .saturating_add(body.cost)
            .saturating_add(2);
        let most = list.bounds.size.counted();
        let cost = most.saturating_mul(each).saturating_add(list.cost);
        if cost > MAX_COST && !self.too_costly {
            self.too_costly = true;
            let what = format!(
                "this takes up to {cost} steps, and {MAX_COST} are the most: {} may have {most} items, and each takes {each}",
                self.shown(turn.list)
            );
            let hint = "ask less of each item";
            self.note_with(id, what, Some(hint.to_owned()));
        }
        let slot = u8::try_from(self.variables.len()).unwrap_or(u8::MAX);
        let op = Op::Loop(Box::new(Lowered {
            quantifier: turn.quantifier,
            list: list.op,
            slot,
            condition: condition.map(|term| term.op),
            body: body.op,
        }));
        let shorter = Size {
            low: 0,
            high: list.bounds.size.high,
        };
        match turn.quantifier {
            Quantifier::Filter => {
                let bounds = Bounds {
                    size: shorter,
                    ..list.bounds.clone()
                };
                self.term(list.kind.clone(), op, bounds, cost)
            }
            Quantifier::Map => {
                let size = if condition.is_some() {
                    shorter
                } else {
                    list.bounds.size
                };
                let bounds = Bounds {
                    domain: Domain::Any,
                    size,
                    item: Some(Box::new(body.bounds)),
                    there: false,
                };
                self.term(Kind::list_of(body.kind), op, bounds, cost)
            }
            Quantifier::All if body.constant() == Constant::Always => {
                self.fixed(Constant::Always, body.of_operation)
            }
            Quantifier::Exists if body.constant() == Constant::Never => {
                self.fixed(Constant::Never, body.of_operation)
            }
            _ => self.truth(op, cost),
        }
    }

    /// Whether a loop may be here and give its items a name; says why not otherwise.
    fn may_bind(&mut self, id: NodeId, variable: &Member) -> bool {
        let name = &variable.name;
        let taken =
            VARIABLES.contains(&&**name) || self.variables.iter().any(|known| known.name == *name);
        if taken || matches!(&**name, "true" | "false" | "null" | "in") {
            let what = format!("`{name}` is a name already; choose another one");
            self.mistakes.push(Mistake::new(variable.span.start, what));
            return false;
        }
        if self.variables.len() >= MAX_LOOPS {
            let what = format!("a loop is in more than {} others", MAX_LOOPS - 1);
            self.note(id, what);
            return false;
        }
        true
    }
}
