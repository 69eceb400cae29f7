//! The series that were recorded before, so that recording once more needs no attributes and no look into the SDK's own table, which
//! hashes all of them.
//!
//! The table only grows, up to the room that it was given; what finds no room is recorded as if there were no table. So no series is
//! lost and none is added: how many there are is bounded where it always was. Threads look things up without a lock.

use std::hash::{BuildHasher, Hash};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use foldhash::fast::FixedState;

/// Places that are looked at for one series.
const LOOKS: usize = 8;
/// No key is written by whoever sends requests, so no secret is needed.
const HASHES: FixedState = FixedState::with_seed(0);

/// Series by what tells them apart.
#[derive(Debug)]
pub(super) struct Kept<K, S>(Box<[Place<K, S>]>);

/// Of one series, once it is taken.
#[derive(Debug)]
struct Place<K, S> {
    /// Some bits of the key's hash, or 0 as long as they are not known: what is another key need not be looked at. It is only a hint, so
    /// it needs no order with the series: whoever sees none yet compares the key.
    mark: AtomicU32,
    series: OnceLock<Box<(K, S)>>,
}

impl<K, S> Kept<K, S> {
    /// A table for so many at most, a power of two; or for none.
    pub(super) fn with_room_for(series: usize) -> Self {
        let free = || Place {
            mark: AtomicU32::new(0),
            series: OnceLock::new(),
        };
        Self((0..series).map(|_| free()).collect())
    }

    /// The series with this key, kept from now on; none, where there is no room for it. What is made must have the key that was
    /// asked for.
    pub(super) fn find<Q>(&self, asked: &Q, make: impl Fn() -> (K, S)) -> Option<&S>
    where
        Q: Hash,
        K: PartialEq<Q>,
    {
        let mask = self.0.len().checked_sub(1)?;
        let hash = HASHES.hash_one(asked);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the place takes the lower half of the hash, the mark the upper one, which must not be 0"
        )]
        let (first, mark) = (hash as usize, (hash >> 32) as u32 | 1);
        for look in 0..LOOKS {
            let place = self.0.get(first.wrapping_add(look) & mask)?;
            let seen = place.mark.load(Ordering::Relaxed);
            if seen != 0 && seen != mark {
                continue;
            }
            let (key, series) = &**place.series.get_or_init(|| Box::new(make()));
            if *key == *asked {
                if seen == 0 {
                    place.mark.store(mark, Ordering::Relaxed);
                }
                return Some(series);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_made_once_and_found_again_as_long_as_there_is_room() {
        let kept: Kept<String, usize> = Kept::with_room_for(4);
        let find = |key: &str, series| kept.find(&key, || (key.to_owned(), series)).copied();
        for (number, key) in ["a", "b", "c", "d"].into_iter().enumerate() {
            assert_eq!(find(key, number), Some(number));
            assert_eq!(find(key, 77), Some(number), "{key} is there already");
        }
        assert_eq!(find("e", 4), None);
        assert_eq!(find("a", 77), Some(0));
        let none: Kept<String, usize> = Kept::with_room_for(0);
        assert!(none.find(&"a", || ("a".to_owned(), 0)).is_none());
    }

    #[test]
    fn threads_that_come_together_find_the_same() {
        let kept: Kept<usize, std::thread::ThreadId> = Kept::with_room_for(64);
        let all = || {
            let find = |key: usize| {
                let made_here = || (key, std::thread::current().id());
                kept.find(&key, made_here).copied()
            };
            (0..16).map(find).collect::<Vec<_>>()
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(all)).collect();
            for thread in threads {
                let found = thread.join().unwrap();
                assert!(found.iter().all(Option::is_some));
                assert_eq!(found, all());
            }
        });
    }
}
