//! Sets of bytes that the parts of a head are made of, as tables: a head has some hundreds of bytes, and each costs one look.

/// The bytes of a method or a name (RFC 9110, section 5.6.2).
pub(super) static TOKEN: [bool; 256] = set(b"!#$%&'*+-.^_`|~");

/// The bytes of a path and query that can be read in any order (RFC 3986, sections 3.3 and 3.4). Of a target with others, a parser has
/// to tell.
pub(super) static IN_A_TARGET: [bool; 256] = set(b"-._~!$&'()*+,;=:@/?%");

/// What a header's value may hold: no carriage return among it, and no other control byte but the tab.
pub(super) static TEXT: [bool; 256] = {
    let mut set = [true; 256];
    let mut byte = 0;
    while byte < 0x20 {
        set[byte] = byte == b'\t' as usize;
        byte += 1;
    }
    set[0x7f] = false;
    set
};

/// The bytes of a name, an IPv4 address or an IPv6 address in brackets, with a port (RFC 9110, section 7.2).
pub(super) static IN_A_HOST: [bool; 256] = set(b"-._~:[]");

/// Bytes of a word.
const WORD: usize = 8;
/// The lowest bit of each byte of a word, and the highest.
const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Whether all bytes are in a set. It does not stop at the first that is not, which is rare and would cost the others.
#[inline]
pub(super) fn is_all(set: &[bool; 256], bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<WORD>();
    let all = words.iter().fold(true, |all, word| all & has(set, *word));
    rest.iter()
        .fold(all, |all, byte| all & set[usize::from(*byte)])
}

/// Whether all bytes of a word are in a set, without a branch.
#[inline]
fn has(set: &[bool; 256], word: [u8; WORD]) -> bool {
    let [one, two, three, four, five, six, seven, eight] = word;
    let is_in = |byte: u8| set[usize::from(byte)];
    let first_half = is_in(one) & is_in(two) & is_in(three) & is_in(four);
    first_half & is_in(five) & is_in(six) & is_in(seven) & is_in(eight)
}

/// Whether all bytes are [`TEXT`]. Values are most of a head, so a word at a time; where it finds a control byte, the table says
/// whether it is a tab.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk::<WORD>() else {
        return is_all(&TEXT, bytes);
    };
    let (words, _) = bytes.as_chunks::<WORD>();
    // The last word overlaps the one before.
    let found = words
        .iter()
        .chain([last])
        .fold(0, |found, word| found | control(u64::from_le_bytes(*word)));
    found == 0 || is_all(&TEXT, bytes)
}

/// Not zero if, and only if, a byte of the word is a control byte.
const fn control(word: u64) -> u64 {
    let delete = word ^ (LOW * 0x7f);
    let delete = delete.wrapping_sub(LOW) & !delete;
    let low = word.wrapping_sub(LOW * 0x20) & !word;
    (low | delete) & HIGH
}

/// How many bytes from the beginning are in a set.
#[inline]
pub(super) fn run(set: &[bool; 256], bytes: &[u8]) -> usize {
    let (words, _) = bytes.as_chunks::<WORD>();
    let whole = words.iter().take_while(|word| has(set, **word)).count() * WORD;
    let rest = bytes.get(whole..).unwrap_or_default();
    let outside = |byte: &u8| !set[usize::from(*byte)];
    whole + rest.iter().position(outside).unwrap_or(rest.len())
}

/// These, and letters and digits.
const fn set(bytes: &[u8]) -> [bool; 256] {
    let mut set = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        set[bytes[at] as usize] = true;
        at += 1;
    }
    let mut byte = 0u8;
    while byte < 128 {
        set[byte as usize] |= byte.is_ascii_alphanumeric();
        byte += 1;
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue, Uri};

    #[test]
    fn sets_are_those_of_the_http_crate() {
        for byte in 0..=u8::MAX {
            let set = |set: &[bool; 256]| is_all(set, &[byte]);
            assert_eq!(
                set(&TOKEN),
                HeaderName::from_bytes(&[byte]).is_ok(),
                "{byte}"
            );
            let is_value = HeaderValue::from_bytes(&[byte]).is_ok();
            assert_eq!(set(&TEXT), is_value, "{byte}");
            // Wherever it stands, and beside bytes that differ from it by one.
            for (at, other) in (0..19).zip([b'a', 0x80, 0xff, 0x20].into_iter().cycle()) {
                let mut text = [other; 19];
                text[at] = byte;
                assert_eq!(is_text(&text), is_value, "{byte} at {at}");
                assert_eq!(is_text(&text[..=at]), is_value, "{byte} at the end, {at}");
            }
            // It takes more than we are sure of.
            let target = [b'/', byte];
            assert!(!set(&IN_A_TARGET) || Uri::try_from(target.as_slice()).is_ok());
        }
        let name = b"x-authorization-type";
        for end in 0..=name.len() {
            let line = [&name[..end], b": thirdparty"].concat();
            assert_eq!(run(&TOKEN, &line), end);
            assert_eq!(run(&TOKEN, &name[..end]), end);
        }
        assert!(is_all(&TOKEN, b"content-length") && !is_all(&TOKEN, b"content length"));
        assert!(is_all(&IN_A_TARGET, b"/v1/x?a=%41&b=c/d") && !is_all(&IN_A_TARGET, b"/x#y"));
    }
}
