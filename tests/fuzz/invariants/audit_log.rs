//! Any bytes for `audit verify`. With an even first byte the rest is a log; with an odd one it is what is done to a good log: bytes
//! replaced, put in and taken out.
//!
//! What nothing is found in is a whole chain, by a second reader that knows only how a line is sealed. A good log has no findings, and
//! with its last line known it has some as soon as a byte of it is another.

use data_encoding::HEXLOWER;
use meeting_gateway::runtime::audit_log::Head;
use meeting_gateway::runtime::audit_log::verify::{Options, Report, Verifier};
use sha2::{Digest, Sha256};

/// What is done to a good log, at most.
const MOST_CHANGES: usize = 64;
const LINES: [&str; 5] = [
    r#""schema":"meeting-gateway.audit/3","event":"opened","time":"2026-01-01T00:00:00.000Z","chain":"00","reason":"started","version":"1""#,
    r#""schema":"meeting-gateway.audit/3","time":"2026-01-01T00:00:00.000Z","request_id":"a""#,
    r#""schema":"meeting-gateway.audit/3","event":"dropped","time":"2026-01-01T00:00:00.000Z","count":3"#,
    r#""schema":"meeting-gateway.audit/3","time":"2026-01-01T00:00:00.000Z","request_id":"b""#,
    r#""schema":"meeting-gateway.audit/3","event":"closed","time":"2026-01-01T00:00:00.000Z""#,
];

/// See above.
pub fn holds(data: &[u8]) {
    let Some((way, rest)) = data.split_first() else {
        return;
    };
    if way % 2 == 0 {
        let report = verified(rest, Vec::new());
        if report.findings.is_empty() && report.lines > 0 {
            assert!(is_chain(rest), "nothing is found in what is no chain");
        }
        return;
    }
    let (good, head) = good();
    let found = verified(&good, vec![head]).findings;
    assert!(found.is_empty(), "of a good log: {found:?}");
    let mut log = good.clone();
    for change in rest.chunks_exact(4).take(MOST_CHANGES) {
        let [how, high, low, byte] = *change else {
            return;
        };
        let at = usize::from(u16::from_be_bytes([high, low])) % (log.len() + 1);
        match how % 3 {
            0 if at < log.len() => log[at] = byte,
            1 if at < log.len() => drop(log.drain(at..=at)),
            _ => log.insert(at, byte),
        }
    }
    if log != good {
        let found = verified(&log, vec![head]).findings;
        assert!(!found.is_empty(), "{}", log.escape_ascii());
    }
}

fn verified(log: &[u8], heads: Vec<Head>) -> Report {
    let mut verifier = Verifier::new(Options {
        heads,
        ..Options::default()
    });
    let read = verifier.read("log", log);
    read.expect("reading memory does not fail");
    verifier.finish()
}

/// A log as the documentation says that one is made.
fn good() -> (Vec<u8>, Head) {
    let (mut log, mut hash) = (Vec::new(), [0; 32]);
    for (number, members) in (1..).zip(LINES) {
        let hashed = format!("{{\"seq\":{number},{members}");
        hash = next(&hash, hashed.as_bytes());
        log.extend(hashed.bytes());
        log.extend(format!(",\"hash\":\"{}\"}}\n", HEXLOWER.encode(&hash)).bytes());
    }
    let seq = LINES.len() as u64;
    (log, Head { seq, hash })
}

fn next(before: &[u8; 32], hashed: &[u8]) -> [u8; 32] {
    Sha256::digest([before, hashed].concat()).into()
}

/// Whether every line follows the one before, and the first one what it says or nothing.
fn is_chain(log: &[u8]) -> bool {
    let Some(lines) = log.strip_suffix(b"\n") else {
        return false;
    };
    let mut before = None;
    lines.split(|byte| *byte == b'\n').all(|line| {
        let (hashed, rest) = line.split_at(line.len().saturating_sub(75));
        let digits = rest.strip_prefix(b",\"hash\":\"");
        let digits = digits.and_then(|rest| rest.strip_suffix(b"\"}"));
        let made = next(&before.unwrap_or_else(|| after(line)), hashed);
        before = Some(made);
        digits == Some(HEXLOWER.encode(&made).as_bytes())
    })
}

/// The hash that the first line of a file says it follows.
fn after(line: &[u8]) -> [u8; 32] {
    let line: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
    let digits = line["after"]["hash"].as_str().unwrap_or_default();
    let hash = HEXLOWER.decode(digits.as_bytes()).unwrap_or_default();
    hash.try_into().unwrap_or([0; 32])
}
