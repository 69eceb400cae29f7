//! Keeps one fault from flooding the log: warnings and errors that say the same over and over are counted instead of written.
//!
//! Of the same words at the same place, five are written within ten seconds; of all that one place says, a hundred. What was left
//! out is told when the ten seconds are over. The request that an entry is about does not make it another one.
//!
//! Bounded: at most 256 different entries are remembered at a time.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::Level;
use tracing::callsite::Identifier;

use super::entry::{Entry, Value};

/// How long is counted.
pub(super) const WINDOW: Duration = Duration::from_secs(10);
/// How many of the same are written in that time.
const SAME: u64 = 5;
/// How many of one place.
const OF_ONE_PLACE: u64 = 100;
/// How many different ones are remembered.
const REMEMBERED: usize = 256;

type Same = HashMap<u64, Lately, foldhash::fast::RandomState>;

/// Who is not counted: what they say, somebody has just asked for, by a start, a reload or a stop.
const ASKED_FOR: [&str; 2] = ["meeting_gateway::gateway", "meeting_gateway::cli"];

/// What was written lately.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    hasher: foldhash::fast::RandomState,
    lately: Mutex<Written>,
}

#[derive(Debug, Default)]
struct Written {
    same: Same,
    /// As many as there are places in the program.
    places: HashMap<Identifier, Lately>,
}

#[derive(Debug)]
struct Lately {
    since: Duration,
    seen: u64,
    most: u64,
    level: Level,
    target: &'static str,
    message: Box<str>,
}

impl Repeats {
    /// Whether an entry that was made at `place` is to be written. `now` is monotonic time.
    pub(super) fn admits(&self, place: &Identifier, entry: &Entry, now: Duration) -> bool {
        let asked_for = ASKED_FOR.iter().any(|by| entry.target.starts_with(by));
        if entry.level > Level::WARN || asked_for {
            return true;
        }
        let key = self.hash(place, entry);
        let mut lately = self.lately();
        let Written { same, places } = &mut *lately;
        if same.len() >= REMEMBERED {
            // Those that left something out stay until that is told.
            same.retain(|_, one| now.saturating_sub(one.since) < WINDOW || one.left_out() > 0);
        }
        let room = same.len() < REMEMBERED;
        let admitted = if let Some(one) = same.get_mut(&key) {
            one.count(now)
        } else {
            if room {
                same.insert(key, Lately::of(entry, SAME, now));
            }
            true
        };
        if !admitted {
            // Does not use up what its place may say.
            return false;
        }
        if let Some(one) = places.get_mut(place) {
            return one.count(now);
        }
        places.insert(place.clone(), Lately::of(entry, OF_ONE_PLACE, now));
        true
    }

    /// What was left out and has not been told yet, of times that are over. `unix` is the time of the entries.
    pub(super) fn left_out(&self, now: Duration, unix: Duration) -> Vec<Entry> {
        let mut told = Vec::new();
        let mut stays = |one: &Lately| {
            let over = now.saturating_sub(one.since) >= WINDOW;
            if over && one.left_out() > 0 {
                told.push(one.summary(unix));
            }
            !over
        };
        let mut lately = self.lately();
        lately.same.retain(|_, one| stays(one));
        lately.places.retain(|_, one| stays(one));
        told
    }

    fn hash(&self, place: &Identifier, entry: &Entry) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        place.hash(&mut hasher);
        entry.message.hash(&mut hasher);
        for (name, value) in &entry.fields {
            if *name == "request_id" {
                continue;
            }
            name.hash(&mut hasher);
            match value {
                Value::Text(text) => text.hash(&mut hasher),
                Value::Signed(number) => number.hash(&mut hasher),
                Value::Unsigned(number) => number.hash(&mut hasher),
                Value::Float(number) => number.to_bits().hash(&mut hasher),
                Value::Flag(flag) => flag.hash(&mut hasher),
            }
        }
        hasher.finish()
    }

    fn lately(&self) -> MutexGuard<'_, Written> {
        self.lately.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lately {
    fn of(entry: &Entry, most: u64, now: Duration) -> Self {
        Self {
            since: now,
            seen: 1,
            most,
            level: entry.level,
            target: entry.target,
            message: entry.message.as_str().into(),
        }
    }

    /// Counts one more; says whether it may be written.
    fn count(&mut self, now: Duration) -> bool {
        // One that is over goes on until what it left out is told; then the next begins.
        if now.saturating_sub(self.since) >= WINDOW && self.left_out() == 0 {
            (self.since, self.seen) = (now, 0);
        }
        self.seen += 1;
        self.seen <= self.most
    }

    const fn left_out(&self) -> u64 {
        self.seen.saturating_sub(self.most)
    }

    fn summary(&self, unix: Duration) -> Entry {
        let what = match self.most {
            SAME => "the same was said more often than is written",
            _ => "one place said more than is written",
        };
        let mut entry = Entry::saying(self.level, self.target, what.to_owned(), unix);
        entry.fields = vec![
            ("said", Value::Text(self.message.to_string())),
            ("left_out", Value::Unsigned(self.left_out())),
        ];
        entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Identifier {
        struct Here;
        impl tracing::Callsite for Here {
            fn set_interest(&self, _: tracing::subscriber::Interest) {}
            fn metadata(&self) -> &tracing::Metadata<'_> {
                panic!("nobody asks")
            }
        }
        static HERE: Here = Here;
        Identifier(&HERE)
    }

    fn entry(level: Level, message: &str) -> Entry {
        Entry::saying(level, "here", message.to_owned(), Duration::ZERO)
    }

    fn written(repeats: &Repeats, entry: &Entry, times: usize, now: Duration) -> usize {
        (0..times)
            .filter(|_| repeats.admits(&place(), entry, now))
            .count()
    }

    #[test]
    fn the_same_is_written_a_few_times_and_then_counted() {
        let repeats = Repeats::default();
        let down = entry(Level::WARN, "the upstream is down");
        let start = Duration::from_secs(100);
        assert_eq!(written(&repeats, &down, 50, start), 5);
        let other = entry(Level::ERROR, "the disk is full");
        assert_eq!(written(&repeats, &other, 3, start), 3, "it is another one");
        assert!(
            repeats.left_out(start + WINDOW / 2, start).is_empty(),
            "not over yet"
        );

        let over = start + WINDOW;
        let told = repeats.left_out(over, over);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].level, Level::WARN);
        assert_eq!(
            told[0].fields,
            [
                ("said", Value::Text("the upstream is down".to_owned())),
                ("left_out", Value::Unsigned(45))
            ]
        );
        assert_eq!(written(&repeats, &down, 50, over), 5, "and again");
    }

    #[test]
    fn the_request_makes_no_difference_and_the_level_does() {
        let repeats = Repeats::default();
        let of = |request: usize| Entry {
            fields: vec![("request_id", Value::Text(request.to_string()))],
            ..entry(Level::ERROR, "the gateway failed on a request")
        };
        let now = Duration::ZERO;
        let admitted = (0..20).filter(|request| repeats.admits(&place(), &of(*request), now));
        assert_eq!(admitted.count(), 5);
        let wanted = entry(Level::INFO, "asked for");
        assert_eq!(written(&repeats, &wanted, 500, now), 500);
        let of_a_reload = Entry {
            target: "meeting_gateway::gateway::reload",
            ..entry(Level::ERROR, "the changed configuration cannot be used")
        };
        assert_eq!(written(&repeats, &of_a_reload, 500, now), 500);
    }

    #[test]
    fn what_always_differs_is_bounded_by_its_place() {
        let repeats = Repeats::default();
        let now = Duration::ZERO;
        let differs = |number: usize| entry(Level::WARN, &format!("peer {number}"));
        let admitted =
            (0..10_000).filter(|number| repeats.admits(&place(), &differs(*number), now));
        assert_eq!(admitted.count(), 100);
        assert_eq!(repeats.lately().same.len(), REMEMBERED);
        let told = repeats.left_out(WINDOW, WINDOW);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].fields[1], ("left_out", Value::Unsigned(9_900)));
    }
}
