//! What an expression is lowered to: operations with everything looked up that can be looked up beforehand. They lie in
//! one list and name each other by number.

use jiff::tz::TimeZone;
use regex::Regex;

use super::function::{Part, Run, Steps};
use super::literal::Literal;
use super::reader::Reader;
use super::syntax::{Operator, Quantifier};

/// The number of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OpId(u16);

/// A path of member names.
pub(super) type Path = Box<[Box<str>]>;

/// One operation.
#[derive(Debug)]
pub(super) enum Op {
    Literal(Literal),
    /// A member of the body or of what a loop walks over.
    Field(Box<Field>),
    HasField(Root, Path),
    /// What a loop walks over.
    Item(u8),
    CallerId,
    Groups,
    Scopes,
    Address,
    HasAddress,
    Now,
    Header(usize),
    HasHeader(usize),
    Parameter(Box<str>),
    HasParameter(OpId),
    Claim(Path),
    HasClaim(Path),
    /// A claim whose name is computed.
    ClaimNamed(OpId),
    HasClaimNamed(OpId),
    /// A member of an object that is computed.
    Member(OpId, Path),
    HasMember(OpId, Path),
    Index(OpId, OpId),
    Not(OpId),
    Negate(OpId),
    And(Box<[OpId]>),
    Or(Box<[OpId]>),
    Choice(OpId, OpId, OpId),
    Compare(Operator, OpId, OpId),
    /// The same of two whole numbers.
    CompareInts(Operator, OpId, OpId),
    /// The same of two texts.
    CompareTexts(Operator, OpId, OpId),
    In(OpId, OpId),
    Arithmetic(Operator, OpId, OpId),
    /// The same with two whole numbers.
    IntArithmetic(Operator, OpId, OpId),
    List(Box<[OpId]>),
    Call {
        run: Run,
        steps: Steps,
        arguments: Box<[OpId]>,
    },
    Matches(OpId, Box<Regex>),
    Calendar(Part, OpId, Zone),
    Loop(Box<Loop>),
}

/// A read of a member.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) root: Root,
    pub(super) path: Path,
    pub(super) reader: Reader,
    /// What counts where it is absent, beside lists and objects.
    pub(super) default: Option<Literal>,
}

/// Where a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Body,
    /// An item that a loop walks over.
    Item(u8),
    /// An object that is computed.
    Computed(OpId),
}

/// The zone that a time is looked at in.
#[derive(Debug)]
pub(super) enum Zone {
    Known(TimeZone),
    Named(OpId),
}

/// A loop.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) quantifier: Quantifier,
    pub(super) list: OpId,
    pub(super) slot: u8,
    pub(super) condition: Option<OpId>,
    pub(super) body: OpId,
}

/// A lowered expression.
#[derive(Debug, Default)]
pub(super) struct Program(Vec<Op>);

impl Program {
    pub(super) fn add(&mut self, op: Op) -> OpId {
        // The syntax tree has fewer nodes than this has numbers, and each node adds one or two operations.
        let id = OpId(u16::try_from(self.0.len()).unwrap_or(u16::MAX));
        self.0.push(op);
        id
    }

    #[inline]
    pub(super) fn get(&self, id: OpId) -> Option<&Op> {
        self.0.get(usize::from(id.0))
    }

    /// The value of an operation that is known already.
    pub(super) fn literal(&self, id: OpId) -> Option<&Literal> {
        match self.get(id)? {
            Op::Literal(literal) => Some(literal),
            _ => None,
        }
    }
}
