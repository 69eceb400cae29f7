//! What JSON Schema cannot say about times: two formats and two keywords of our own.
//!
//! - format `calendar-date`: `yyyy-MM-dd`, a day that exists;
//! - format `utc-minutes`: `yyyy-MM-dd HH:mm`, or empty (the service then starts at once: a policy's business);
//! - `x-not-before: {member, of}`: the first date is not earlier than the second;
//! - `x-within-a-year: {member, of}`: nor more than one year later.
//!
//! The keywords look at dates that are in order only, so that a malformed date is reported once.

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};
use jsonschema::{Keyword, ValidationError, ValidationOptions};
use serde_json::Value;

use crate::model::civil_time;

/// The keyword for an order of two dates.
pub(super) const NOT_BEFORE: &str = "x-not-before";
/// The keyword for the distance of two dates.
pub(super) const WITHIN_A_YEAR: &str = "x-within-a-year";

/// Teaches a compiler the formats and keywords.
pub(super) fn register(options: ValidationOptions<'_>) -> ValidationOptions<'_> {
    options
        .with_format("calendar-date", |text: &str| {
            civil_time::day(text).is_some()
        })
        .with_format("utc-minutes", |text: &str| {
            text.is_empty() || civil_time::minute(text).is_some()
        })
        .with_keyword(NOT_BEFORE, |_, value: &Value, _| {
            Distance::of_keyword(NOT_BEFORE, value).map(boxed)
        })
        .with_keyword(WITHIN_A_YEAR, |_, value: &Value, _| {
            Distance::of_keyword(WITHIN_A_YEAR, value).map(boxed)
        })
}

/// Holds where `member` is not before `of`, or, with a span, not later than that after it.
#[derive(Debug)]
pub(super) struct Distance {
    member: String,
    of: String,
    at_most: Option<Span>,
}

fn boxed(keyword: Distance) -> Box<dyn for<'i> Keyword<'i>> {
    Box::new(keyword)
}

impl Distance {
    /// What a keyword of the two says.
    pub(super) fn of_keyword(
        keyword: &str,
        value: &Value,
    ) -> Result<Self, ValidationError<'static>> {
        let at_most = (keyword == WITHIN_A_YEAR).then(|| 1.year());
        let name = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        match (name("member"), name("of")) {
            (Some(member), Some(of)) => Ok(Self {
                member,
                of,
                at_most,
            }),
            _ => Err(ValidationError::schema("needs `member` and `of`")),
        }
    }

    /// Whether it does, of dates that are in order; of others there is nothing to say.
    ///
    /// Shown the text of each member that is asked for.
    pub(super) fn holds<'t>(&self, text: impl Fn(&str) -> Option<&'t str>) -> bool {
        let date = |name: &str| civil_time::day(text(name)?);
        let (Some(date), Some(of)) = (date(&self.member), date(&self.of)) else {
            return true;
        };
        match self.at_most {
            None => date >= of,
            Some(_) if date <= of && of.year() < Date::MAX.year() => true,
            Some(span) => of.checked_add(span).is_ok_and(|last| date <= last),
        }
    }
}

impl<'i> Keyword<'i> for Distance {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if Keyword::is_valid(self, instance) {
            Ok(())
        } else {
            // The message carries the member that is wrong; `violations` makes the pointer and the sentence of it.
            Err(ValidationError::custom(self.member.clone()))
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        instance
            .as_object()
            .is_none_or(|members| self.holds(|name| members.get(name)?.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_series_runs_forward_and_for_a_year_at_most() {
        let keyword = |at_most| Distance {
            member: "endDate".into(),
            of: "startDate".into(),
            at_most,
        };
        let (not_before, within) = (keyword(None), keyword(Some(1.year())));
        for (start, end, forward, short) in [
            ("2026-09-01", "2026-09-01", true, true),
            ("2026-09-01", "2026-08-31", false, true),
            ("2026-09-01", "2027-09-01", true, true),
            ("2026-09-01", "2027-09-02", true, false),
            ("2028-02-29", "2029-02-28", true, true),
            ("2026-09-01", "tomorrow", true, true),
            ("9999-12-31", "9999-12-31", true, false),
        ] {
            let body = json!({"startDate": start, "endDate": end});
            assert_eq!(
                Keyword::is_valid(&not_before, &body),
                forward,
                "{start} {end}"
            );
            assert_eq!(Keyword::is_valid(&within, &body), short, "{start} {end}");
        }
    }
}
