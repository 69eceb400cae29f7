//! Gets a key set over HTTP: one GET without credentials, no redirects, a bounded answer.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::ACCEPT;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::key_set::MOST_BYTES;
use super::remote_keys::KeyTransport;
use crate::config::jwt::KeyUrl;
use crate::runtime::content_coding::Coding;
use crate::runtime::http_client::{self, HttpClient, Pooling};

/// Long before the issuer's server would close it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// Asks one URL.
#[derive(Debug, Clone)]
pub(super) struct KeysOverHttp {
    client: HttpClient,
    url: Uri,
}

impl KeysOverHttp {
    /// Fails where the certificates to trust cannot be read.
    pub(super) fn new(settings: &KeyUrl) -> io::Result<Self> {
        let pooling = Pooling {
            connect_timeout: super::remote_keys::FETCH_TIMEOUT,
            idle_timeout: IDLE_TIMEOUT,
            idle_connections: 1,
            http2: true,
        };
        Ok(Self {
            client: http_client::client(pooling, settings.ca_file.as_deref())?,
            url: settings.url.clone(),
        })
    }

    async fn get(self) -> Result<Bytes, String> {
        let request = Request::get(self.url)
            .header(ACCEPT, "application/jwk-set+json, application/json")
            .body(http_client::whole(Bytes::new()))
            .map_err(|fault| fault.to_string())?;
        let answer = self.client.request(request).await;
        // The text names hosts and system errors.
        let (head, body) = answer.map_err(|fault| fault.to_string())?.into_parts();
        // A redirect is none of ours to follow: it could lead anywhere.
        if head.status != StatusCode::OK {
            return Err(format!("the answer was {}", head.status.as_u16()));
        }
        let body = Limited::new(body, MOST_BYTES).collect().await;
        let body = body.map_err(|fault| {
            let too_large = fault.is::<LengthLimitError>();
            if too_large {
                "the answer is too large"
            } else {
                "the answer broke off"
            }
            .to_owned()
        })?;
        let coding = Coding::of(&head.headers);
        let decoded = coding.and_then(|coding| match coding {
            Some(coding) => coding.decode(&body.to_bytes(), MOST_BYTES),
            None => Ok(body.to_bytes()),
        });
        decoded.map_err(|_| "the answer cannot be decompressed".to_owned())
    }
}

impl KeyTransport for KeysOverHttp {
    fn fetch(&self) -> BoxFuture<'static, Result<Bytes, String>> {
        Box::pin(self.clone().get())
    }
}
