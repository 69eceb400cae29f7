//! `!`, `&&`, `||` and `?:`. Parts that are never reached in this operation, because of its name or of `true` and `false`,
//! are not checked: so one rule can speak of fields that only one of its operations has.

use std::rc::Rc;

use super::super::bounds::Constant;
use super::super::kind::Kind;
use super::super::literal::Literal;
use super::super::program::Op;
use super::super::syntax::NodeId;
use super::narrows::{Narrows, both, either};
use super::{Checker, Term};

impl Checker<'_> {
    pub(super) fn not(&mut self, operand: NodeId) -> Term {
        let term = self.check(operand);
        self.require(operand, &term, &Kind::Bool, "`!`");
        match term.constant() {
            Constant::Depends => {
                let mut not = self.truth(Op::Not(term.op), term.cost);
                not.narrows = term.narrows.negated();
                not
            }
            fixed => self.fixed(fixed.negated(), term.of_operation),
        }
    }

    pub(super) fn every(&mut self, operands: &[NodeId]) -> Term {
        self.chain(operands, Constant::Never)
    }

    pub(super) fn any(&mut self, operands: &[NodeId]) -> Term {
        self.chain(operands, Constant::Always)
    }

    /// `&&` is decided by a part that is never true, `||` by one that is always true.
    fn chain(&mut self, operands: &[NodeId], deciding: Constant) -> Term {
        let every = deciding == Constant::Never;
        let name = if every { "`&&`" } else { "`||`" };
        let before = self.known.len();
        let mut ops = Vec::new();
        let mut cost = 0_u64;
        let mut of_operation = false;
        // What is known after the chain where every part was passed, and where one decided.
        let mut passed: Vec<Rc<str>> = Vec::new();
        let mut decided: Option<Vec<Rc<str>>> = None;
        for operand in operands {
            let term = self.check(*operand);
            self.require(*operand, &term, &Kind::Bool, name);
            of_operation |= term.of_operation;
            let constant = term.constant();
            if constant == deciding {
                self.known.truncate(before);
                return self.fixed(deciding, of_operation);
            }
            if constant != Constant::Depends {
                continue;
            }
            let (passes, decides) = if every {
                (term.narrows.met, term.narrows.unmet)
            } else {
                (term.narrows.unmet, term.narrows.met)
            };
            self.known.extend(passes.iter().cloned());
            passed = either(&passed, &passes);
            decided = Some(match decided {
                None => decides,
                Some(others) => both(&others, &decides),
            });
            cost = cost.saturating_add(term.cost);
            ops.push(term.op);
        }
        self.known.truncate(before);
        if ops.is_empty() {
            return self.fixed(deciding.negated(), of_operation);
        }
        let op = if every {
            Op::And(ops.into())
        } else {
            Op::Or(ops.into())
        };
        let mut term = self.truth(op, cost);
        let decided = decided.unwrap_or_default();
        term.narrows = if every {
            Narrows {
                met: passed,
                unmet: decided,
            }
        } else {
            Narrows {
                met: decided,
                unmet: passed,
            }
        };
        term
    }

    pub(super) fn choice(&mut self, condition: NodeId, met: NodeId, unmet: NodeId) -> Term {
        let decides = self.check(condition);
        self.require(condition, &decides, &Kind::Bool, "`?:`");
        match decides.constant() {
            Constant::Always => return self.check(met),
            Constant::Never => return self.check(unmet),
            Constant::Depends => {}
        }
        let first = self.knowing(&decides.narrows.met, |checker| checker.check(met));
        let second = self.knowing(&decides.narrows.unmet, |checker| checker.check(unmet));
        let Some(kind) = first.kind.joined(&second.kind) else {
            let what = format!(
                "both results of `?:` are of one type: {} is {}, {} is {}",
                self.shown(met),
                first.kind,
                self.shown(unmet),
                second.kind
            );
            self.note(unmet, what);
            return self.unknown();
        };
        let cost = decides
            .cost
            .saturating_add(first.cost)
            .saturating_add(second.cost);
        let bounds = first.bounds.or(&second.bounds);
        let op = Op::Choice(decides.op, first.op, second.op);
        let mut term = self.term(kind, op, bounds, cost);
        let after = |narrows: &Narrows, guard: &[Rc<str>], outcome: bool| {
            let own = if outcome {
                &narrows.met
            } else {
                &narrows.unmet
            };
            either(own, guard)
        };
        // A result that is never true leaves the other as the only one that can be.
        let joined = |outcome: bool| {
            let impossible = Constant::of(!outcome);
            let left = after(&first.narrows, &decides.narrows.met, outcome);
            let right = after(&second.narrows, &decides.narrows.unmet, outcome);
            if second.constant() == impossible {
                left
            } else if first.constant() == impossible {
                right
            } else {
                both(&left, &right)
            }
        };
        term.narrows = Narrows {
            met: joined(true),
            unmet: joined(false),
        };
        term
    }

    /// Checks a part where more is known to be present.
    pub(super) fn knowing<T>(
        &mut self,
        present: &[Rc<str>],
        check: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.known.len();
        self.known.extend(present.iter().cloned());
        let result = check(self);
        self.known.truncate(before);
        result
    }

    /// A truth value that is known here.
    pub(super) fn fixed(&mut self, constant: Constant, of_operation: bool) -> Term {
        let mut term = self.literal(Literal::Bool(constant == Constant::Always));
        term.of_operation = of_operation;
        term
    }
}
