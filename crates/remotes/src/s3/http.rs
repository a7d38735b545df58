//! How requests leave: one client with our limits, which counts, and which lets nothing of an
//! unfriendly answer through but its status and S3's own word for it (threats 13, 65).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use reqwest::NoProxy;
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt;

use super::answers::Refusal;
use crate::counts::{Counter, Request};
use crate::{Cause, Environment, RemoteError, TransportFault};

/// Longest answer to a listing: 1,000 keys of 1,024 characters, each escaped.
const MAX_LISTING: usize = 16 << 20;
/// Longest error that is looked into.
const MAX_ERROR: usize = 64 << 10;
/// Longest time for one request.
const REQUEST: Duration = Duration::from_secs(15 * 60);
/// Longest silence within a request.
const SILENCE: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(10);
/// Where a machine in the cloud asks for its own credentials (link-local).
const MACHINE_ITSELF: &str = "169.254.";
/// A machine that is in no cloud does not answer there at all.
const MACHINE_ANSWERS: Duration = Duration::from_secs(2);

/// Repeats what failed for a passing reason.
pub(super) fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            base: 2.,
        },
        max_retries: 4,
        retry_timeout: Duration::from_secs(60),
    }
}

/// Gives the store its client.
#[derive(Debug)]
pub(super) struct Connector(Carrier);

impl Connector {
    pub fn new(environment: &Environment, counter: Arc<Counter>) -> Result<Self, RemoteError> {
        // Put together here, so that no default of the whole process has to be set.
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|it| it.with_platform_verifier())
            .map_err(|_| unusable("certificates of this machine"))?
            .with_no_client_auth();
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .timeout(REQUEST)
            .user_agent("sealfold")
            .no_proxy();
        let set = |names: [&str; 2]| names.into_iter().find_map(|name| environment.text(name));
        if let Some(proxy) = set(["https_proxy", "HTTPS_PROXY"]) {
            let proxy = reqwest::Proxy::https(proxy).map_err(|_| unusable("proxy's address"))?;
            let except = set(["no_proxy", "NO_PROXY"]).and_then(NoProxy::from_string);
            builder = builder.proxy(proxy.no_proxy(except));
        }
        let client = builder.build().map_err(|_| unusable("HTTP set-up"))?;
        Ok(Self(Carrier { client, counter }))
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

/// Carries one request.
#[derive(Clone, Debug)]
struct Carrier {
    client: reqwest::Client,
    counter: Arc<Counter>,
}

#[async_trait]
impl HttpService for Carrier {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let host = request.uri().host().unwrap_or_default();
        if host.starts_with(MACHINE_ITSELF) {
            return match tokio::time::timeout(MACHINE_ANSWERS, self.client.call(request)).await {
                Ok(Ok(answer)) if answer.status().is_success() => Ok(answer),
                _ => Err(refusal(
                    HttpErrorKind::Unknown,
                    Refusal::NoMachineCredentials,
                )),
            };
        }
        let query = request.uri().query().unwrap_or_default();
        let is_listing = query.split('&').any(|it| it == "list-type=2");
        match request.method().as_str() {
            "GET" if is_listing => self.counter.count(Request::Listing),
            "GET" | "HEAD" => self.counter.count(Request::Get),
            "PUT" => self.counter.count(Request::Put),
            // Asking for credentials.
            _ => {}
        }
        let answer = self.client.call(request).await.map_err(broken)?;
        let status = answer.status().as_u16();
        let (parts, body) = answer.into_parts();
        match status {
            200..300 if is_listing => {
                let bytes = read(body.bytes_stream(), MAX_LISTING).await?;
                let limit = MAX_LISTING as u64;
                let too_large = || refusal(HttpErrorKind::Unknown, Refusal::TooLarge { limit });
                let bytes = bytes.ok_or_else(too_large)?;
                Ok(HttpResponse::from_parts(parts, bytes.into()))
            }
            200..300 => Ok(HttpResponse::from_parts(parts, body)),
            // "Already there", in the words of several servers.
            304 | 409 | 412 => Ok(HttpResponse::from_parts(parts, Vec::new().into())),
            _ => {
                let bytes = read(body.bytes_stream(), MAX_ERROR).await;
                let bytes = bytes.ok().flatten().unwrap_or_default();
                let kind = match status {
                    408 | 429 | 500..600 => HttpErrorKind::Request,
                    _ => HttpErrorKind::Unknown,
                };
                Err(refusal(kind, Refusal::status(status, &bytes)))
            }
        }
    }
}

/// Reads a body; none where it is longer than `limit`.
async fn read<B: AsRef<[u8]>>(
    mut chunks: impl futures_util::Stream<Item = Result<B, HttpError>> + Unpin,
    limit: usize,
) -> Result<Option<Vec<u8>>, HttpError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(broken)?;
        if bytes.len() + chunk.as_ref().len() > limit {
            return Ok(None);
        }
        bytes.extend_from_slice(chunk.as_ref());
    }
    Ok(Some(bytes))
}

fn refusal(kind: HttpErrorKind, refusal: Refusal) -> HttpError {
    HttpError::new(kind, refusal)
}

/// The same error with only what may be shown.
fn broken(error: HttpError) -> HttpError {
    let fault = match error.kind() {
        HttpErrorKind::Connect => TransportFault::Connect,
        HttpErrorKind::Timeout => TransportFault::TimedOut,
        HttpErrorKind::Interrupted | HttpErrorKind::Request => TransportFault::Interrupted,
        _ => TransportFault::Other,
    };
    HttpError::new(error.kind(), Refusal::broken(fault, &error))
}

fn unusable(what: &'static str) -> RemoteError {
    RemoteError::Malformed {
        source: Cause::Format { what },
    }
}
