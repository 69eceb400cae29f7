//! The members of an object, one after the other.

use std::{slice, vec};

use super::object::Member;
use super::{Text, Value};

/// Names and values, in order.
#[derive(Debug, Clone)]
pub struct Members<'o>(pub(super) slice::Iter<'o, Member>);

/// The same, values to be changed.
#[derive(Debug)]
pub struct MembersMut<'o>(pub(super) slice::IterMut<'o, Member>);

/// The same, taken out of the object.
#[derive(Debug)]
pub struct IntoMembers(pub(super) vec::IntoIter<Member>);

macro_rules! iterate {
    ($($over:ident $(<$life:lifetime>)? => $item:ty, |$member:ident| $shown:expr;)+) => {$(
        impl $(<$life>)? Iterator for $over $(<$life>)? {
            type Item = $item;

            #[inline]
            fn next(&mut self) -> Option<$item> {
                self.0.next().map(|$member| $shown)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl $(<$life>)? DoubleEndedIterator for $over $(<$life>)? {
            fn next_back(&mut self) -> Option<$item> {
                self.0.next_back().map(|$member| $shown)
            }
        }

        impl $(<$life>)? ExactSizeIterator for $over $(<$life>)? {}
    )+};
}

iterate! {
    Members<'o> => (&'o Text, &'o Value), |member| (&member.name, &member.value);
    MembersMut<'o> => (&'o Text, &'o mut Value), |member| (&member.name, &mut member.value);
    IntoMembers => (Text, Value), |member| (member.name, member.value);
}
