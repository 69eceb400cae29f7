//! Where in a chain the reader is, so that one thing that is wrong is told once and what follows is still held to the chain.
//!
//! Kept are the last line that fitted, and the last one behind it that did not. Of the latter there are two hashes that the next line may be
//! made with: the one that it says, if its text was changed, and the one that its text has, if its hash was.

use crate::runtime::audit_log::chain::Head;
use crate::runtime::audit_log::sealed_line::{self, BEFORE_THE_FIRST, ChainKey, LineHash, Sealed};

/// Where the reader is.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The last line that fitted.
    sound: Option<Head>,
    /// One that did not, of a higher number.
    doubtful: Option<Doubtful>,
    /// Lines since whose numbers cannot be told.
    broken: u64,
}

#[derive(Debug, Clone, Copy)]
struct Doubtful {
    seq: u64,
    hashes: [LineHash; 2],
}

/// How a line fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Where it belongs.
    Follows,
    /// As the first that is known after lines whose numbers cannot be told, and which were told of.
    AfterBroken,
    /// It is the first line of all, and nothing says what was before.
    First,
    /// By its number only.
    Changed,
    /// With another number it would.
    Renumbered { from: u64 },
    /// Lines before it are missing, from this number on.
    Missing { first: u64 },
    /// It is the line before once more.
    Repeated,
    /// Its number is not higher than this one.
    OutOfOrder { last: u64 },
}

impl Places {
    /// The number of the last line.
    pub(super) fn last(&self) -> Option<u64> {
        let doubtful = self.doubtful.map(|doubtful| doubtful.seq);
        doubtful.max(self.sound.map(|head| head.seq))
    }

    /// The last line that fitted.
    pub(super) const fn head(&self) -> Option<Head> {
        self.sound
    }

    /// A line whose number cannot be told.
    pub(super) const fn broken(&mut self) {
        self.broken += 1;
    }

    /// Takes this line for the last one, whatever was before.
    pub(super) fn go_on_with(&mut self, sealed: &Sealed<'_>) {
        *self = Self {
            sound: Some(Head {
                seq: sealed.seq,
                hash: sealed.hash,
            }),
            doubtful: None,
            broken: 0,
        };
    }

    /// Looks how a line fits, and goes on with it. Without `checks` by its number only.
    pub(super) fn fit(&mut self, sealed: &Sealed<'_>, key: Option<&ChainKey>, checks: bool) -> Fit {
        let follows = |seq: u64, hash: &LineHash| {
            seq.checked_add(1) == Some(sealed.seq) && (!checks || sealed.follows(key, hash))
        };
        let Some(sound) = self.sound else {
            if self.broken == 0 && follows(0, &BEFORE_THE_FIRST) {
                self.go_on_with(sealed);
                return Fit::Follows;
            }
            let told = self.broken > 0;
            self.go_on_with(sealed);
            return if told { Fit::AfterBroken } else { Fit::First };
        };
        if let Some(doubtful) = self.doubtful
            && doubtful
                .hashes
                .iter()
                .any(|hash| follows(doubtful.seq, hash))
        {
            self.go_on_with(sealed);
            return Fit::Follows;
        }
        if follows(sound.seq, &sound.hash) {
            // The doubtful line may have been moved before this one.
            let ahead = self.doubtful.filter(|doubtful| doubtful.seq > sealed.seq);
            self.go_on_with(sealed);
            self.doubtful = ahead;
            return Fit::Follows;
        }
        self.misfit(sound, sealed, key)
    }

    fn misfit(&mut self, sound: Head, sealed: &Sealed<'_>, key: Option<&ChainKey>) -> Fit {
        if sealed.seq == sound.seq && sealed.hash == sound.hash {
            return Fit::Repeated;
        }
        if sealed.seq <= sound.seq {
            return Fit::OutOfOrder { last: sound.seq };
        }
        // Held to the doubtful line where it comes behind that.
        let before = self.doubtful.map_or(sound.seq, |doubtful| doubtful.seq);
        let before = if sealed.seq > before {
            before
        } else {
            sound.seq
        };
        let between = sealed.seq - before - 1;
        let broken = std::mem::take(&mut self.broken);
        let made = sealed_line::hash(key, &sound.hash, sealed.hashed);
        self.doubtful = Some(Doubtful {
            seq: sealed.seq,
            hashes: [sealed.hash, made],
        });
        if between == 0 {
            return Fit::Changed;
        }
        if between <= broken {
            self.go_on_with(sealed);
            return Fit::AfterBroken;
        }
        let expected = sound.seq + 1;
        if sealed_line::is_renumbered(key, &sound.hash, sealed, expected) {
            self.doubtful = None;
            self.sound = Some(Head {
                seq: expected,
                hash: sealed.hash,
            });
            return Fit::Renumbered { from: expected };
        }
        Fit::Missing { first: before + 1 }
    }
}
