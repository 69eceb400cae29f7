//! What is not in the body: the caller, its claims, the query, the headers, the time.

use std::rc::Rc;

use super::super::bounds::{Bounds, Size};
use super::super::kind::Kind;
use super::super::mistake::Mistake;
use super::super::program::{Op, Path};
use super::super::syntax::{Member, NodeId};
use super::place::Target;
use super::{Checker, Term};
use crate::model::header::VisibleHeaders;
use crate::model::pointer;

/// Most characters of the name of a caller, group or scope.
const MAX_IDENTIFIER: u64 = 64;

const CALLER: [&str; 5] = ["id", "groups", "scopes", "claims", "address"];

/// Something that is known beside the body.
#[derive(Debug, Clone)]
pub(super) enum Special {
    Caller,
    CallerId,
    Groups,
    Scopes,
    Address,
    /// All claims, or something in them.
    Claims(Vec<Box<str>>),
    Query,
    Parameter(Box<str>),
    Headers,
    Header(usize),
    Now,
}

impl Special {
    /// Whether members can be selected from it by name.
    pub(super) const fn has_members(&self) -> bool {
        matches!(
            self,
            Self::Caller | Self::Claims(_) | Self::Query | Self::Headers
        )
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Caller => Kind::Caller,
            Self::CallerId | Self::Parameter(_) | Self::Header(_) => Kind::Text,
            Self::Groups | Self::Scopes => Kind::list_of(Kind::Text),
            Self::Address => Kind::Ip,
            Self::Claims(path) if path.is_empty() => Kind::Claims,
            Self::Claims(_) => Kind::Dyn,
            Self::Query => Kind::Query,
            Self::Headers => Kind::Headers,
            Self::Now => Kind::Timestamp,
        }
    }

    /// What stands for it in what is known to be present, if it may be absent.
    pub(super) fn key(&self) -> Option<Rc<str>> {
        match self {
            Self::Address => Some("caller/address".into()),
            Self::Parameter(name) => Some(format!("query/{name}").into()),
            Self::Header(index) => Some(format!("headers/{index}").into()),
            Self::Claims(path) if !path.is_empty() => {
                let mut key = String::from("caller/claims");
                for name in path {
                    pointer::push(&mut key, name);
                }
                Some(key.into())
            }
            _ => None,
        }
    }

    /// Reads it.
    pub(super) fn op(&self) -> Op {
        let path = |path: &[Box<str>]| -> Path { path.iter().cloned().collect() };
        match self {
            Self::CallerId => Op::CallerId,
            Self::Groups => Op::Groups,
            Self::Scopes => Op::Scopes,
            Self::Address => Op::Address,
            Self::Parameter(name) => Op::Parameter(name.clone()),
            Self::Header(index) => Op::Header(*index),
            Self::Now => Op::Now,
            Self::Claims(names) => Op::Claim(path(names)),
            Self::Caller | Self::Query | Self::Headers => Op::Claim(path(&[])),
        }
    }
}

/// The index of a header that policies may see.
pub(super) fn header(name: &str) -> Option<usize> {
    VisibleHeaders::NAMES
        .iter()
        .position(|known| known.as_str() == name)
}

impl Checker<'_> {
    pub(super) fn special_member(&mut self, special: Special, member: &Member) -> Target {
        let found = match special {
            Special::Caller => match &*member.name {
                "id" => Some(Special::CallerId),
                "groups" => Some(Special::Groups),
                "scopes" => Some(Special::Scopes),
                "claims" => Some(Special::Claims(Vec::new())),
                "address" => Some(Special::Address),
                _ => {
                    let mistake = Mistake::new(
                        member.span.start,
                        format!("`caller` has no `{}`", member.name),
                    );
                    self.mistakes.push(mistake.nearest(&member.name, CALLER));
                    None
                }
            },
            Special::Claims(mut path) => {
                path.push(member.name.clone());
                Some(Special::Claims(path))
            }
            Special::Query => self
                .is_parameter(member)
                .then(|| Special::Parameter(member.name.clone())),
            Special::Headers => self.header_index(member).map(Special::Header),
            other => {
                let what = format!("this is {} and has no members", other.kind());
                self.mistakes.push(Mistake::new(member.span.start, what));
                None
            }
        };
        match found {
            Some(special) => Target::Special(special),
            None => Target::Computed(self.unknown()),
        }
    }

    /// A member whose name is computed, or an item.
    pub(super) fn special_index(
        &mut self,
        base: NodeId,
        special: Special,
        index: NodeId,
    ) -> Target {
        match special.kind() {
            Kind::Claims | Kind::Dyn => {
                let at = self.check(index);
                let op = match &special {
                    Special::Claims(path) if path.is_empty() => {
                        if !self.require(index, &at, &Kind::Text, "the name of a claim") {
                            return Target::Computed(self.unknown());
                        }
                        Op::ClaimNamed(at.op)
                    }
                    _ => {
                        let list = self.read(base, Target::Special(special));
                        Op::Index(list.op, at.op)
                    }
                };
                let cost = at.cost.saturating_add(1);
                Target::Computed(self.term(Kind::Dyn, op, Bounds::ANY, cost))
            }
            Kind::List(item) => {
                let list = self.read(base, Target::Special(special));
                let at = self.check(index);
                if !self.require(index, &at, &Kind::Int, "an index") {
                    return Target::Computed(self.unknown());
                }
                let cost = list.cost.saturating_add(at.cost);
                let op = Op::Index(list.op, at.op);
                Target::Computed(self.term(*item, op, list.bounds.item(), cost))
            }
            Kind::Query | Kind::Headers => {
                self.note(index, "the name must be written out as a text");
                Target::Computed(self.unknown())
            }
            kind => {
                let what = format!("{} is {kind} and has no items", self.shown(base));
                self.note(base, what);
                Target::Computed(self.unknown())
            }
        }
    }

    /// Whether the operation has a parameter; says so otherwise.
    pub(super) fn is_parameter(&mut self, name: &Member) -> bool {
        let known = self.environment.parameters;
        if known.contains(&&*name.name) {
            return true;
        }
        let what = format!(
            "`{}` has no query parameter `{}`",
            self.environment.operation, name.name
        );
        let mistake = Mistake::new(name.span.start, what).lacking();
        self.mistakes
            .push(mistake.nearest(&name.name, known.iter().copied()));
        false
    }

    /// The index of a header that may be seen; says which ones may otherwise.
    pub(super) fn header_index(&mut self, name: &Member) -> Option<usize> {
        let found = header(&name.name);
        if found.is_none() {
            let names: Vec<String> = VisibleHeaders::NAMES
                .iter()
                .map(|known| format!("headers['{known}']"))
                .collect();
            let what = format!("there is no header `{}` for policies", name.name);
            let folded = name.name.to_ascii_lowercase().replace('_', "-");
            let hint = match header(&folded) {
                Some(_) => format!("write `headers['{folded}']`"),
                None => format!("there are {}", names.join(", ")),
            };
            self.mistakes
                .push(Mistake::new(name.span.start, what).hint(hint));
        }
        found
    }

    /// Names and texts of the request beside the body.
    pub(super) fn special_term(&mut self, special: &Special) -> Term {
        let kind = special.kind();
        let bounds = match special {
            Special::Header(_) => Bounds::size(Size::at_most(VisibleHeaders::MAX_BYTES as u64)),
            Special::CallerId => Bounds::size(Size::at_most(MAX_IDENTIFIER)),
            Special::Groups | Special::Scopes => Bounds {
                item: Some(Box::new(Bounds::size(Size::at_most(MAX_IDENTIFIER)))),
                ..Bounds::ANY
            },
            _ => Bounds::ANY,
        };
        self.term(kind, special.op(), bounds, 0)
    }
}
