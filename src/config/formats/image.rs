//! Repositories and tags of images, and `{image.x}` in commands. Leans on `path`.

use super::path::path;
use crate::config::fault::{Wrong, quoted};
use crate::model::CommitId;

/// A repository of a registry, or an image layout on disk. It may have been written with credentials, and is not echoed.
pub(super) fn repository(text: &str) -> Result<(), Wrong> {
    const SHAPE: &str = "as in \"ghcr.io/acme/shop-api\", or \"oci:./images\"";
    if let Some(folder) = text.strip_prefix("oci:") {
        return path(folder.trim_end_matches('/'))
            .map_err(|wrong| Wrong::new(wrong.message, "as in \"oci:./images\""));
    }
    if text.contains("://") {
        return Wrong::err(
            "a repository has no protocol",
            format!("{SHAPE}; [registry.\"host\"] http = true is for http"),
        );
    }
    let last = text.rsplit('/').next().unwrap_or_default();
    if last.contains('@') || (text.contains('/') && last.contains(':')) {
        return Wrong::err("a repository has neither tag nor digest", format!("{SHAPE}; `tag` says the tag"));
    }
    let (host, rest) = match text.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), rest),
        _ => (None, text),
    };
    if let Some(host) = host {
        super::words::registry_host(host)?;
    }
    if rest.split('/').all(is_component) && text.len() <= 255 {
        return Ok(());
    }
    Wrong::err("it is not a repository: small letters, digits and single `.`, `_`, `-` between them", SHAPE)
}

/// A part of a repository's path, as the OCI distribution specification has it.
fn is_component(part: &str) -> bool {
    let sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = part.bytes().next().is_some_and(sound) && part.bytes().last().is_some_and(sound);
    ends && part.bytes().all(|byte| sound(byte) || b"._-".contains(&byte))
}

/// The tag that a build gave.
pub(super) fn source_tag(text: &str) -> Result<(), Wrong> {
    const HELP: &str = "as in \"sha-{commit}\", or \"{commit:7}\" for a short one, of 7 to 40 digits";
    let commit = CommitId::from_bytes([0xab; 20]).to_string();
    let mut printed = text.replace("{commit}", &commit);
    for length in 7..=40 {
        printed = printed.replace(&format!("{{commit:{length}}}"), commit.get(..length).unwrap_or_default());
    }
    if printed == text {
        return Wrong::err(format!("{} does not name the commit", quoted(text)), HELP);
    }
    tag(text, &printed, HELP)
}

/// The tag that a release gives.
pub(super) fn version_tag(text: &str) -> Result<(), Wrong> {
    if !text.contains("{version}") {
        return Wrong::err(format!("{} does not name the version", quoted(text)), "as in \"v{version}\"");
    }
    tag(text, &text.replace("{version}", "1.4.0"), "as in \"v{version}\"")
}

/// A tag that moves with releases.
pub(super) fn moving_tag(text: &str) -> Result<(), Wrong> {
    let mut printed = text.to_owned();
    for name in ["{version}", "{major}", "{minor}", "{patch}"] {
        printed = printed.replace(name, "1");
    }
    tag(text, &printed, "as in \"v{major}.{minor}\"; {version}, {major}, {minor} and {patch} are replaced")
}

/// What a registry takes for a tag.
fn tag(text: &str, printed: &str, help: &str) -> Result<(), Wrong> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins = printed.bytes().next().is_some_and(word);
    if begins && printed.len() <= 128 && printed.bytes().all(|byte| word(byte) || b".-".contains(&byte)) {
        return Ok(());
    }
    Wrong::err(format!("{} makes no tag that a registry takes", quoted(text)), help)
}

/// The names in `{image.NAME}` of an argument; other braces are literal.
pub(in crate::config) fn images_of(argument: &str) -> impl Iterator<Item = &str> {
    argument
        .split("{image.")
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)))
}

#[cfg(test)]
mod tests {
    use super::images_of;

    #[test]
    fn only_names_in_braces_are_images() {
        let found: Vec<_> = images_of("a={image.api},{image.w-1} {image. | x} {imag.y} {image.z").collect();
        assert_eq!(found, ["api", "w-1"]);
    }
}
