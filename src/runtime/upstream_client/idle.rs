//! Connections that nobody uses at the moment: one stack for each worker, the one that was used last on top.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use hyper::client::conn::http1::SendRequest;
use tokio::time::Instant;

use crate::runtime::http_client::Outgoing;
use crate::runtime::workers;

/// An open connection; a task of its own drives it.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) sender: SendRequest<Outgoing>,
    /// Who is at the other end.
    pub(super) peer: Option<SocketAddr>,
}

/// The connections that are idle.
#[derive(Debug)]
pub(super) struct Idle {
    stacks: Box<[Arc<Stack>]>,
}

/// Those of one worker.
struct Stack {
    most: usize,
    longest: Duration,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// The oldest first, each with the time of its last use.
    connections: Vec<(Open, Instant)>,
    /// Whether somebody looks after those that get too old.
    is_swept: bool,
}

impl Idle {
    /// Keeps at most `most` connections, none of them longer than `longest`.
    pub(super) fn new(most: usize, longest: Duration) -> Self {
        let workers = workers::count();
        let stack = || {
            Arc::new(Stack {
                most: most.div_ceil(workers),
                longest,
                kept: Mutex::default(),
            })
        };
        Self {
            stacks: (0..workers).map(|_| stack()).collect(),
        }
    }

    /// One that can be used now.
    pub(super) fn take(&self) -> Option<Open> {
        let stack = self.of_this_worker()?;
        let mut kept = stack.kept();
        let mut at = kept.connections.len();
        while let Some(before) = at.checked_sub(1) {
            at = before;
            let (open, since) = kept.connections.get(at)?;
            if open.sender.is_closed() || since.elapsed() >= stack.longest {
                kept.connections.remove(at);
            } else if open.sender.is_ready() {
                return Some(kept.connections.remove(at).0);
            }
            // What is neither has just been given back, and its end is not tidied up yet: it stays for the next one.
        }
        None
    }

    /// Lends it to a request.
    pub(super) fn lend(&self, open: Open) -> Lent {
        Lent {
            open: Some(open),
            home: self.of_this_worker().map(Arc::downgrade),
        }
    }

    fn of_this_worker(&self) -> Option<&Arc<Stack>> {
        self.stacks
            .get(workers::current())
            .or_else(|| self.stacks.first())
    }
}

impl Stack {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(self: &Arc<Self>, open: Open) {
        let mut kept = self.kept();
        if kept.connections.len() >= self.most {
            return;
        }
        kept.connections.push((open, Instant::now()));
        if !kept.is_swept
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            kept.is_swept = true;
            runtime.spawn(sweep(Arc::downgrade(self), self.longest));
        }
    }

    /// Closes what is too old; false if there is nothing left.
    fn sweep(&self) -> bool {
        let mut kept = self.kept();
        kept.connections
            .retain(|(open, since)| !open.sender.is_closed() && since.elapsed() < self.longest);
        kept.is_swept = !kept.connections.is_empty();
        kept.is_swept
    }
}

/// Closes connections that nobody asks for any more, as long as there are any.
async fn sweep(stack: Weak<Stack>, longest: Duration) {
    loop {
        tokio::time::sleep(longest).await;
        if !stack.upgrade().is_some_and(|stack| stack.sweep()) {
            return;
        }
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack")
            .field("kept", &self.kept().connections.len())
            .finish_non_exhaustive()
    }
}

/// A connection that a request has: goes back when it is dropped, if it is still of use.
#[derive(Debug)]
pub struct Lent {
    open: Option<Open>,
    home: Option<Weak<Stack>>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        let home = self.home.as_ref().and_then(Weak::upgrade);
        if let Some((open, home)) = self.open.take().zip(home)
            && !open.sender.is_closed()
        {
            home.give_back(open);
        }
    }
}
