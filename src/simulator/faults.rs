//! Faults on demand: what the next requests meet instead of a good answer.
//!
//! Faults wait in a queue. A request takes the first one meant for it, and with a latency also the first one that is no
//! latency: so "late, and then 503" is two faults. A fault that is used up leaves the queue. Where nothing else is said, the
//! request is acted on, and only its answer is spoiled.
//!
//! ```
//! use std::time::Duration;
//! use meeting_gateway::model::clock::SystemClock;
//! use meeting_gateway::simulator::{Fault, On, Settings, Simulator, Times};
//!
//! let simulator = Simulator::new(Settings::default(), SystemClock::shared());
//! simulator.inject(On::Operations, Fault::Latency(Duration::from_millis(500)), Times::Count(2));
//! simulator.inject(On::SignIn, Fault::status(503, "APIG.0613"), Times::Always);
//! assert_eq!(simulator.faults_left(), 2);
//! simulator.clear_faults();
//! assert_eq!(simulator.faults_left(), 0);
//! ```

use std::collections::VecDeque;
use std::time::Duration;

use http::Method;

use super::coding::Coding;
use super::lies::Lie;
use super::meanwhile::Event;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The answer comes this much later, by tokio's clock.
    Latency(Duration),
    /// An error instead of an answer; the request is not acted on.
    Status {
        /// The HTTP status, 100 to 999.
        status: u16,
        /// `error_code`.
        code: String,
        /// `error_msg`.
        message: String,
        /// `Retry-After`, whole seconds.
        retry_after: Option<u64>,
    },
    /// A redirect to this address (302); the request is not acted on.
    Redirect(String),
    /// The connection ends without an answer; the request is not acted on.
    Reset,
    /// The connection ends without an answer, but the request *was* acted on.
    LoseAnswer,
    /// No answer, ever; the request is not acted on.
    Stall,
    /// The answer's head and half of its body, then nothing, ever.
    StallBody,
    /// The answer's head and half of its body, then the connection ends.
    Truncate,
    /// 200 with the answer cut short so that it is no JSON any more, correctly framed.
    BadJson,
    /// 200 with bytes that are no text at all.
    Garbage,
    /// 200 with nothing in it.
    Empty,
    /// 502 with a web page, as a load balancer in between sends it; the request is not acted on.
    Page,
    /// 200 with a JSON text of about this many bytes.
    Oversized(usize),
    /// An error whose text and `X-Debug` header repeat the caller's access token; the request is not acted on.
    EchoToken,
    /// The answer under a `Content-Encoding` that nobody asked for.
    Coded(Coding),
    /// 200 with this many bytes of blank space, at most 64 MiB, as a gzip of a thousandth of that.
    Bomb(usize),
    /// A good answer that does not tell the truth about the meeting.
    Lie(Lie),
    /// A good answer, and before anybody else is answered, something happens to a meeting.
    Meanwhile {
        /// Its `conferenceID`.
        meeting: String,
        /// What happens to it.
        event: Event,
    },
}

impl Fault {
    /// An error status with a code; the text is the code's.
    pub fn status(status: u16, code: &str) -> Self {
        Self::Status {
            status,
            code: code.to_owned(),
            message: "simulated fault".to_owned(),
            retry_after: None,
        }
    }

    /// The API gateway's 429 (facts part 5).
    pub fn throttled() -> Self {
        Self::Status {
            status: 429,
            code: "APIG.0308".to_owned(),
            message: super::throttle::message(100),
            retry_after: None,
        }
    }

    /// The 401 of a token that lives no more, for a token that does.
    pub fn bad_token() -> Self {
        let super::errors::Rejection {
            status,
            code,
            message,
        } = super::errors::TOKEN_INVALID;
        Self::Status {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            retry_after: None,
        }
    }
}

/// Which requests a fault is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Everything about tokens: `/v1/usg/acs/...` and `/v2/usg/acs/...`.
    SignIn,
    /// All other requests.
    Operations,
    /// Those of them that read: `GET`.
    Reads,
    /// Those of them that change something.
    Writes,
    /// Every request.
    Everything,
}

impl On {
    /// Whether such a request is meant.
    fn covers(self, method: &Method, path: &str) -> bool {
        let sign_in = path.starts_with("/v1/usg/acs/") || path.starts_with("/v2/usg/acs/");
        match self {
            Self::SignIn => sign_in,
            Self::Operations => !sign_in,
            Self::Reads => !sign_in && method == Method::GET,
            Self::Writes => !sign_in && method != Method::GET,
            Self::Everything => true,
        }
    }
}

/// How often a fault happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// This many times.
    Count(u32),
    /// Until the faults are cleared.
    Always,
}

/// What one request meets.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Trouble {
    /// How late it gets its answer.
    pub(super) latency: Duration,
    /// What else goes wrong.
    pub(super) fault: Option<Fault>,
}

/// The most entries that wait; older ones are forgotten first.
const MOST_FAULTS: usize = 1000;

/// The faults that wait.
#[derive(Debug, Default)]
pub(super) struct Faults {
    queue: VecDeque<(On, Fault, Times)>,
}

impl Faults {
    /// Adds a fault behind those that wait.
    pub(super) fn push(&mut self, on: On, fault: Fault, times: Times) {
        if times == Times::Count(0) {
            return;
        }
        if self.queue.len() >= MOST_FAULTS {
            self.queue.pop_front();
        }
        self.queue.push_back((on, fault, times));
    }

    /// What a request meets.
    pub(super) fn meet(&mut self, method: &Method, path: &str) -> Trouble {
        let mut trouble = Trouble::default();
        if let Some(Fault::Latency(latency)) = self.take(method, path, true) {
            trouble.latency = latency;
        }
        trouble.fault = self.take(method, path, false);
        trouble
    }

    /// How many entries wait.
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    fn take(&mut self, method: &Method, path: &str, latency: bool) -> Option<Fault> {
        let fits = |(on, fault, _): &(On, Fault, Times)| {
            on.covers(method, path) && matches!(fault, Fault::Latency(_)) == latency
        };
        let index = self.queue.iter().position(fits)?;
        let (_, fault, times) = self.queue.get_mut(index)?;
        let fault = fault.clone();
        if let Times::Count(left) = times {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.queue.remove(index);
            }
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGN_IN: &str = "/v2/usg/acs/auth/appauth";
    const OPERATION: &str = "/v1/mmc/management/conferences";

    #[test]
    fn a_fault_meets_only_the_requests_it_is_for() {
        for (on, sign_in, read, write) in [
            (On::SignIn, true, false, false),
            (On::Operations, false, true, true),
            (On::Reads, false, true, false),
            (On::Writes, false, false, true),
            (On::Everything, true, true, true),
        ] {
            let mut faults = Faults::default();
            faults.push(on, Fault::Reset, Times::Always);
            for (method, path, expected) in [
                (Method::POST, SIGN_IN, sign_in),
                (Method::GET, OPERATION, read),
                (Method::PUT, OPERATION, write),
                (Method::DELETE, OPERATION, write),
            ] {
                let met = faults.meet(&method, path).fault;
                assert_eq!(met.is_some(), expected, "{on:?} {method} {path}");
            }
        }
    }

    #[test]
    fn faults_are_used_up_in_order() {
        let mut faults = Faults::default();
        faults.push(On::Operations, Fault::Reset, Times::Count(2));
        faults.push(On::Operations, Fault::Garbage, Times::Count(1));
        faults.push(On::Operations, Fault::Empty, Times::Count(0));
        let met: Vec<_> = (0..4)
            .map(|_| faults.meet(&Method::PUT, OPERATION).fault)
            .collect();
        let expected = [
            Some(Fault::Reset),
            Some(Fault::Reset),
            Some(Fault::Garbage),
            None,
        ];
        assert_eq!(met, expected);
        assert_eq!(faults.len(), 0);
    }

    #[test]
    fn latency_goes_with_another_fault() {
        let mut faults = Faults::default();
        let late = Duration::from_secs(1);
        faults.push(On::Operations, Fault::Stall, Times::Count(1));
        faults.push(On::Operations, Fault::Latency(late), Times::Count(2));
        let met = faults.meet(&Method::PUT, OPERATION);
        assert_eq!((met.latency, met.fault), (late, Some(Fault::Stall)));
        let met = faults.meet(&Method::PUT, OPERATION);
        assert_eq!((met.latency, met.fault), (late, None));
        assert_eq!(faults.meet(&Method::PUT, OPERATION), Trouble::default());
    }

    #[test]
    fn the_queue_is_bounded() {
        let mut faults = Faults::default();
        for _ in 0..=MOST_FAULTS {
            faults.push(On::SignIn, Fault::Reset, Times::Always);
        }
        assert_eq!(faults.len(), MOST_FAULTS);
    }
}
