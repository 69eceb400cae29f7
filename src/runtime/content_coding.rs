//! Content codings of an answer (RFC 9110, section 8.4.1). The gateway asks for none, and some proxies before a service
//! compress all the same, so the common ones are decoded: `gzip`, and `deflate` as zlib (RFC 1950) or, as some servers send it,
//! bare (RFC 1951).
//!
//! The decoded size is bounded like any answer's. What ends early, or goes on after its end, is refused.
//!
//! ```
//! use http::HeaderMap;
//! use meeting_gateway::runtime::content_coding::{Coding, Undecodable};
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("content-encoding", "deflate".parse().unwrap());
//! let coding = Coding::of(&headers).unwrap().unwrap();
//! let coded = b"\x01\x02\x00\xfd\xff{}";
//! assert_eq!(coding.decode(coded, 2).unwrap(), "{}");
//! assert_eq!(coding.decode(coded, 1), Err(Undecodable::TooLarge));
//!
//! headers.insert("content-encoding", "br".parse().unwrap());
//! assert_eq!(Coding::of(&headers), Err(Undecodable::Unknown));
//! ```

use std::io::{ErrorKind, Read};

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use http::header::{CONTENT_ENCODING, HeaderMap};

/// Bytes that are decoded in one go.
const STEP: usize = 16 << 10;

/// Why a coded body cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecodable {
    /// Another coding than those.
    Unknown,
    /// More than one coding.
    Twice,
    /// Decoded, it is larger than the limit.
    TooLarge,
    /// It ends early.
    Cut,
    /// It is not what its coding says, or something stands behind it.
    Damaged,
}

impl Undecodable {
    /// What is wrong with the answer, and what to do about it.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Unknown => {
                "it is compressed, and neither as gzip nor as deflate; have whatever stands before the service send it as it is"
            }
            Self::Twice => {
                "it is compressed more than once; have whatever stands before the service send it as it is"
            }
            Self::TooLarge => "decompressed, it is larger than the configured limit",
            Self::Cut => "its compressed body ends early",
            Self::Damaged => "its compressed body is damaged",
        }
    }
}

/// A coding that can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952, one or more members.
    Gzip,
    /// zlib, or bare deflate.
    Deflate,
}

impl Coding {
    /// The coding that an answer's headers name, if any; an error says why it cannot be undone.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, Undecodable> {
        let mut found = None;
        for value in headers.get_all(CONTENT_ENCODING) {
            for name in value.to_str().map_err(|_| Undecodable::Unknown)?.split(',') {
                let name = name.trim();
                let is = |known: &str| name.eq_ignore_ascii_case(known);
                let coding = if name.is_empty() || is("identity") {
                    continue;
                } else if is("gzip") || is("x-gzip") {
                    Self::Gzip
                } else if is("deflate") {
                    Self::Deflate
                } else {
                    return Err(Undecodable::Unknown);
                };
                if found.replace(coding).is_some() {
                    return Err(Undecodable::Twice);
                }
            }
        }
        Ok(found)
    }

    /// The body as it was before, of at most `limit` bytes. An empty one is empty in any coding.
    pub fn decode(self, coded: &[u8], limit: usize) -> Result<Bytes, Undecodable> {
        if coded.is_empty() {
            return Ok(Bytes::new());
        }
        match self {
            Self::Gzip => gunzip(coded, limit),
            Self::Deflate if looks_like_zlib(coded) => match inflate(coded, true, limit) {
                Err(Undecodable::Damaged) => inflate(coded, false, limit),
                done => done,
            },
            Self::Deflate => inflate(coded, false, limit),
        }
    }
}

fn gunzip(coded: &[u8], limit: usize) -> Result<Bytes, Undecodable> {
    let mut decoded = Vec::new();
    // One byte more tells what is too large from what just fits; whatever follows is never decoded.
    let mut reader = MultiGzDecoder::new(coded).take((limit as u64).saturating_add(1));
    reader
        .read_to_end(&mut decoded)
        .map_err(|fault| match fault.kind() {
            ErrorKind::UnexpectedEof => Undecodable::Cut,
            _ => Undecodable::Damaged,
        })?;
    if decoded.len() > limit {
        return Err(Undecodable::TooLarge);
    }
    Ok(decoded.into())
}

/// Whether it begins as zlib does: deflate with a window of at most 32 KiB, and a header that is a multiple of 31.
fn looks_like_zlib(coded: &[u8]) -> bool {
    matches!(*coded, [method, flags, ..]
        if method & 0x0f == 8 && method >> 4 <= 7 && u16::from_be_bytes([method, flags]) % 31 == 0)
}

/// The library's readers take a stream that ends early for a whole one, so its end is looked for here.
fn inflate(coded: &[u8], zlib: bool, limit: usize) -> Result<Bytes, Undecodable> {
    let mut stream = Decompress::new(zlib);
    let mut decoded = Vec::new();
    let mut rest = coded;
    loop {
        let (before_in, before_out) = (stream.total_in(), stream.total_out());
        // Up to one byte more than is allowed, for the same reason as above.
        decoded.reserve(STEP.min((limit - decoded.len()).saturating_add(1)));
        let status = stream
            .decompress_vec(rest, &mut decoded, FlushDecompress::None)
            .map_err(|_| Undecodable::Damaged)?;
        if decoded.len() > limit {
            return Err(Undecodable::TooLarge);
        }
        let read = usize::try_from(stream.total_in() - before_in).unwrap_or(usize::MAX);
        rest = rest.get(read..).unwrap_or_default();
        match status {
            Status::StreamEnd if rest.is_empty() => return Ok(decoded.into()),
            Status::StreamEnd => return Err(Undecodable::Damaged),
            _ if read == 0 && stream.total_out() == before_out => return Err(Undecodable::Cut),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = br#"[{"conferenceID":"914087436","subject":"Weekly"}]"#;

    /// The ways in which a body is compressed: name, coding, function.
    type Way = (&'static str, Coding, fn(&[u8]) -> Vec<u8>);

    const WAYS: [Way; 3] = [
        ("gzip", Coding::Gzip, |text| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }),
        ("zlib", Coding::Deflate, |text| {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }),
        ("bare deflate", Coding::Deflate, |text| {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }),
    ];

    #[test]
    fn what_was_compressed_comes_out_again() {
        for (name, coding, coded) in WAYS {
            for text in [TEXT, b"", &vec![b'x'; 100_000]] {
                let decoded = coding.decode(&coded(text), 100_000);
                assert_eq!(decoded.as_deref(), Ok(text), "{name}");
            }
            assert_eq!(coding.decode(b"", 0).as_deref(), Ok(&b""[..]), "{name}");
        }
        let (_, gzip, coded) = WAYS[0];
        let members = [coded(b"[1,"), coded(b"2]")].concat();
        assert_eq!(gzip.decode(&members, 10).as_deref(), Ok(&b"[1,2]"[..]));
    }

    #[test]
    fn the_limit_is_one_of_the_decoded_size() {
        for (name, coding, coded) in WAYS {
            let coded_text = coded(TEXT);
            assert!(coding.decode(&coded_text, TEXT.len()).is_ok(), "{name}");
            let larger = coding.decode(&coded_text, TEXT.len() - 1);
            assert_eq!(larger, Err(Undecodable::TooLarge), "{name}");
            // 64 MiB of zeroes in some 64 KiB.
            let bomb = coded(&vec![0; 64 << 20]);
            assert!(bomb.len() < 1 << 17, "{name}");
            assert_eq!(
                coding.decode(&bomb, 1 << 20),
                Err(Undecodable::TooLarge),
                "{name}"
            );
        }
    }

    #[test]
    fn what_is_not_whole_is_refused_wherever_it_ends() {
        for (name, coding, coded) in WAYS {
            let whole = coded(TEXT);
            for end in 1..whole.len() {
                let refused = coding.decode(&whole[..end], 1 << 20);
                assert!(refused.is_err(), "{name}: {end} of {}", whole.len());
            }
            assert_eq!(
                coding.decode(&whole[..whole.len() - 5], 1 << 20),
                Err(Undecodable::Cut),
                "{name}"
            );
            let mut more = whole;
            more.extend_from_slice(b"[]");
            assert!(
                coding.decode(&more, 1 << 20).is_err(),
                "{name}: something behind it"
            );
            assert!(
                coding.decode(TEXT, 1 << 20).is_err(),
                "{name}: not compressed at all"
            );
        }
    }

    #[test]
    fn a_damaged_checksum_is_found() {
        for (name, coding, coded) in &WAYS[..2] {
            let mut damaged = coded(TEXT);
            let at = damaged.len() - if *name == "gzip" { 8 } else { 1 };
            damaged[at] ^= 1;
            assert_eq!(
                coding.decode(&damaged, 1 << 20),
                Err(Undecodable::Damaged),
                "{name}"
            );
        }
    }

    #[test]
    fn codings_are_found_in_any_case_and_known_once_only() {
        for (values, expected) in [
            (&[][..], Ok(None)),
            (&["identity"], Ok(None)),
            (&[""], Ok(None)),
            (&["gzip"], Ok(Some(Coding::Gzip))),
            (&["X-GZIP"], Ok(Some(Coding::Gzip))),
            (&["identity, Deflate"], Ok(Some(Coding::Deflate))),
            (&["br"], Err(Undecodable::Unknown)),
            (&["zstd"], Err(Undecodable::Unknown)),
            (&["gzip, br"], Err(Undecodable::Unknown)),
            (&["gzip, gzip"], Err(Undecodable::Twice)),
            (&["deflate", "gzip"], Err(Undecodable::Twice)),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_ENCODING, value.parse().unwrap());
            }
            assert_eq!(Coding::of(&headers), expected, "{values:?}");
        }
    }
}
