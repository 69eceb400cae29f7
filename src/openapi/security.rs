//! How callers say who they are.

use serde_json::{Value, json};

use super::served::{Served, Treatment};
use crate::model::operation::TokenOperation;
use crate::runtime::snapshot::Snapshot;

/// `components.securitySchemes`: those that an operation asks for.
pub(super) fn schemes(snapshot: &Snapshot) -> Value {
    let signs_in = snapshot.sign_in.is_some();
    let what = match (signs_in, snapshot.authenticator.accepts_tokens()) {
        (false, false) => "an API key of the gateway's",
        (true, false) => "an API key of the gateway's, or a token that its sign-in gave",
        (false, true) => "an API key of the gateway's, or a JWT of an issuer that it trusts",
        (true, true) => {
            "an API key of the gateway's, a token that its sign-in gave, or a JWT of an issuer that it trusts"
        }
    };
    let mut schemes = json!({
        "apiKey": {
            "type": "apiKey", "in": "header", "name": "X-Api-Key",
            "description": format!("The credential: {what}. Exactly one header may carry it."),
        },
        "bearer": {
            "type": "http", "scheme": "bearer",
            "description": format!("The credential: {what}. Exactly one header may carry it."),
        },
    });
    if snapshot.upstream.pass_through {
        schemes["upstreamToken"] = json!({
            "type": "apiKey", "in": "header", "name": "X-Access-Token",
            "description": "The caller's own token of the meeting service, which is sent on.",
        });
    } else {
        schemes["accessToken"] = json!({
            "type": "apiKey", "in": "header", "name": "X-Access-Token",
            "description": format!("The credential, where clients of the meeting service put its token: {what}. Exactly one header may carry it."),
        });
    }
    if snapshot.authenticator.takes_certificates() {
        schemes["clientCertificate"] = json!({
            "type": "mutualTLS",
            "description": "A client certificate, one of whose names is the caller's. No header may carry another credential then.",
        });
    }
    if signs_in {
        schemes["gatewayToken"] = json!({
            "type": "apiKey", "in": "header", "name": "X-Access-Token",
            "description": "A token that the gateway's sign-in gave, of access or to refresh with.",
        });
        schemes["signature"] = json!({
            "type": "apiKey", "in": "header", "name": "Authorization",
            "description": "`HMAC-SHA256 signature=<64 hexadecimal digits>[,access=<base64 of the App ID>]`: the signature with the App Key, as the meeting service documents it, of `appId:userId:expireTime:nonce`, with `:corpId` behind the App ID where there is one.",
        });
    }
    schemes
}

/// `security` of an operation.
pub(super) fn of(served: &Served<'_>) -> Value {
    match served.treatment {
        Treatment::SignIn(TokenOperation::Create) => json!([{ "signature": [] }]),
        Treatment::SignIn(TokenOperation::Update | TokenOperation::Delete) => {
            json!([{ "gatewayToken": [] }])
        }
        // The token is in the body.
        Treatment::SignIn(TokenOperation::Validate) => json!([]),
        _ => {
            let certificates = served.snapshot.authenticator.takes_certificates();
            let certificate = certificates.then_some("clientCertificate");
            if served.snapshot.upstream.pass_through {
                let ours = ["apiKey", "bearer"].into_iter().chain(certificate);
                ours.map(|name| json!({ name: [], "upstreamToken": [] }))
                    .collect()
            } else {
                let ours = ["accessToken", "apiKey", "bearer"].into_iter();
                let ours = ours.chain(certificate);
                ours.map(|name| json!({ name: [] })).collect()
            }
        }
    }
}
