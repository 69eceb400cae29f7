//! The line that opens a file, as it is read: what it follows, and which key it names.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::runtime::audit_log::chain::Head;
use crate::runtime::audit_log::sealed_line::{BEFORE_THE_FIRST, ChainKey, Sealed, read_hash};

/// An `opened` line.
#[derive(Debug)]
pub(super) struct Opening {
    /// The line before; none where a chain begins.
    pub(super) after: Option<Head>,
    /// The name of the key.
    pub(super) key: Option<Box<str>>,
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    after: Option<After>,
    #[serde(default)]
    key: Option<Box<str>>,
}

#[derive(Deserialize)]
struct After {
    seq: u64,
    hash: Box<str>,
}

impl Opening {
    /// Reads the members of such a line; none if they make no sense.
    pub(super) fn read(members: &[u8]) -> Option<Self> {
        let written: Written = serde_json::from_slice(&braced(members)).ok()?;
        let after = match written.after {
            None => None,
            Some(after) => Some(Head {
                seq: after.seq,
                hash: read_hash(after.hash.as_bytes())?,
            }),
        };
        Some(Self {
            after,
            key: written.key,
        })
    }

    /// Whether the line is what was written, where the one before is what it says.
    pub(super) fn is_whole(&self, sealed: &Sealed<'_>, key: Option<&ChainKey>) -> bool {
        let (seq, previous) = self
            .after
            .map_or((0, BEFORE_THE_FIRST), |head| (head.seq, head.hash));
        seq.checked_add(1) == Some(sealed.seq) && sealed.follows(key, &previous)
    }
}

/// A member that is a number; 0 if it is not there.
pub(super) fn number(members: &[u8], name: &str) -> u64 {
    let members = braced(members);
    let read: Option<std::collections::BTreeMap<&str, &RawValue>> =
        serde_json::from_slice(&members).ok();
    read.and_then(|members| members.get(name)?.get().parse().ok())
        .unwrap_or(0)
}

fn braced(members: &[u8]) -> Vec<u8> {
    [b"{", members, b"}"].concat()
}
