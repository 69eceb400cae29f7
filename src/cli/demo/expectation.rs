//! What the packs `baseline` and `example-enterprise` demand of every request that reaches the upstream, written down once more
//! and independently of them: the demo fails if the upstream saw anything else.

use http::StatusCode;

use super::example::API_KEY;
use crate::model::json::Value;
use crate::simulator::Seen;

/// What is not as demanded; empty if all is well.
pub fn faults(seen: Option<&Seen>, status: StatusCode) -> Vec<String> {
    let Some(seen) = seen else {
        return vec![format!(
            "the upstream was not asked; the gateway answered {status}"
        )];
    };
    let mut faults = Vec::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            faults.push(what.to_owned());
        }
    };
    demand(status == StatusCode::OK, "the upstream accepts the request");
    demand(
        !seen.query.to_ascii_lowercase().contains("useruuid"),
        "the deprecated parameter userUUID does not go upstream",
    );
    for name in [
        "x-authorization-type",
        "x-site-id",
        "authorization",
        "cookie",
        "x-api-key",
        "x-auth-token",
    ] {
        demand(
            !seen.headers.contains_key(name),
            &format!("the header {name} does not go upstream"),
        );
    }
    let token = seen
        .headers
        .get("x-access-token")
        .map(http::HeaderValue::as_bytes);
    demand(
        token.is_some_and(|token| !token.is_empty() && token != API_KEY.as_bytes()),
        "the caller's key is exchanged for an upstream token",
    );
    let body: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
    let at = |pointer: &str| body.pointer(pointer).cloned().unwrap_or_default();
    demand(at("/encryptMode") == 1, "encryptMode is forced to 1");
    demand(
        at("/length").as_i64().is_none_or(|length| length <= 120),
        "meetings last at most 120 minutes",
    );
    demand(
        at("/confConfigInfo/prolongLength") == 0,
        "meetings are not prolonged beyond their length",
    );
    demand(
        at("/confConfigInfo/enableWaitingRoom") == true,
        "the waiting room is on",
    );
    demand(
        !matches!(at("/recordType").as_i64(), Some(2 | 3)) || at("/recordAuthType") != 0,
        "recordings are not for everybody",
    );
    demand(
        body.get("conferenceType").is_none(),
        "members that the API does not document do not go upstream",
    );
    faults
}
