//! An HTTP response, read within limits: status, headers, body, and the error message in it.

use super::challenge::Challenge;
use super::retry;
use crate::error::{Error, Result};
use crate::model::{Digest, Redactor, Timestamp, clean_line};
use reqwest::Url;
use reqwest::header::{
    CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use serde_json::Value;
use std::rc::Rc;
use std::time::Duration;

/// The header with the digest of a manifest or blob (OCI distribution specification).
const DIGEST: &str = "docker-content-digest";
/// How much of the body of a failed request is read, in bytes.
const MAX_ERROR_BYTES: usize = 1 << 16;
/// How much of its message is quoted, in characters.
const MAX_QUOTE: usize = 200;

/// A response, its body read to the end.
pub(super) struct Response {
    /// The request, as messages name it: `GET ghcr.io/acme/shop:v1.4.0`.
    pub request: String,
    /// The HTTP status.
    pub status: u16,
    /// The URL that answered: after redirects, not the one of the request.
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    redactor: Rc<Redactor>,
}

impl Response {
    /// Reads the body, of a failed request only its beginning. `Ok(Err)`: the connection was lost.
    ///
    /// # Errors
    ///
    /// The body has more than `max_bytes` bytes (6).
    pub(super) async fn read(
        request: &str,
        mut response: reqwest::Response,
        max_bytes: usize,
        redactor: &Rc<Redactor>,
    ) -> Result<std::result::Result<Response, reqwest::Error>> {
        let status = response.status().as_u16();
        let url = response.url().clone();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        let is_success = (200..300).contains(&status);
        loop {
            match response.chunk().await {
                Ok(Some(_)) if !is_success && body.len() > MAX_ERROR_BYTES => break,
                Ok(Some(chunk)) if body.len() + chunk.len() > max_bytes => {
                    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
                    let size = announced.map_or("its length is not known".to_owned(), |announced| {
                        format!("it has {announced} bytes")
                    });
                    return Err(Error::unreachable(format!("{request}: the response is too large"))
                        .cause(format!("{size}; the limit is {max_bytes} bytes")));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Ok(Err(error)),
            }
        }
        let redactor = Rc::clone(redactor);
        Ok(Ok(Response { request: request.to_owned(), status, url, headers, body, redactor }))
    }

    fn header(&self, name: impl reqwest::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the same request may succeed later.
    pub(super) fn is_transient(&self) -> bool {
        matches!(self.status, 408 | 425 | 429) || (500..600).contains(&self.status)
    }

    /// Returns the `Location` of a redirect.
    pub(super) fn location(&self) -> Option<&str> {
        matches!(self.status, 301 | 302 | 303 | 307 | 308).then(|| self.header(LOCATION)).flatten()
    }

    /// Returns how long the registry asks to wait before the same request is sent again.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let date = self.header(DATE).and_then(Timestamp::parse_http);
        self.header(RETRY_AFTER).and_then(|value| retry::parse_retry_after(value, date))
    }

    pub(super) fn challenge(&self) -> Option<Challenge> {
        Challenge::parse(
            self.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok()),
        )
    }

    /// Returns the `Content-Type` without parameters, in lower case.
    pub(super) fn content_type(&self) -> Option<String> {
        let text = self.header(CONTENT_TYPE)?;
        Some(text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// Returns the digest that the registry says it sent or received; `None` if it does not say.
    ///
    /// # Errors
    ///
    /// The header is not a digest (6).
    pub(super) fn digest(&self) -> Result<Option<Digest>> {
        let Some(text) = self.header(DIGEST) else { return Ok(None) };
        match Digest::parse(text.trim()) {
            Some(digest) => Ok(Some(digest)),
            None => {
                Err(self.invalid(format!("Docker-Content-Digest is `{}`, not a digest", self.quote(text))))
            }
        }
    }

    /// Returns the error for a response that violates the protocol.
    pub(super) fn invalid(&self, why: impl Into<String>) -> Error {
        Error::unreachable(format!("{}: invalid response", self.request)).cause(why.into())
    }

    /// Returns the error for a failed request, with the message of the response.
    pub(super) fn failure(&self) -> Error {
        let error = Error::unreachable(format!("{}: HTTP status {}", self.request, self.status));
        match self.message() {
            Some(message) => error.cause(message),
            None => error,
        }
    }

    /// Returns the message of a failed request: of a registry (OCI distribution specification, error codes), of a token
    /// service (RFC 6749, section 5.2), or the plain text of the body.
    pub(super) fn message(&self) -> Option<String> {
        let json: Option<Value> = serde_json::from_slice(&self.body).ok();
        let message = json.as_ref().and_then(|json| registry_message(json).or_else(|| token_message(json)));
        let plain = || {
            let text = std::str::from_utf8(&self.body).ok()?.trim();
            let is_html = text.starts_with('<');
            (!is_html && !text.is_empty()).then(|| text.to_owned())
        };
        message.or_else(plain).map(|message| self.quote(&message))
    }

    /// Returns the beginning of a text, on one clean line. Secrets are redacted first: half of one is still a leak.
    fn quote(&self, text: &str) -> String {
        let line = clean_line(&self.redactor.redact(text));
        match line.char_indices().nth(MAX_QUOTE) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }
}

fn registry_message(json: &Value) -> Option<String> {
    let error = json.get("errors")?.get(0)?;
    let field = |key: &str| error.get(key).and_then(Value::as_str).map(str::to_owned);
    match (field("code"), field("message")) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (code, message) => code.or(message),
    }
}

fn token_message(json: &Value) -> Option<String> {
    let fields = ["error_description", "details", "error", "message"];
    fields.iter().find_map(|key| json.get(key).and_then(Value::as_str)).map(str::to_owned)
}
