//! Masks in answers what the caller has no scope for: credentials (`secrets`), above all passwords and join links, which open
//! a meeting from any network without this gateway; and personal data (`personal_data`). Which members these are is said in
//! [`sensitive`] alone; a caller without any scope sees least. What looks like a token in an error is masked for whoever may not
//! see secrets. An answer that is not JSON after all becomes a 502.
//!
//! It wraps the upstream side, so it sees an answer before anything else does. That is why the answer is held against the
//! request here, too: where the upstream did something else than it was asked for, the record gets findings that warn.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::StatusCode;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::contract::answer_check::Asked;
use crate::model::json_walk::Watch;
use crate::model::mask::{self, Part};
use crate::model::principal::Caller;
use crate::model::record::Record;
use crate::model::refusal::{Aftermath, Refusal};
use crate::model::sensitive::{self, Sensitivity};
use crate::model::stage::Stage;
use crate::stages::decode::Call;
use crate::stages::forward::{Answer, AnswerBody};
use crate::stages::relay::Relay;

/// Redacts answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct RedactLayer;

impl<S> Layer<S> for RedactLayer {
    type Service = Redact<S>;

    fn layer(&self, inner: S) -> Redact<S> {
        Redact { inner }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Redact<S> {
    inner: S,
}

impl<S> Service<Call> for Redact<S>
where
    S: Service<Call, Response = Answer, Error = Refusal>,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = Redacting<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let sees = Sees::of(&call.principal.caller);
        let record = call.record.clone();
        let body = call.snapshot.contract.body(call.operation);
        let compared = body.filter(|_| call.snapshot.requests.compare_answers);
        let asked = compared.and_then(|body| Asked::of(&call.document, body));
        Redacting {
            aftermath: Aftermath::of(&call.operation.method),
            inner: self.inner.call(call),
            record,
            asked,
            sees,
        }
    }
}

impl<S> Service<Relay> for Redact<S>
where
    S: Service<Relay, Response = Answer, Error = Refusal>,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = Redacting<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, relay: Relay) -> Self::Future {
        Redacting {
            record: relay.record.clone(),
            asked: None,
            sees: Sees::of(&relay.principal.caller),
            aftermath: Aftermath::of(&relay.operation.method),
            inner: self.inner.call(relay),
        }
    }
}

pin_project! {
    /// The upstream's answer, redacted when it comes.
    #[derive(Debug)]
    pub struct Redacting<F> {
        #[pin]
        inner: F,
        record: Record,
        asked: Option<Asked>,
        sees: Sees,
        aftermath: Aftermath,
    }
}

impl<F> Future for Redacting<F>
where
    F: Future<Output = Result<Answer, Refusal>>,
{
    type Output = Result<Answer, Refusal>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.inner.poll(cx))?;
        this.record.enter(Stage::Redact);
        let asked = this.asked.take();
        let asked = asked.filter(|_| answer.status == StatusCode::OK);
        let Some((asked, body)) = asked.zip(answer.body.whole().cloned()) else {
            return Poll::Ready(redacted(answer, *this.sees, *this.aftermath, &mut ()));
        };
        let mut told = asked.told();
        let answer = redacted(answer, *this.sees, *this.aftermath, &mut told)?;
        let findings = told.findings(std::str::from_utf8(&body).unwrap_or_default());
        if !findings.is_empty() {
            this.record.journal().findings.extend(findings);
        }
        Poll::Ready(Ok(answer))
    }
}

/// What a caller may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sees {
    secrets: bool,
    personal_data: bool,
}

impl Sees {
    fn of(caller: &Caller) -> Self {
        Self {
            secrets: caller.scopes.show_secrets(),
            personal_data: caller.scopes.show_personal_data(),
        }
    }

    const fn everything(self) -> bool {
        self.secrets && self.personal_data
    }

    fn hides(self, name: &str, part: Part) -> bool {
        let sensitivity = match part {
            Part::Whole => sensitive::of_member(name),
            Part::Listed => sensitive::of_listed(name),
        };
        match sensitivity {
            Sensitivity::Public => false,
            Sensitivity::Personal => !self.personal_data,
            Sensitivity::OpensMeeting | Sensitivity::Credential => !self.secrets,
        }
    }
}

/// An answer to a question that changes nothing, as a caller may see it.
///
/// # Errors
///
/// It is not JSON after all.
pub fn for_caller(answer: Answer, caller: &Caller) -> Result<Answer, Refusal> {
    redacted(answer, Sees::of(caller), Aftermath::Unchanged, &mut ())
}

/// The same, while somebody looks on who wants to know what it tells; they see nothing of a file, or of what is empty.
fn redacted(
    mut answer: Answer,
    sees: Sees,
    aftermath: Aftermath,
    other: &mut impl Watch,
) -> Result<Answer, Refusal> {
    let is_error = answer.status.is_client_error() || answer.status.is_server_error();
    // A file has no members; only relayed operations answer with one.
    let AnswerBody::Whole(body) = &mut answer.body else {
        return Ok(answer);
    };
    if body.is_empty() {
        return Ok(answer);
    }
    let not_json = |_| Refusal::UpstreamAnswerInvalid {
        what: "it is not JSON",
        aftermath,
    };
    if sees.everything() {
        mask::json_watched(body, other).map_err(not_json)?;
    } else {
        let hides = |name: &str, part| sees.hides(name, part);
        let (masked, count) =
            mask::members_watched(std::mem::take(body), hides, other).map_err(not_json)?;
        *body = masked;
        let quotes = !sees.secrets && is_error && without_quoted_tokens(body);
        if count > 0 || quotes {
            answer.drop_validators();
        }
    }
    Ok(answer)
}

/// Masks what looks like a token in the words of an error, which may quote what was sent; says whether there was any. JSON stays JSON.
fn without_quoted_tokens(body: &mut Bytes) -> bool {
    // It is UTF-8: it is JSON.
    let text = std::str::from_utf8(body).unwrap_or_default();
    let Cow::Owned(masked) = sensitive::without_tokens(text) else {
        return false;
    };
    let differs = masked != text;
    *body = masked.into();
    differs
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Sees = Sees {
        secrets: false,
        personal_data: false,
    };
    const SECRETS: Sees = Sees {
        secrets: true,
        ..NOTHING
    };
    const PERSONAL_DATA: Sees = Sees {
        personal_data: true,
        ..NOTHING
    };
    const EVERYTHING: Sees = Sees {
        secrets: true,
        personal_data: true,
    };

    fn redacted_for(answer: Answer, sees: Sees) -> Result<Answer, Refusal> {
        redacted(answer, sees, Aftermath::MayBeDone, &mut ())
    }

    fn answer(body: &str) -> Answer {
        let mut answer = Answer::own(StatusCode::OK, body.to_owned().into());
        for name in ["etag", "content-digest", "x-kept"] {
            answer.headers.insert(name, "x".parse().unwrap());
        }
        answer
    }

    #[test]
    fn each_scope_lets_its_own_through() {
        let body = r#"[{"guestJoinUri":"https://x/#/j/1/abc","subject":"s","scheduserName":"Ann","liveAddress":7}]"#;
        for (sees, expected, headers) in [
            (
                NOTHING,
                r#"[{"guestJoinUri":"***","subject":"s","scheduserName":"***","liveAddress":"***"}]"#,
                1,
            ),
            (
                SECRETS,
                r#"[{"guestJoinUri":"https://x/#/j/1/abc","subject":"s","scheduserName":"***","liveAddress":7}]"#,
                1,
            ),
            (
                PERSONAL_DATA,
                r#"[{"guestJoinUri":"***","subject":"s","scheduserName":"Ann","liveAddress":"***"}]"#,
                1,
            ),
            (EVERYTHING, body, 3),
        ] {
            let answer = redacted_for(answer(body), sees).unwrap();
            assert_eq!(answer.body.whole().unwrap(), expected);
            assert_eq!(
                answer.headers.len(),
                headers,
                "a body that was changed has another digest"
            );
        }
        let public = r#"{"subject":"s"}"#;
        assert_eq!(
            redacted_for(answer(public), NOTHING).unwrap().headers.len(),
            3
        );
    }

    /// Documented answers, and what of them is left for a caller without any scope.
    #[test]
    fn every_documented_answer_is_covered() {
        #[rustfmt::skip]
        let cases = [
            ("a list of meetings",
                r#"{"count":1,"data":[{"conferenceID":"1","passwordEntry":[{"conferenceRole":"chair","password":"1"}],"userUUID":"u"}]}"#,
                r#"{"count":1,"data":[{"conferenceID":"1","passwordEntry":[{"conferenceRole":"chair","password":"***"}],"userUUID":"***"}]}"#),
            ("the detail of a meeting",
                r#"{"conferenceData":{"partAttendeeInfo":[{"name":"Ann","phone":"+1","role":1}],"confConfigInfo":{"guestPwd":"4711"}},"data":{"data":[{"participantID":"p","name":"Bob","email":"","state":"MEETTING"}]}}"#,
                r#"{"conferenceData":{"partAttendeeInfo":[{"name":"***","phone":"***","role":1}],"confConfigInfo":{"guestPwd":"***"}},"data":{"data":[{"participantID":"***","name":"***","email":"","state":"MEETTING"}]}}"#),
            ("attendance records",
                r#"{"data":[{"displayName":"Ann","callNumber":"+1","deviceType":"pc","deptName":"d"}]}"#,
                r#"{"data":[{"displayName":"***","callNumber":"***","deviceType":"pc","deptName":"***"}]}"#),
            ("control records",
                r#"{"data":[{"operator":"Ann","operateCode":1,"operationObject":"Bob","detail":"x"}]}"#,
                r#"{"data":[{"operator":"***","operateCode":1,"operationObject":"***","detail":"***"}]}"#),
            ("a webinar",
                r#"{"conferenceId":"1","guestPasswd":"1","audiencePasswd":"2","chairJoinUri":"u","audienceJoinUri":"u","scheduserId":"s"}"#,
                r#"{"conferenceId":"1","guestPasswd":"***","audiencePasswd":"***","chairJoinUri":"***","audienceJoinUri":"***","scheduserId":"***"}"#),
            ("rooms",
                r#"{"data":[{"vmrId":"7","gustPwd":"1","chairPwd":"2","gustJoinUrl":"u","chairJoinUrl":"u"}]}"#,
                r#"{"data":[{"vmrId":"7","gustPwd":"***","chairPwd":"***","gustJoinUrl":"***","chairJoinUrl":"***"}]}"#),
            ("a token and its user",
                r#"{"accessToken":"cnr","validPeriod":5,"refreshToken":"r","user":{"userId":"u","numberHA1":"h","adminType":2}}"#,
                r#"{"accessToken":"***","validPeriod":5,"refreshToken":"***","user":{"userId":"***","numberHA1":"***","adminType":2}}"#),
            ("an application", r#"{"app_id":"a","app_key":"k"}"#, r#"{"app_id":"a","app_key":"***"}"#),
            ("a webhook", r#"{"subscriberId":"s","subscriberKey":"k"}"#, r#"{"subscriberId":"***","subscriberKey":"***"}"#),
            ("downloads", r#"{"recordUrls":[{"urls":[{"token":"t","url":"u"}]}]}"#, r#"{"recordUrls":[{"urls":[{"token":"***","url":"***"}]}]}"#),
            ("recordings", r#"{"data":[{"uuid":"r","url":["u","v"]}]}"#, r#"{"data":[{"uuid":"r","url":["***","***"]}]}"#),
            ("a layout",
                r#"{"picDisplay":{"subscriberInPics":[{"index":1,"id":["+99111","+99222"],"share":0}],"picLayoutInfo":{"subPicLayoutInfoList":[{"id":1}]}}}"#,
                r#"{"picDisplay":{"subscriberInPics":[{"index":1,"id":["***","***"],"share":0}],"picLayoutInfo":{"subPicLayoutInfoList":[{"id":1}]}}}"#),
            ("guests of a webinar", r#"{"attendees":["Ann"],"panel":{"attendees":[{"name":"Bob","role":0}]}}"#, r#"{"attendees":["***"],"panel":{"attendees":[{"name":"***","role":0}]}}"#),
        ];
        for (name, body, expected) in cases {
            let nothing = redacted_for(answer(body), NOTHING).unwrap();
            assert_eq!(nothing.body.whole().unwrap(), expected, "{name}");
            let everything = redacted_for(answer(body), EVERYTHING).unwrap();
            assert_eq!(everything.body.whole().unwrap(), body, "{name}");
        }
    }

    #[test]
    fn an_error_quotes_no_token_to_those_who_may_not_see_one() {
        let told =
            r#"{"error_msg":"token cnr0123456789abcdef0123456789abcdef01 of Ann is no good"}"#;
        let masked = r#"{"error_msg":"token *** of Ann is no good"}"#;
        for (status, sees, expected, headers) in [
            (StatusCode::BAD_REQUEST, NOTHING, masked, 1),
            (StatusCode::BAD_GATEWAY, PERSONAL_DATA, masked, 1),
            (StatusCode::UNAUTHORIZED, SECRETS, told, 3),
            (StatusCode::OK, NOTHING, told, 3),
        ] {
            let mut answer = answer(told);
            answer.status = status;
            let answer = redacted_for(answer, sees).unwrap();
            assert_eq!(answer.body.whole().unwrap(), expected, "{status}");
            assert_eq!(answer.headers.len(), headers, "{status}");
        }
    }

    #[test]
    fn what_is_json_passes_to_everybody() {
        let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
        let bodies = [r#"{"a":"\ud800"}"#, r#"{"\udc00":1}"#, "[1e999]", &deep];
        for body in bodies {
            for sees in [EVERYTHING, SECRETS, PERSONAL_DATA, NOTHING] {
                let answer = redacted_for(answer(body), sees).unwrap();
                assert_eq!(answer.body.whole().unwrap(), body);
            }
        }
        for sees in [EVERYTHING, SECRETS, PERSONAL_DATA, NOTHING] {
            let mut binary = answer("");
            binary.body = Bytes::from_static(b"{\"a\":\"\xff\"}").into();
            assert!(redacted_for(binary, sees).is_err());
        }
    }

    #[test]
    fn an_answer_that_is_not_json_passes_to_nobody() {
        for sees in [EVERYTHING, SECRETS, PERSONAL_DATA, NOTHING] {
            let refused = redacted_for(answer("[{\"a\":"), sees);
            assert!(matches!(
                refused,
                Err(Refusal::UpstreamAnswerInvalid { .. })
            ));
            assert!(redacted_for(answer(""), sees).is_ok());
        }
    }
}
