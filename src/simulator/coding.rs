//! `Content-Encoding`: an answer in a form that nobody asked for.

use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use http::header::{CONTENT_ENCODING, HeaderValue};

use super::reply::{self, Reply};

/// How an answer is coded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coding {
    /// `gzip`.
    Gzip,
    /// `deflate`, which in HTTP is the zlib format (RFC 9110, 8.4.1.2).
    Deflate,
    /// The bytes as they are under this name: a coding that does not exist, or a lie about one that does.
    Named(String),
}

impl Coding {
    /// Codes an answer, and says so in its headers; a name that cannot be a header's value is left out.
    pub(super) fn apply(&self, reply: &mut Reply) {
        let plain = reply.body().bytes().clone();
        let (name, coded) = match self {
            Self::Gzip => ("gzip", gzip(plain.len(), &plain)),
            Self::Deflate => ("deflate", deflate(&plain)),
            Self::Named(name) => (name.as_str(), Ok(plain.to_vec())),
        };
        put(reply, name, coded);
    }
}

/// The most blank space that a bomb holds.
const MOST_BOMB: usize = 64 << 20;

/// Makes an answer of `bytes` of blank space, at most 64 MiB, which as gzip are a thousandth of it.
pub(super) fn bomb(reply: &mut Reply, bytes: usize) {
    put(reply, "gzip", gzip(bytes.min(MOST_BOMB), b" "));
}

/// Gzip of `chunk`, repeated until there are `total` bytes or just more.
fn gzip(total: usize, chunk: &[u8]) -> io::Result<Vec<u8>> {
    let chunk = chunk.repeat((16_384 / chunk.len().max(1)).clamp(1, total.max(1)));
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut left = total;
    while left > 0 {
        let part = chunk.get(..left).unwrap_or(&chunk);
        encoder.write_all(part)?;
        left = left.saturating_sub(part.len().max(1));
    }
    encoder.finish()
}

fn deflate(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain)?;
    encoder.finish()
}

/// Writing into memory does not fail; if it did, the answer would stay as it is.
fn put(reply: &mut Reply, name: &str, coded: io::Result<Vec<u8>>) {
    if let (Ok(name), Ok(coded)) = (HeaderValue::try_from(name), coded) {
        reply::set_body(reply, coded);
        reply.headers_mut().insert(CONTENT_ENCODING, name);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use fastrand::Rng;
    use flate2::read::{GzDecoder, ZlibDecoder};
    use http::header::CONTENT_LENGTH;
    use serde_json::json;

    use super::super::reply::Part;
    use super::*;

    fn good() -> Reply {
        reply::success(Part::Query, &json!([{"a": 1}]), &mut Rng::with_seed(1))
    }

    fn read(mut decoder: impl Read) -> Vec<u8> {
        let mut plain = Vec::new();
        decoder.read_to_end(&mut plain).unwrap();
        plain
    }

    #[test]
    fn each_coding_is_what_it_says() {
        for (coding, name) in [
            (Coding::Gzip, "gzip"),
            (Coding::Deflate, "deflate"),
            (Coding::Named("x-unheard-of".to_owned()), "x-unheard-of"),
        ] {
            let mut reply = good();
            coding.apply(&mut reply);
            let bytes = reply.body().bytes();
            let plain = match coding {
                Coding::Gzip => read(GzDecoder::new(&bytes[..])),
                Coding::Deflate => read(ZlibDecoder::new(&bytes[..])),
                Coding::Named(_) => bytes.to_vec(),
            };
            assert_eq!(plain, br#"[{"a":1}]"#, "{name}");
            assert_eq!(reply.headers()[CONTENT_ENCODING], name);
            let told = reply.headers()[CONTENT_LENGTH].to_str().unwrap().to_owned();
            assert_eq!(told, bytes.len().to_string(), "{name}");
        }
        let mut reply = good();
        Coding::Named("\n".to_owned()).apply(&mut reply);
        assert!(!reply.headers().contains_key(CONTENT_ENCODING));
    }

    #[test]
    fn a_bomb_is_small_until_it_is_opened() {
        let mut reply = good();
        bomb(&mut reply, 1_000_001);
        let bytes = reply.body().bytes();
        assert!(bytes.len() < 20_000, "{}", bytes.len());
        let plain = read(GzDecoder::new(&bytes[..]));
        assert_eq!(plain.len(), 1_000_001);
        assert!(plain.iter().all(|byte| *byte == b' '));
    }
}
