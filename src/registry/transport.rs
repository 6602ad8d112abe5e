//! HTTP requests: sent, retried where that can help, redirected, counted. Knows nothing of images or authentication.

use super::endpoint;
use super::response::Response;
use super::retry::{Deadline, Retry};
use super::tls;
use crate::error::{Error, Result};
use crate::model::Redactor;
use crate::ui::Ui;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, Method, Url};
use std::cell::{Cell, OnceCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;
/// How long it may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Counts the requests of one operation.
#[derive(Debug, Default)]
pub(super) struct RequestCounter(Cell<u32>);

impl RequestCounter {
    pub(super) fn count(&self) -> u32 {
        self.0.get()
    }

    fn increment(&self) {
        self.0.set(self.0.get() + 1);
    }
}

/// A request.
pub(super) struct HttpRequest {
    /// What messages call it: `GET ghcr.io/acme/shop:v1.4.0`.
    pub label: String,
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Vec<u8>>,
    /// The size limit of the response's body.
    pub max_bytes: usize,
}

/// Why a request got no response.
pub(super) enum SendError {
    /// It may have arrived.
    Uncertain(Error),
    /// It certainly had no effect, or the deadline is over.
    Certain(Error),
}

impl SendError {
    pub(super) fn into_error(self) -> Error {
        match self {
            SendError::Uncertain(error) | SendError::Certain(error) => error,
        }
    }
}

/// Sends requests to one registry, to its token service and to where these redirect.
pub(super) struct HttpTransport<'w> {
    pub ui: &'w Ui,
    pub redactor: Rc<Redactor>,
    pub deadline: Deadline,
    /// A PEM file with additional root certificates.
    ca: Option<PathBuf>,
    http: OnceCell<Client>,
    https: OnceCell<Client>,
}

impl<'w> HttpTransport<'w> {
    pub(super) fn new(ui: &'w Ui, redactor: Rc<Redactor>, deadline: Deadline, ca: Option<PathBuf>) -> Self {
        HttpTransport { ui, redactor, deadline, ca, http: OnceCell::new(), https: OnceCell::new() }
    }

    /// Sends a request until it is answered: lost connections, 429 and 5xx are retried. A `PUT` is only retried after a
    /// 429; otherwise it comes back as `SendError::Uncertain`, or with its 5xx.
    pub(super) async fn send(
        &self,
        request: &HttpRequest,
        requests: &RequestCounter,
    ) -> std::result::Result<Response, SendError> {
        let mut retry = Retry::new(self.deadline);
        let repeatable = request.method != Method::PUT;
        loop {
            let (retry_after, error) = match self.send_once(request, requests).await {
                Ok(response) if !response.is_transient() || (!repeatable && response.status >= 500) => {
                    return Ok(response);
                }
                Ok(response) => (response.retry_after(), response.failure()),
                Err(SendError::Uncertain(error)) if repeatable => (None, error),
                Err(error) => return Err(error),
            };
            match retry.next_pause(retry_after, &request.label) {
                Ok(Some(pause)) => {
                    self.ui.detail(format!("{error}: retrying in {} ms", pause.as_millis()));
                    tokio::time::sleep(pause).await;
                }
                Ok(None) if self.deadline.left().is_zero() => {
                    return Err(SendError::Certain(
                        self.deadline.exceeded(&request.label).with_source(error),
                    ));
                }
                Ok(None) => return Err(SendError::Certain(error)),
                Err(too_late) => return Err(SendError::Certain(too_late.with_source(error))),
            }
        }
    }

    /// Sends a request once, and follows redirects. Credentials are not sent to another origin.
    async fn send_once(
        &self,
        request: &HttpRequest,
        requests: &RequestCounter,
    ) -> std::result::Result<Response, SendError> {
        let (mut url, mut headers) = (request.url.clone(), request.headers.clone());
        for _ in 0..=MAX_REDIRECTS {
            let response = self.exchange(request, &url, &headers, requests).await?;
            let reading = matches!(request.method, Method::GET | Method::HEAD);
            let Some(location) = response.location().filter(|_| reading) else { return Ok(response) };
            let next = redirect_target(&response, &url, location).map_err(SendError::Certain)?;
            if next.origin() != url.origin() {
                headers.remove(AUTHORIZATION);
            }
            url = next;
        }
        let error = Error::unreachable(format!("{}: too many redirects", request.label));
        Err(SendError::Certain(error.cause(format!("the limit is {MAX_REDIRECTS}"))))
    }

    /// Sends a request to a URL and reads the response.
    async fn exchange(
        &self,
        request: &HttpRequest,
        url: &Url,
        headers: &HeaderMap,
        requests: &RequestCounter,
    ) -> std::result::Result<Response, SendError> {
        let timeout = self.deadline.request_timeout();
        if timeout.is_zero() {
            return Err(SendError::Certain(self.deadline.exceeded(&request.label)));
        }
        let client = self.client(url).map_err(SendError::Certain)?;
        let mut builder =
            client.request(request.method.clone(), url.clone()).headers(headers.clone()).timeout(timeout);
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        requests.increment();
        let start = Instant::now();
        let result = match builder.send().await {
            Ok(response) => Response::read(&request.label, response, request.max_bytes, &self.redactor)
                .await
                .map_err(SendError::Certain)?,
            Err(error) => Err(error),
        };
        let ms = start.elapsed().as_millis();
        // No query: that of a redirect may be a signature, and that of a token service contains the account.
        let target = format!("{}{}", url.host_str().unwrap_or_default(), url.path());
        let status = result.as_ref().map_or("no response".to_owned(), |response| response.status.to_string());
        self.ui.detail(self.redactor.redact(&format!("{} {target} → {status} ({ms} ms)", request.method)));
        result.map_err(|error| self.send_error(request, url, error))
    }

    /// Classifies an error of the connection.
    fn send_error(&self, request: &HttpRequest, url: &Url, error: reqwest::Error) -> SendError {
        let host = url.host_str().unwrap_or_default();
        let host = url.port().map_or(host.to_owned(), |port| format!("{host}:{port}"));
        let (is_connect, is_timeout) = (error.is_connect(), error.is_timeout());
        if is_timeout && self.deadline.left().is_zero() {
            return SendError::Uncertain(self.deadline.exceeded(&request.label));
        }
        let error = error.without_url();
        let what = match (is_connect, is_timeout) {
            (_, true) => format!("{host} did not answer"),
            (true, _) => format!("{host} cannot be reached"),
            _ => format!("the connection to {host} was lost"),
        };
        // The first request to a registry is called by its host alone.
        let message = if request.label == host { what } else { format!("{}: {what}", request.label) };
        let reported = causes(&error).into_iter().fold(Error::unreachable(message), Error::cause);
        if tls::is_certificate_error(&error) {
            let table = format!("[registry.\"{host}\"] ca = \"roots.pem\"");
            return SendError::Certain(
                reported
                    .hint(format!("to trust another root certificate: set {table}, or set SSL_CERT_FILE")),
            );
        }
        SendError::Uncertain(reported)
    }

    /// Returns the client for a URL. That for http loads no root certificates, which would take milliseconds.
    fn client(&self, url: &Url) -> Result<&Client> {
        let is_https = url.scheme() == "https";
        let slot = if is_https { &self.https } else { &self.http };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        // Fails if a provider is installed already, which is this one then.
        drop(rustls::crypto::ring::default_provider().install_default());
        let builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .user_agent(concat!("rel/", env!("CARGO_PKG_VERSION")));
        let builder = if endpoint::is_loopback(url) { builder.no_proxy() } else { builder };
        let builder = match (&self.ca, is_https) {
            (_, false) => builder.tls_certs_only([]),
            (None, true) => builder,
            (Some(ca), true) => builder.tls_certs_merge(tls::load_roots(ca)?),
        };
        let client = builder.build().map_err(|error| {
            let reported = Error::unreachable("the HTTPS client cannot be set up");
            causes(&error)
                .into_iter()
                .fold(reported, Error::cause)
                .hint("install ca-certificates, or set SSL_CERT_FILE to a file with root certificates")
        })?;
        Ok(slot.get_or_init(|| client))
    }
}

/// Returns the URL of a redirect. Refuses one from https to http, or to this machine from elsewhere.
fn redirect_target(response: &Response, url: &Url, location: &str) -> Result<Url> {
    let next = url.join(location).map_err(|_| response.invalid("the URL of its redirect is invalid"))?;
    let secure = next.scheme() == "https" || (next.scheme() == "http" && url.scheme() == "http");
    if !secure || (endpoint::is_loopback(&next) && !endpoint::is_loopback(url)) {
        let host = next.host_str().unwrap_or_default();
        return Err(response.invalid(format!("a redirect to {}://{host} is not followed", next.scheme())));
    }
    Ok(next)
}

/// Returns the messages below an error, outermost first, without repetition.
fn causes(error: &reqwest::Error) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        if !messages.iter().any(|other| other.contains(&text)) {
            messages.push(text);
        }
        next = cause.source();
    }
    messages
}

/// Returns a header value that is a secret.
pub(super) fn secret_header(text: &str) -> Result<HeaderValue> {
    // The error does not quote the value: it is the secret.
    let value = HeaderValue::from_str(text);
    let mut value = value
        .map_err(|_| Error::refused("the credentials contain characters that are not allowed in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}
