//! Who is exempt from a rule, and for how long still.

use std::time::Duration;

use maud::{Markup, html};

use crate::policy::{Callers, ExemptionSummary};

/// The exemptions of a rule. `now` is Unix time.
pub(super) fn list(exemptions: &[ExemptionSummary], now: Duration) -> Markup {
    html! {
        @if exemptions.is_empty() { "–" }
        @else {
            ul {
                @for exemption in exemptions {
                    li {
                        b { (who(&exemption.callers)) } ": " (exemption.note) ", "
                        (left(exemption, now))
                    }
                }
            }
        }
    }
}

fn who(callers: &Callers) -> String {
    let names: Vec<&str> = callers.names().collect();
    let everybody = if names.is_empty() { "everybody" } else { "" };
    let except = callers.except.join(", ");
    match (names.join(", "), except.is_empty()) {
        (names, true) => names + everybody,
        (names, false) => format!("{names}{everybody} but {except}"),
    }
}

/// How long it still counts.
fn left(exemption: &ExemptionSummary, now: Duration) -> String {
    const DAY: u64 = 86_400;
    if exemption.until.is_over(now) {
        return "over".to_owned();
    }
    let seconds = exemption.until.instant().saturating_sub(now).as_secs();
    match seconds / DAY {
        0 => "ends today".to_owned(),
        1 => "1 day left".to_owned(),
        days => format!("{days} days left"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_to_the_end_of_the_last_one() {
        let exemption = ExemptionSummary {
            callers: Callers::default(),
            until: "2027-03-31".parse().unwrap(),
            note: "summit".into(),
        };
        let at = |text: &str| {
            let time: jiff::Timestamp = text.parse().unwrap();
            left(&exemption, Duration::try_from(time.as_duration()).unwrap())
        };
        assert_eq!(at("2027-03-01T12:00:00Z"), "30 days left");
        assert_eq!(at("2027-03-30T12:00:00Z"), "1 day left");
        assert_eq!(at("2027-03-31T12:00:00Z"), "ends today");
        assert_eq!(at("2027-04-01T00:00:00Z"), "over");
    }

    #[test]
    fn it_is_said_who_is_meant() {
        let callers = |ids: &[&str], groups: &[&str], except: &[&str]| {
            let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect();
            who(&Callers {
                ids: texts(ids),
                groups: texts(groups),
                except: texts(except),
            })
        };
        assert_eq!(callers(&[], &[], &[]), "everybody");
        assert_eq!(callers(&["a"], &["g"], &[]), "a, g");
        assert_eq!(callers(&[], &[], &["a"]), "everybody but a");
    }
}
