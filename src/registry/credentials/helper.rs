//! Credential helpers: programs named `docker-credential-…` that print the credentials for a registry
//! (github.com/docker/docker-credential-helpers).

use super::{Credential, Secret};
use crate::process::{CaptureError, CaptureLimits, CommandEnvironment, CommandSpec};
use serde::Deserialize;
use std::time::Duration;

/// What a helper may use.
const LIMITS: CaptureLimits =
    CaptureLimits { deadline: Duration::from_secs(5), output: 1 << 20, own_group: true };

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Username")]
    user: String,
    #[serde(rename = "Secret")]
    secret: String,
}

/// Asks a helper for the credentials for a server. Returns `Ok(None)` where it has none; the error is a sentence for
/// people.
pub(super) fn get(name: &str, server: &str) -> Result<Option<Credential>, String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !name.bytes().all(allowed) {
        return Err("the name of a credential helper is not a file name".to_owned());
    }
    let program = format!("docker-credential-{name}");
    let spec = CommandSpec::new(&program, CommandEnvironment::inherited()).arguments(["get"]).input(server);
    let captured = spec.capture(&LIMITS).map_err(|error| match error {
        CaptureError::NotStarted(error) => format!("{program} cannot be started: {error}"),
        CaptureError::Lost(error) => format!("{program} failed: {error}"),
        CaptureError::TooMuchOutput => format!("{program} did not print credentials"),
        CaptureError::TimedOut => {
            format!("{program} did not answer within {} s and was killed", LIMITS.deadline.as_secs())
        }
    })?;
    if !captured.status.success() {
        // "not found" is how the protocol says that there are none. Other messages are not quoted: they may hold secrets.
        let message = String::from_utf8_lossy(&captured.stdout);
        return if message.contains("not found") { Ok(None) } else { Err(format!("{program} failed")) };
    }
    let answer: Answer = serde_json::from_slice(&captured.stdout)
        .map_err(|_| format!("{program} did not print credentials"))?;
    if answer.secret.is_empty() {
        return Ok(None);
    }
    let secret = Secret::new(answer.secret);
    Ok(Some(match answer.user.as_str() {
        "<token>" => Credential::Refresh(secret),
        _ => Credential::Password { user: answer.user, password: secret },
    }))
}
