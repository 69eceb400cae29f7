//! How many requests each caller has in flight, so that none takes the slots of all.
//!
//! Only callers with a request in flight are in the table, so it is never larger than `server.in_flight`.
//!
//! ```
//! use std::sync::Arc;
//! use meeting_gateway::runtime::callers_in_flight::CallersInFlight;
//!
//! let callers = Arc::new(CallersInFlight::default());
//! let caller = "scheduling-app".into();
//! let first = callers.enter(&caller, 1).unwrap();
//! assert!(callers.enter(&caller, 1).is_none());
//! assert!(callers.enter(&"front-desk".into(), 1).is_some());
//! drop(first);
//! assert!(callers.enter(&caller, 1).is_some());
//! ```

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::HashMap;

/// The counts.
#[derive(Debug, Default)]
pub struct CallersInFlight(Mutex<HashMap<Arc<str>, usize>>);

/// A request's place, given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    callers: Arc<CallersInFlight>,
    caller: Arc<str>,
}

impl CallersInFlight {
    /// Counts a request of `caller`; none where it has `most` in flight already.
    pub fn enter(self: &Arc<Self>, caller: &Arc<str>, most: usize) -> Option<Place> {
        let mut counts = self.counts();
        let count = counts.entry(Arc::clone(caller)).or_default();
        if *count >= most.max(1) {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Place {
            callers: Arc::clone(self),
            caller: Arc::clone(caller),
        })
    }

    /// Callers with requests in flight.
    pub fn callers(&self) -> usize {
        self.counts().len()
    }

    // Nothing panics under it.
    fn counts(&self) -> MutexGuard<'_, HashMap<Arc<str>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.callers.counts();
        if let Some(count) = counts.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_its_own_and_the_table_forgets() {
        let callers = Arc::new(CallersInFlight::default());
        let (one, other): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        let places: Vec<_> = (0..3).filter_map(|_| callers.enter(&one, 2)).collect();
        assert_eq!(places.len(), 2);
        let place = callers.enter(&other, 2);
        assert_eq!((place.is_some(), callers.callers()), (true, 2));
        drop((places, place));
        assert_eq!(callers.callers(), 0);
    }
}
