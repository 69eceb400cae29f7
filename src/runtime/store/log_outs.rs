//! Log-outs in the store: a sign-in that is ended at one gateway is over at all of them within about a second.
//!
//! Nobody waits for it: what is ended here is sent with the next heartbeat, and what was ended elsewhere is read with it, so no request asks
//! the store whether a token was logged out. While the store fails, a log-out holds on this replica, and is sent when it is back. The list is
//! a stream (`XADD`), cut at [`MOST`] and gone [`KEPT_FOR`] after the last log-out: longer than any token lives.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use data_encoding::HEXLOWER;
use redis::{Cmd, Value, cmd, from_redis_value};

use super::Store;
use super::connection::Connection;
use super::fault::StoreFault;
use crate::runtime::credentials::revocations::{Revocations, SessionId};

/// Log-outs that are kept in the store, about; and those that wait here at most, the oldest of which are then given up.
const MOST: usize = 100_000;
/// Refresh tokens live 90 days at most (`sign_in.refresh_lifetime`).
const KEPT_FOR: Duration = Duration::from_hours(24 * 91);
/// The name of the list.
const LOG_OUTS: &str = ":log-outs";
/// Log-outs sent and read at a time; and how many times with one heartbeat, which must not come late for them.
const AT_A_TIME: usize = 1000;
const PAGES: usize = 10;

/// What is ended here and not sent yet, and where that of others goes.
#[derive(Debug)]
pub(super) struct LogOuts {
    /// Where those of other gateways are remembered.
    revocations: Arc<Revocations>,
    waiting: Mutex<VecDeque<(SessionId, u64)>>,
}

impl LogOuts {
    pub(super) fn new(revocations: Arc<Revocations>) -> Self {
        Self {
            revocations,
            waiting: Mutex::default(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<(SessionId, u64)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// A sign-in was ended here; its last token expires at `until` (Unix seconds). Does not wait.
    pub fn log_out(&self, session: SessionId, until: u64) {
        let mut waiting = self.0.log_outs.waiting();
        if waiting.len() >= MOST {
            waiting.pop_front();
        }
        waiting.push_back((session, until));
        drop(waiting);
        self.0.wake.notify_one();
    }

    /// Sends what was ended here and reads what was ended elsewhere, from `after` on.
    pub(super) async fn exchange_log_outs(
        &self,
        connection: &mut Connection,
        after: &mut String,
    ) -> Result<(), StoreFault> {
        self.send_log_outs(connection).await?;
        let key = self.key(LOG_OUTS);
        for _ in 0..PAGES {
            let mut read = cmd("XRANGE");
            read.arg(&key).arg(format!("({after}")).arg("+");
            read.arg("COUNT").arg(AT_A_TIME);
            let answer = self.unhurried(connection.send(&[read])).await?.pop();
            let entries = entries(answer.unwrap_or(Value::Nil))?;
            self.note_log_outs(&entries);
            if let Some((last, _)) = entries.last() {
                last.clone_into(after);
            }
            if entries.len() < AT_A_TIME {
                return Ok(());
            }
        }
        // There is more: soon.
        self.0.wake.notify_one();
        Ok(())
    }

    /// Whether nothing waits to be sent.
    pub(super) fn has_sent_log_outs(&self) -> bool {
        self.0.log_outs.waiting().is_empty()
    }

    /// Sends what waits, some of it where that is much.
    pub(super) async fn send_log_outs(
        &self,
        connection: &mut Connection,
    ) -> Result<(), StoreFault> {
        let key = self.key(LOG_OUTS);
        for _ in 0..PAGES {
            let some: Vec<_> = {
                let waiting = self.0.log_outs.waiting();
                waiting.iter().take(AT_A_TIME).copied().collect()
            };
            if some.is_empty() {
                break;
            }
            let add = |(session, until): &(SessionId, u64)| added(&key, session, *until);
            let commands: Vec<_> = some.iter().map(add).chain([kept(&key)]).collect();
            self.unhurried(connection.send(&commands)).await?;
            let mut waiting = self.0.log_outs.waiting();
            for one in &some {
                // Where there was no room, the first may have gone meanwhile.
                waiting.pop_front_if(|first| *first == *one);
            }
        }
        Ok(())
    }

    fn note_log_outs(&self, entries: &[Entry]) {
        let now = self.0.clock.unix().as_secs();
        // No token lives longer, whatever the store says.
        let latest = now.saturating_add(KEPT_FOR.as_secs());
        let revocations = &self.0.log_outs.revocations;
        let ended = entries.iter().filter_map(|(_, ended)| *ended);
        let forgotten = ended
            .filter(|(_, until)| *until > now)
            .filter(|(session, until)| !revocations.revoke(*session, latest.min(*until), now))
            .count();
        if forgotten > 0 {
            tracing::error!(
                forgotten,
                "log-outs at other gateways are not remembered: there are too many; raise `sign_in.nonces`"
            );
        }
    }
}

fn added(key: &str, session: &SessionId, until: u64) -> Cmd {
    let mut add = cmd("XADD");
    add.arg(key).arg("MAXLEN").arg("~").arg(MOST).arg("*");
    add.arg("session").arg(HEXLOWER.encode(session));
    add.arg("until").arg(until);
    add
}

fn kept(key: &str) -> Cmd {
    let mut keep = cmd("EXPIRE");
    keep.arg(key).arg(KEPT_FOR.as_secs());
    keep
}

/// The place of one in the list, and what was ended until when, if that can be read.
type Entry = (String, Option<(SessionId, u64)>);

fn entries(answer: Value) -> Result<Vec<Entry>, StoreFault> {
    let read: Vec<(String, Vec<Vec<u8>>)> =
        from_redis_value(answer).map_err(|_| StoreFault::Error)?;
    let entry = |(id, fields): (String, Vec<Vec<u8>>)| {
        let ended = match &fields[..] {
            [first, session, second, until] if first == b"session" && second == b"until" => {
                let session = HEXLOWER.decode(session).ok();
                let session = session.and_then(|bytes| SessionId::try_from(bytes).ok());
                let until = std::str::from_utf8(until).ok();
                session.zip(until.and_then(|text| text.parse().ok()))
            }
            _ => None,
        };
        (id, ended)
    };
    Ok(read.into_iter().map(entry).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_passed_over_and_not_read_again() {
        let text = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        let one = |id: &str, fields: &[&str]| {
            let fields = fields.iter().map(|field| text(field)).collect();
            Value::Array(vec![text(id), Value::Array(fields)])
        };
        let session = "07".repeat(16);
        let answer = Value::Array(vec![
            one("1-0", &["session", &session, "until", "600"]),
            one("2-0", &["session", "zz", "until", "-1"]),
            one("3-0", &[]),
            Value::Array(vec![
                text("4-0"),
                Value::Array(vec![Value::BulkString(vec![0xff]); 2]),
            ]),
        ]);
        let expected = [
            ("1-0".to_owned(), Some(([7; 16], 600))),
            ("2-0".to_owned(), None),
            ("3-0".to_owned(), None),
            ("4-0".to_owned(), None),
        ];
        assert_eq!(entries(answer).unwrap(), expected);
        assert_eq!(entries(Value::Int(1)), Err(StoreFault::Error));
    }
}
