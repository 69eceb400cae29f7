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
use crate::model::stage::Stage;
use crate::runtime::circuit_breaker::CircuitState;
use crate::runtime::connection_counts::CONNECTION_ENDS;
use crate::runtime::credentials::jwt::{KEY_FETCH_OUTCOMES, TOKEN_OUTCOMES};
use crate::runtime::quotas::decision::Basis;
use crate::runtime::readiness::Condition;
use crate::runtime::store::STORE_OPERATIONS;
use crate::runtime::store::fault::STORE_OUTCOMES;
use crate::runtime::tokens::SIGN_IN_OUTCOMES;

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
const SERVER_ADDRESS: Attribute = of(
    "server.address",
    "the host of the upstream, or of an issuer's keys",
);
const SERVER_PORT: Attribute = of("server.port", "the port there");
const CALLER: Attribute = of("caller", "the `id` of a caller in the configuration");
const OPERATION: Attribute = of("operation", "the name of a known operation");
const SIGNAL: Attribute = one_of("signal", &["traces", "metrics", "logs", "audit"]);
const QUOTA: Attribute = of("policy", "the name of a quota in the configuration");
const LIMITER: Attribute = of(
    "policy",
    "the name of a quota by meeting in the configuration, or `failed_attempts`",
);
const LISTENER: Attribute = of(
    "listener",
    "an address that the gateway listens on, or `admin` for the operator's",
);
const ISSUER: Attribute = of("issuer", "the `name` of a JWT issuer in the configuration");

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
    // HTTP, by the semantic conventions.
    SERVER_REQUEST_DURATION = Histogram("http.server.request.duration", "s",
        [METHOD, SCHEME, ROUTE, STATUS, VERSION, ERROR],
        "Time of a request, from its head to the handing over of the answer.");
    SERVER_REQUEST_SIZE = Histogram("http.server.request.body.size", "By",
        [METHOD, SCHEME, ROUTE, STATUS, VERSION, ERROR],
        "Bytes of a request's body, as far as it was read; 0 where it was refused unread.");
    SERVER_RESPONSE_SIZE = Histogram("http.server.response.body.size", "By",
        [METHOD, SCHEME, ROUTE, STATUS, VERSION, ERROR],
        "Bytes of an answer's body.");
    SERVER_ACTIVE_REQUESTS = UpDownCounter("http.server.active_requests", "{request}", [METHOD, SCHEME],
        "Requests that are being answered, refused ones and sign-ins included.");
    CLIENT_REQUEST_DURATION = Histogram("http.client.request.duration", "s",
        [METHOD, SERVER_ADDRESS, SERVER_PORT, TEMPLATE, STATUS, VERSION, ERROR],
        "Time of one attempt at the upstream.");
    CLIENT_REQUEST_SIZE = Histogram("http.client.request.body.size", "By",
        [METHOD, SERVER_ADDRESS, SERVER_PORT, TEMPLATE, STATUS, VERSION, ERROR],
        "Bytes of a body that was sent to the upstream, where its length was known before.");
    CLIENT_RESPONSE_SIZE = Histogram("http.client.response.body.size", "By",
        [METHOD, SERVER_ADDRESS, SERVER_PORT, TEMPLATE, STATUS, VERSION, ERROR],
        "Bytes of the body of the upstream's answer, as sent, where it says how long it is.");

    // Requests and what becomes of them.
    REQUESTS_IN_FLIGHT = Gauge("meeting_gateway.requests.in_flight", "{request}", [],
        "Requests that hold one of the slots of `server.in_flight`.");
    REQUESTS_LIMIT = Gauge("meeting_gateway.requests.limit", "{request}", [],
        "The slots of `server.in_flight`.");
    REFUSALS = Counter("meeting_gateway.refusals", "{request}",
        [of("code", "the code of a refusal"), one_of("stage", STAGES)],
        "Refused requests, by the stage that was entered last.");
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

    // Limits.
    LIMITER_KEYS = Gauge("meeting_gateway.limiter.keys", "{key}", [LIMITER],
        "Keys that the limiter remembers: meetings, and addresses that wrong credentials came from.");
    LIMITER_CAPACITY = Gauge("meeting_gateway.limiter.capacity", "{key}", [LIMITER],
        "Keys that the limiter can remember; above that, those unused longest are forgotten.");
    LIMITER_REJECTIONS = Counter("meeting_gateway.limiter.rejections", "{request}", [QUOTA],
        "Requests over a quota.");
    LIMITER_DECISIONS = Counter("meeting_gateway.limiter.decisions", "{decision}", [one_of("basis", Basis::SHARED)],
        "Decisions on quotas that replicas share: by the store, by what it said a moment ago, or by this replica's part while it fails.");
    FAILED_ATTEMPTS = Counter("meeting_gateway.failed_attempts", "{attempt}",
        [one_of("outcome", &["wrong", "not_looked_at"])],
        "Credentials that were wrong, or that nobody looked at after too many of them from one address.");

    // What replicas share.
    STORE_UP = Gauge("meeting_gateway.store.up", "", [],
        "Whether the shared store is used; 0 while it fails, and each replica decides alone. Not there without a store.");
    STORE_REPLICAS = Gauge("meeting_gateway.store.replicas", "{replica}", [],
        "Gateways that share the store, as this one saw last; 0 before it was reached.");
    STORE_DATA_LOSSES = Counter("meeting_gateway.store.data_losses", "", [],
        "How often the shared store was found without the data it had.");
    STORE_OPERATION_DURATION = Histogram("meeting_gateway.store.operation.duration", "s",
        [one_of("operation", STORE_OPERATIONS), one_of("outcome", STORE_OUTCOMES)],
        "Time of one operation of the shared store.");

    // The upstream.
    UPSTREAM_ATTEMPTS = Counter("meeting_gateway.upstream.attempts", "{attempt}",
        [OPERATION, of("outcome", "`answered`, or one word for what went wrong")],
        "Attempts at the upstream, repeated ones included.");
    UPSTREAM_IN_FLIGHT = Gauge("meeting_gateway.upstream.in_flight", "{request}", [],
        "Requests at the upstream.");
    UPSTREAM_LIMIT = Gauge("meeting_gateway.upstream.limit", "{request}", [],
        "Requests that may be at the upstream at a time.");
    UPSTREAM_WAITING = Gauge("meeting_gateway.upstream.waiting", "{request}", [],
        "Requests that wait for a slot at the upstream.");
    UPSTREAM_QUEUE_LIMIT = Gauge("meeting_gateway.upstream.queue_limit", "{request}", [],
        "Requests that may wait for a slot at the upstream.");
    CIRCUIT_STATE = Gauge("meeting_gateway.upstream.circuit.state", "", [one_of("state", &CircuitState::NAMES)],
        "Whether the circuit before the upstream is in this state.");
    CIRCUIT_OPENED = Counter("meeting_gateway.upstream.circuit.opened", "", [],
        "How many times the circuit before the upstream opened.");
    TOKEN_STATE = Gauge("meeting_gateway.token.state", "{token}", [one_of("state", &["held", "failing"])],
        "Upstream users that a token is held for, and those whose last sign-in failed.");
    TOKEN_AGE = Gauge("meeting_gateway.token.age", "s", [],
        "Age of the oldest upstream token that is held.");
    TOKEN_EXPIRES_IN = Gauge("meeting_gateway.token.expires_in", "s", [],
        "Time until the upstream token that ends first ends.");
    TOKEN_FAILURES = Gauge("meeting_gateway.token.failures", "{sign_in}", [],
        "Upstream sign-ins that failed in a row, for the user for whom they are most.");
    TOKEN_FETCHES = Counter("meeting_gateway.token.fetches", "{sign_in}", [one_of("outcome", SIGN_IN_OUTCOMES)],
        "Sign-ins at the upstream.");

    // JSON Web Tokens of callers.
    JWT_TOKENS = Counter("meeting_gateway.jwt.tokens", "{token}", [one_of("outcome", TOKEN_OUTCOMES)],
        "JSON Web Tokens that were shown: accepted, or what was wrong with them.");
    JWT_KEYS = Gauge("meeting_gateway.jwt.keys", "{key}", [ISSUER],
        "Keys of an issuer that may be used.");
    JWT_KEYS_AGE = Gauge("meeting_gateway.jwt.keys.age", "s", [ISSUER],
        "Age of the keys that were fetched from an issuer.");
    JWT_KEYS_FAILURES = Gauge("meeting_gateway.jwt.keys.failures", "{fetch}", [ISSUER],
        "Fetches of an issuer's keys that failed in a row.");
    JWT_KEY_FETCHES = Counter("meeting_gateway.jwt.key_fetches", "{fetch}", [one_of("outcome", KEY_FETCH_OUTCOMES)],
        "Fetches of issuers' keys.");

    // Connections.
    CONNECTIONS_OPEN = Gauge("meeting_gateway.connections.open", "{connection}", [LISTENER],
        "Open connections.");
    CONNECTIONS_LIMIT = Gauge("meeting_gateway.connections.limit", "{connection}", [LISTENER],
        "Connections that may be open; further ones wait in the kernel's queue.");
    CONNECTIONS_ENDED = Counter("meeting_gateway.connections.ended", "{connection}",
        [LISTENER, one_of("outcome", CONNECTION_ENDS)],
        "Connections that ended, and how; failed TLS handshakes are among them.");
    CONNECTIONS_SHORTAGES = Counter("meeting_gateway.connections.shortages", "", [LISTENER],
        "How often no connection could be accepted for want of file descriptors or memory.");

    // The audit log.
    AUDIT_WRITTEN = Counter("meeting_gateway.audit.written", "{line}", [],
        "Audit lines of requests that were written.");
    AUDIT_DROPPED = Counter("meeting_gateway.audit.dropped", "{line}", [],
        "Audit lines that were lost.");
    AUDIT_WRITE_FAILURES = Counter("meeting_gateway.audit.write_failures", "{write}", [],
        "Writes of the audit log that failed, each try counted.");
    AUDIT_ROTATIONS = Counter("meeting_gateway.audit.rotations", "{file}", [],
        "How often the audit log went on in another file.");
    AUDIT_ROTATION_FAILURES = Counter("meeting_gateway.audit.rotation_failures", "{file}", [],
        "How often the audit log could not go on in another file, and went on in the one before.");
    AUDIT_QUEUE_LINES = Gauge("meeting_gateway.audit.queue.lines", "{line}", [],
        "Audit lines that wait to be written.");
    AUDIT_QUEUE_SIZE = Gauge("meeting_gateway.audit.queue.size", "By", [],
        "Bytes of the audit lines that wait to be written.");
    AUDIT_FAILING = Gauge("meeting_gateway.audit.failing", "", [],
        "Whether audit lines cannot be written now: the last write failed, or there was no room.");
    LOG_DROPPED = Counter("meeting_gateway.log.dropped", "{line}", [],
        "Lines of the process's log that nobody took in time, or that could not be written.");

    // What is in force.
    CONFIG_INFO = Gauge("meeting_gateway.config.info", "",
        [
            of("configuration", "the digest of the configuration in force"),
            of("policy", "the digest of the policy packs in force")
        ],
        "What is in force, as `/version` tells it; always 1.");
    CONFIG_SNAPSHOT = Gauge("meeting_gateway.config.snapshot", "", [],
        "The number of the configuration in force; grows with each reload that is applied.");
    CONFIG_LOADED = Gauge("meeting_gateway.config.loaded", "s", [],
        "When the configuration in force was loaded, in seconds since 1970.");
    CONFIG_RELOADS = Counter("meeting_gateway.config.reloads", "{reload}",
        [one_of("result", &["applied", "unchanged", "refused"])],
        "Tries to put a changed configuration into force.");
    CONFIG_REFUSED = Gauge("meeting_gateway.config.refused", "", [],
        "Whether the last changed configuration was refused.");
    CONFIG_RESTART_REQUIRED = Gauge("meeting_gateway.config.restart_required", "{key}", [],
        "Changed keys that count from the next start only.");
    POLICY_RULES = Gauge("meeting_gateway.policy.rules", "{rule}", [],
        "Rules of the policy packs in force.");
    READY = Gauge("meeting_gateway.ready", "", [one_of("condition", &Condition::NAMES)],
        "Whether a condition of `/readyz` is met.");
    TELEMETRY_EXPORTED = Counter("meeting_gateway.telemetry.exported", "{item}", [SIGNAL],
        "Spans, data points, log records and audit lines that the collector accepted.");
    TELEMETRY_FAILED = Counter("meeting_gateway.telemetry.failed", "{item}", [SIGNAL],
        "Spans, data points, log records and audit lines that the collector rejected, or that could not be delivered in time.");
    TELEMETRY_DROPPED = Counter("meeting_gateway.telemetry.dropped", "{item}", [SIGNAL],
        "Spans, log records and audit lines for which there was no room in the queue.");
    TELEMETRY_WAITING = Gauge("meeting_gateway.telemetry.waiting", "{item}", [SIGNAL],
        "Spans, log records and audit lines in the queue.");
    TELEMETRY_FAILING = Gauge("meeting_gateway.telemetry.failing", "", [SIGNAL],
        "Whether the last delivery failed.");
    BUILD_INFO = Gauge("meeting_gateway.build.info", "", [of("version", "the version of the program")],
        "Which version this is; always 1.");

    // The process, by the semantic conventions where they have a name.
    PROCESS_UPTIME = Gauge("process.uptime", "s", [],
        "Time since the start of the process.");
    PROCESS_CPU_TIME = Counter("process.cpu.time", "s", [one_of("cpu.mode", &["user", "system"])],
        "CPU time of the process.");
    PROCESS_MEMORY_USAGE = UpDownCounter("process.memory.usage", "By", [],
        "Physical memory of the process.");
    PROCESS_MEMORY_VIRTUAL = UpDownCounter("process.memory.virtual", "By", [],
        "Virtual memory of the process.");
    PROCESS_THREADS = UpDownCounter("process.thread.count", "{thread}", [],
        "Threads of the process.");
    PROCESS_FILES = UpDownCounter("process.unix.file_descriptor.count", "{file_descriptor}", [],
        "Open file descriptors of the process.");
    PROCESS_FILES_LIMIT = Gauge("meeting_gateway.process.file_descriptor_limit", "{file_descriptor}", [],
        "File descriptors that the process may have open; none where there is no limit.");
    RUNTIME_WORKERS = Gauge("meeting_gateway.runtime.workers", "{thread}", [],
        "Threads that serve requests.");
    RUNTIME_TASKS = Gauge("meeting_gateway.runtime.tasks", "{task}", [],
        "Tasks of the async runtime: connections, streams, fetches.");
    RUNTIME_QUEUE = Gauge("meeting_gateway.runtime.queue", "{task}", [],
        "Tasks that no thread has taken yet; more than a few for long mean that the CPU is used up.");
}

/// The names of the stages.
const STAGES: &[&str] = &{
    let mut names = [""; Stage::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = Stage::ALL[at].name();
        at += 1;
    }
    names
};
