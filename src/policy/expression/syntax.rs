//! The tree of an expression. Its nodes lie in one list and name each other by number: nothing about it recurses, not
//! even its destruction. Depth and number of nodes are bounded where nodes are added.

use super::limits::{MAX_DEPTH, MAX_NODES};
use super::mistake::Mistake;
use super::token::Span;

/// The number of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NodeId(u16);

/// A node, and the text that it stands for.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) form: Form,
    pub(super) span: Span,
    depth: u8,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(super) enum Form {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Box<str>),
    List(Box<[NodeId]>),
    Name(Box<str>),
    Select(NodeId, Member),
    Index(NodeId, NodeId),
    /// `has(a.b)`; the node is the selection.
    Has(NodeId),
    Not(NodeId),
    Negate(NodeId),
    /// Two or more operands.
    And(Box<[NodeId]>),
    /// Two or more operands.
    Or(Box<[NodeId]>),
    Choice(NodeId, NodeId, NodeId),
    Binary(Operator, NodeId, NodeId),
    Call(Call),
    Loop(Loop),
}

/// A selected member.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) name: Box<str>,
    pub(super) span: Span,
}

/// A call of a function.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) receiver: Option<NodeId>,
    pub(super) name: Member,
    pub(super) arguments: Box<[NodeId]>,
}

/// A macro that walks over a list.
#[derive(Debug, Clone)]
pub(super) struct Loop {
    pub(super) quantifier: Quantifier,
    pub(super) list: NodeId,
    pub(super) variable: Member,
    /// Which items, in the long form of `map`.
    pub(super) condition: Option<NodeId>,
    pub(super) body: NodeId,
}

/// Which macro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

impl Quantifier {
    pub(super) const ALL: [Self; 5] = [
        Self::All,
        Self::Exists,
        Self::ExistsOne,
        Self::Filter,
        Self::Map,
    ];

    /// As it is written.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Exists => "exists",
            Self::ExistsOne => "exists_one",
            Self::Filter => "filter",
            Self::Map => "map",
        }
    }
}

/// An operator with two operands that is not logical.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Plus,
    Minus,
    Times,
    Divide,
    Remainder,
}

impl Operator {
    /// As it is written.
    pub(super) const fn written(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::In => "in",
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

/// All nodes of an expression.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// Adds a node whose parts are in the tree already.
    pub(super) fn add(&mut self, form: Form, span: Span) -> Result<NodeId, Mistake> {
        let deepest = form.parts().map(|part| self.depth(part)).max();
        let depth = deepest.unwrap_or(0).saturating_add(1);
        if depth > MAX_DEPTH {
            let what = format!("the expression is nested deeper than {MAX_DEPTH} levels");
            return Err(Mistake::new(span.start, what).hint("divide it into several rules"));
        }
        let id = u16::try_from(self.nodes.len())
            .ok()
            .filter(|id| usize::from(*id) < MAX_NODES)
            .ok_or_else(|| {
                let what = format!("the expression has more than {MAX_NODES} parts");
                Mistake::new(span.start, what).hint("divide it into several rules")
            })?;
        self.nodes.push(Node { form, span, depth });
        Ok(NodeId(id))
    }

    /// The node of a number.
    pub(super) fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(usize::from(id.0))
    }

    /// Where a node stands in the text.
    pub(super) fn span(&self, id: NodeId) -> Span {
        self.get(id)
            .map_or(Span { start: 0, end: 0 }, |node| node.span)
    }

    fn depth(&self, id: NodeId) -> u8 {
        self.get(id).map_or(0, |node| node.depth)
    }
}

impl Form {
    fn parts(&self) -> impl Iterator<Item = NodeId> {
        let (many, few): (&[NodeId], [Option<NodeId>; 3]) = match self {
            Self::List(items) | Self::And(items) | Self::Or(items) => (items, [None; 3]),
            Self::Select(a, _) | Self::Has(a) | Self::Not(a) | Self::Negate(a) => {
                (&[], [Some(*a), None, None])
            }
            Self::Index(a, b) | Self::Binary(_, a, b) => (&[], [Some(*a), Some(*b), None]),
            Self::Choice(a, b, c) => (&[], [Some(*a), Some(*b), Some(*c)]),
            Self::Call(call) => (&call.arguments, [call.receiver, None, None]),
            Self::Loop(turn) => (&[], [Some(turn.list), turn.condition, Some(turn.body)]),
            _ => (&[], [None; 3]),
        };
        many.iter().copied().chain(few.into_iter().flatten())
    }
}
