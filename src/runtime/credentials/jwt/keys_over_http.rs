//! Gets a key set over HTTP: one GET without credentials, no redirects, a bounded answer.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::ACCEPT;
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::key_set::MOST_BYTES;
use super::remote_keys::KeyTransport;
use crate::config::jwt::KeyUrl;
use crate::runtime::content_coding::Coding;
use crate::runtime::http_client::{self, HttpClient, Pooling};
use crate::runtime::telemetry::own_requests::{OwnRequest, OwnRequests, Wanted};

/// Long before the issuer's server would close it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

const KEY_SETS: HeaderValue =
    HeaderValue::from_static("application/jwk-set+json, application/json");

/// Asks one URL.
#[derive(Debug, Clone)]
pub(super) struct KeysOverHttp {
    client: HttpClient,
    url: Uri,
    own_requests: OwnRequests,
}

impl KeysOverHttp {
    /// `own_requests` tells of what is asked. Fails where the certificates to trust cannot be read.
    pub(super) fn new(settings: &KeyUrl, own_requests: OwnRequests) -> io::Result<Self> {
        let pooling = Pooling {
            connect_timeout: super::remote_keys::FETCH_TIMEOUT,
            idle_timeout: IDLE_TIMEOUT,
            idle_connections: 1,
            http2: true,
        };
        Ok(Self {
            client: http_client::client(pooling, settings.ca_file.as_deref())?,
            url: settings.url.clone(),
            own_requests,
        })
    }

    async fn get(self) -> Result<Bytes, String> {
        let wanted = Wanted::by_nobody();
        let url = self.url.clone();
        let mut told = self.own_requests.begin(&Method::GET, url, None, wanted);
        match self.answer(&mut told).await {
            Ok(keys) => {
                told.answered();
                Ok(keys)
            }
            Err((fault, error_type)) => {
                told.failed(error_type);
                Err(fault)
            }
        }
    }

    /// The answer, or what is wrong and in one word.
    async fn answer(&self, told: &mut OwnRequest) -> Result<Bytes, (String, &'static str)> {
        let mut request = Request::new(http_client::whole(Bytes::new()));
        *request.uri_mut() = self.url.clone();
        let headers = request.headers_mut();
        headers.insert(ACCEPT, KEY_SETS);
        // Whose trace this is does not concern the issuer: it is another organisation's, often.
        let answer = self.client.request(request).await.map_err(|fault| {
            let error_type = if fault.is_connect() {
                "connect"
            } else {
                "connection_lost"
            };
            // The text names hosts and system errors.
            (fault.to_string(), error_type)
        })?;
        told.head(&answer, http_client::peer(answer.extensions()));
        let (head, body) = answer.into_parts();
        // A redirect is none of ours to follow: it could lead anywhere.
        if head.status != StatusCode::OK {
            let what = format!("the answer was {}", head.status.as_u16());
            return Err((what, "invalid_answer"));
        }
        let body = Limited::new(body, MOST_BYTES).collect().await;
        let body = body.map_err(|fault| {
            if fault.is::<LengthLimitError>() {
                ("the answer is too large".to_owned(), "invalid_answer")
            } else {
                ("the answer broke off".to_owned(), "connection_lost")
            }
        })?;
        let coding = Coding::of(&head.headers);
        let decoded = coding.and_then(|coding| match coding {
            Some(coding) => coding.decode(&body.to_bytes(), MOST_BYTES),
            None => Ok(body.to_bytes()),
        });
        let unreadable = "the answer cannot be decompressed";
        decoded.map_err(|_| (unreadable.to_owned(), "invalid_answer"))
    }
}

impl KeyTransport for KeysOverHttp {
    fn fetch(&self) -> BoxFuture<'static, Result<Bytes, String>> {
        Box::pin(self.clone().get())
    }
}
