//! The list of metrics: every name that the gateway counts under, with unit and attributes. Nothing else makes one up.
//!
//! Attributes are bounded: methods, statuses, routes, rules and callers come from lists that the operator or the API wrote, never
//! from a request. No meeting and no user is among them. In the Prometheus text dots become underscores, units and `_total` are
//! appended: `meeting_gateway.token.expires_in` reads `meeting_gateway_token_expires_in_seconds`.

/// Seconds (histogram): a request from its head to the handing over of the answer. The HTTP semantic conventions' stable metric.
/// `http.request.method`, `url.scheme`, `http.route`, `http.response.status_code`, `network.protocol.version`, `error.type`.
pub const SERVER_REQUEST_DURATION: &str = "http.server.request.duration";
/// Seconds (histogram): one attempt at the upstream. The HTTP semantic conventions' stable metric.
/// `http.request.method`, `server.address`, `server.port`, `url.template`, `http.response.status_code`, `error.type`.
pub const CLIENT_REQUEST_DURATION: &str = "http.client.request.duration";
/// Requests in flight now. No attributes.
pub const REQUESTS_IN_FLIGHT: &str = "meeting_gateway.requests.in_flight";
/// Refused requests. `code`.
pub const REFUSALS: &str = "meeting_gateway.refusals";
/// What rules had to say: one for each violation and each change. `rule`, `mode`, `verdict` (`violation` or `change`).
pub const DECISIONS: &str = "meeting_gateway.decisions";
/// Deprecated and unknown names that were taken out. `caller`, `name`.
pub const STRIPPED: &str = "meeting_gateway.stripped";
/// Keys that the limiter remembers now. No attributes.
pub const LIMITER_KEYS: &str = "meeting_gateway.limiter.keys";
/// Requests over a quota. `policy`.
pub const LIMITER_REJECTIONS: &str = "meeting_gateway.limiter.rejections";
/// Credentials that were wrong, and those that came from an address after too many of them. `outcome` (`wrong` or `not_looked_at`).
pub const FAILED_ATTEMPTS: &str = "meeting_gateway.failed_attempts";
/// Attempts at the upstream, repeated ones included. `operation`, `outcome`.
pub const UPSTREAM_ATTEMPTS: &str = "meeting_gateway.upstream.attempts";
/// Requests at the upstream now. No attributes.
pub const UPSTREAM_IN_FLIGHT: &str = "meeting_gateway.upstream.in_flight";
/// Whether the circuit before the upstream is in this state (0 or 1). `state`: `closed`, `open`, `half_open`.
pub const CIRCUIT_STATE: &str = "meeting_gateway.upstream.circuit.state";
/// How many times the circuit opened. No attributes.
pub const CIRCUIT_OPENED: &str = "meeting_gateway.upstream.circuit.opened";
/// Upstream tokens in each state. `state`.
pub const TOKEN_STATE: &str = "meeting_gateway.token.state";
/// Seconds until the upstream token that ends first ends. No attributes.
pub const TOKEN_EXPIRES_IN: &str = "meeting_gateway.token.expires_in";
/// Audit lines that were lost. No attributes.
pub const AUDIT_DROPPED: &str = "meeting_gateway.audit.dropped";
/// Whether the last write of the audit log failed (0 or 1). No attributes.
pub const AUDIT_FAILING: &str = "meeting_gateway.audit.failing";
/// Tries to put a changed configuration into force. `result`: `applied`, `unchanged`, `refused`.
pub const CONFIG_RELOADS: &str = "meeting_gateway.config.reloads";
/// Whether the last of them was refused (0 or 1). No attributes.
pub const CONFIG_REFUSED: &str = "meeting_gateway.config.refused";
/// Seconds since 1970: when the configuration in force was loaded. No attributes.
pub const CONFIG_LOADED: &str = "meeting_gateway.config.loaded";
/// Keys that changed and count from the next start only. No attributes.
pub const CONFIG_RESTART_REQUIRED: &str = "meeting_gateway.config.restart_required";
/// Always 1. `version`.
pub const BUILD_INFO: &str = "meeting_gateway.build.info";

/// All of them.
pub const ALL: [&str; 22] = [
    SERVER_REQUEST_DURATION,
    CLIENT_REQUEST_DURATION,
    REQUESTS_IN_FLIGHT,
    REFUSALS,
    DECISIONS,
    STRIPPED,
    LIMITER_KEYS,
    LIMITER_REJECTIONS,
    FAILED_ATTEMPTS,
    UPSTREAM_ATTEMPTS,
    UPSTREAM_IN_FLIGHT,
    CIRCUIT_STATE,
    CIRCUIT_OPENED,
    TOKEN_STATE,
    TOKEN_EXPIRES_IN,
    AUDIT_DROPPED,
    AUDIT_FAILING,
    CONFIG_RELOADS,
    CONFIG_REFUSED,
    CONFIG_LOADED,
    CONFIG_RESTART_REQUIRED,
    BUILD_INFO,
];
