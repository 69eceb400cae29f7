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

/// Whether all bytes are in a set. It does not stop at the first that is not, which is rare and would cost the others.
pub(super) fn is_all(set: &[bool; 256], bytes: &[u8]) -> bool {
    let both = |all, byte: &u8| all & set[usize::from(*byte)];
    bytes.iter().fold(true, both)
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
            assert_eq!(
                set(&TEXT),
                HeaderValue::from_bytes(&[byte]).is_ok(),
                "{byte}"
            );
            // It takes more than we are sure of.
            let target = [b'/', byte];
            assert!(!set(&IN_A_TARGET) || Uri::try_from(target.as_slice()).is_ok());
        }
        assert!(is_all(&TOKEN, b"content-length") && !is_all(&TOKEN, b"content length"));
        assert!(is_all(&IN_A_TARGET, b"/v1/x?a=%41&b=c/d") && !is_all(&IN_A_TARGET, b"/x#y"));
    }
}
