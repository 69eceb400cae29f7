//! Quotas as configured.

use std::sync::Arc;
use std::time::Duration;

/// Longest window and longest time to fill a bucket.
pub const LONGEST_WINDOW: Duration = Duration::from_hours(24 * 31);
/// Most quotas of one configuration: each costs every request a little, and room in the answer's header.
pub const MOST_QUOTAS: usize = 8;
/// Longest name, in bytes.
pub const LONGEST_QUOTA_NAME: usize = 64;

/// What has a bucket of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Each caller.
    Caller,
    /// Each meeting, whoever calls.
    Meeting,
}

/// One quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaRule {
    /// Its name in headers, refusals and metrics: lower-case letters, digits, `-` and `_`.
    pub name: Box<str>,
    /// What has a bucket.
    pub per: Per,
    /// Requests in a window, in the long run.
    pub requests: u32,
    /// The window, in whole seconds.
    pub window: Duration,
    /// Requests at once.
    pub burst: u32,
}

/// All quotas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaSettings {
    /// The quotas, at most [`MOST_QUOTAS`].
    pub rules: Vec<QuotaRule>,
    /// Ids of the callers, in the order of their positions.
    pub callers: Vec<Arc<str>>,
    /// Most meetings that have a counter, for each quota by meeting (about 150 bytes each).
    pub meetings: usize,
}

/// Why quotas cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuotasFault {
    /// More than [`MOST_QUOTAS`].
    #[error("there are {got} quotas; at most {MOST_QUOTAS} are possible")]
    TooMany {
        /// How many there are.
        got: usize,
    },
    /// Two of one name.
    #[error("two quotas are named `{name}`; give each its own name")]
    RepeatedName {
        /// The name.
        name: Box<str>,
    },
    /// A name that does not fit a header or a metric.
    #[error(
        "the quota name `{name}` must have 1 to {LONGEST_QUOTA_NAME} lower-case letters, digits, `-` or `_`"
    )]
    Name {
        /// The name.
        name: Box<str>,
    },
    /// Nothing could ever pass.
    #[error("quota `{name}`: `requests` and `burst` must be at least 1")]
    Nothing {
        /// The quota's name.
        name: Box<str>,
    },
    /// A window that is no whole number of seconds, or too long.
    #[error(
        "quota `{name}`: `window` must be whole seconds, at least one, and no more than 31 days must pass until `burst` is refilled"
    )]
    Window {
        /// The quota's name.
        name: Box<str>,
    },
    /// More requests than the clock can tell apart.
    #[error(
        "quota `{name}`: more than one request per microsecond cannot be counted; lower `requests` or leave the quota out"
    )]
    TooFast {
        /// The quota's name.
        name: Box<str>,
    },
    /// Quotas by meeting without counters.
    #[error(
        "quota `{name}` counts by meeting, but no meeting may have a counter; raise the number of meetings"
    )]
    NoMeetings {
        /// The quota's name.
        name: Box<str>,
    },
}

impl QuotaRule {
    /// The time in which one more request is earned; zero if nothing is ever.
    pub(super) fn interval(&self) -> Duration {
        self.window.checked_div(self.requests).unwrap_or_default()
    }

    fn check(&self, meetings: usize) -> Result<(), QuotasFault> {
        let name = self.name.clone();
        let usual =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        if !(1..=LONGEST_QUOTA_NAME).contains(&name.len()) || !name.bytes().all(usual) {
            return Err(QuotasFault::Name { name });
        }
        if self.requests == 0 || self.burst == 0 {
            return Err(QuotasFault::Nothing { name });
        }
        let whole = self.window.subsec_nanos() == 0 && !self.window.is_zero();
        let refill = self.interval().saturating_mul(self.burst);
        if !whole || self.window > LONGEST_WINDOW || refill > LONGEST_WINDOW {
            return Err(QuotasFault::Window { name });
        }
        if self.interval() < Duration::from_micros(1) {
            return Err(QuotasFault::TooFast { name });
        }
        if self.per == Per::Meeting && meetings == 0 {
            return Err(QuotasFault::NoMeetings { name });
        }
        Ok(())
    }
}

impl QuotaSettings {
    pub(super) fn check(&self) -> Result<(), QuotasFault> {
        if self.rules.len() > MOST_QUOTAS {
            return Err(QuotasFault::TooMany {
                got: self.rules.len(),
            });
        }
        for (at, rule) in self.rules.iter().enumerate() {
            rule.check(self.meetings)?;
            if self
                .rules
                .iter()
                .take(at)
                .any(|earlier| earlier.name == rule.name)
            {
                return Err(QuotasFault::RepeatedName {
                    name: rule.name.clone(),
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> QuotaRule {
        QuotaRule {
            name: "caller".into(),
            per: Per::Caller,
            requests: 600,
            window: Duration::from_mins(1),
            burst: 600,
        }
    }

    #[test]
    fn only_rules_that_can_be_kept_are_taken() {
        const DAY: Duration = Duration::from_hours(24);
        type Change = fn(&mut QuotaRule);
        let name = || "caller".into();
        let nothing = || Err(QuotasFault::Nothing { name: name() });
        let window = || Err(QuotasFault::Window { name: name() });
        let bad_name = |name: &str| Err(QuotasFault::Name { name: name.into() });
        let cases: [(&str, Change, Result<(), QuotasFault>); 12] = [
            ("good", |_| {}, Ok(())),
            ("empty name", |rule| rule.name = "".into(), bad_name("")),
            (
                "quoted name",
                |rule| rule.name = "a\"b".into(),
                bad_name("a\"b"),
            ),
            ("no requests", |rule| rule.requests = 0, nothing()),
            ("no burst", |rule| rule.burst = 0, nothing()),
            (
                "half seconds",
                |rule| rule.window = DAY / 86_400 / 2,
                window(),
            ),
            ("no window", |rule| rule.window = Duration::ZERO, window()),
            ("long window", |rule| rule.window = 32 * DAY, window()),
            ("long refill", |rule| rule.burst = 30_000_000, window()),
            (
                "longest",
                |rule| (rule.window, rule.burst) = (31 * DAY, 600),
                Ok(()),
            ),
            (
                "too fast",
                |rule| rule.requests = u32::MAX,
                Err(QuotasFault::TooFast { name: name() }),
            ),
            (
                "no meetings",
                |rule| rule.per = Per::Meeting,
                Err(QuotasFault::NoMeetings { name: name() }),
            ),
        ];
        for (case, change, expected) in cases {
            let mut rule = rule();
            change(&mut rule);
            assert_eq!(rule.check(0), expected, "{case}");
        }
    }

    #[test]
    fn names_are_unique_and_quotas_few() {
        let repeated = QuotasFault::RepeatedName {
            name: "caller".into(),
        };
        let cases = [
            (0, Ok(())),
            (1, Ok(())),
            (2, Err(repeated)),
            (9, Err(QuotasFault::TooMany { got: 9 })),
        ];
        for (count, expected) in cases {
            let settings = QuotaSettings {
                rules: vec![rule(); count],
                callers: vec![],
                meetings: 0,
            };
            assert_eq!(settings.check(), expected, "{count}");
        }
    }
}
