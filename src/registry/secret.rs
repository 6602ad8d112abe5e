//! Secrets: values that cannot be printed by mistake, and the mask for text that may hold one. Leans on nothing.

use crate::error::Error;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::cell::RefCell;

/// A password or a token. It has no `Debug` and no `Display`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Keeps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// The secret itself, for a header or a form.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// `user:password` as a Basic header wants it.
    pub(super) fn basic(&self, user: &str) -> String {
        STANDARD.encode(format!("{user}:{}", self.0))
    }
}

/// Shorter ones would blacken ordinary words.
const SHORTEST: usize = 4;

/// Every secret that this run has seen. What a registry answers may repeat them; no message does.
#[derive(Default)]
pub(super) struct Mask(RefCell<Vec<String>>);

impl Mask {
    /// Remembers a secret.
    pub(super) fn learn(&self, secret: &str) {
        let mut known = self.0.borrow_mut();
        if secret.len() >= SHORTEST && !known.iter().any(|other| other == secret) {
            known.push(secret.to_owned());
        }
    }

    /// A text without the secrets.
    pub(super) fn hide(&self, text: &str) -> String {
        self.0.borrow().iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }

    /// An error without the secrets.
    pub(super) fn cover(&self, error: Error) -> Error {
        let all = |texts: Vec<String>| texts.iter().map(|text| self.hide(text)).collect();
        Error {
            message: self.hide(&error.message),
            causes: all(error.causes),
            hints: all(error.hints),
            ..error
        }
    }
}
