//! Keeps the connection: connects, says that this replica is there, finds out whether the store lost its data, and brings it back into
//! the path of requests when it can be written to again within a request's deadline.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use redis::{Value, from_redis_value};

use super::connection::{Connection, Sentinels};
use super::fault::StoreFault;
use super::script::{self, Call};
use super::{Operation, Store, random_text};

/// How often a replica says that it is there.
const BEAT: Duration = Duration::from_secs(1);
/// How long one counts that says nothing any more.
const COUNTS_FOR: Duration = Duration::from_secs(10);
/// The pause between tries while the store fails, and the least after any try.
const PAUSE: Duration = Duration::from_millis(250);

/// The longest that Sentinels are asked for with one heartbeat.
const SENTINELS: Duration = Duration::from_secs(4);
/// How long log-outs may take to be sent at the end.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// The place in a stream before which there is nothing.
const BEFORE_THE_FIRST: &str = "0-0";

/// A connection, and who knows whether it is still the right one.
type Link = (Connection, Option<Sentinels>);

impl Store {
    /// Keeps the connection, for ever. To be spawned once, and aborted at the end.
    pub async fn keep(&self) {
        // The text by which the store's data is known.
        let mut data = None;
        loop {
            match self.connect().await {
                Ok(link) => self.beat_while_it_lasts(link, &mut data).await,
                Err(fault) => self.note(fault),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn connect(&self) -> Result<Link, StoreFault> {
        let (began, door) = (self.0.clock.monotonic(), &self.0.door);
        let connecting = tokio::time::timeout(door.patience_with_all(), door.connect());
        let outcome = match connecting.await {
            Ok(connection) => connection.map_err(StoreFault::from),
            Err(_) => Err(StoreFault::Unreachable),
        };
        if outcome.is_err() {
            self.measure(Operation::Heartbeat, began, &outcome);
        }
        outcome
    }

    /// Returns when the connection is of no use any more.
    async fn beat_while_it_lasts(
        &self,
        (mut connection, mut sentinels): Link,
        data: &mut Option<String>,
    ) {
        // The place of the last log-out that was read. From the first with each connection: another master may have other places, and to
        // read one twice does no harm.
        let mut log_outs = BEFORE_THE_FIRST.to_owned();
        loop {
            let losses = self.losses();
            if let Err(fault) = self.look(&mut connection, sentinels.as_mut(), data).await {
                return self.note(fault);
            }
            if self.losses() != losses {
                BEFORE_THE_FIRST.clone_into(&mut log_outs);
            }
            // Behind the look: requests can use a store in which somebody has spoilt the list.
            let exchanged = self.exchange_log_outs(&mut connection, &mut log_outs).await;
            if let Err(fault) = exchanged {
                tracing::warn!(%fault, "log-outs could not be exchanged with other gateways");
                BEFORE_THE_FIRST.clone_into(&mut log_outs);
            }
            let pause = if self.0.health.is_up() { BEAT } else { PAUSE };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.0.wake.notified() => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// One look at the store: whether it is still the right one, who is there, and whether requests may use it.
    async fn look(
        &self,
        connection: &mut Connection,
        sentinels: Option<&mut Sentinels>,
        data: &mut Option<String>,
    ) -> Result<(), StoreFault> {
        let inner = &self.0;
        let naming = async {
            match sentinels {
                // One that hangs must not keep the heartbeat from the master.
                Some(sentinels) => {
                    tokio::time::timeout(SENTINELS, sentinels.name_another()).await == Ok(true)
                }
                None => false,
            }
        };
        let beating = async {
            let began = inner.clock.monotonic();
            let outcome = self.beat(connection).await;
            self.measure(Operation::Heartbeat, began, &outcome);
            (outcome, inner.clock.monotonic().saturating_sub(began))
        };
        let (another, (outcome, took)) = tokio::join!(naming, beating);
        if another {
            tracing::warn!("Sentinel names another master of the store");
            return Err(StoreFault::Busy);
        }
        let (replicas, found) = outcome?;
        inner.seen_replicas.store(replicas, Ordering::Relaxed);
        self.compare(data, found);
        inner.connection.store(Some(Arc::new(connection.clone())));
        if took > inner.timeout {
            // A request would not have waited for it.
            self.note(StoreFault::Timeout);
        } else if inner.health.recovered() {
            tracing::info!(replicas, "the store is used");
        }
        inner.tried.send_replace(true);
        Ok(())
    }

    /// Sends what still waits, within a second: to be called when nobody can be logged out any more, before [`Self::keep`] is
    /// aborted.
    pub async fn flush(&self) {
        let sending = async {
            let mut connection = self.connection()?;
            self.send_log_outs(&mut connection).await
        };
        if self.has_sent_log_outs() {
            return;
        }
        let sent = tokio::time::timeout(LAST_WORDS, sending).await;
        if sent != Ok(Ok(())) {
            tracing::error!(
                "log-outs were not sent to other gateways, which go on accepting their tokens"
            );
        }
    }

    async fn beat(&self, connection: &mut Connection) -> Result<(u32, String), StoreFault> {
        let counts_for = COUNTS_FOR.as_millis().to_string();
        let name = self.0.name.as_bytes().to_vec();
        // Another one each time: a store that has lost its data must not get the text that it had.
        let data = random_text()?.into_bytes();
        let call = Call {
            script: &self.0.programs.beat,
            keys: vec![self.key(":{replicas}"), self.key(":{replicas}:data")],
            arguments: vec![name, counts_for.into_bytes(), data],
        };
        let calls = [call];
        let answers = self.unhurried(script::run(connection, &calls)).await?;
        let answer = answers.into_iter().next().unwrap_or(Value::Nil);
        from_redis_value(answer).map_err(|_| StoreFault::Error)
    }

    /// Whether it is the data that was there before.
    fn compare(&self, data: &mut Option<String>, found: String) {
        if data.as_ref().is_some_and(|data| *data != found) {
            self.0.losses.fetch_add(1, Ordering::Release);
            tracing::warn!(
                "the store has lost its data, or is another one: what this replica knows of quotas is told to it, tokens are fetched anew"
            );
        }
        *data = Some(found);
    }
}
