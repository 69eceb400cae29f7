//! The members of an object, in the order they came in.

use std::collections::HashMap;
use std::{fmt, mem};

use super::members::{IntoMembers, Members, MembersMut};
use super::{Text, Value};

/// Members that are found by looking at one after the other. Beyond that an index is kept: what came in may have any number of them.
const ROW: usize = 32;

/// Where each name stands.
type Index = HashMap<Text, usize>;

/// An object's members, each name once. To remove one keeps the order of the others and takes as long as there are members.
#[derive(Clone, Default)]
pub struct Object {
    members: Vec<Member>,
    /// Kept while there are more than [`ROW`]; in a box, since few objects have one.
    index: Option<Box<Index>>,
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    tag: u32,
    pub(super) name: Text,
    pub(super) value: Value,
}

/// The ends of a name and its length: nearly all names that are not the one that is looked for are passed over by it.
#[inline]
fn tag(name: &str) -> u32 {
    let [low, high, ..] = name.len().to_le_bytes();
    match name.as_bytes() {
        [first, .., last] => u32::from_le_bytes([*first, *last, low, high]),
        [only] => u32::from(*only),
        [] => 0,
    }
}

impl Object {
    /// An object without members.
    pub const fn new() -> Self {
        Self {
            members: Vec::new(),
            index: None,
        }
    }

    /// The same, with room for so many.
    pub fn with_capacity(members: usize) -> Self {
        Self {
            members: Vec::with_capacity(members),
            ..Self::new()
        }
    }

    /// How many members there are.
    pub const fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Where a name stands.
    #[inline]
    fn position(&self, name: &str) -> Option<usize> {
        self.position_of(tag(name), name)
    }

    /// The same of a name whose tag is known.
    #[inline]
    fn position_of(&self, tag: u32, name: &str) -> Option<usize> {
        if let Some(index) = &self.index {
            return index.get(name).copied();
        }
        let is_it = |member: &Member| member.tag == tag && member.name == name;
        self.members.iter().position(is_it)
    }

    /// Whether there is a member of that name.
    #[inline]
    pub fn contains_key(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// The member of that name.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members
            .get(self.position(name)?)
            .map(|member| &member.value)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let at = self.position(name)?;
        self.members.get_mut(at).map(|member| &mut member.value)
    }

    /// Puts a member at the end, or another value in the place of one that is there, which is given back.
    pub fn insert(&mut self, name: Text, value: Value) -> Option<Value> {
        let tag = tag(&name);
        let at = self.position_of(tag, &name);
        if let Some(known) = at.and_then(|at| self.members.get_mut(at)) {
            return Some(mem::replace(&mut known.value, value));
        }
        self.push(Member { tag, name, value });
        None
    }

    /// The member of that name; where there is none, one is put at the end first.
    pub(crate) fn or_insert(&mut self, name: &str, value: Value) -> &mut Value {
        let at = self.position(name).unwrap_or_else(|| {
            let (tag, name) = (tag(name), name.into());
            self.push(Member { tag, name, value });
            self.len() - 1
        });
        &mut self.members[at].value
    }

    /// Puts a member at the end whose name is not there yet.
    fn push(&mut self, member: Member) {
        if let Some(index) = &mut self.index {
            index.insert(member.name.clone(), self.members.len());
        }
        self.members.push(member);
        if self.index.is_none() && self.members.len() > ROW {
            self.make_index();
        }
    }

    /// The name of the member at this place.
    pub(crate) fn name_at(&self, place: usize) -> Option<&str> {
        self.members.get(place).map(|member| &*member.name)
    }

    /// Puts a member at the end that has the name of the other's member there; nothing, where the other has none. The names before must
    /// be those of the other, too: then it is not among them.
    pub(crate) fn push_like(&mut self, other: &Self, value: Value) -> Option<()> {
        let Member { tag, name, .. } = other.members.get(self.len())?;
        let (tag, name) = (*tag, name.clone());
        self.push(Member { tag, name, value });
        Some(())
    }

    fn make_index(&mut self) {
        self.index = (self.members.len() > ROW).then(|| {
            let names = self.members.iter().enumerate();
            Box::new(
                names
                    .map(|(at, member)| (member.name.clone(), at))
                    .collect(),
            )
        });
    }

    /// Takes the member of that name out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.position(name)?;
        let member = self.members.remove(at);
        self.make_index();
        Some(member.value)
    }

    /// Keeps the members that are wanted.
    pub fn retain(&mut self, mut wants: impl FnMut(&Text, &mut Value) -> bool) {
        self.members
            .retain_mut(|member| wants(&member.name, &mut member.value));
        self.make_index();
    }

    /// The members, in order.
    pub fn iter(&self) -> Members<'_> {
        Members(self.members.iter())
    }

    /// The same, values to be changed.
    pub fn iter_mut(&mut self) -> MembersMut<'_> {
        MembersMut(self.members.iter_mut())
    }

    /// The names, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Text> + DoubleEndedIterator {
        self.members.iter().map(|member| &member.name)
    }

    /// The values, in order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> + DoubleEndedIterator {
        self.members.iter().map(|member| &member.value)
    }
}

/// Objects are equal where their members are, in whatever order.
impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        let is_there = |(name, value): (&Text, &Value)| other.get(name) == Some(value);
        self.len() == other.len() && self.iter().all(is_there)
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl IntoIterator for Object {
    type Item = (Text, Value);
    type IntoIter = IntoMembers;

    fn into_iter(self) -> Self::IntoIter {
        IntoMembers(self.members.into_iter())
    }
}

impl<'o> IntoIterator for &'o Object {
    type Item = (&'o Text, &'o Value);
    type IntoIter = Members<'o>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'o> IntoIterator for &'o mut Object {
    type Item = (&'o Text, &'o mut Value);
    type IntoIter = MembersMut<'o>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// Of a name that is there twice, the later value counts.
impl<N: Into<Text>> FromIterator<(N, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(members: I) -> Self {
        let mut object = Self::new();
        object.extend(members);
        object
    }
}

impl<N: Into<Text>> Extend<(N, Value)> for Object {
    fn extend<I: IntoIterator<Item = (N, Value)>>(&mut self, members: I) {
        let members = members.into_iter();
        self.members.reserve(members.size_hint().0);
        for (name, value) in members {
            self.insert(name.into(), value);
        }
    }
}

#[cfg(test)]
mod tests;
