//! Whole numbers and texts that are read and compared as what they are: to make a value of each costs more than the rest.

use super::super::failure::Failure;
use super::super::literal::Literal;
use super::super::program::{Field, Op, OpId};
use super::super::reader::{self, Reader};
use super::super::syntax::Operator;
use super::super::value::{List, Value};
use super::{Machine, arithmetic, holds};
use crate::model::json::Value as Json;

impl<'v> Machine<'v, '_> {
    /// The value of an operation that is a whole number.
    pub(super) fn int(&mut self, id: OpId) -> Result<i64, Failure> {
        let program = self.program;
        match program.get(id) {
            Some(Op::Literal(Literal::Int(number))) => {
                self.budget.spend(1)?;
                Ok(*number)
            }
            Some(Op::Field(field)) if matches!(field.reader, Reader::Int) => {
                self.budget.spend(1)?;
                match (self.json(field.root, &field.path)?, &field.default) {
                    (Some(Json::Number(number)), _) => reader::whole(number),
                    (Some(_), _) => Err(Failure::NotOfType("int")),
                    (None, Some(Literal::Int(default))) => Ok(*default),
                    (None, _) => Err(Failure::Absent),
                }
            }
            Some(Op::IntArithmetic(operator, left, right)) => {
                self.budget.spend(1)?;
                let left = self.int(*left)?;
                arithmetic::whole(*operator, left, self.int(*right)?)
            }
            Some(Op::Choice(condition, met, unmet)) => {
                self.budget.spend(1)?;
                let branch = if self.truth(*condition)? { met } else { unmet };
                self.int(*branch)
            }
            _ => self.value(id)?.as_int(),
        }
    }

    pub(super) fn compare_ints(
        &mut self,
        operator: Operator,
        left: OpId,
        right: OpId,
    ) -> Result<bool, Failure> {
        self.budget.spend(1)?;
        let (left, right) = (self.int(left), self.int(right));
        Ok(holds(operator, left?.cmp(&right?)))
    }

    pub(super) fn compare_texts(
        &mut self,
        operator: Operator,
        left: OpId,
        right: OpId,
    ) -> Result<bool, Failure> {
        let program = self.program;
        let (Some(first), Some(second)) = (text(program.get(left)), text(program.get(right)))
        else {
            return self.compare(operator, left, right);
        };
        self.budget.spend(1)?;
        let (left, right) = (self.text(first), self.text(second));
        let (left, right) = (left?, right?);
        match operator {
            Operator::Equal | Operator::NotEqual if left.len() != right.len() => {
                return Ok(operator == Operator::NotEqual);
            }
            _ if left.len() < right.len() => self.budget.spend_text(left)?,
            _ => self.budget.spend_text(right)?,
        }
        Ok(holds(operator, left.cmp(right)))
    }

    fn text(&mut self, text: Text<'v>) -> Result<&'v str, Failure> {
        self.budget.spend(1)?;
        match text {
            Text::Literal(text) => Ok(text),
            Text::Field(field) => match (self.json(field.root, &field.path)?, &field.default) {
                (Some(Json::String(text)), _) => Ok(text),
                (Some(_), _) => Err(Failure::NotOfType("string")),
                (None, Some(Literal::Text(default))) => Ok(default),
                (None, _) => Err(Failure::Absent),
            },
            Text::CallerId => Ok(&self.facts.caller.id),
        }
    }

    /// Whether a whole number or a text is among those of a list that is written out; `None` for everything else.
    pub(super) fn is_written_out(
        &mut self,
        item: &Value<'v>,
        list: &List<'v>,
    ) -> Option<Result<bool, Failure>> {
        let List::Literals(literals) = list else {
            return None;
        };
        let alike = |literal: &Literal| match (literal, item) {
            (Literal::Int(one), Value::Int(other)) => Some(one == other),
            (Literal::Text(one), Value::Text(other)) => Some(**one == **other),
            _ => None,
        };
        if !literals.iter().all(|literal| alike(literal).is_some()) {
            return None;
        }
        for literal in *literals {
            let mut spent = self.budget.spend(1);
            if let (Literal::Text(one), Value::Text(other)) = (literal, item)
                && one.len() == other.len()
            {
                spent = spent.and_then(|()| self.budget.spend_text(other));
            }
            match spent {
                Err(failure) => return Some(Err(failure)),
                Ok(()) if alike(literal) == Some(true) => return Some(Ok(true)),
                Ok(()) => {}
            }
        }
        Some(Ok(false))
    }
}

/// A text that stands somewhere.
#[derive(Debug, Clone, Copy)]
enum Text<'v> {
    Literal(&'v str),
    Field(&'v Field),
    CallerId,
}

fn text(op: Option<&Op>) -> Option<Text<'_>> {
    match op? {
        Op::Literal(Literal::Text(text)) => Some(Text::Literal(text)),
        Op::Field(field) if matches!(field.reader, Reader::Text) => Some(Text::Field(field)),
        Op::CallerId => Some(Text::CallerId),
        _ => None,
    }
}
