//! Checks a tree against an operation's fields and lowers it, in one walk: types, presence, ranges, cost. A part that has
//! a mistake is of an unknown type, of which nothing further is said.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::bounds::{Bounds, Constant, Domain};
use super::environment::{Environment, Shapes};
use super::kind::Kind;
use super::limits::MAX_COST;
use super::literal::Literal;
use super::mistake::Mistake;
use super::program::{Op, OpId, Program};
use super::syntax::{Form, NodeId, Tree};

use super::super::patterns::Patterns;

mod narrows;
mod place;
mod special;
mod presence;
mod read;
mod logic;
mod comparison;
mod membership;
mod arithmetic;
mod call;
mod repeat;

pub(super) use call::pattern_steps;
#[cfg(test)]
pub(super) use place::VARIABLES;

use narrows::Narrows;

/// A checked and lowered expression.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) program: Program,
    pub(super) root: OpId,
    pub(super) reads: BTreeSet<String>,
    pub(super) verdict: Constant,
    pub(super) cost: u64,
}

/// What is known of a part of an expression.
#[derive(Debug, Clone)]
struct Term {
    kind: Kind,
    op: OpId,
    bounds: Bounds,
    /// Steps at worst.
    cost: u64,
    narrows: Narrows,
    /// Whether it is the operation's name, or follows from it: then an outcome that is fixed is no mistake.
    of_operation: bool,
}

/// A name that a loop gives to items.
#[derive(Debug)]
struct Variable {
    name: Box<str>,
    slot: u8,
    kind: Kind,
    bounds: Bounds,
    /// What stands for it in what is known to be present.
    key: Rc<str>,
}

struct Checker<'c> {
    text: &'c str,
    tree: &'c Tree,
    environment: &'c Environment<'c>,
    patterns: &'c Patterns,
    shapes: Shapes<'c>,
    program: Program,
    mistakes: Vec<Mistake>,
    /// What is known to be present here.
    known: Vec<Rc<str>>,
    variables: Vec<Variable>,
    /// Loops so far, for keys of their variables.
    loops: usize,
    reads: BTreeSet<String>,
    /// Where the estimate first became too large.
    too_costly: bool,
}

/// Checks a whole tree.
pub(super) fn check(
    text: &str,
    tree: &Tree,
    root: NodeId,
    environment: &Environment<'_>,
    patterns: &Patterns,
) -> Result<Checked, Vec<Mistake>> {
    let mut checker = Checker {
        text,
        tree,
        environment,
        patterns,
        shapes: Shapes::of(environment.fields),
        program: Program::default(),
        mistakes: Vec::new(),
        known: Vec::new(),
        variables: Vec::new(),
        loops: 0,
        reads: BTreeSet::new(),
        too_costly: false,
    };
    let term = checker.check(root);
    if !term.kind.open() && term.kind != Kind::Bool {
        let what = format!("the expression is {}, and must be bool", term.kind);
        let hint = if term.kind == Kind::Int {
            Some("compare it, as in `body.length > 60`")
        } else {
            None
        };
        checker.note_with(root, what, hint.map(str::to_owned));
    }
    if term.cost > MAX_COST && !checker.too_costly {
        let what = format!(
            "the expression takes up to {} steps, and {MAX_COST} are the most",
            term.cost
        );
        checker.note(root, what);
    }
    if checker.mistakes.is_empty() {
        Ok(Checked {
            program: checker.program,
            root: term.op,
            reads: checker.reads,
            verdict: term.constant(),
            cost: term.cost,
        })
    } else {
        checker.mistakes.sort_by_key(|mistake| mistake.offset);
        Err(checker.mistakes)
    }
}

impl Term {
    fn constant(&self) -> Constant {
        match self.bounds.domain {
            Domain::Bool(constant) => constant,
            _ => Constant::Depends,
        }
    }
}

impl Checker<'_> {
    fn check(&mut self, id: NodeId) -> Term {
        let tree = self.tree;
        let Some(node) = tree.get(id) else {
            return self.unknown();
        };
        match &node.form {
            Form::Null => self.literal(Literal::Null),
            Form::Bool(value) => self.literal(Literal::Bool(*value)),
            Form::Int(value) => self.literal(Literal::Int(*value)),
            Form::Double(value) => self.literal(Literal::Double(*value)),
            Form::Text(value) => self.literal(Literal::Text(value.clone())),
            Form::List(items) => self.list(items),
            Form::Name(_) | Form::Select(..) | Form::Index(..) => {
                let target = self.target(id);
                self.read(id, target)
            }
            Form::Has(selection) => self.has(id, *selection),
            Form::Not(operand) => self.not(*operand),
            Form::Negate(operand) => self.negate(id, *operand),
            Form::And(operands) => self.every(operands),
            Form::Or(operands) => self.any(operands),
            Form::Choice(condition, met, unmet) => self.choice(*condition, *met, *unmet),
            Form::Binary(operator, left, right) => self.binary(id, *operator, *left, *right),
            Form::Call(call) => self.call(id, call),
            Form::Loop(turn) => self.repeat(id, turn),
        }
    }

    /// Adds an operation.
    fn term(&mut self, kind: Kind, op: Op, bounds: Bounds, cost: u64) -> Term {
        Term {
            kind,
            op: self.program.add(op),
            bounds,
            cost: cost.saturating_add(1),
            narrows: Narrows::default(),
            of_operation: false,
        }
    }

    /// A truth value that depends on the request.
    fn truth(&mut self, op: Op, cost: u64) -> Term {
        self.term(Kind::Bool, op, Bounds::ANY, cost)
    }

    /// What stands for a part that has a mistake.
    fn unknown(&mut self) -> Term {
        self.term(Kind::Unknown, Op::Literal(Literal::Null), Bounds::ANY, 0)
    }

    fn literal(&mut self, literal: Literal) -> Term {
        let (kind, bounds) = match &literal {
            Literal::Null => (Kind::Null, Bounds::ANY),
            Literal::Bool(value) => (
                Kind::Bool,
                Bounds::domain(Domain::Bool(Constant::of(*value))),
            ),
            Literal::Int(value) => (
                Kind::Int,
                Bounds::domain(Domain::Integers(super::bounds::Integers::one(*value))),
            ),
            Literal::Double(value) => (Kind::Double, Bounds::domain(Domain::Double(*value))),
            Literal::Text(value) => (Kind::Text, Bounds::text(value)),
            Literal::Timestamp(_) => (Kind::Timestamp, Bounds::ANY),
            Literal::Duration(_) => (Kind::Duration, Bounds::ANY),
            Literal::Ip(_) => (Kind::Ip, Bounds::ANY),
            Literal::Cidr(_) => (Kind::Cidr, Bounds::ANY),
            Literal::List(_) => (Kind::list_of(Kind::Dyn), Bounds::ANY),
        };
        self.term(kind, Op::Literal(literal), bounds, 0)
    }

    fn is_literal(&self, term: &Term) -> bool {
        self.program.literal(term.op).is_some()
    }

    /// The text of a term that is written out.
    fn literal_text(&self, term: &Term) -> Option<Box<str>> {
        match self.program.literal(term.op) {
            Some(Literal::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    /// Requires a type of a part; says what it is otherwise.
    fn require(&mut self, id: NodeId, term: &Term, kind: &Kind, by: &str) -> bool {
        if term.kind.open() || term.kind == *kind {
            return true;
        }
        let what = format!("{by} needs {kind}; {} is {}", self.shown(id), term.kind);
        let hint = (*kind == Kind::Bool && term.kind == Kind::Int)
            .then(|| format!("write {} == 1`", self.shown(id).trim_end_matches('`')));
        self.note_with(id, what, hint);
        false
    }

    fn note(&mut self, id: NodeId, what: impl Into<String>) {
        self.note_with(id, what, None);
    }

    fn note_with(&mut self, id: NodeId, what: impl Into<String>, hint: Option<String>) {
        let mistake = Mistake::new(self.tree.span(id).start, what);
        self.mistakes.push(Mistake { hint, ..mistake });
    }

    /// A part as it is written, between backticks; long ones are cut.
    fn shown(&self, id: NodeId) -> String {
        const SHOWN: usize = 48;
        let text = self.tree.span(id).of(self.text);
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        match text.char_indices().nth(SHOWN) {
            Some((cut, _)) => format!("`{}…`", text.get(..cut).unwrap_or_default()),
            None => format!("`{text}`"),
        }
    }
}
