//! What came back, read within bounds: status, headers, body, and the sentence that a refusal carries. Leans on `model`.

use super::challenge::Challenge;
use super::patience;
use super::secret::Mask;
use crate::error::{Error, Result};
use crate::model::{Digest, clean_line};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::Value;
use std::rc::Rc;
use std::time::Duration;

/// The header that says what a registry believes it gave.
const DIGEST: &str = "docker-content-digest";
/// How much of a refusal is read, in bytes.
const REFUSAL: usize = 1 << 16;
/// How much of it is quoted, in characters.
const QUOTED: usize = 200;

/// An answer, its body read to the end.
pub(super) struct Answer {
    /// The request, as messages name it: `GET ghcr.io/acme/shop:v1.4.0`.
    pub request: String,
    /// The HTTP status.
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    mask: Rc<Mask>,
}

impl Answer {
    /// Begins to read an answer, and refuses a body that is larger than `largest` bytes. `Ok(Err)` is a cut connection.
    pub(super) async fn read(
        request: &str,
        mut response: reqwest::Response,
        largest: usize,
        mask: &Rc<Mask>,
    ) -> Result<std::result::Result<Answer, reqwest::Error>> {
        let too_large = |what: String| {
            Err(Error::unreachable(format!("{request}: the answer is too large"))
                .cause(format!("{what}; at most {largest} bytes are read")))
        };
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        // Of a refusal the beginning is enough.
        let whole = (200..300).contains(&status);
        loop {
            match response.chunk().await {
                Ok(Some(_)) if !whole && body.len() > REFUSAL => break,
                Ok(Some(chunk)) if body.len() + chunk.len() > largest => {
                    let said = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
                    return too_large(
                        said.map_or("it has no end".to_owned(), |said| format!("it has {said} bytes")),
                    );
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Ok(Err(error)),
            }
        }
        let mask = Rc::clone(mask);
        Ok(Ok(Answer { request: request.to_owned(), status, headers, body, mask }))
    }

    fn text(&self, name: impl reqwest::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// It was done.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// It may go better the next time.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.status, 408 | 425 | 429) || (500..600).contains(&self.status)
    }

    /// Where else it is.
    pub(super) fn location(&self) -> Option<&str> {
        matches!(self.status, 301 | 302 | 303 | 307 | 308).then(|| self.text(LOCATION)).flatten()
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.text(RETRY_AFTER).and_then(patience::retry_after)
    }

    pub(super) fn challenge(&self) -> Option<Challenge> {
        Challenge::read(self.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok()))
    }

    /// `Content-Type` without parameters, in small letters.
    pub(super) fn content_type(&self) -> Option<String> {
        let text = self.text(CONTENT_TYPE)?;
        Some(text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// What the registry says it gave or took; `None` where it does not say.
    pub(super) fn digest(&self) -> Result<Option<Digest>> {
        let Some(text) = self.text(DIGEST) else { return Ok(None) };
        match Digest::parse(text.trim()) {
            Some(digest) => Ok(Some(digest)),
            None => Err(self.strange(format!("its digest header is `{}`", self.quote(text)))),
        }
    }

    /// It makes no sense.
    pub(super) fn strange(&self, what: impl Into<String>) -> Error {
        Error::unreachable(format!("{}: the answer makes no sense", self.request)).cause(what.into())
    }

    /// It says no.
    pub(super) fn refusal(&self) -> Error {
        let error = Error::unreachable(format!("{}: refused with {}", self.request, self.status));
        match self.says() {
            Some(said) => error.cause(said),
            None => error,
        }
    }

    /// The sentence that a refusal carries (OCI distribution specification, error codes).
    pub(super) fn says(&self) -> Option<String> {
        let first = |value: &Value| {
            let error = value.get("errors")?.get(0)?.clone();
            let part = |key: &str| error.get(key).and_then(Value::as_str).map(str::to_owned);
            match (part("code"), part("message")) {
                (Some(code), Some(message)) => Some(format!("{code}: {message}")),
                (code, message) => code.or(message),
            }
        };
        let oauth = |value: &Value| {
            let part = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
            part("error_description")
                .or_else(|| part("details"))
                .or_else(|| part("error"))
                .or_else(|| part("message"))
        };
        let json: Option<Value> = serde_json::from_slice(&self.body).ok();
        let said = json.as_ref().and_then(|json| first(json).or_else(|| oauth(json)));
        let plain = || {
            let text = std::str::from_utf8(&self.body).ok()?.trim();
            let page = text.starts_with('<') || text.is_empty();
            (!page).then(|| text.to_owned())
        };
        said.or_else(plain).map(|said| self.quote(&said))
    }

    /// The beginning of a text, on one clean line. Secrets go first: half of one that is cut off is still half of it.
    fn quote(&self, text: &str) -> String {
        let line = clean_line(&self.mask.hide(text));
        match line.char_indices().nth(QUOTED) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }
}
