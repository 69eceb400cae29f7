//! Who may begin while the audit log takes no lines: where none may be lost, a request is let in only with the promise that its line
//! will be taken.
//!
//! [`Overflow::Drop`] lets everybody in and promises nothing. [`Overflow::Shed`] lets nobody in while the buffer is full or the last
//! write failed. [`Overflow::Block`] is the same after a wait, which costs a task and no thread. What was let in keeps its promise even
//! where the buffer is full by then: memory is bounded by the buffer and the requests in flight, each with one line.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Overflow;
use super::buffer::Shared;

/// How many requests may wait at a time; further ones are turned away at once.
const MOST_WAITING: usize = 1024;

/// What the door says at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Come in; the line is taken if there is room.
    Unpromised,
    /// Come in; the line will be taken.
    Promised,
    /// Ask again with [`AuditLog::wait_for_room`](super::AuditLog::wait_for_room).
    Wait,
    /// Nobody comes in now.
    Refused,
}

pub(super) fn admit(shared: &Shared) -> Admission {
    let overflow = shared.settings.overflow;
    match overflow {
        Overflow::Drop => Admission::Unpromised,
        _ if shared.has_room() => Admission::Promised,
        Overflow::Shed => refuse(shared),
        Overflow::Block if shared.at_the_door.load(Ordering::Relaxed) >= MOST_WAITING => {
            refuse(shared)
        }
        Overflow::Block => Admission::Wait,
    }
}

/// Waits until there is room, up to [`Settings::patience`](super::Settings::patience); says whether the line is promised.
pub(super) async fn wait(shared: &Shared) -> bool {
    let _place = Place::take(&shared.at_the_door);
    let mut patience = pin!(tokio::time::sleep(shared.settings.patience));
    loop {
        let mut news = pin!(shared.room.notified());
        // Before the look, so that what happens in between is not missed.
        news.as_mut().enable();
        if shared.has_room() {
            return true;
        }
        tokio::select! {
            () = news => {}
            () = &mut patience => {
                refuse(shared);
                return false;
            }
        }
    }
}

fn refuse(shared: &Shared) -> Admission {
    shared.overflow("requests are refused until it does");
    Admission::Refused
}

/// A place in the line, given back also by who leaves it.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(line: &'a AtomicUsize) -> Self {
        line.fetch_add(1, Ordering::Relaxed);
        Self(line)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
