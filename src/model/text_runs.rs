//! How far a JSON text goes on without anything that is written with an escape: many bytes at a time, for reading and writing.

/// Bytes of a word.
const WORD: usize = 8;
/// The lowest bit of each byte.
const LOW: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each byte.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// How many bytes from the beginning are none of `"`, `\` and control characters (below U+0020): of a JSON text, what stands for
/// itself between its quotes.
#[inline]
pub(crate) fn plain_run(bytes: &[u8]) -> usize {
    let mut at = 0;
    let (words, rest) = bytes.as_chunks::<WORD>();
    for word in words {
        let found = special(u64::from_le_bytes(*word));
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += WORD;
    }
    let stops = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    at + rest.iter().position(stops).unwrap_or(rest.len())
}

/// How many bytes from the beginning are neither `"` nor `\`; none where there is no such byte. Texts are short, so what this
/// processor surely can do is better than to ask what else it can.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) fn until_quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    memchr::arch::x86_64::sse2::memchr::Two::new(b'"', b'\\')?.find(bytes)
}

/// The same for other processors.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub(super) fn until_quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    memchr::memchr2(b'"', b'\\', bytes)
}

/// The highest bit of each byte that is special; exact for the lowest of them, which is the first in the text.
pub(super) const fn special(word: u64) -> u64 {
    // With this bit the other way round, a quote stands right behind the control characters.
    let control_or_quote = (word ^ (LOW * 2)).wrapping_sub(LOW * 0x21);
    let backslash = (word ^ (LOW * b'\\' as u64)).wrapping_sub(LOW);
    // Neither has its highest bit set, so what has it is none of them.
    (control_or_quote | backslash) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_run_ends_where_a_byte_by_byte_search_says(
            bytes in prop::collection::vec(prop_oneof![0x18_u8..0x60, any::<u8>()], 0..40)
        ) {
            let stops = |byte: &u8| matches!(byte, b'"' | b'\\') || *byte < 0x20;
            let expected = bytes.iter().position(stops).unwrap_or(bytes.len());
            prop_assert_eq!(plain_run(&bytes), expected);
            let expected = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
            prop_assert_eq!(until_quote_or_backslash(&bytes), expected);
        }
    }
}
