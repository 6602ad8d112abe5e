//! Docker's `config.json` and podman's `auth.json`: one format, written by `docker login` and `podman login`. No message
//! quotes what stands in them. Leans on serde.

use super::{Credential, Secret};
use crate::error::{Error, Result};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::Path;

/// Credentials that were found.
pub(super) struct Entry(pub Credential);

/// A file with credentials.
pub(super) struct File {
    /// Its path as messages name it, with `~` for the home folder.
    pub source: String,
    content: Content,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Content {
    auths: HashMap<String, Auth>,
    #[serde(rename = "credHelpers")]
    helpers: HashMap<String, String>,
    #[serde(rename = "credsStore")]
    store: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Auth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

/// Some tools leave the padding away.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl File {
    /// Reads a file; `None` where there is none.
    pub(super) fn read(path: &Path, home: Option<&Path>) -> Result<Option<File>> {
        let shown = home.and_then(|home| path.strip_prefix(home).ok());
        let source = shown.map_or(path.display().to_string(), |rest| format!("~/{}", rest.display()));
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(Error::refused(format!("{source} cannot be read")).cause(error)),
        };
        // The parser's own message may quote what it stumbled over.
        let content = serde_json::from_slice(&bytes).map_err(|error| {
            Error::refused(format!("{source} is no file of credentials")).cause(format!(
                "line {}, column {} is not as docker writes it",
                error.line(),
                error.column()
            ))
        })?;
        Ok(Some(File { source, content }))
    }

    /// The helper for this very registry.
    pub(super) fn helper_of(&self, host: &str) -> Option<&str> {
        let found = self.content.helpers.iter().find(|(name, _)| area(name) == host);
        found.map(|(_, helper)| helper.as_str()).filter(|helper| !helper.is_empty())
    }

    /// The helper for everything that has none of its own.
    pub(super) fn store(&self) -> Option<&str> {
        self.content.store.as_deref().filter(|store| !store.is_empty())
    }

    /// Whether something stands here for exactly this area.
    pub(super) fn has_area(&self, wanted: &str) -> bool {
        self.content.auths.keys().any(|name| area(name) == wanted)
    }

    /// The credentials that stand in the file itself. An empty entry only says that a helper keeps them.
    pub(super) fn entry(&self, wanted: &str) -> Option<Entry> {
        let mut entries = self.content.auths.iter().filter(|(name, _)| area(name) == wanted);
        entries.find_map(|(_, auth)| auth.credential()).map(Entry)
    }
}

impl Auth {
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

/// What the key of an entry is for: `https://ghcr.io/v2/` is `ghcr.io`, all names of Docker Hub are `docker.io`, and
/// podman's `ghcr.io/acme` stays as it is.
fn area(key: &str) -> &str {
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
    use super::{Credential, File, area};

    fn file(json: &str) -> File {
        File { source: "x".into(), content: serde_json::from_str(json).unwrap() }
    }

    fn shown(json: &str, wanted: &str) -> Option<String> {
        file(json).entry(wanted).map(|entry| match entry.0 {
            Credential::Password { user, password } => format!("{user}:{}", password.expose()),
            Credential::Refresh(secret) => format!("refresh {}", secret.expose()),
            Credential::Bearer(secret) => format!("bearer {}", secret.expose()),
        })
    }

    #[test]
    fn keys_as_tools_write_them() {
        for (key, wanted) in [
            ("https://index.docker.io/v1/", "docker.io"),
            ("docker.io", "docker.io"),
            ("https://ghcr.io/v2/", "ghcr.io"),
            ("ghcr.io", "ghcr.io"),
            ("ghcr.io/acme", "ghcr.io/acme"),
            ("http://127.0.0.1:5000", "127.0.0.1:5000"),
        ] {
            assert_eq!(area(key), wanted);
        }
    }

    #[test]
    fn entries_as_tools_write_them() {
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
    fn no_message_quotes_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, r#"{"auths":{"ghcr.io":"hunter2"}}"#).unwrap();
        let error = File::read(&path, Some(folder.path())).err().unwrap();
        assert_eq!(error.message, "~/config.json is no file of credentials");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
