//! The form of a sealed line: what its hash covers, and how it is read back.
//!
//! A line comes as a JSON object, `{...}`. Sealed it is `{"seq":N,...,"hash":"H"}`: `N` counts the lines of a chain from 1, `H` is SHA-256
//! in 64 lower-case hexadecimal digits, or HMAC-SHA-256 with a key, over the 32 bytes of the hash of the line before (zeros before the
//! first line) and the bytes of this line before `,"hash"`. There is one way to write each, and nothing else is read.

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

use crate::model::hex;
use crate::model::secret::Secret;

/// A line's hash.
pub type LineHash = [u8; 32];

/// What the first line of a chain follows.
pub(super) const BEFORE_THE_FIRST: LineHash = [0; 32];

const SEQ: &[u8] = b"{\"seq\":";
const HASH: &[u8] = b",\"hash\":\"";
const END: &[u8] = b"\"}";
const HEX: usize = 64;
/// Decimal digits of the largest number of a line.
const DIGITS: usize = 20;

/// Bytes that sealing adds to a line at most.
pub(super) const ADDED: usize = SEQ.len() + DIGITS + HASH.len() + HEX + END.len();

/// What a chain is keyed with. Without the key nobody can compute a hash that fits.
#[derive(Clone)]
pub struct ChainKey {
    keyed: Hmac<Sha256>,
    id: String,
}

impl ChainKey {
    /// A key of any length; 32 random bytes, in whatever spelling, are a good one.
    pub fn new(secret: &Secret) -> Self {
        let keyed = keyed(secret.expose().as_bytes());
        let id = keyed
            .clone()
            .chain_update("meeting-gateway audit chain key");
        let id = id.finalize().into_bytes();
        Self {
            keyed,
            id: HEXLOWER.encode(id.get(..8).unwrap_or_default()),
        }
    }

    /// Names the key in lines that open a file: 16 hexadecimal digits that do not give it away.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainKey({})", self.id)
    }
}

#[expect(clippy::expect_used, reason = "it cannot fail: the message says why")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

/// The hash of a line, of which `hashed` is everything before `,"hash"`.
pub(super) fn hash(key: Option<&ChainKey>, previous: &LineHash, hashed: &[u8]) -> LineHash {
    match key {
        None => Sha256::new()
            .chain_update(previous)
            .chain_update(hashed)
            .finalize()
            .into(),
        Some(key) => key
            .keyed
            .clone()
            .chain_update(previous)
            .chain_update(hashed)
            .finalize()
            .into_bytes()
            .into(),
    }
}

/// Appends a line that [can be sealed](members), sealed, with its line break; gives its hash.
pub(super) fn seal(
    key: Option<&ChainKey>,
    previous: &LineHash,
    seq: u64,
    line: &[u8],
    out: &mut Vec<u8>,
) -> LineHash {
    let members = within_braces(line).unwrap_or_default();
    out.reserve(members.len() + ADDED + 2);
    let start = out.len();
    out.extend_from_slice(SEQ);
    out.extend_from_slice(itoa::Buffer::new().format(seq).as_bytes());
    if !members.is_empty() {
        out.push(b',');
        out.extend_from_slice(members);
    }
    let hash = hash(key, previous, out.get(start..).unwrap_or_default());
    out.extend_from_slice(HASH);
    out.extend_from_slice(hex::digits(hash).as_flattened());
    out.extend_from_slice(END);
    out.push(b'\n');
    hash
}

/// What is between the braces of a line that can be sealed: of one object, on one line.
pub(super) fn members(line: &[u8]) -> Option<&[u8]> {
    let inner = within_braces(line)?;
    memchr::memchr(b'\n', inner).is_none().then_some(inner)
}

fn within_braces(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"{")?.strip_suffix(b"}")
}

/// A sealed line, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sealed<'l> {
    /// Its number.
    pub(super) seq: u64,
    /// What its hash covers, beside the hash before.
    pub(super) hashed: &'l [u8],
    /// What it says its hash is.
    pub(super) hash: LineHash,
    /// Its own members, without braces, number and hash.
    pub(super) members: &'l [u8],
}

impl<'l> Sealed<'l> {
    /// Takes a line apart, without its line break; none if it is not sealed, or in any way written otherwise than [`seal`] writes.
    pub(super) fn read(line: &'l [u8]) -> Option<Self> {
        let rest = line.strip_suffix(END)?;
        let (rest, digits) = rest.split_at_checked(rest.len().checked_sub(HEX)?)?;
        let hash = read_hash(digits)?;
        let hashed = rest.strip_suffix(HASH)?;
        let rest = hashed.strip_prefix(SEQ)?;
        let end = rest.iter().position(|byte| !byte.is_ascii_digit());
        let (digits, members) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        let members = match members {
            [] => members,
            [b',', members @ ..] if !members.is_empty() => members,
            _ => return None,
        };
        Some(Self {
            seq: read_seq(digits)?,
            hashed,
            hash,
            members,
        })
    }

    /// Whether its hash fits a line before.
    pub(super) fn follows(&self, key: Option<&ChainKey>, previous: &LineHash) -> bool {
        hash(key, previous, self.hashed) == self.hash
    }
}

/// Whether a line would fit a line before if it had this number.
pub(super) fn is_renumbered(
    key: Option<&ChainKey>,
    previous: &LineHash,
    line: &Sealed<'_>,
    seq: u64,
) -> bool {
    let seq = seq.to_string();
    let comma: &[u8] = if line.members.is_empty() { b"" } else { b"," };
    let hashed = [SEQ, seq.as_bytes(), comma, line.members].concat();
    hash(key, previous, &hashed) == line.hash
}

/// Whether a sealed line may begin with these bytes; at least one.
pub(super) fn may_begin_with(bytes: &[u8]) -> bool {
    !bytes.is_empty() && (bytes.starts_with(SEQ) || SEQ.starts_with(bytes))
}

/// A number as [`seal`] writes it: no sign, no zero in front.
pub(super) fn read_seq(digits: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok()?;
    let plain = digits.iter().all(u8::is_ascii_digit) && !text.starts_with('0');
    plain.then(|| text.parse().ok()).flatten()
}

/// A hash as [`seal`] writes it: 64 digits, small letters.
pub(super) fn read_hash(digits: &[u8]) -> Option<LineHash> {
    let bytes = HEXLOWER.decode(digits).ok()?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sealed(key: Option<&ChainKey>, seq: u64, line: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        seal(key, &BEFORE_THE_FIRST, seq, line, &mut out);
        assert_eq!(out.pop(), Some(b'\n'));
        out
    }

    /// Computed with other programs: `openssl dgst -sha256`, and `-hmac` with the key `open sesame`.
    #[test]
    fn the_hash_is_what_the_documentation_says() {
        let text = String::from_utf8(sealed(None, 1, br#"{"a":1}"#)).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"{"seq":1,"a":1,"hash":""#,
                "174f545290734bb2aabc6218911a6f8d06c7f6030f917ccc2c414d8fa8858a13",
                r#""}"#
            )
        );
        let key = ChainKey::new(&Secret::from("open sesame"));
        let text = String::from_utf8(sealed(Some(&key), 1, br#"{"a":1}"#)).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"{"seq":1,"a":1,"hash":""#,
                "e201b98cf59b2f6be4d93420e6fce0f09d1306b8f9fd866c5e50e5cc40ea1752",
                r#""}"#
            )
        );
    }

    #[test]
    fn only_what_is_written_so_is_read() {
        let line = sealed(None, 17, br#"{"a":1}"#);
        let text = String::from_utf8(line.clone()).unwrap();
        let read = Sealed::read(&line).unwrap();
        assert_eq!((read.seq, read.members), (17, &b"\"a\":1"[..]));
        assert!(read.follows(None, &BEFORE_THE_FIRST) && !read.follows(None, &[1; 32]));
        let hex = &text[text.len() - 66..text.len() - 2];
        for wrong in [
            text.replace("17", "017"),
            text.replace("17", "+17"),
            text.replace("17", "1e1"),
            text.replace("17", "17.0"),
            text.replace("17", "99999999999999999999"),
            text.replace("17", ""),
            text.replace("\"seq\":", "\"seq\": "),
            text.replace(hex, &hex.to_uppercase()),
            text.replace(hex, &hex[1..]),
            text.replace("\"hash\"", "\"Hash\""),
            text.replace("\"a\":1", ""),
            format!("{text}\r"),
            format!(" {text}"),
            text[1..].to_owned(),
            String::new(),
        ] {
            assert_eq!(Sealed::read(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(Sealed::read(&sealed(None, 1, b"{}")).unwrap().members, b"");
    }

    #[test]
    fn what_is_no_object_on_one_line_has_no_members() {
        for (line, expected) in [
            (&b"{\"a\":1}"[..], Some(&b"\"a\":1"[..])),
            (b"{}", Some(b"")),
            (b"{", None),
            (b"", None),
            (b"a", None),
            (b"{\n}", None),
        ] {
            assert_eq!(members(line), expected);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_sealed_is_read(seq in 1_u64.., inner in "[^\n]{0,40}", keyed: bool) {
            let key = keyed.then(|| ChainKey::new(&Secret::from("k")));
            let line = sealed(key.as_ref(), seq, format!("{{{inner}}}").as_bytes());
            let read = Sealed::read(&line).unwrap();
            prop_assert_eq!((read.seq, read.members), (seq, inner.as_bytes()));
            prop_assert!(read.follows(key.as_ref(), &BEFORE_THE_FIRST));
            prop_assert!(line.len() <= inner.len() + 2 + ADDED);
        }

        #[test]
        fn nothing_makes_the_reader_panic(line in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = Sealed::read(&line);
        }
    }
}
