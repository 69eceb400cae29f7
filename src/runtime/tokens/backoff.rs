//! How long to rest after failed sign-ins and other fetches, and after tokens that were refused.

use std::time::Duration;

/// The pause after `failures` failures in a row: `first`, doubled each time, at most `most`; then shortened by up to a half,
/// by `share` (0.0 to 1.0, at random), so that replicas do not try in step.
pub(in crate::runtime) fn pause(
    failures: u32,
    first: Duration,
    most: Duration,
    share: f64,
) -> Duration {
    doubled(failures, first, most).mul_f64(0.5 + 0.5 * share.clamp(0.0, 1.0))
}

/// `first`, doubled for each time after the first, at most `most`.
pub(super) fn doubled(times: u32, first: Duration, most: Duration) -> Duration {
    let doublings = times.saturating_sub(1).min(31);
    first.saturating_mul(1 << doublings).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_bound_and_keep_half() {
        let second = Duration::from_secs;
        let cases = [
            ("first", 1, 1.0, second(1)),
            ("second", 2, 1.0, second(2)),
            ("fifth", 5, 1.0, second(16)),
            ("bounded", 6, 1.0, second(30)),
            ("for ever", u32::MAX, 1.0, second(30)),
            ("shortest", 6, 0.0, second(15)),
            ("none", 0, 1.0, second(1)),
            ("odd share", 1, 7.0, second(1)),
        ];
        for (name, failures, share, expected) in cases {
            assert_eq!(
                pause(failures, second(1), second(30), share),
                expected,
                "{name}"
            );
        }
    }
}
