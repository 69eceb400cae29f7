//! Sign-ins at the gateway with markers in them, and what the tokens that come of them are shown in.

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::outlet::Outlet;
use super::talk::{Talk, status, wire};

const APP_AUTH: &str = "/v2/usg/acs/auth/appauth";

impl Talk<'_> {
    /// A sign-in that succeeds, and what is done with its tokens; then some that fail.
    pub(super) async fn sign_ins(&self) {
        let mark = |what: &str| self.markers.text(&format!("sign-in/{what}"));
        let (user, corp) = (mark("userId") + "@corp", mark("corpId"));
        let nonce = mark("nonce") + "0123456789abcdef01234567";
        let good = self
            .sign_in(&user, &corp, &nonce, &self.credentials.app_key)
            .await;
        let tokens: Value = serde_json::from_str(&good).unwrap_or_else(|_| panic!("{good}"));
        for name in ["accessToken", "refreshToken"] {
            let token = tokens[name].as_str().unwrap();
            self.markers.made(&format!("gateway token/{name}"), token);
            let end = &token[token.len() - 24..];
            self.markers
                .made(&format!("gateway token/{name}, its end"), end);
        }
        let (access, refresh) = (
            tokens["accessToken"].as_str().unwrap(),
            tokens["refreshToken"].as_str().unwrap(),
        );
        let validate = json!({"token": access, "needAccountInfo": true}).to_string();
        let unknown = json!({"token": mark("token to validate"), "password": mark("member that is not known")}).to_string();
        for (method, target, token, body) in [
            ("GET", "/v1/mmc/management/conferences", access, ""),
            ("POST", "/v1/usg/acs/token/validate", access, &*validate),
            ("POST", "/v1/usg/acs/token/validate", access, &*unknown),
            ("PUT", "/v1/usg/acs/token", refresh, ""),
            ("DELETE", "/v1/usg/acs/token", access, ""),
            ("GET", "/v1/mmc/management/conferences", access, ""),
        ] {
            let headers = [
                ("x-access-token", token),
                ("content-type", "application/json"),
            ];
            let answer = super::process::exchange(
                self.process.plain,
                &wire(method, target, &headers, body.as_bytes()),
            )
            .await;
            // New tokens are in the answer to whoever asks for them, and nowhere else.
            let outlet = if method == "PUT" {
                Outlet::Wide
            } else {
                Outlet::Narrow
            };
            self.departed.note(outlet, answer);
        }
        self.refused_upstream().await;
        let wrong_key = mark("app key that is wrong");
        let wrong = self
            .sign_in(
                &(mark("userId of a wrong one")),
                "",
                &(mark("nonce of a wrong one") + &"0".repeat(32)),
                &wrong_key,
            )
            .await;
        assert!(wrong.contains("MGW.401"), "{wrong}");
        for body in [
            json!({"appId": mark("unknown appId"), "clientType": 72, "expireTime": 1, "nonce": mark("nonce that is too short")}).to_string(),
            json!({"appId": {"x": mark("appId that is none")}, "nonce": [mark("nonce that is none")]}).to_string(),
            format!("{{\"appId\":\"{}", mark("cut")),
        ] {
            let headers = [("authorization", &*format!("HMAC-SHA256 signature={}", mark("signature that is none"))), ("content-type", "application/json")];
            let answer = super::process::exchange(self.process.plain, &wire("POST", APP_AUTH, &headers, body.as_bytes())).await;
            assert!(matches!(status(&answer), 400 | 401), "{}", String::from_utf8_lossy(&answer));
            self.departed.note(Outlet::Narrow, answer);
        }
    }

    /// The upstream does not let the user in, and says more than it should.
    async fn refused_upstream(&self) {
        let mark = |what: &str| self.markers.text(&format!("upstream sign-in/{what}"));
        let user = self.markers.text("sign-in/userId of one who is not let in");
        let nonce = self.markers.text("sign-in/nonce of one who is not let in") + &"0".repeat(32);
        let told = self
            .sign_in(&user, "", &nonce, &self.credentials.app_key)
            .await;
        let tokens: Value = serde_json::from_str(&told).unwrap();
        let token = tokens["accessToken"].as_str().unwrap();
        for body in [
            json!({"error_code": mark("error_code") + " x", "error_msg": mark("error_msg"), "accessToken": mark("accessToken")}).to_string(),
            format!("<html>{}", mark("page")),
        ] {
            let response = http::Response::builder().status(401).header("x-request-id", mark("header x-request-id"));
            self.service.next_sign_in(response.body(body.into()).unwrap());
        }
        let request = wire(
            "GET",
            "/v1/mmc/management/conferences",
            &[("x-access-token", token)],
            b"",
        );
        for _ in 0..2 {
            let answer = super::process::exchange(self.process.plain, &request).await;
            assert_eq!(status(&answer), 503);
            self.departed.note(Outlet::Narrow, answer);
        }
        self.service.forget();
    }

    /// Signs in; gives the body of the answer, whose good tokens are its caller's alone.
    async fn sign_in(&self, user: &str, corp: &str, nonce: &str, key: &str) -> String {
        let time = super::now() + 300;
        let signed = match corp {
            "" => format!("signer:{user}:{time}:{nonce}"),
            corp => format!("signer:{corp}:{user}:{time}:{nonce}"),
        };
        let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
        let signature = HEXLOWER.encode(&mac.chain_update(signed).finalize().into_bytes());
        self.markers.made("sign-in/signature", &signature);
        let mut body = json!({"appId": "signer", "clientType": 72, "expireTime": time, "nonce": nonce, "userId": user});
        if !corp.is_empty() {
            body["corpId"] = corp.into();
        }
        let authorization = format!(
            "HMAC-SHA256 signature={signature},access={}",
            BASE64.encode(b"signer")
        );
        let headers = [
            ("authorization", &*authorization),
            ("content-type", "application/json"),
        ];
        let request = wire("POST", APP_AUTH, &headers, body.to_string().as_bytes());
        let answer = super::process::exchange(self.process.plain, &request).await;
        if status(&answer) != 200 {
            self.departed.note(Outlet::Narrow, answer.clone());
        }
        let text = String::from_utf8(answer).unwrap();
        text.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}
