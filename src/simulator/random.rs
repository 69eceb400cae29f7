//! Random identifiers of the shapes the upstream uses. Predictable with a seed, and never meant to protect anything.

use std::iter::repeat_with;

use fastrand::Rng;

/// An access or refresh token: `cnr` and 37 alphanumerics (facts 4.1).
pub(super) fn token(rng: &mut Rng) -> String {
    let tail = repeat_with(|| rng.alphanumeric()).take(37);
    "cnr".chars().chain(tail).collect()
}

/// `length` lower-case hexadecimal digits.
pub(super) fn hex(rng: &mut Rng, length: usize) -> String {
    repeat_with(|| rng.digit(16)).take(length).collect()
}

/// `length` decimal digits, the first of them not 0.
pub(super) fn digits(rng: &mut Rng, length: usize) -> String {
    let first = char::from(b'0' + rng.u8(1..10));
    let rest = repeat_with(|| rng.digit(10)).take(length.saturating_sub(1));
    std::iter::once(first).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let rng = &mut Rng::with_seed(7);
        let token = token(rng);
        assert!(token.starts_with("cnr") && token.len() == 40);
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric()));
        assert!(hex(rng, 48).bytes().all(|b| b.is_ascii_hexdigit()));
        for _ in 0..100 {
            let digits = digits(rng, 9);
            assert!(digits.len() == 9 && !digits.starts_with('0'), "{digits}");
        }
    }
}
