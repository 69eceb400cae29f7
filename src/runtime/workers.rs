//! Workers: threads with a runtime of their own, each of which serves its connections from the first byte to the last.
//!
//! What a request needs is with its worker (its timers, its connection to the upstream), so no thread wakes another one on its way.
//! A new connection goes to the worker that has the fewest. Beside them there is the other way, one runtime that shares its work
//! among threads; to this module that is a single worker.
//!
//! ```
//! use meeting_gateway::runtime::workers::{self, Workers};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let workers = Workers::start(2).unwrap();
//! let (first, second) = (workers.seat(), workers.seat());
//! let number = |seat: &workers::Seat| seat.runtime().spawn(async { workers::current() });
//! assert_eq!((number(&first).await.unwrap(), number(&second).await.unwrap()), (0, 1));
//! drop(first);
//! assert_eq!(number(&workers.seat()).await.unwrap(), 0);
//!
//! assert!(Workers::start(0).is_err());
//! # }
//! ```

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How many there are, of the gateway that has most.
static COUNT: AtomicUsize = AtomicUsize::new(1);

thread_local! {
    static CURRENT: Cell<usize> = const { Cell::new(0) };
}

/// The number of the worker that this thread is, from 0. A thread that is none counts as the first one.
pub fn current() -> usize {
    CURRENT.get()
}

/// How many workers there are in this process, at least one. What is kept for each of them is made for as many as there are then.
pub fn count() -> usize {
    COUNT.load(Ordering::Relaxed)
}

/// The workers of a gateway. Clones share them; they end with the last clone and the last [`Seat`].
#[derive(Debug, Clone)]
pub struct Workers(Arc<Team>);

#[derive(Debug)]
struct Team {
    workers: Vec<Worker>,
    _end: DropGuard,
}

#[derive(Debug)]
struct Worker {
    runtime: Handle,
    seats: AtomicUsize,
}

impl Workers {
    /// This thread's runtime alone.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn alone() -> Self {
        Self(Arc::new(Team {
            workers: vec![Worker::of(Handle::current())],
            _end: CancellationToken::new().drop_guard(),
        }))
    }

    /// So many: this thread's runtime, and a new thread for each of the others.
    ///
    /// # Errors
    ///
    /// None is too few, or the system gives no more threads or file descriptors.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn start(count: usize) -> io::Result<Self> {
        if count == 0 {
            return Err(io::Error::other("there must be a worker"));
        }
        let end = CancellationToken::new();
        let mut workers = vec![Worker::of(Handle::current())];
        COUNT.fetch_max(count, Ordering::Relaxed);
        for number in 1..count {
            workers.push(Worker::of(thread_of_its_own(number, end.clone())?));
        }
        Ok(Self(Arc::new(Team {
            workers,
            _end: end.drop_guard(),
        })))
    }

    /// Whether there is only this thread's runtime.
    pub fn is_alone(&self) -> bool {
        self.0.workers.len() == 1
    }

    /// A seat for a connection, at the worker that has the fewest.
    pub fn seat(&self) -> Seat {
        let taken = |worker: &Worker| worker.seats.load(Ordering::Relaxed);
        let workers = self.0.workers.iter().enumerate();
        let least = workers.min_by_key(|(_, worker)| taken(worker));
        let number = least.map_or(0, |(number, _)| number);
        let seat = Seat {
            team: Arc::clone(&self.0),
            number,
        };
        seat.worker().seats.fetch_add(1, Ordering::Relaxed);
        seat
    }
}

impl Worker {
    const fn of(runtime: Handle) -> Self {
        Self {
            runtime,
            seats: AtomicUsize::new(0),
        }
    }
}

/// Starts a thread that runs whatever is spawned on it, until the end.
fn thread_of_its_own(number: usize, end: CancellationToken) -> io::Result<Handle> {
    let (ready, is_ready) = mpsc::channel();
    thread::Builder::new()
        .name(format!("worker-{number}"))
        .spawn(move || {
            CURRENT.set(number);
            match Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => {
                    // Nobody who waits for it can have gone.
                    let _ = ready.send(Ok(runtime.handle().clone()));
                    runtime.block_on(end.cancelled());
                    // What still blocks a thread holds nothing up.
                    runtime.shutdown_background();
                }
                Err(fault) => {
                    let _ = ready.send(Err(fault));
                }
            }
        })?;
    is_ready.recv().map_err(io::Error::other)?
}

/// A connection's place at a worker, until it is dropped.
#[derive(Debug)]
pub struct Seat {
    team: Arc<Team>,
    number: usize,
}

impl Seat {
    fn worker(&self) -> &Worker {
        // The number comes from this very list.
        &self.team.workers[self.number]
    }

    /// Where the connection's tasks run.
    pub fn runtime(&self) -> &Handle {
        &self.worker().runtime
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.worker().seats.fetch_sub(1, Ordering::Relaxed);
    }
}
