//! An end date, as people write it into packs and configurations: a day, which counts to its end in UTC, or an instant.
//!
//! ```
//! use std::time::Duration;
//! use meeting_gateway::model::until::Until;
//!
//! let until: Until = "2027-03-31".parse().unwrap();
//! let midnight: Until = "2027-04-01T02:00:00+02:00".parse().unwrap();
//! assert_eq!(until.instant(), midnight.instant());
//! assert!(!until.is_over(until.instant() - Duration::from_secs(1)) && until.is_over(until.instant()));
//! assert!("31.3.2027".parse::<Until>().is_err());
//! ```

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// When something ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Until {
    written: Box<str>,
    instant: Duration,
}

/// A text that is no end date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a day such as 2027-03-31, or an instant such as 2027-03-31T18:00:00Z")]
pub struct NotADate;

impl Until {
    /// The first instant at which it is over, since 1970-01-01T00:00:00Z.
    pub const fn instant(&self) -> Duration {
        self.instant
    }

    /// Whether it is over.
    pub fn is_over(&self, now: Duration) -> bool {
        now >= self.instant
    }
}

impl FromStr for Until {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let instant = if text.len() == "2027-03-31".len() {
            let day: Date = text.parse().map_err(|_| NotADate)?;
            let next = day.checked_add(1.day()).map_err(|_| NotADate)?;
            let midnight = next.to_zoned(TimeZone::UTC).map_err(|_| NotADate)?;
            midnight.timestamp()
        } else {
            text.parse::<Timestamp>().map_err(|_| NotADate)?
        };
        let seconds = u64::try_from(instant.as_second()).map_err(|_| NotADate)?;
        Ok(Self {
            written: text.into(),
            instant: Duration::from_secs(seconds),
        })
    }
}

impl fmt::Display for Until {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}
