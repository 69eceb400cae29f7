//! Requests with markers in every place, sent to a running gateway one after the other.

use std::fmt::Write as _;

use super::bodies::{self, Spoilt};
use super::configuration::Credentials;
use super::mark::Markers;
use super::outlet::{Departed, Outlet};
use super::process::{Process, exchange};
use super::servers::Service;
use crate::support::authority::Authority;

/// The operation that everything is tried on.
pub(super) const SERIES: &str = "/v1/mmc/management/cycleconferences?conferenceID=1";

/// A gateway, and those who talk to it.
pub(super) struct Talk<'t> {
    pub(super) markers: &'t Markers,
    pub(super) departed: &'t Departed,
    pub(super) process: &'t Process,
    pub(super) service: &'t Service,
    pub(super) credentials: &'t Credentials,
    pub(super) authority: &'t Authority,
}

/// A request on the wire.
pub(super) fn wire(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {target} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        head.push_str("host: gateway.test\r\n");
    }
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if !body.is_empty() {
        let _ = write!(head, "content-length: {}\r\n", body.len());
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

/// The status of an answer, or 0 where there is none.
pub(super) fn status(answer: &[u8]) -> u16 {
    let digits = answer
        .get(9..12)
        .and_then(|digits| std::str::from_utf8(digits).ok());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

impl Talk<'_> {
    /// Sends a request of which an answer may go to `outlet`, and gives that.
    pub(super) async fn send(&self, outlet: Outlet, request: &[u8]) -> Vec<u8> {
        let answer = exchange(self.process.plain, request).await;
        self.departed.note(outlet, answer.clone());
        answer
    }

    /// The same from a caller without scopes, with its API key.
    pub(super) async fn narrow(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> u16 {
        let key = ("x-access-token", &*self.credentials.narrow);
        let headers: Vec<_> = headers.iter().copied().chain([key]).collect();
        status(
            &self
                .send(Outlet::Narrow, &wire(method, target, &headers, body))
                .await,
        )
    }

    pub(super) fn mark(&self, place: &str) -> String {
        self.markers.text(place)
    }

    /// Everything.
    pub(super) async fn all(&self) {
        self.bodies().await;
        self.malformed().await;
        self.operations().await;
        self.headers().await;
        self.targets().await;
        self.credentials().await;
        self.sign_ins().await;
        self.certificates().await;
        self.answers().await;
        self.bystanders().await;
    }

    /// Every body of the contract, as it should be and spoilt in every way: from a caller that the policy holds to everything, and
    /// from one that it lets pass.
    async fn bodies(&self) {
        for (operation, method, target, template) in bodies::governed() {
            for spoilt in Spoilt::ALL {
                let at = format!("{}/{operation}", spoilt.place());
                let mut passed = 0;
                for key in [&self.credentials.narrow, &self.credentials.bystander] {
                    let body = bodies::marked(self.markers, &template, spoilt, &at).to_string();
                    let headers = [
                        ("x-access-token", key.as_str()),
                        ("content-type", "application/json"),
                        ("prefer", "return=receipt"),
                    ];
                    let answer = self
                        .send(
                            Outlet::Narrow,
                            &wire(method, target, &headers, body.as_bytes()),
                        )
                        .await;
                    passed += u32::from(status(&answer) == 200);
                    assert!(
                        matches!(status(&answer), 200 | 400 | 403),
                        "{at}: {}",
                        String::from_utf8_lossy(&answer)
                    );
                }
                assert!(passed > 0 || spoilt != Spoilt::Not, "{at}: nobody passes");
            }
        }
    }

    /// Bodies that are no document.
    async fn malformed(&self) {
        let mark = |kind: &str| self.mark(&format!("malformed/{kind}"));
        let json = ("content-type", "application/json");
        let cases = [
            (json, format!("{{\"subject\":\"{}", mark("cut"))),
            (json, format!("\"{}\"", mark("a text"))),
            (json, format!("[\"{}\"]", mark("a list"))),
            (json, mark("bare")),
            (json, format!("{{{}: 1}}", mark("bare name"))),
            (json, format!("{{'{}': 1}}", mark("single quotes"))),
            (json, format!("{{\"{0}\":1,\"{0}\":2}}", mark("name twice"))),
            (
                json,
                format!("{{\"guestPwd\":\"{}\\q\"}}", mark("bad escape")),
            ),
            (
                json,
                format!("{{\"guestPwd\":\"{}\u{1}\"}}", mark("control character")),
            ),
            (
                json,
                format!(
                    "{{\"length\":1e999,\"guestPwd\":\"{}\"}}",
                    mark("number too large")
                ),
            ),
            (
                json,
                format!("{{\"guestPwd\":\"{}\"}} x", mark("more behind")),
            ),
            (
                json,
                format!(
                    "{}\"{}\"{}",
                    "[".repeat(40),
                    mark("too deep"),
                    "]".repeat(40)
                ),
            ),
            (
                json,
                format!(
                    "{{\"subject\":\"{}{}\"}}",
                    mark("too large"),
                    "0".repeat(70_000)
                ),
            ),
            (("content-type", "text/plain"), mark("another media type")),
            (("content-encoding", "gzip"), mark("a coding")),
        ];
        for (header, body) in cases {
            let status = self.narrow("PUT", SERIES, &[header], body.as_bytes()).await;
            assert!(matches!(status, 400 | 413 | 415), "{status}: {body:.60}");
        }
        let odd = [
            b"{\"subject\":\"".as_slice(),
            mark("not UTF-8").as_bytes(),
            b"\xff\"}",
        ]
        .concat();
        assert_eq!(self.narrow("PUT", SERIES, &[json], &odd).await, 400);
        // A body where there is none, and bytes behind a request that a reader might take for the next one.
        let body = mark("where there is none");
        assert_eq!(
            self.narrow(
                "GET",
                "/v1/mmc/management/conferences",
                &[],
                body.as_bytes()
            )
            .await,
            400
        );
        let smuggled = format!(
            "{}: {}\r\n\r\n",
            mark("behind, a method"),
            mark("behind, a target")
        );
        let mut request = wire(
            "GET",
            "/v1/mmc/management/conferences",
            &[("x-access-token", &self.credentials.narrow)],
            b"",
        );
        request.extend(smuggled.as_bytes());
        self.send(Outlet::Narrow, &request).await;
    }

    /// Others ask afterwards, with nothing in their requests.
    async fn bystanders(&self) {
        let key = ("x-access-token", &*self.credentials.bystander);
        for (method, target) in [
            ("GET", "/v1/mmc/management/conferences"),
            ("PUT", SERIES),
            ("GET", "/"),
            ("GET", "/v1/usg/dcs/corp/member/a"),
        ] {
            self.send(Outlet::Others, &wire(method, target, &[key], b""))
                .await;
        }
        self.send(Outlet::Others, &wire("GET", SERIES, &[], b""))
            .await;
    }
}
