//! Builds the tree of an expression from its words. Precedence and associativity are CEL's. Chains of `&&` and `||` are
//! one node each, so they may be long; every other chain and every bracket counts as a level.
//!
//! The parser stops at the first mistake: what follows a slip in the grammar says little about what was meant.

use super::lexer;
use super::limits::MAX_DEPTH;
use super::mistake::Mistake;
use super::syntax::{Form, Member, NodeId, Operator, Tree};
use super::token::{Span, Symbol, Token, Word};

mod operand;

/// Parses a whole text.
pub(super) fn parse(text: &str) -> Result<(Tree, NodeId), Vec<Mistake>> {
    let words = lexer::words(text)?;
    let mut parser = Parser {
        text,
        words: &words,
        at: 0,
        level: 0,
        tree: Tree::default(),
    };
    let root = parser.whole().map_err(|mistake| vec![mistake])?;
    Ok((parser.tree, root))
}

struct Parser<'t> {
    text: &'t str,
    words: &'t [Token],
    at: usize,
    level: u8,
    tree: Tree,
}

type Parsed = Result<NodeId, Mistake>;

impl Parser<'_> {
    fn whole(&mut self) -> Parsed {
        let root = self.expression()?;
        match self.peek() {
            Word::End => Ok(root),
            _ => Err(self.unexpected("an operator, or the end")),
        }
    }

    /// A whole expression: `c ? a : b` or simpler. Every bracket leads through here, so the level is counted here.
    fn expression(&mut self) -> Parsed {
        self.level += 1;
        if self.level > MAX_DEPTH {
            let what = format!("the expression is nested deeper than {MAX_DEPTH} levels");
            return Err(Mistake::new(self.span().start, what).hint("divide it into several rules"));
        }
        let condition = self.any()?;
        let result = if self.takes(Symbol::Question) {
            if self.is(Symbol::Dot) || self.is(Symbol::OpenList) {
                return Err(self.not_supported("optional values"));
            }
            let met = self.any()?;
            self.expect(Symbol::Colon)?;
            let unmet = self.expression()?;
            self.add(Form::Choice(condition, met, unmet), condition, unmet)?
        } else {
            condition
        };
        self.level -= 1;
        Ok(result)
    }

    fn any(&mut self) -> Parsed {
        self.chain(Symbol::Or, Self::every, Form::Or)
    }

    fn every(&mut self) -> Parsed {
        self.chain(Symbol::And, Self::relation, Form::And)
    }

    fn chain(
        &mut self,
        symbol: Symbol,
        operand: impl Fn(&mut Self) -> Parsed,
        form: impl Fn(Box<[NodeId]>) -> Form,
    ) -> Parsed {
        let first = operand(self)?;
        let mut operands = vec![first];
        let mut last = first;
        while self.takes(symbol) {
            last = operand(self)?;
            operands.push(last);
        }
        if operands.len() == 1 {
            return Ok(first);
        }
        self.add(form(operands.into()), first, last)
    }

    fn relation(&mut self) -> Parsed {
        self.binary(Self::sum, |parser| match parser.peek() {
            Word::Symbol(Symbol::Equal) => Some(Operator::Equal),
            Word::Symbol(Symbol::NotEqual) => Some(Operator::NotEqual),
            Word::Symbol(Symbol::Less) => Some(Operator::Less),
            Word::Symbol(Symbol::LessEqual) => Some(Operator::LessEqual),
            Word::Symbol(Symbol::Greater) => Some(Operator::Greater),
            Word::Symbol(Symbol::GreaterEqual) => Some(Operator::GreaterEqual),
            Word::Name if parser.written() == "in" => Some(Operator::In),
            _ => None,
        })
    }

    fn sum(&mut self) -> Parsed {
        self.binary(Self::product, |parser| match parser.peek() {
            Word::Symbol(Symbol::Plus) => Some(Operator::Plus),
            Word::Symbol(Symbol::Minus) => Some(Operator::Minus),
            _ => None,
        })
    }

    fn product(&mut self) -> Parsed {
        self.binary(Self::unary, |parser| match parser.peek() {
            Word::Symbol(Symbol::Times) => Some(Operator::Times),
            Word::Symbol(Symbol::Divide) => Some(Operator::Divide),
            Word::Symbol(Symbol::Remainder) => Some(Operator::Remainder),
            _ => None,
        })
    }

    fn binary(
        &mut self,
        operand: impl Fn(&mut Self) -> Parsed,
        operator: impl Fn(&Self) -> Option<Operator>,
    ) -> Parsed {
        let mut left = operand(self)?;
        while let Some(operator) = operator(self) {
            self.at += 1;
            let right = operand(self)?;
            left = self.add(Form::Binary(operator, left, right), left, right)?;
        }
        Ok(left)
    }

    /// `!` and `-`, any number of them; a sign before a number belongs to it.
    fn unary(&mut self) -> Parsed {
        let mut signs = Vec::new();
        loop {
            let span = self.span();
            if self.takes(Symbol::Not) {
                signs.push((true, span));
            } else if self.takes(Symbol::Minus) {
                if let Some(number) = self.signed(span)? {
                    let operand = self.members_of(number)?;
                    return self.with_signs(signs, operand);
                }
                signs.push((false, span));
            } else {
                break;
            }
        }
        let operand = self.member()?;
        self.with_signs(signs, operand)
    }

    fn with_signs(&mut self, signs: Vec<(bool, Span)>, operand: NodeId) -> Parsed {
        let mut node = operand;
        for (not, span) in signs.into_iter().rev() {
            let form = if not {
                Form::Not(node)
            } else {
                Form::Negate(node)
            };
            let span = span.to(self.tree.span(node));
            node = self.tree.add(form, span)?;
        }
        Ok(node)
    }

    /// A number behind its minus.
    fn signed(&mut self, sign: Span) -> Result<Option<NodeId>, Mistake> {
        let form = match self.peek() {
            Word::Int(magnitude) => match 0_i64.checked_sub_unsigned(*magnitude) {
                Some(number) => Form::Int(number),
                None => return Ok(None),
            },
            Word::Double(number) => Form::Double(-number),
            _ => return Ok(None),
        };
        let span = sign.to(self.span());
        self.at += 1;
        self.tree.add(form, span).map(Some)
    }

    fn add(&mut self, form: Form, first: NodeId, last: NodeId) -> Parsed {
        let span = self.tree.span(first).to(self.tree.span(last));
        self.tree.add(form, span)
    }

    fn peek(&self) -> &Word {
        self.words
            .get(self.at)
            .map_or(&Word::End, |token| &token.word)
    }

    fn span(&self) -> Span {
        let end = self.text.len();
        let at = self.words.get(self.at).map(|token| token.span);
        at.unwrap_or(Span { start: end, end })
    }

    /// The current word as it is written.
    fn written(&self) -> &str {
        self.span().of(self.text)
    }

    fn is(&self, symbol: Symbol) -> bool {
        *self.peek() == Word::Symbol(symbol)
    }

    fn takes(&mut self, symbol: Symbol) -> bool {
        let found = self.is(symbol);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: Symbol) -> Result<Span, Mistake> {
        let span = self.span();
        if self.takes(symbol) {
            return Ok(span);
        }
        Err(self.unexpected(&format!("`{}`", symbol.written())))
    }

    fn name(&mut self, what: &str) -> Result<Member, Mistake> {
        let span = self.span();
        if *self.peek() != Word::Name {
            return Err(self.unexpected(what));
        }
        self.at += 1;
        Ok(Member {
            name: span.of(self.text).into(),
            span,
        })
    }

    fn not_supported(&self, what: &str) -> Mistake {
        Mistake::new(self.span().start, format!("{what} are not supported"))
    }

    fn unexpected(&self, expected: &str) -> Mistake {
        let start = self.span().start;
        let found = self.written();
        if *self.peek() == Word::End {
            return Mistake::new(
                start,
                format!("the expression ends where {expected} is expected"),
            );
        }
        let found: String = found.chars().take(32).collect();
        let mistake = Mistake::new(
            start,
            format!("`{found}` stands where {expected} is expected"),
        );
        match &*found {
            "and" => mistake.hint("write `&&`"),
            "or" => mistake.hint("write `||`"),
            "not" => mistake.hint("write `!`"),
            _ => mistake,
        }
    }
}
