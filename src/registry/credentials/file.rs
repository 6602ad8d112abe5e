//! Docker's `config.json` and podman's `auth.json`: one format, written by `docker login` and `podman login`. No message
//! quotes their content.

use super::{Credential, Secret};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::Path;

/// A credential file.
pub(super) struct CredentialFile {
    /// Its path as messages name it, with `~` for the home folder.
    pub source: String,
    content: AuthConfig,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AuthConfig {
    auths: HashMap<String, AuthEntry>,
    #[serde(rename = "credHelpers")]
    helpers: HashMap<String, String>,
    #[serde(rename = "credsStore")]
    store: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AuthEntry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

/// Some tools omit the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl CredentialFile {
    /// Reads a file; `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// It cannot be read or parsed; the error is a sentence.
    pub(super) fn read(path: &Path, home: Option<&Path>) -> Result<Option<CredentialFile>, String> {
        let shown = home.and_then(|home| path.strip_prefix(home).ok());
        let source = shown.map_or(path.display().to_string(), |rest| format!("~/{}", rest.display()));
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(format!("{source} cannot be read, so it is not used: {error}")),
        };
        // The message of the parser may quote a secret.
        let content = serde_json::from_slice(&bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!("{source} is not valid, so it is not used: syntax error in line {line}, column {column}")
        })?;
        Ok(Some(CredentialFile { source, content }))
    }

    /// Returns the credential helper that is configured for this registry (`credHelpers`).
    pub(super) fn helper_of(&self, host: &str) -> Option<&str> {
        let found = self.content.helpers.iter().find(|(key, _)| scope_of(key) == host);
        found.map(|(_, helper)| helper.as_str()).filter(|helper| !helper.is_empty())
    }

    /// Returns the credential helper for all other registries (`credsStore`).
    pub(super) fn default_helper(&self) -> Option<&str> {
        self.content.store.as_deref().filter(|store| !store.is_empty())
    }

    /// Whether the file has an entry for exactly this scope.
    pub(super) fn has_scope(&self, scope: &str) -> bool {
        self.content.auths.keys().any(|key| scope_of(key) == scope)
    }

    /// Returns the credential in the file itself. An entry may be empty, because a helper stores the credential.
    pub(super) fn credential(&self, scope: &str) -> Option<Credential> {
        let mut entries = self.content.auths.iter().filter(|(key, _)| scope_of(key) == scope);
        entries.find_map(|(_, entry)| entry.credential())
    }
}

impl AuthEntry {
    fn credential(&self) -> Option<Credential> {
        let filled =
            |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(str::to_owned);
        if let Some(token) = filled(&self.identitytoken) {
            return Some(Credential::Refresh(Secret::new(token)));
        }
        if let Some(token) = filled(&self.registrytoken) {
            return Some(Credential::Bearer(Secret::new(token)));
        }
        if let (Some(user), Some(password)) = (filled(&self.username), filled(&self.password)) {
            return Some(Credential::Password { user, password: Secret::new(password) });
        }
        let text = String::from_utf8(BASE64.decode(filled(&self.auth)?).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        let password = Secret::new(password.trim_end_matches('\0'));
        Some(Credential::Password { user: user.to_owned(), password })
    }
}

/// Returns the scope that the key of an entry is for: `ghcr.io` for `https://ghcr.io/v2/`, `docker.io` for all names of
/// Docker Hub, and podman's `ghcr.io/acme` as it is.
fn scope_of(key: &str) -> &str {
    let bare = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://"));
    let host = key_host(bare.unwrap_or(key));
    match host {
        "index.docker.io" | "registry-1.docker.io" => "docker.io",
        _ if bare.is_some() => host,
        _ => key.trim_end_matches('/').trim_end_matches("/v2").trim_end_matches("/v1"),
    }
}

fn key_host(text: &str) -> &str {
    text.split('/').next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::{Credential, CredentialFile, scope_of};

    fn file(json: &str) -> CredentialFile {
        CredentialFile { source: "x".into(), content: serde_json::from_str(json).unwrap() }
    }

    fn shown(json: &str, wanted: &str) -> Option<String> {
        file(json).credential(wanted).map(|credential| match credential {
            Credential::Password { user, password } => format!("{user}:{}", password.expose()),
            Credential::Refresh(secret) => format!("refresh {}", secret.expose()),
            Credential::Bearer(secret) => format!("bearer {}", secret.expose()),
        })
    }

    #[test]
    fn keys_of_all_tools_are_scopes() {
        for (key, wanted) in [
            ("https://index.docker.io/v1/", "docker.io"),
            ("docker.io", "docker.io"),
            ("https://ghcr.io/v2/", "ghcr.io"),
            ("ghcr.io", "ghcr.io"),
            ("ghcr.io/acme", "ghcr.io/acme"),
            ("http://127.0.0.1:5000", "127.0.0.1:5000"),
        ] {
            assert_eq!(scope_of(key), wanted);
        }
    }

    #[test]
    fn entries_of_all_tools_are_credentials() {
        let auths = |entry: &str| format!(r#"{{"auths":{{"ghcr.io":{entry}}}}}"#);
        let found = |entry: &str| shown(&auths(entry), "ghcr.io");
        assert_eq!(found(r#"{"auth":"YWRhOnBhOnNz"}"#).as_deref(), Some("ada:pa:ss"));
        assert_eq!(found(r#"{"auth":"YWRhOng"}"#).as_deref(), Some("ada:x"));
        assert_eq!(found(r#"{"auth":"YWRhOng=","identitytoken":"t"}"#).as_deref(), Some("refresh t"));
        assert_eq!(found(r#"{"registrytoken":"t"}"#).as_deref(), Some("bearer t"));
        assert_eq!(found(r#"{"username":"ada","password":"x"}"#).as_deref(), Some("ada:x"));
        for entry in ["{}", r#"{"auth":""}"#, r#"{"auth":"!"}"#, r#"{"auth":"YWRh"}"#] {
            assert_eq!(found(entry), None, "{entry}");
        }
    }

    #[test]
    fn error_messages_do_not_quote_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, r#"{"auths":{"ghcr.io":"hunter2"}}"#).unwrap();
        let error = CredentialFile::read(&path, Some(folder.path())).err().unwrap();
        assert!(error.starts_with("~/config.json is not valid, so it is not used: "), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
