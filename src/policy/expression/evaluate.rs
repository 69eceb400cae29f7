//! Runs a program on a request. Values are borrowed from the request and the program; nothing is allocated unless a text
//! or list is built. Every operation takes a step from the budget; recursion is as deep as the tree, which is bounded.

use std::cmp::Ordering;

use super::budget::Budget;
use super::failure::Failure;
use super::limits::MAX_LOOPS;
use super::program::{Op, OpId, Program, Root};
use super::syntax::Operator;
use super::value::{List, Value};
use crate::model::document::Document;
use crate::model::json::Value as Json;

use super::super::Facts;

pub(super) mod arithmetic;
mod read;
mod plain;
mod call;
mod repeat;

/// Most arguments of a function, with its receiver.
pub(super) const MAX_ARGUMENTS: usize = 3;

/// One evaluation.
pub(super) struct Machine<'v, 'b> {
    program: &'v Program,
    facts: &'v Facts<'v>,
    document: &'v Document,
    budget: &'b mut Budget,
    /// The items that loops are at.
    items: [Value<'v>; MAX_LOOPS],
}

type Evaluated<'v> = Result<Value<'v>, Failure>;

impl<'v, 'b> Machine<'v, 'b> {
    pub(super) const fn new(
        program: &'v Program,
        facts: &'v Facts<'v>,
        document: &'v Document,
        budget: &'b mut Budget,
    ) -> Self {
        Self {
            program,
            facts,
            document,
            budget,
            items: [const { Value::Null }; MAX_LOOPS],
        }
    }

    /// A truth value.
    pub(super) fn truth(&mut self, id: OpId) -> Result<bool, Failure> {
        let program = self.program;
        match program.get(id) {
            Some(Op::And(operands)) => self.chain(operands, false),
            Some(Op::Or(operands)) => self.chain(operands, true),
            Some(Op::Not(operand)) => {
                self.budget.spend(1)?;
                self.truth(*operand).map(|value| !value)
            }
            Some(Op::Compare(operator, left, right)) => self.compare(*operator, *left, *right),
            Some(Op::CompareInts(operator, left, right)) => {
                self.compare_ints(*operator, *left, *right)
            }
            Some(Op::CompareTexts(operator, left, right)) => {
                self.compare_texts(*operator, *left, *right)
            }
            Some(Op::HasField(root, path)) => {
                self.budget.spend(1)?;
                self.has(*root, path)
            }
            Some(Op::In(item, list)) => {
                self.budget.spend(1)?;
                self.is_in(*item, *list)
            }
            Some(Op::Loop(turn)) => {
                self.budget.spend(1)?;
                self.repeat(turn)?.as_bool()
            }
            _ => self.value(id)?.as_bool(),
        }
    }

    /// A value. What most rules are made of is read here, so that it takes little; everything else is computed apart.
    pub(super) fn value(&mut self, id: OpId) -> Evaluated<'v> {
        let program = self.program;
        let op = program.get(id);
        match op {
            Some(
                Op::And(_)
                | Op::Or(_)
                | Op::Not(_)
                | Op::Compare(..)
                | Op::CompareInts(..)
                | Op::CompareTexts(..),
            ) => return self.truth(id).map(Value::Bool),
            Some(Op::IntArithmetic(..)) => return self.int(id).map(Value::Int),
            _ => {}
        }
        self.budget.spend(1)?;
        match op {
            Some(Op::Literal(literal)) => Ok(literal.value()),
            Some(Op::Field(field)) => self.field(field),
            Some(Op::CallerId) => Ok(Value::text(&self.facts.caller.id)),
            Some(Op::Item(slot)) => self.item(*slot).cloned(),
            Some(op) => self.computed(op),
            None => Err(Failure::Absent),
        }
    }

    /// A value of an operation whose own step is paid.
    #[inline(never)]
    fn computed(&mut self, op: &'v Op) -> Evaluated<'v> {
        match op {
            Op::Choice(condition, met, unmet) => {
                let branch = if self.truth(*condition)? { met } else { unmet };
                self.value(*branch)
            }
            Op::In(item, list) => self.is_in(*item, *list).map(Value::Bool),
            Op::Index(list, index) => {
                let list = self.value(*list)?;
                let index = self.value(*index)?;
                read::at(&list, &index)
            }
            Op::Negate(operand) => arithmetic::negated(&self.value(*operand)?),
            Op::Arithmetic(operator, left, right) => {
                let left = self.value(*left)?;
                let right = self.value(*right)?;
                arithmetic::apply(*operator, &left, &right, self.budget)
            }
            Op::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    self.budget.spend(1)?;
                    values.push(self.value(*item)?);
                }
                Ok(Value::List(List::Built(values.into())))
            }
            Op::Call {
                run,
                steps,
                arguments,
            } => self.call(*run, *steps, arguments),
            Op::Matches(text, regex) => self.matches(*text, regex),
            Op::Calendar(part, time, zone) => self.calendar(*part, *time, zone),
            Op::Loop(turn) => self.repeat(turn),
            other => self.known(other),
        }
    }

    /// `&&` and `||` as CEL has them: a part that decides does so whether or not another one failed.
    fn chain(&mut self, operands: &[OpId], deciding: bool) -> Result<bool, Failure> {
        self.budget.spend(1)?;
        let mut failed = None;
        for operand in operands {
            match self.truth(*operand) {
                Ok(value) if value == deciding => return Ok(deciding),
                Ok(_) => {}
                Err(Failure::BudgetExhausted) => return Err(Failure::BudgetExhausted),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(!deciding), Err)
    }

    fn compare(&mut self, operator: Operator, left: OpId, right: OpId) -> Result<bool, Failure> {
        self.budget.spend(1)?;
        // Looked at where they were put: to move a value costs more than to compare it.
        let (left, right) = (self.value(left), self.value(right));
        let left = left.as_ref().map_err(|failure| *failure)?;
        let right = right.as_ref().map_err(|failure| *failure)?;
        if let (Value::Int(left), Value::Int(right)) = (left, right) {
            return Ok(holds(operator, left.cmp(right)));
        }
        match operator {
            Operator::Equal => return left.equals(right, self.budget),
            Operator::NotEqual => return left.equals(right, self.budget).map(|equal| !equal),
            _ => {}
        }
        let order = left.order(right, self.budget)?;
        Ok(order.is_some_and(|order| holds(operator, order)))
    }

    fn is_in(&mut self, item: OpId, list: OpId) -> Result<bool, Failure> {
        let item = self.value(item)?;
        let list = self.value(list)?;
        self.contains(&item, &list)
    }

    fn contains(&mut self, item: &Value<'v>, list: &Value<'v>) -> Result<bool, Failure> {
        match (list, item) {
            (Value::List(list), _) => {
                if let Some(known) = self.is_written_out(item, list) {
                    return known;
                }
                for index in 0..list.len() {
                    self.budget.spend(1)?;
                    if list.get(index)?.equals(item, self.budget)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Value::Object(members), Value::Text(name)) => {
                Ok(members.is_some_and(|members| members.contains_key(name)))
            }
            (Value::Object(_), _) => Ok(false),
            _ => Err(Failure::NotOfType("list")),
        }
    }

    fn item(&self, slot: u8) -> Result<&Value<'v>, Failure> {
        self.items.get(usize::from(slot)).ok_or(Failure::Absent)
    }

    /// Whether there is a value at a path from a root.
    fn has(&mut self, root: Root, path: &[Box<str>]) -> Result<bool, Failure> {
        match self.json(root, path) {
            Ok(found) => Ok(found.is_some()),
            Err(Failure::Absent | Failure::OutOfRange) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// The JSON at a path from a root; `None` where anything on the way is absent.
    fn json(&mut self, root: Root, path: &[Box<str>]) -> Result<Option<&'v Json>, Failure> {
        let members = match root {
            Root::Body => Some(&self.document.0),
            Root::Item(slot) => read::members(self.item(slot)?)?,
            Root::Computed(id) => read::members(&self.value(id)?)?,
        };
        let Some((first, rest)) = path.split_first() else {
            return Ok(None);
        };
        let mut found = members.and_then(|members| members.get(first));
        for name in rest {
            found = found.and_then(|value| value.get(name));
        }
        Ok(found.filter(|value| !value.is_null()))
    }
}

/// Whether a comparison holds of values in this order.
const fn holds(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Less => order.is_lt(),
        Operator::LessEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        _ => order.is_ge(),
    }
}
