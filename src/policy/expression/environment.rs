//! What an expression may speak of in one operation: the fields of the body as a tree, parameters, names.

use super::kind::Kind;
use crate::model::field::{Field, FieldType};
use crate::model::pointer;

/// What is there to be read in one operation.
#[derive(Debug, Clone, Copy)]
pub(in crate::policy) struct Environment<'c> {
    /// The operation's name.
    pub(in crate::policy) operation: &'c str,
    /// The names of all operations.
    pub(in crate::policy) operations: &'c [&'c str],
    /// The fields of its body, with `*` for items of lists.
    pub(in crate::policy) fields: &'c [Field],
    /// The parameters of its query.
    pub(in crate::policy) parameters: &'c [&'c str],
}

/// The number of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShapeId(usize);

/// One field, member or item.
#[derive(Debug)]
pub(super) struct Shape<'c> {
    /// The JSON Pointer of it, with `*`; empty for the body.
    pub(super) pointer: String,
    pub(super) kind: FieldType,
    /// What the contract says of it; nothing of the body, and of what stands around a field without being one itself.
    pub(super) field: Option<&'c Field>,
    members: Vec<(String, ShapeId)>,
    item: Option<ShapeId>,
}

/// The fields of a body as a tree.
#[derive(Debug)]
pub(super) struct Shapes<'c>(Vec<Shape<'c>>);

impl ShapeId {
    /// The body itself.
    pub(super) const BODY: Self = Self(0);
}

impl<'c> Shapes<'c> {
    pub(super) fn of(fields: &'c [Field]) -> Self {
        let mut shapes = Self(vec![Shape::new(String::new())]);
        for field in fields {
            let tokens = pointer::tokens(&field.pointer).unwrap_or_default();
            let mut at = ShapeId::BODY;
            for token in &tokens {
                at = shapes.step(at, token);
            }
            if at != ShapeId::BODY
                && let Some(shape) = shapes.0.get_mut(at.0)
            {
                shape.kind = field.kind;
                shape.field = Some(field);
            }
        }
        shapes
    }

    pub(super) fn get(&self, id: ShapeId) -> Option<&Shape<'c>> {
        self.0.get(id.0)
    }

    pub(super) fn member(&self, of: ShapeId, name: &str) -> Option<ShapeId> {
        let members = &self.get(of)?.members;
        members
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, id)| *id)
    }

    pub(super) fn members(&self, of: ShapeId) -> impl Iterator<Item = &str> {
        let members = self.get(of).map(|shape| shape.members.as_slice());
        members
            .unwrap_or_default()
            .iter()
            .map(|(name, _)| name.as_str())
    }

    pub(super) fn item(&self, of: ShapeId) -> Option<ShapeId> {
        self.get(of)?.item
    }

    /// The type that an expression sees.
    pub(super) fn kind(&self, id: ShapeId) -> Kind {
        // A list in a list is the deepest that a contract has; the depth keeps this from following anything longer.
        self.kind_within(id, 8)
    }

    fn kind_within(&self, id: ShapeId, depth: u8) -> Kind {
        let Some(shape) = self.get(id) else {
            return Kind::Unknown;
        };
        match Kind::scalar(shape.kind) {
            Some(kind) => kind,
            None if shape.kind == FieldType::Object => Kind::Object(id),
            None => Kind::list_of(match (shape.item, depth.checked_sub(1)) {
                (Some(item), Some(depth)) => self.kind_within(item, depth),
                _ => Kind::Dyn,
            }),
        }
    }

    /// The names of a member at any depth of the body that is called so, as an expression writes it.
    pub(super) fn anywhere(&self, name: &str) -> Option<String> {
        let found = self
            .0
            .iter()
            .find(|shape| pointer::last(&shape.pointer) == name && !shape.pointer.contains("/*"))?;
        Some(format!("body{}", found.pointer.replace('/', ".")))
    }

    fn step(&mut self, at: ShapeId, token: &str) -> ShapeId {
        let item = token == "*";
        let known = if item {
            self.item(at)
        } else {
            self.member(at, token)
        };
        if let Some(known) = known {
            return known;
        }
        let next = ShapeId(self.0.len());
        let Some(shape) = self.0.get_mut(at.0) else {
            return at;
        };
        let mut below = shape.pointer.clone();
        if item {
            below.push_str("/*");
            shape.kind = FieldType::Array;
            shape.item = Some(next);
        } else {
            pointer::push(&mut below, token);
            shape.members.push((token.to_owned(), next));
        }
        self.0.push(Shape::new(below));
        next
    }
}

impl Shape<'_> {
    fn new(pointer: String) -> Self {
        Self {
            pointer,
            kind: FieldType::Object,
            field: None,
            members: Vec::new(),
            item: None,
        }
    }

    /// Most items of it, where it is a list.
    pub(super) fn most_items(&self) -> Option<u64> {
        let most = self.field?.max_items?;
        u64::try_from(most).ok()
    }
}
