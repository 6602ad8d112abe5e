//! Credential helpers: programs named `docker-credential-…` that print the credentials for a registry
//! (github.com/docker/docker-credential-helpers).

use super::{Credential, Secret};
use crate::process::{CaptureError, CaptureLimits, CommandEnvironment, CommandSpec};
use serde::Deserialize;
use std::time::Duration;

/// What a helper may use.
const LIMITS: CaptureLimits =
    CaptureLimits { deadline: Duration::from_secs(5), output: 1 << 20, own_group: true };

/// What a helper prints.
#[derive(Deserialize)]
struct HelperOutput {
    #[serde(rename = "Username")]
    user: String,
    #[serde(rename = "Secret")]
    secret: String,
}

/// Runs a helper to get the credentials for a server. Returns `Ok(None)` if it has none; the error is a sentence.
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
        CaptureError::Interrupted => format!("{program} was interrupted"),
        CaptureError::TooMuchOutput => format!("{program} did not print credentials"),
        CaptureError::TimedOut => {
            format!("{program} did not answer within {} s and was killed", LIMITS.deadline.as_secs())
        }
    })?;
    if !captured.status.success() {
        // The message is not quoted: it may contain a secret.
        let has_none = is_not_found(&captured.stdout);
        return if has_none { Ok(None) } else { Err(format!("{program} failed")) };
    }
    let output: HelperOutput = serde_json::from_slice(&captured.stdout)
        .map_err(|_| format!("{program} did not print credentials"))?;
    if output.secret.is_empty() {
        return Ok(None);
    }
    let secret = Secret::new(output.secret);
    Ok(Some(match output.user.as_str() {
        "<token>" => Credential::Refresh(secret),
        _ => Credential::Password { user: output.user, password: secret },
    }))
}

/// Whether a helper that failed says that it has no credentials: the protocol has no status for that, only the message
/// `credentials not found in native keychain` on stdout.
fn is_not_found(stdout: &[u8]) -> bool {
    String::from_utf8_lossy(stdout).contains("not found")
}
