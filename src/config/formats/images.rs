//! Repositories and tags of images.

use super::names::registry_host;
use super::paths::path;
use crate::config::fault::FormatError;
use crate::config::quote::quoted;
use crate::model::{CommitId, Repository};

/// The longest repository, in bytes.
const MAX_REPOSITORY: usize = 255;

/// The longest tag, in bytes (OCI distribution specification).
const MAX_TAG: usize = 128;

/// Parses a repository of a registry, or an image layout on disk. Somebody may have written credentials into it, so
/// messages do not repeat it.
pub(in crate::config) fn repository(text: &str) -> Result<Repository, FormatError> {
    const SHAPE: &str = "write it like \"ghcr.io/acme/shop-api\", or \"oci:./images\"";
    let invalid = || {
        FormatError::new(
            "it is not a repository name: use lowercase letters and digits, with single `.`, `_` or `-` between them",
            SHAPE,
        )
    };
    if let Some(folder) = text.strip_prefix("oci:") {
        path(folder.trim_end_matches('/'))
            .map_err(|error| FormatError::new(error.message, "write it like \"oci:./images\""))?;
        return Repository::parse(text).ok_or_else(invalid);
    }
    if text.contains("://") {
        return FormatError::err(
            "a repository is written without a protocol",
            format!("{SHAPE}; for http, set [registry.\"host\"] http = true"),
        );
    }
    let last = text.rsplit('/').next().unwrap_or_default();
    if last.contains('@') || (text.contains('/') && last.contains(':')) {
        return FormatError::err(
            "a repository is written without a tag or digest",
            format!("{SHAPE}; the tag goes into the key `tag`"),
        );
    }
    let (host, rest) = match text.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), rest),
        _ => (None, text),
    };
    if let Some(host) = host {
        registry_host(host)?;
    }
    if !rest.split('/').all(is_component) || text.len() > MAX_REPOSITORY {
        return Err(invalid());
    }
    Repository::parse(text).ok_or_else(invalid)
}

/// Recognizes a component of a repository's path (OCI distribution specification).
fn is_component(part: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = part.bytes().next().is_some_and(alphanumeric) && part.bytes().last().is_some_and(alphanumeric);
    ends && part.bytes().all(|byte| alphanumeric(byte) || b"._-".contains(&byte))
}

/// Checks the template of the tag that a build gives.
pub(in crate::config) fn source_tag(text: &str) -> Result<String, FormatError> {
    const HELP: &str =
        "write it like \"sha-{commit}\", or \"{commit:7}\" for a short hash, of 7 to 40 digits";
    let commit = CommitId::from_bytes([0xab; 20]).to_string();
    let mut printed = text.replace("{commit}", &commit);
    for length in 7..=40 {
        printed = printed.replace(&format!("{{commit:{length}}}"), commit.get(..length).unwrap_or_default());
    }
    if printed == text {
        return FormatError::err(format!("{} does not contain {{commit}}", quoted(text)), HELP);
    }
    tag(text, &printed, HELP)
}

/// Checks the template of the tag that a release gives.
pub(in crate::config) fn version_tag(text: &str) -> Result<String, FormatError> {
    if !text.contains("{version}") {
        return FormatError::err(
            format!("{} does not contain {{version}}", quoted(text)),
            "write it like \"v{version}\"",
        );
    }
    tag(text, &text.replace("{version}", "1.4.0"), "write it like \"v{version}\"")
}

/// Checks the template of a tag that moves with releases.
pub(in crate::config) fn moving_tag(text: &str) -> Result<String, FormatError> {
    let mut printed = text.to_owned();
    for name in ["{version}", "{major}", "{minor}", "{patch}"] {
        printed = printed.replace(name, "1");
    }
    tag(
        text,
        &printed,
        "write it like \"v{major}.{minor}\"; {version}, {major}, {minor} and {patch} are replaced",
    )
}

/// Returns the template if what it prints is a tag that registries accept.
fn tag(template: &str, printed: &str, help: &str) -> Result<String, FormatError> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins = printed.bytes().next().is_some_and(word);
    if begins && printed.len() <= MAX_TAG && printed.bytes().all(|byte| word(byte) || b".-".contains(&byte)) {
        return Ok(template.to_owned());
    }
    FormatError::err(format!("registries do not accept the tag {}", quoted(template)), help)
}
