//! Passwords and tokens as a type that cannot be printed by mistake.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A password or a token. It has no `Debug` and no `Display`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// Returns the secret itself, for a header or a form.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// Returns `user:password` in base64, for a Basic header (RFC 7617).
    pub(super) fn basic(&self, user: &str) -> String {
        STANDARD.encode(format!("{user}:{}", self.0))
    }
}
