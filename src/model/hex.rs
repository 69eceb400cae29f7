//! Hexadecimal digits, in small letters, of so many bytes as an id or a hash has: computed on all bytes together, not looked up for
//! each.

/// The two digits of each byte.
#[inline]
pub(crate) fn digits<const N: usize>(bytes: [u8; N]) -> [[u8; 2]; N] {
    bytes.map(|byte| [digit(byte >> 4), digit(byte & 0xF)])
}

/// The digit of a number below sixteen.
const fn digit(number: u8) -> u8 {
    number + if number < 10 { b'0' } else { b'a' - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_the_digits_that_rust_gives_it() {
        for byte in 0..=u8::MAX {
            let expected = format!("{byte:02x}{:02x}", byte ^ 0x5A);
            assert_eq!(
                digits([byte, byte ^ 0x5A]).as_flattened(),
                expected.as_bytes()
            );
        }
    }
}
