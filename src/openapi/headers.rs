//! The headers that callers may send and are sent, beside credentials.

use serde_json::{Map, Value, json};

/// A header of an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    /// Its name.
    pub(super) name: &'static str,
    /// Whether it is always there.
    required: bool,
    /// What it says.
    about: &'static str,
    /// What it looks like, where a pattern can say that.
    pattern: Option<&'static str>,
}

const fn optional(name: &'static str, about: &'static str) -> Header {
    Header {
        name,
        required: false,
        about,
        pattern: None,
    }
}

/// On every answer of the gateway.
pub(super) const REQUEST_ID: Header = Header {
    name: "X-Request-Id",
    required: true,
    about: "Names the request in the gateway's log and the upstream's.",
    pattern: Some("^[0-9A-Za-z._-]+$"),
};
pub(super) const ERROR_SOURCE: Header = Header {
    name: "X-Gateway-Error-Source",
    required: true,
    about: "Who refused: `gateway`, or `upstream` where an error of the meeting service is passed on.",
    pattern: Some("^(gateway|upstream)$"),
};
pub(super) const RATELIMIT: Header = optional(
    "RateLimit",
    "What is left of the quotas that the request counts against (draft-ietf-httpapi-ratelimit-headers).",
);
pub(super) const RATELIMIT_POLICY: Header = optional(
    "RateLimit-Policy",
    "The quotas: `q` requests in `w` seconds (draft-ietf-httpapi-ratelimit-headers).",
);
pub(super) const RETRY_AFTER: Header = optional(
    "Retry-After",
    "After how many seconds another try makes sense (RFC 9110).",
);
pub(super) const PREFERENCE_APPLIED: Header = optional(
    "Preference-Applied",
    "`return=receipt` where the receipt was asked for (RFC 7240).",
);
pub(super) const RECEIPT: Header = optional(
    "X-Gateway-Receipt",
    "With `Prefer: return=receipt`: what the gateway did to the request, as JSON in visible ASCII (the schema `Receipt`); what does not fit into 4096 bytes is counted.",
);
pub(super) const DEPRECATION: Header = optional(
    "Deprecation",
    "Since when a parameter that was sent is deprecated, as `@` and Unix seconds (RFC 9745).",
);
pub(super) const LINK: Header = optional(
    "Link",
    "With `rel=\"deprecation\"`: the page that says what is deprecated (RFC 8288).",
);
pub(super) const SUNSET: Header = optional(
    "Sunset",
    "When a parameter that was sent will be refused (RFC 8594).",
);
pub(super) const WARNING: Header = optional(
    "Warning",
    "`299 - \"...\"`: a rule that is not enforced yet, or something that the upstream did otherwise than it was asked to. At most 8 lines.",
);
pub(super) const AUTHENTICATE: Header = optional(
    "WWW-Authenticate",
    "How to authenticate (RFC 9110); on refusals of the gateway.",
);
pub(super) const ALLOW: Header = optional("Allow", "The methods that the path has (RFC 9110).");

const ALL: [Header; 13] = [
    REQUEST_ID,
    ERROR_SOURCE,
    RATELIMIT,
    RATELIMIT_POLICY,
    RETRY_AFTER,
    PREFERENCE_APPLIED,
    RECEIPT,
    DEPRECATION,
    LINK,
    SUNSET,
    WARNING,
    AUTHENTICATE,
    ALLOW,
];

/// `components.headers`.
pub(super) fn components() -> Value {
    let header = |header: Header| {
        let mut schema = json!({ "type": "string" });
        if let Some(pattern) = header.pattern {
            schema["pattern"] = pattern.into();
        }
        let told =
            json!({ "description": header.about, "required": header.required, "schema": schema });
        (header.name.to_owned(), told)
    };
    ALL.map(header).into_iter().collect::<Map<_, _>>().into()
}

/// The `headers` of a response.
pub(super) fn of_response(headers: &[Header]) -> Value {
    let reference = |header: &Header| {
        let target = format!("#/components/headers/{}", header.name);
        (header.name.to_owned(), json!({ "$ref": target }))
    };
    headers.iter().map(reference).collect::<Map<_, _>>().into()
}

/// What requests of every operation may have: names of components.
pub(super) const ALWAYS: [&str; 2] = ["Prefer", "X-Request-Id"];
/// The same, of operations that the upstream is asked about.
pub(super) const TO_THE_UPSTREAM: [&str; 3] =
    ["Accept-Language", "X-Authorization-Type", "X-Site-Id"];

/// `components.parameters`.
pub(super) fn parameters() -> Value {
    let parameter = |name: &str, about: &str, deprecated: bool| {
        let mut told = json!({ "name": name, "in": "header", "description": about, "schema": { "type": "string" } });
        if deprecated {
            told["deprecated"] = true.into();
        }
        (name.to_owned(), told)
    };
    let mut prefer = parameter(
        "Prefer",
        "`return=receipt` asks what the gateway did to the request; the answer is in X-Gateway-Receipt, and in refusals (RFC 7240).",
        false,
    );
    prefer.1["example"] = "return=receipt".into();
    let all = [
        prefer,
        parameter(
            "X-Request-Id",
            "A name for the request; taken over if it is short and of letters, digits, `.`, `_` and `-`, else replaced.",
            false,
        ),
        parameter(
            "Accept-Language",
            "The language of the upstream's words: `zh-CN` or `en-US`.",
            false,
        ),
        parameter(
            "X-Authorization-Type",
            "Taken out: where a request comes from follows from the token.",
            true,
        ),
        parameter(
            "X-Site-Id",
            "Taken out: the site follows from the token.",
            true,
        ),
    ];
    all.into_iter().collect::<Map<_, _>>().into()
}
