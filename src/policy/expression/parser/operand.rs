//! Operands: literals, names, lists, calls, macros, and the members behind them.

use super::super::mistake::Mistake;
use super::super::syntax::{Call, Form, Loop, Member, NodeId, Quantifier};
use super::super::token::{Symbol, Word};
use super::{Parsed, Parser};

/// Names that CEL keeps for itself.
const RESERVED: [&str; 18] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

impl Parser<'_> {
    /// An operand with everything that is selected from it.
    pub(super) fn member(&mut self) -> Parsed {
        let first = self.primary()?;
        self.members_of(first)
    }

    pub(super) fn members_of(&mut self, first: NodeId) -> Parsed {
        let mut node = first;
        loop {
            let begin = self.tree.span(node);
            if self.takes(Symbol::Dot) {
                if self.is(Symbol::Question) {
                    return Err(self.not_supported("optional values"));
                }
                let member = self.name("a name")?;
                node = if self.takes(Symbol::Open) {
                    self.method(node, member)?
                } else {
                    let span = begin.to(member.span);
                    self.tree.add(Form::Select(node, member), span)?
                };
            } else if self.takes(Symbol::OpenList) {
                if self.is(Symbol::Question) {
                    return Err(self.not_supported("optional values"));
                }
                let index = self.expression()?;
                let close = self.expect(Symbol::CloseList)?;
                node = self.tree.add(Form::Index(node, index), begin.to(close))?;
            } else if self.is(Symbol::OpenMap) {
                return Err(self.not_supported("messages"));
            } else {
                return Ok(node);
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let span = self.span();
        let form = match self.peek().clone() {
            Word::Int(magnitude) => match i64::try_from(magnitude) {
                Ok(number) => Form::Int(number),
                Err(_) => return Err(Mistake::new(span.start, "the number is not one of 64 bits")),
            },
            Word::Double(number) => Form::Double(number),
            Word::Text(text) => Form::Text(text),
            Word::Name => return self.named(),
            Word::Symbol(Symbol::Open) => {
                self.at += 1;
                let inner = self.expression()?;
                self.expect(Symbol::Close)?;
                return Ok(inner);
            }
            Word::Symbol(Symbol::OpenList) => {
                self.at += 1;
                let items = self.list(Symbol::CloseList)?;
                let close = self.expect(Symbol::CloseList)?;
                return self.tree.add(Form::List(items.into()), span.to(close));
            }
            Word::Symbol(Symbol::OpenMap) => return Err(self.not_supported("maps")),
            _ => return Err(self.unexpected("a value")),
        };
        self.at += 1;
        self.tree.add(form, span)
    }

    fn named(&mut self) -> Parsed {
        let member = self.name("a value")?;
        if self.takes(Symbol::Open) {
            return if &*member.name == "has" {
                self.has(&member)
            } else {
                let arguments = self.arguments()?;
                self.call(None, member, arguments)
            };
        }
        let form = match &*member.name {
            "true" => Form::Bool(true),
            "false" => Form::Bool(false),
            "null" => Form::Null,
            name if RESERVED.contains(&name) => {
                self.at -= 1;
                return Err(self.unexpected("a value"));
            }
            "not" if matches!(self.peek(), Word::Name | Word::Symbol(Symbol::Open)) => {
                self.at -= 1;
                return Err(self.unexpected("a value"));
            }
            _ => Form::Name(member.name.clone()),
        };
        self.tree.add(form, member.span)
    }

    /// `has(` is read.
    fn has(&mut self, name: &Member) -> Parsed {
        let inner = self.expression()?;
        let close = self.expect(Symbol::Close)?;
        let selects = self
            .tree
            .get(inner)
            .is_some_and(|node| matches!(node.form, Form::Select(..) | Form::Index(..)));
        if !selects {
            let start = self.tree.span(inner).start;
            return Err(Mistake::new(start, "`has` asks for a member")
                .hint("write it like `has(body.subject)`"));
        }
        self.tree.add(Form::Has(inner), name.span.to(close))
    }

    /// A method or macro, whose opening bracket is read.
    fn method(&mut self, receiver: NodeId, name: Member) -> Parsed {
        let arguments = self.arguments()?;
        let quantifier = Quantifier::ALL
            .into_iter()
            .find(|quantifier| quantifier.name() == &*name.name);
        let Some(quantifier) = quantifier else {
            return self.call(Some(receiver), name, arguments);
        };
        let (variable, condition, body) = match *arguments.as_slice() {
            [variable, body] => (variable, None, body),
            [variable, condition, body] if quantifier == Quantifier::Map => {
                (variable, Some(condition), body)
            }
            _ => {
                let what = format!("`{}` takes a variable and a condition", name.name);
                let hint = "write it like `body.attendees.exists(a, a.role == 1)`";
                return Err(Mistake::new(name.span.start, what).hint(hint));
            }
        };
        let variable = match self.tree.get(variable) {
            Some(node) if matches!(node.form, Form::Name(_)) => Member {
                name: node.span.of(self.text).into(),
                span: node.span,
            },
            _ => {
                let start = self.tree.span(variable).start;
                let what = format!("the first argument of `{}` is a new name", name.name);
                return Err(Mistake::new(start, what));
            }
        };
        let span = self.tree.span(receiver).to(self.before());
        let turn = Loop {
            quantifier,
            list: receiver,
            variable,
            condition,
            body,
        };
        self.tree.add(Form::Loop(turn), span)
    }

    fn call(&mut self, receiver: Option<NodeId>, name: Member, arguments: Vec<NodeId>) -> Parsed {
        let first = receiver.map_or(name.span, |receiver| self.tree.span(receiver));
        let span = first.to(self.before());
        let call = Call {
            receiver,
            name,
            arguments: arguments.into(),
        };
        self.tree.add(Form::Call(call), span)
    }

    fn arguments(&mut self) -> Result<Vec<NodeId>, Mistake> {
        let arguments = self.list(Symbol::Close)?;
        self.expect(Symbol::Close)?;
        Ok(arguments)
    }

    /// Values with commas between them; one may stand behind the last in a list.
    fn list(&mut self, close: Symbol) -> Result<Vec<NodeId>, Mistake> {
        let mut items = Vec::new();
        while !self.is(close) {
            items.push(self.expression()?);
            if !self.takes(Symbol::Comma) {
                break;
            }
            if close == Symbol::Close && self.is(close) {
                return Err(self.unexpected("a value"));
            }
        }
        Ok(items)
    }

    /// The word just read.
    fn before(&self) -> super::super::token::Span {
        let last = self.at.checked_sub(1).and_then(|at| self.words.get(at));
        last.map_or_else(|| self.span(), |token| token.span)
    }
}
