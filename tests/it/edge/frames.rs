//! HTTP/2 by hand: frames of any kind and any header, since no client library would send these.

use super::door::{Client, Door};
use crate::support::request::{KEY, TARGET};

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const ACK: u8 = 1;
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field, written as a literal that is not indexed (RFC 7541, section 6.2.2).
pub(super) fn field(name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        // A length of 127 and more goes on in groups of seven bits.
        if let Some(mut rest) = text.len().checked_sub(127) {
            bytes.push(127);
            while rest >= 128 {
                bytes.push(u8::try_from(rest % 128).unwrap() | 128);
                rest /= 128;
            }
            bytes.push(u8::try_from(rest).unwrap());
        } else {
            bytes.push(u8::try_from(text.len()).unwrap());
        }
        bytes.extend_from_slice(text);
    }
    bytes
}

/// Fields, one behind the other.
pub(super) fn fields<N: AsRef<[u8]>, V: AsRef<[u8]>>(fields: &[(N, V)]) -> Vec<u8> {
    let bytes = fields
        .iter()
        .map(|(name, value)| field(name.as_ref(), value.as_ref()));
    bytes.collect::<Vec<_>>().concat()
}

/// The fields of the usual request.
pub(super) fn usual() -> Vec<(Vec<u8>, Vec<u8>)> {
    [
        (":method", "PUT"),
        (":scheme", "http"),
        (":authority", "gateway.test"),
        (":path", TARGET),
        ("x-access-token", KEY),
        ("content-type", "application/json"),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .to_vec()
}

/// A whole request in two frames.
pub(super) fn request(stream: u32, list: &[(Vec<u8>, Vec<u8>)], body: &[u8]) -> Vec<u8> {
    [
        frame(HEADERS, END_HEADERS, stream, &fields(list)),
        frame(DATA, END_STREAM, stream, body),
    ]
    .concat()
}

/// What a stream, or the connection, came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// An answer: its status, and its error code, empty if there is none.
    Answered(u16, String),
    /// The stream was reset, with this code.
    Reset(u32),
    /// The connection was ended, with this code.
    GoneAway(u32),
    /// Without a word.
    Closed,
}

/// A client that writes frames.
pub(super) struct FrameClient {
    pub(super) client: Client,
}

impl FrameClient {
    /// Says hello, with settings of its own.
    pub(super) async fn hello(door: &Door) -> Self {
        let mut client = door.client().await;
        client.send(PREFACE).await;
        client.send(&frame(SETTINGS, 0, 0, &[])).await;
        Self { client }
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) {
        self.client.send(bytes).await;
    }

    /// The next frame: kind, flags, stream, payload. None at the end.
    pub(super) async fn frame(&mut self) -> Option<(u8, u8, u32, Vec<u8>)> {
        loop {
            let received = &mut self.client.received;
            if let Some((head, rest)) = received.split_at_checked(9) {
                let length =
                    usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
                if rest.len() >= length {
                    let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
                    let (kind, flags) = (head[3], head[4]);
                    let payload = rest[..length].to_vec();
                    received.drain(..9 + length);
                    return Some((kind, flags, stream, payload));
                }
            }
            if !self.client.more().await {
                return None;
            }
        }
    }

    /// What a stream comes to.
    pub(super) async fn end(&mut self, wanted: u32) -> End {
        let (mut status, mut body) = (0, Vec::new());
        while let Some((kind, flags, stream, payload)) = self.frame().await {
            match kind {
                GOAWAY => return End::GoneAway(number(&payload[4..])),
                RST_STREAM if stream == wanted => return End::Reset(number(&payload)),
                HEADERS | DATA if stream == wanted => {
                    if kind == DATA {
                        body.extend_from_slice(&payload);
                    } else {
                        status = status_of(&payload);
                    }
                    if flags & END_STREAM != 0 {
                        let told: serde_json::Value =
                            serde_json::from_slice(&body).unwrap_or_default();
                        let code = told["error_code"].as_str().unwrap_or_default();
                        return End::Answered(status, code.to_owned());
                    }
                }
                _ => {}
            }
        }
        End::Closed
    }
}

/// The first four bytes as a number.
fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes[..4].try_into().unwrap())
}

/// The status at the beginning of a header block: an entry of the static table, or a literal (RFC 7541, sections 6.1 and 6.2).
fn status_of(block: &[u8]) -> u16 {
    const TABLE: [u16; 7] = [200, 204, 206, 304, 400, 404, 500];
    if let Some(at) = block[0].checked_sub(0x88) {
        return TABLE[usize::from(at)];
    }
    assert_eq!(block[0] & 15, 8, "a literal of :status");
    let text = &block[2..2 + usize::from(block[1] & 127)];
    if block[1] & 128 == 0 {
        return std::str::from_utf8(text).unwrap().parse().unwrap();
    }
    // The digits in Huffman's code: five bits up to 2, six from 3 on.
    let bits = text
        .iter()
        .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
    let mut left = u32::try_from(text.len()).unwrap() * 8;
    let mut take = |count: u32| {
        left -= count;
        u16::try_from(bits >> left & 63).unwrap()
    };
    let mut status = 0;
    for _ in 0..3 {
        let five = take(5) & 31;
        let digit = if five <= 2 {
            five
        } else {
            (five << 1 | take(1) & 1) - 0b01_1001 + 3
        };
        status = status * 10 + digit;
    }
    status
}
