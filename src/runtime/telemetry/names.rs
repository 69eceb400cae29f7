//! The list of metrics: everything that the gateway counts and measures. Nothing else makes a name up.
//!
//! To add one: a row here, its instrument where it is counted, then `UPDATE_METRICS=1 cargo test --test it metrics`, which writes
//! `config/metrics.md` anew. Names that begin with `http.` and `process.` are those of the OpenTelemetry semantic conventions v1.44;
//! all others begin with `meeting_gateway.`.
//!
//! Attributes are bounded: methods, statuses, routes, rules and callers come from lists that the operator or the API wrote, never
//! from a request. No meeting and no user is among them.

use super::metric::{
    Attribute, Kind, Metric,
    Values::{Of, OneOf},
};

const fn one_of(key: &'static str, values: &'static [&'static str]) -> Attribute {
    let values = OneOf(values);
    Attribute { key, values }
}

const fn of(key: &'static str, what: &'static str) -> Attribute {
    let values = Of(what);
    Attribute { key, values }
}

// ---- attributes that several metrics have

const METHOD: Attribute = of(
    "http.request.method",
    "a method of RFC 9110, PATCH, QUERY or `_OTHER`",
);
const SCHEME: Attribute = one_of("url.scheme", &["http", "https"]);
const STATUS: Attribute = of("http.response.status_code", "the status");
const ERROR: Attribute = of("error.type", "the status, or one word for what went wrong");
const ROUTE: Attribute = of("http.route", "the path template of a known operation");
const TEMPLATE: Attribute = of("url.template", "the path template of a known operation");
const VERSION: Attribute = one_of("network.protocol.version", &["0.9", "1.0", "1.1", "2", "3"]);
const SERVER_ADDRESS: Attribute = of("server.address", "the upstream's host");
const SERVER_PORT: Attribute = of("server.port", "the upstream's port");
const CALLER: Attribute = of("caller", "the `id` of a caller in the configuration");
const OPERATION: Attribute = of("operation", "the name of a known operation");
const QUOTA: Attribute = of("policy", "the name of a quota in the configuration");

macro_rules! metrics {
    ($($id:ident = $kind:ident($name:literal, $unit:literal, [$($attribute:expr),*], $meaning:literal);)+) => {
        $(
            #[doc = $meaning]
            pub const $id: Metric = Metric {
                name: $name,
                kind: Kind::$kind,
                unit: $unit,
                attributes: &[$($attribute),*],
                meaning: $meaning,
            };
        )+
        /// All of them, in this order.
        pub const ALL: &[Metric] = &[$($id),+];
    };
}

metrics! {
    SERVER_REQUEST_DURATION = Histogram("http.server.request.duration", "s",
        [METHOD, SCHEME, ROUTE, STATUS, VERSION, ERROR],
        "Time of a request, from its head to the handing over of the answer.");
    CLIENT_REQUEST_DURATION = Histogram("http.client.request.duration", "s",
        [METHOD, SERVER_ADDRESS, SERVER_PORT, TEMPLATE, STATUS, ERROR],
        "Time of one attempt at the upstream.");
    REQUESTS_IN_FLIGHT = Gauge("meeting_gateway.requests.in_flight", "{request}", [],
        "Requests in flight.");
    REFUSALS = Counter("meeting_gateway.refusals", "{request}",
        [of("code", "the code of a refusal")],
        "Refused requests.");
    DECISIONS = Counter("meeting_gateway.decisions", "{decision}",
        [
            of("rule", "the id of a rule, with its pack"),
            one_of("mode", &["enforce", "warn", "audit"]),
            one_of("verdict", &["violation", "exempt", "change"])
        ],
        "What policy rules had to say: one for each violation and each change.");
    STRIPPED = Counter("meeting_gateway.stripped", "{name}",
        [CALLER, of("name", "a deprecated name of the API, or `unknown`")],
        "Deprecated and unknown names taken out of requests.");
    LIMITER_KEYS = Gauge("meeting_gateway.limiter.keys", "{key}", [],
        "Keys that the limiter remembers.");
    LIMITER_REJECTIONS = Counter("meeting_gateway.limiter.rejections", "{request}", [QUOTA],
        "Requests over a quota.");
    FAILED_ATTEMPTS = Counter("meeting_gateway.failed_attempts", "{attempt}",
        [one_of("outcome", &["wrong", "not_looked_at"])],
        "Credentials that were wrong, or that nobody looked at after too many of them from one address.");
    UPSTREAM_ATTEMPTS = Counter("meeting_gateway.upstream.attempts", "{attempt}",
        [OPERATION, of("outcome", "`answered`, or one word for what went wrong")],
        "Attempts at the upstream, repeated ones included.");
    UPSTREAM_IN_FLIGHT = Gauge("meeting_gateway.upstream.in_flight", "{request}", [],
        "Requests at the upstream.");
    CIRCUIT_STATE = Gauge("meeting_gateway.upstream.circuit.state", "",
        [one_of("state", &["closed", "open", "half_open"])],
        "Whether the circuit before the upstream is in this state.");
    CIRCUIT_OPENED = Counter("meeting_gateway.upstream.circuit.opened", "", [],
        "How many times the circuit before the upstream opened.");
    TOKEN_STATE = Gauge("meeting_gateway.token.state", "{token}",
        [one_of("state", &["held", "failing"])],
        "Upstream tokens in each state.");
    TOKEN_EXPIRES_IN = Gauge("meeting_gateway.token.expires_in", "s", [],
        "Time until the upstream token that ends first ends.");
    AUDIT_DROPPED = Counter("meeting_gateway.audit.dropped", "{line}", [],
        "Audit lines that were lost.");
    AUDIT_FAILING = Gauge("meeting_gateway.audit.failing", "", [],
        "Whether the last write of the audit log failed.");
    CONFIG_RELOADS = Counter("meeting_gateway.config.reloads", "{reload}",
        [one_of("result", &["applied", "unchanged", "refused"])],
        "Tries to put a changed configuration into force.");
    CONFIG_REFUSED = Gauge("meeting_gateway.config.refused", "", [],
        "Whether the last changed configuration was refused.");
    CONFIG_LOADED = Gauge("meeting_gateway.config.loaded", "s", [],
        "When the configuration in force was loaded, in seconds since 1970.");
    CONFIG_RESTART_REQUIRED = Gauge("meeting_gateway.config.restart_required", "{key}", [],
        "Changed keys that count from the next start only.");
    BUILD_INFO = Gauge("meeting_gateway.build.info", "",
        [of("version", "the version of the program")],
        "Which version this is; always 1.");
}
