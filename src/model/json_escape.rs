//! Texts as JSON spells them: in quotes, with what cannot stand there escaped (RFC 8259, section 7), byte for byte as `serde_json`
//! writes them.
//!
//! Nearly every text has nothing to escape: that is found out sixteen bytes at a time, and the text copied at once.

use super::hex;
use super::text_runs::{plain_run, special};

/// Appends a text, quotes and escapes included.
pub(crate) fn text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    inner(text, out);
    out.push(b'"');
}

/// Appends what stands between the quotes.
pub(crate) fn inner(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    if is_plain(bytes) {
        out.extend_from_slice(bytes);
    } else {
        escaped(bytes, out);
    }
}

/// Whether every byte stands for itself. Some are looked at twice, so that none is looked at alone.
#[inline]
fn is_plain(bytes: &[u8]) -> bool {
    if let Some(last) = bytes.last_chunk::<16>() {
        let (chunks, _) = bytes.as_chunks::<16>();
        return chunks.iter().all(is_plain_chunk) && is_plain_chunk(last);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (special(u64::from_le_bytes(*first)) | special(u64::from_le_bytes(*last))) == 0;
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return special(u64::from(first) | u64::from(last) << 32) == 0;
    }
    !bytes.iter().any(|byte| is_special(*byte))
}

/// One loop without a way out, of which the compiler makes a few instructions on all bytes together.
#[inline]
fn is_plain_chunk(chunk: &[u8; 16]) -> bool {
    !chunk
        .iter()
        .fold(false, |special, byte| special | is_special(*byte))
}

/// With this bit the other way round, a quote stands right behind the control characters.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "no way out of a comparison, so that the compiler can make them on many bytes together"
)]
const fn is_special(byte: u8) -> bool {
    (byte ^ 2 <= 0x20) | (byte == b'\\')
}

#[cold]
fn escaped(bytes: &[u8], out: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some((run, behind)) = rest.split_at_checked(plain_run(rest)) {
        out.extend_from_slice(run);
        let Some((byte, behind)) = behind.split_first() else {
            return;
        };
        escape(*byte, out);
        rest = behind;
    }
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0C => b'f',
        b'\r' => b'r',
        _ => {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(hex::digits([byte]).as_flattened());
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(of: &str) -> String {
        let mut out = Vec::new();
        text(of, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_character_at_every_place_is_written_as_serde_json_writes_it() {
        let odd = (0..=0xFF_u8)
            .map(char::from)
            .chain(['会', '…', '\u{1F600}']);
        for c in odd {
            for (before, behind) in
                (0..20).flat_map(|before| [(before, 0), (before, 3), (before, 9)])
            {
                let text = format!("{}{c}{}", "a".repeat(before), "z".repeat(behind));
                assert_eq!(
                    written(&text),
                    serde_json::to_string(&text).unwrap(),
                    "{before} {c:?} {behind}"
                );
            }
        }
        assert_eq!(written(""), "\"\"");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_written_as_serde_json_writes_it(text in "([a-z ]{0,12}|[\\PC\0-\x7F\"\\\\]{0,3}){0,8}") {
            prop_assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
        }
    }
}
