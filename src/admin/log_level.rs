//! `/log-level`: the level of the log, and another one for a while.
//!
//! | request | does |
//! |---|---|
//! | `GET /log-level` | tells the level in force, the configured one, and until when they differ |
//! | `PUT /log-level?for=10m` | puts the level in the body into force for that time: 1s to 24h, 10m where nothing is said |
//! | `DELETE /log-level` | puts the configured level into force again |
//!
//! The operator's listener asks nobody who they are, so this is closed unless `admin.log_level` is true. A level for a while ends
//! by itself, and each change is told in the log.
//!
//! ```
//! # use std::time::Duration;
//! # use std::sync::Arc;
//! use http::{Request, StatusCode};
//! use http_body_util::Full;
//! use meeting_gateway::admin::{Admin, Version};
//! # use meeting_gateway::model::clock::ManualClock;
//! # use meeting_gateway::runtime::readiness::Readiness;
//! use meeting_gateway::runtime::telemetry::logs::level::Levels;
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let admin = Admin::new(Readiness::default(), prometheus::Registry::new(), Version::default);
//! # let clock = ManualClock::at_unix(Duration::ZERO);
//! let levels = Arc::new(Levels::new("info", clock, |_filter| true));
//! let admin = admin.setting_level(Some(levels), || true);
//! let put = async |level: &'static str| {
//!     let request = Request::put("/log-level?for=10m").body(Full::from(level)).unwrap();
//!     admin.clone().oneshot(request).await.unwrap().status()
//! };
//! assert_eq!(put("debug").await, StatusCode::OK);
//! assert_eq!(put("loud").await, StatusCode::BAD_REQUEST);
//! # }
//! ```

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::Full;
use serde::Serialize;

use super::version::instant;
use super::{TEXT, json, not_allowed, reply};
use crate::runtime::telemetry::logs::level::{LONGEST_LEVEL, LevelNow, Levels};
use crate::stages::bounded;

/// How long another level is in force where nothing is said.
const USUAL: Duration = Duration::from_mins(10);
/// How long a body may be on its way.
const PATIENCE: Duration = Duration::from_secs(5);

/// Changes the level of the log.
#[derive(Clone)]
pub(super) struct LogLevel {
    levels: Option<Arc<Levels>>,
    is_open: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl LogLevel {
    pub(super) fn new(
        levels: Option<Arc<Levels>>,
        is_open: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            levels,
            is_open: Arc::new(is_open),
        }
    }

    /// Answers one request.
    pub(super) async fn answer<B>(self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        if !(self.is_open)() {
            let text = "closed; `admin.log_level: true` in the configuration opens it\n";
            return reply(StatusCode::FORBIDDEN, TEXT, text);
        }
        let Some(levels) = &self.levels else {
            let text = "the log of this process is not the gateway's\n";
            return reply(StatusCode::NOT_FOUND, TEXT, text);
        };
        match request.method() {
            &Method::GET | &Method::HEAD => told(&levels.now()),
            &Method::DELETE => {
                if levels.reset() {
                    let level = levels.now().level;
                    tracing::warn!(level, "the log has its configured level again");
                }
                told(&levels.now())
            }
            &Method::PUT => put(levels, request).await,
            _ => not_allowed("GET, PUT and DELETE only\n", "GET, HEAD, PUT, DELETE"),
        }
    }
}

async fn put<B>(levels: &Levels, request: Request<B>) -> Response<Full<Bytes>>
where
    B: Body<Data = Bytes> + Unpin,
{
    let refused = |text: String| reply(StatusCode::BAD_REQUEST, TEXT, text + "\n");
    let time = match request.uri().query() {
        None => Some(USUAL),
        Some(query) => query.strip_prefix("for=").and_then(duration),
    };
    let Some(time) = time else {
        return refused("the only parameter is `for`, such as `?for=10m`".to_owned());
    };
    let body = bounded::collect(request.into_body(), LONGEST_LEVEL + 2);
    let Ok(Ok(body)) = tokio::time::timeout(PATIENCE, body).await else {
        return refused(format!(
            "the body is a level of at most {LONGEST_LEVEL} bytes"
        ));
    };
    let level = str::from_utf8(&body).unwrap_or_default().trim_ascii();
    match levels.set_for(level, time) {
        Ok(now) => told(&now),
        Err(fault) => refused(format!("`{}` for {time:?} {fault}", level.escape_debug())),
    }
}

fn told(now: &LevelNow) -> Response<Full<Bytes>> {
    #[derive(Serialize)]
    struct Report<'a> {
        level: &'a str,
        configured: &'a str,
        until: Option<String>,
    }
    json(
        StatusCode::OK,
        &Report {
            level: &now.level,
            configured: &now.configured,
            until: now.until.and_then(instant),
        },
    )
}

/// Reads `90s`, `10m`, `1h`.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = number.parse().ok()?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

impl fmt::Debug for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogLevel")
            .field("levels", &self.levels)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;
    use crate::model::clock::ManualClock;

    async fn asked(open: bool, method: &str, target: &str, body: &str) -> (u16, String) {
        let clock = ManualClock::at_unix(Duration::from_secs(1_700_000_000));
        let levels = Arc::new(Levels::new("info", clock, |_| true));
        let service = LogLevel::new(Some(levels), move || open);
        let request = Request::builder().method(method).uri(target);
        let request = request.body(Full::<Bytes>::from(body.to_owned())).unwrap();
        let response = service.answer(request).await;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_level_is_told_and_changed_for_a_bounded_time() {
        let configured = r#"{"level":"info","configured":"info","until":null}"#;
        let debug = r#"{"level":"debug","configured":"info","until":"2023-11-14T22:23:20Z"}"#;
        let long = "debug,".repeat(100);
        for (method, target, body, status, expected) in [
            ("GET", "/log-level", "", 200, configured),
            ("DELETE", "/log-level", "", 200, configured),
            ("PUT", "/log-level", "debug\n", 200, debug),
            ("PUT", "/log-level?for=600s", "debug", 200, debug),
            (
                "PUT",
                "/log-level?for=25h",
                "debug",
                400,
                "write one from 1s to 24h",
            ),
            (
                "PUT",
                "/log-level?for=0s",
                "debug",
                400,
                "write one from 1s to 24h",
            ),
            (
                "PUT",
                "/log-level?for=99999999999999999999h",
                "debug",
                400,
                "`?for=10m`",
            ),
            ("PUT", "/log-level?for=é", "debug", 400, "`?for=10m`"),
            ("PUT", "/log-level?for=", "debug", 400, "`?for=10m`"),
            ("PUT", "/log-level?level=debug", "", 400, "`?for=10m`"),
            ("PUT", "/log-level", "", 400, "is no level"),
            (
                "PUT",
                "/log-level",
                "loud\u{7}",
                400,
                "`loud\\u{7}` for 600s is no level",
            ),
            ("PUT", "/log-level", &long, 400, "at most 256 bytes"),
            (
                "POST",
                "/log-level",
                "debug",
                405,
                "GET, PUT and DELETE only",
            ),
        ] {
            let (got, text) = asked(true, method, &target.replace('é', "%C3%A9"), body).await;
            assert_eq!(got, status, "{method} {target} {body}: {text}");
            assert!(text.contains(expected), "{method} {target} {body}: {text}");
        }
    }

    #[tokio::test]
    async fn it_is_closed_unless_the_configuration_opens_it() {
        for method in ["GET", "PUT", "DELETE"] {
            let (status, text) = asked(false, method, "/log-level", "debug").await;
            assert_eq!(status, 403, "{method}");
            assert!(text.contains("admin.log_level"), "{text}");
        }
    }
}
