//! Requests with markers in the parameters of paths and queries, in headers, and in targets that lead nowhere.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::outlet::Outlet;
use super::talk::{SERIES, Talk, wire};

impl Talk<'_> {
    /// Every operation with a marker in each parameter of its path and query, each documented header, and its body.
    pub(super) async fn operations(&self) {
        let operations: Value = serde_json::from_str(super::OPERATIONS).unwrap();
        for operation in operations.as_array().unwrap() {
            let text = |name: &str| operation[name].as_str().unwrap();
            let name = text("name");
            let documented = |kind: &str| -> Vec<&str> {
                let names = operation[kind].as_array().into_iter().flatten();
                names.map(|name| name.as_str().unwrap()).collect()
            };
            let path = text("path")
                .split('/')
                .map(|segment| match segment.strip_prefix('{') {
                    Some(parameter) => {
                        self.mark(&format!("path/{name}/{}", parameter.trim_end_matches('}')))
                    }
                    None => segment.to_owned(),
                });
            let mut target = path.collect::<Vec<_>>().join("/");
            for (index, parameter) in documented("query").into_iter().enumerate() {
                let kind = if parameter == "userUUID" {
                    "deprecated"
                } else {
                    "query"
                };
                let marker = self.mark(&format!("{kind}/{name}/{parameter}"));
                let _ = write!(
                    target,
                    "{}{parameter}={marker}",
                    if index == 0 { '?' } else { '&' }
                );
            }
            let headers = documented("headers").into_iter();
            let headers: Vec<_> = headers
                .map(|header| (header, self.mark(&format!("header/{name}/{header}"))))
                .collect();
            let mut headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            let mut body = String::new();
            if operation["family"] == "relayed" && operation["body"].is_string() {
                let marker = self.mark(&format!("relayed body/{name}"));
                if operation["media"] == "form" {
                    headers.push(("content-type", "multipart/form-data; boundary=b"));
                    body = format!(
                        "--b\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\n{marker}\r\n--b--\r\n"
                    );
                } else {
                    headers.push(("content-type", "application/json"));
                    body = json!({ "pwd": marker, "account": marker }).to_string();
                }
            }
            let status = self
                .narrow(text("method"), &target, &headers, body.as_bytes())
                .await;
            assert_ne!(status, 0, "{name}");
        }
    }

    /// Headers of every kind.
    pub(super) async fn headers(&self) {
        const NAMES: [&str; 29] = [
            "authorization",
            "proxy-authorization",
            "cookie",
            "x-auth-token",
            "x-password",
            "x-conference-authorization",
            "conftoken",
            "x-nonce",
            "x-site-id",
            "x-authorization-type",
            "x-api-secret",
            "x-amz-security-token",
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-user",
            "x-real-ip",
            "referer",
            "origin",
            "from",
            "baggage",
            "b3",
            "x-b3-traceid",
            "uber-trace-id",
            "accept",
            "prefer",
            "expect",
            "x-unknown",
            "if-match",
            "x-http-method-override",
        ];
        let body = json!({"length": 45, "startTime": "2031-03-04 09:00"}).to_string();
        for name in NAMES {
            let value = self.mark(&format!("headers/{name}"));
            // Two credentials, or an expectation, are refused; the others pass or are passed over.
            self.narrow(
                "PUT",
                SERIES,
                &[(name, &value), ("content-type", "application/json")],
                body.as_bytes(),
            )
            .await;
        }
        let told = [
            ("user-agent", self.mark("headers/user-agent")),
            ("accept-language", self.mark("headers/accept-language")),
            ("x-request-id", self.mark("headers/x-request-id")),
            (
                "traceparent",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
            ),
            (
                "tracestate",
                format!("vendor={}", self.mark("headers/tracestate")),
            ),
            ("host", format!("{}.example", self.mark("headers/host"))),
        ];
        let told: Vec<_> = told
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let status = self
            .narrow("GET", "/v1/mmc/management/conferences", &told, b"")
            .await;
        assert_eq!(status, 200);
        let odd = [
            (
                "x-request-id",
                format!("{} x", self.mark("headers/x-request-id that is none")),
            ),
            ("traceparent", self.mark("headers/traceparent that is none")),
            (
                "tracestate",
                format!("a={}", self.mark("headers/tracestate without traceparent")),
            ),
        ];
        let odd: Vec<_> = odd
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.narrow("PUT", SERIES, &odd, b"{}").await;
        let name = self.mark("name of a header");
        self.narrow("PUT", SERIES, &[(&name, "x")], b"{}").await;
        let broken = format!(
            "GET / HTTP/1.1\r\nhost: x\r\n{} \r\n\r\n",
            self.mark("malformed/head")
        );
        self.send(Outlet::Narrow, broken.as_bytes()).await;
        let long = format!("{}{}", self.mark("headers/too long"), "0".repeat(70_000));
        self.narrow("GET", SERIES, &[("x-long", &long)], b"").await;
    }

    /// Targets that lead nowhere, or are written in other ways.
    pub(super) async fn targets(&self) {
        let mark = |kind: &str| self.mark(&format!("target/{kind}"));
        let member = "/v1/usg/dcs/corp/member";
        let cases = [
            ("GET", format!("/{}", mark("unknown"))),
            (
                "GET",
                format!(
                    "/v1/{}/x?{}={}",
                    mark("unknown below"),
                    mark("name of a parameter"),
                    mark("value of a parameter")
                ),
            ),
            (
                "GET",
                format!(
                    "{member}/{}/{}",
                    mark("account with more behind"),
                    mark("more behind")
                ),
            ),
            (
                "PATCH",
                format!("{member}/{}", mark("account with another method")),
            ),
            (
                "GET",
                format!("{member}//{}", mark("account behind two slashes")),
            ),
            (
                "GET",
                format!("{member}/%7a{}%40corp", mark("account, encoded")),
            ),
            (
                "GET",
                format!("{member}/a%2F{}", mark("account with a slash")),
            ),
            ("GET", format!("{SERIES}&userUUID={}", mark("userUUID"))),
            ("PUT", format!("{SERIES}&useruuid={}", mark("useruuid"))),
            (
                "PUT",
                format!(
                    "{SERIES}&password={}&{}=1",
                    mark("unknown parameter"),
                    mark("name of an unknown parameter")
                ),
            ),
            (
                "PUT",
                format!("{SERIES}&conferenceid={}", mark("look-alike")),
            ),
            ("PUT", format!("{SERIES}&x={0}&x={0}", mark("twice"))),
            ("PUT", format!("{SERIES}&x={}%zz", mark("broken encoding"))),
            (
                "PUT",
                format!("/v1/mmc/management/cycleconferences#{}", mark("fragment")),
            ),
            (
                "GET",
                format!(
                    "http://{}:{}@gateway.test{SERIES}",
                    mark("user information"),
                    mark("password in the target")
                ),
            ),
        ];
        for (method, target) in cases {
            self.narrow(method, &target, &[], b"").await;
        }
        let method = mark("method").to_uppercase();
        self.narrow(&method, SERIES, &[], b"").await;
        let unknown = wire(
            "GET",
            &format!("{member}/{}", mark("account, without a credential")),
            &[],
            b"",
        );
        self.send(Outlet::Narrow, &unknown).await;
    }
}
