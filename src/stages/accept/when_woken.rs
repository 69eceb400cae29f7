//! A future that waits for something rare, in a task that is busy with something else: it is polled only when it was woken itself.
//!
//! A connection's task is polled several times for each request, and would ask each time whether everything stops, or the time is up.
//! One flag says that nothing has come of either.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;
use pin_project_lite::pin_project;

pin_project! {
    /// See the module docs.
    pub(super) struct WhenWoken<F> {
        #[pin]
        future: F,
        call: Arc<Call>,
        waker: Waker,
        // Whom the call wakes, as long as it has woken nobody.
        task: Option<Waker>,
    }
}

/// How the future calls for a poll.
#[derive(Debug)]
struct Call {
    woken: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // First the flag: whoever is woken sees it.
        self.woken.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl<F> WhenWoken<F> {
    /// The first poll always comes through.
    pub(super) fn new(future: F) -> Self {
        let call = Arc::new(Call {
            woken: AtomicBool::new(true),
            task: AtomicWaker::new(),
        });
        Self {
            future,
            waker: Waker::from(Arc::clone(&call)),
            call,
            task: None,
        }
    }

    /// The future, to be changed: the next poll comes through.
    pub(super) fn change(self: Pin<&mut Self>) -> Pin<&mut F> {
        let this = self.project();
        this.call.woken.store(true, Ordering::Relaxed);
        this.future
    }
}

impl<F: Future> Future for WhenWoken<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let is_known = this
            .task
            .as_ref()
            .is_some_and(|task| task.will_wake(cx.waker()));
        if is_known && !this.call.woken.load(Ordering::Acquire) {
            return Poll::Pending;
        }
        // Before a look at the flag, so that a call in between is not lost. It may have been used up, so it is made each time.
        this.call.task.register(cx.waker());
        if !is_known {
            *this.task = Some(cx.waker().clone());
        }
        if !this.call.woken.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        this.future.poll(&mut Context::from_waker(this.waker))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::sync::Mutex;
    use std::sync::atomic::AtomicUsize;

    /// Counts how often it wakes.
    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn it_is_polled_at_first_when_it_was_woken_and_when_it_was_changed() {
        let inner: Mutex<Option<Waker>> = Mutex::default();
        let polls = AtomicUsize::new(0);
        let mut future = pin!(WhenWoken::new(poll_fn(|cx| {
            *inner.lock().unwrap() = Some(cx.waker().clone());
            let before = polls.fetch_add(1, Ordering::Relaxed);
            if before == 4 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })));
        let tasks = [Arc::new(Task::default()), Arc::new(Task::default())];
        let [first, second] = tasks.clone().map(Waker::from);
        let woken = |task: usize| tasks[task].0.load(Ordering::Relaxed);
        let wake = || inner.lock().unwrap().clone().unwrap().wake();
        let mut poll = |waker: &Waker, expected| {
            for _ in 0..3 {
                let polled = future.as_mut().poll(&mut Context::from_waker(waker));
                assert!(polled.is_pending());
                assert_eq!(polls.load(Ordering::Relaxed), expected);
            }
        };
        poll(&first, 1);
        wake();
        assert_eq!((woken(0), woken(1)), (1, 0));
        poll(&first, 2);
        wake();
        poll(&first, 3);
        assert_eq!(woken(0), 2, "a call that was answered is made good again");
        // In another task it is that one that is woken, and not for nothing.
        poll(&second, 3);
        wake();
        assert_eq!((woken(0), woken(1)), (2, 1));
        poll(&second, 4);
        let _future = future.as_mut().change();
        assert!(future.poll(&mut Context::from_waker(&second)).is_ready());
    }
}
