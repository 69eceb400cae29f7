//! `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): one list item for each quota.
//!
//! Policy: `q` requests in `w` seconds. `q` is the lasting rate; where `burst` differs from it, `r` starts at the burst.
//! While a shared store fails, each replica holds callers to a part: then `q` is that, and the item has the parameter `local`.
//! State: `r` requests left; in `t` seconds the bucket is full again, rounded up. Names have been checked, so they need no
//! escaping as structured-field strings (RFC 9651, section 3.3.3).

use std::time::Duration;

use http::HeaderValue;

use super::decision::Standing;
use super::settings::QuotaRule;

/// The value of `RateLimit-Policy`.
pub(super) fn policy<'a>(rules: impl Iterator<Item = &'a QuotaRule>) -> Option<HeaderValue> {
    list(rules, |item, rule| {
        item.quota(&rule.name, rule.requests, rule.window.as_secs());
    })
}

/// The value of `RateLimit-Policy` where a replica lets through one of so many parts.
pub(super) fn policy_of_part<'a>(
    rules: impl Iterator<Item = &'a QuotaRule>,
    replicas: u32,
) -> Option<HeaderValue> {
    let replicas = replicas.max(1);
    list(rules, |item, rule| {
        // A part of less than one request is one in a longer time.
        let (requests, window) = match rule.requests / replicas {
            0 => (1, whole_seconds(rule.interval().saturating_mul(replicas))),
            part => (part, rule.window.as_secs()),
        };
        item.quota(&rule.name, requests, window);
        item.0.push_str(";local");
    })
}

/// The value of `RateLimit`.
pub(super) fn state(standings: &[Standing]) -> Option<HeaderValue> {
    list(standings.iter(), |item, Standing { rule, charge }| {
        item.name(&rule.name);
        item.parameter("r", charge.remaining);
        item.parameter("t", whole_seconds(charge.full_in));
    })
}

/// A list that is being written. One is written for each request, so without the machinery of formatting.
struct List(String);

impl List {
    fn quota(&mut self, name: &str, requests: u32, seconds: u64) {
        self.name(name);
        self.parameter("q", requests);
        self.parameter("w", seconds);
    }

    fn name(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push_str(", ");
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push('"');
    }

    fn parameter(&mut self, name: &str, value: impl itoa::Integer) {
        self.0.push(';');
        self.0.push_str(name);
        self.0.push('=');
        self.0.push_str(itoa::Buffer::new().format(value));
    }
}

fn list<T>(
    items: impl Iterator<Item = T>,
    write_item: impl Fn(&mut List, T),
) -> Option<HeaderValue> {
    let mut list = List(String::with_capacity(64));
    for item in items {
        write_item(&mut list, item);
    }
    if list.0.is_empty() {
        return None;
    }
    HeaderValue::try_from(list.0).ok()
}

/// Rounded up: a client that waits so long does not come too early.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::decision::Charge;
    use super::super::settings::Per;
    use super::*;

    #[test]
    fn values_are_written_as_the_draft_has_them() {
        let rule = |name: &str, requests, seconds| QuotaRule {
            name: name.into(),
            per: Per::Caller,
            requests,
            window: Duration::from_secs(seconds),
            burst: 5,
        };
        let rules = [rule("caller", 600, 60), rule("meeting", 10, 1)];
        let standing = |rule: &QuotaRule, remaining, millis| Standing {
            rule: Arc::new(rule.clone()),
            charge: Charge {
                remaining,
                full_in: Duration::from_millis(millis),
                retry_after: None,
            },
        };
        let states = [
            standing(&rules[0], 42, 16_001),
            standing(&rules[1], 0, 1_000),
        ];
        assert_eq!(
            policy(rules.iter()).unwrap(),
            r#""caller";q=600;w=60, "meeting";q=10;w=1"#
        );
        assert_eq!(
            state(&states).unwrap(),
            r#""caller";r=42;t=17, "meeting";r=0;t=1"#
        );
        assert_eq!(state(&states[1..]).unwrap(), r#""meeting";r=0;t=1"#);
        assert_eq!((policy([].into_iter()), state(&[])), (None, None));
        assert_eq!(
            policy_of_part(rules.iter(), 12).unwrap(),
            r#""caller";q=50;w=60;local, "meeting";q=1;w=2;local"#
        );
    }
}
