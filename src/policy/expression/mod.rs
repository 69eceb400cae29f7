//! Expressions of rules: a subset of CEL (<https://cel.dev>), checked against the contract when they are loaded.
//!
//! # Absence
//!
//! A scalar field with a documented default counts as that default where it is absent or null. An absent list counts as an
//! empty one, an absent object as one without members; so neither has to be asked for before something in it is. Any other
//! scalar must be found with `has()` before it is read, unless the contract requires it of an object that is there:
//! `has(body.subject) && body.subject != ""`. `has()` tells whether the request itself has a value, defaults aside; null
//! is none.
//!
//! Not found beforehand is an item that is missing, `body.attendees[0].role`, and a claim whose name is computed,
//! `caller.claims[caller.id]`: each fails when it is evaluated. Guard with `size()`, `has()` or `in`, as in
//! `size(body.attendees) > 0 && ...`, `has(body.attendees[0].email) && ...`, which are false of a list that is shorter, and
//! `caller.id in caller.claims && ...`.
//!
//! # Mistakes
//!
//! An expression is refused, with the place of each mistake, if it does not parse, has a wrong type, names what is not
//! there, reads what may be absent, compares a field with a value it can never have, or could take too long. After a slip
//! in the grammar nothing else is looked for. Parts that the operation's name puts out of reach are not checked.
//!
//! # Evaluation
//!
//! `&&`, `||`, `all` and `exists` are CEL's: a part that decides does so whether or not another one fails. Everything is
//! bounded beforehand, and counted again while it runs.

mod limits;
mod mistake;
mod token;
mod literal_text;
mod lexer;
mod syntax;
mod parser;
mod kind;
mod environment;
mod bounds;
mod literal;
mod reader;
mod value;
mod failure;
mod budget;
mod function;
mod program;
mod check;
mod evaluate;
mod reference;
#[cfg(test)]
mod tests;

use super::Facts;
use super::patterns::Patterns;
use crate::model::document::Document;

pub(super) use bounds::Constant;
pub(super) use budget::Budget;
pub(super) use environment::Environment;
pub(super) use failure::Failure;
pub(super) use mistake::Mistake;
pub use reference::reference;

/// A checked expression of type bool, for one operation.
#[derive(Debug)]
pub(super) struct Expression(check::Checked);

impl Expression {
    /// As [`Self::compile_with`], for one expression alone.
    #[cfg(test)]
    pub(super) fn compile(text: &str, environment: &Environment<'_>) -> Result<Self, Vec<Mistake>> {
        Self::compile_with(text, environment, &Patterns::default())
    }

    /// Compiles a text for an operation, or says everything that is wrong with it, in the order of the text. Its patterns are kept
    /// with those of the other expressions of its pack.
    pub(super) fn compile_with(
        text: &str,
        environment: &Environment<'_>,
        patterns: &Patterns,
    ) -> Result<Self, Vec<Mistake>> {
        if text.len() > limits::MAX_TEXT {
            let what = format!(
                "the expression has {} bytes, and {} are the most",
                text.len(),
                limits::MAX_TEXT
            );
            let mistake = Mistake::new(0, what).hint("divide it into several rules");
            return Err(vec![mistake]);
        }
        let (tree, root) = parser::parse(text)?;
        check::check(text, &tree, root, environment, patterns).map(Self)
    }

    /// Whether it is true of a request. A failure says why there is no answer, in words that hold no value of the request.
    pub(super) fn evaluate(
        &self,
        facts: &Facts<'_>,
        document: &Document,
        budget: &mut Budget,
    ) -> Result<bool, Failure> {
        evaluate::Machine::new(&self.0.program, facts, document, budget).truth(self.0.root)
    }

    /// The fields of the body that it reads, with `*` for items of lists, each once.
    pub(super) fn reads(&self) -> impl Iterator<Item = &str> {
        self.0.reads.iter().map(String::as_str)
    }

    /// What the contract's bounds and the operation alone say of it.
    pub(super) const fn verdict(&self) -> Constant {
        self.0.verdict
    }

    /// The steps that it takes at worst.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "held against what is used in tests")
    )]
    pub(super) const fn cost(&self) -> u64 {
        self.0.cost
    }
}
