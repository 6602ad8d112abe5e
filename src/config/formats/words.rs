//! Names, identities, hosts and remotes. Values that may hold a secret are never echoed. Leans on `model`.

use crate::config::fault::{Wrong, quoted};
use crate::model::tag::ref_name_fault;

/// Names stand in refs, in paths of the ledger and in `{image.x}`.
pub(super) fn name(text: &str) -> Result<(), Wrong> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if begins && text.len() <= 100 && text.bytes().all(allowed) && ref_name_fault(text).is_none() {
        return Ok(());
    }
    Wrong::err(
        format!("{} is not a name", quoted(text)),
        "letters, digits and `.`, `_`, `-` between them, at most 100",
    )
}

/// Any text that a person reads.
pub(super) fn line(text: &str) -> Result<(), Wrong> {
    if text.trim().is_empty() {
        return Wrong::err("it is empty", "write some text, or remove the line");
    }
    hostile(text)
}

/// No character that ends a line or fools a screen.
pub(super) fn hostile(text: &str) -> Result<(), Wrong> {
    let fools = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    match text.chars().find(|c| fools(*c)) {
        None => Ok(()),
        Some(c) => Wrong::err(
            format!("it has the character {} in it", c.escape_unicode()),
            "remove control characters, line breaks and characters that are not seen",
        ),
    }
}

/// The name of an environment variable. What is not one may be the secret itself, and is not echoed.
pub(super) fn variable(text: &str) -> Result<(), Wrong> {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if begins && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(());
    }
    Wrong::err(
        "it is not the name of an environment variable",
        "letters, digits and `_`, as in SLACK_WEBHOOK_URL; the value itself never stands in this file",
    )
}

/// The type of a conventional commit.
pub(super) fn commit_type(text: &str) -> Result<(), Wrong> {
    if !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/')) {
        return Ok(());
    }
    Wrong::err(
        format!("{} is not a type of commit", quoted(text)),
        "one word, as in `feat` of `feat(api)!: …`",
    )
}

/// An identity of a person.
pub(super) fn identity(text: &str) -> Result<(), Wrong> {
    let parts = text.split_once('@').or_else(|| text.split_once(':'));
    let whole = parts.is_some_and(|(before, after)| !before.is_empty() && !after.is_empty());
    if whole && !text.contains(char::is_whitespace) {
        return hostile(text);
    }
    Wrong::err(
        format!("{} is not an identity", quoted(text)),
        "an e-mail address, or an account as in \"github:ada\"",
    )
}

/// A registry's host and port.
pub(super) fn registry_host(text: &str) -> Result<(), Wrong> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => (host, port),
        _ => (text, "443"),
    };
    let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let sound = match inner {
        Some(inner) => inner.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.'),
        None => host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.'),
    };
    if sound
        && !host.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && port.parse::<u16>().is_ok()
    {
        return Ok(());
    }
    Wrong::err(
        "it is not the host of a registry",
        "host or host:port, as in \"127.0.0.1:5000\", without https://",
    )
}

/// A git remote. A program is never taken from here (`ext::`), and neither is an option.
pub(super) fn remote(text: &str) -> Result<(), Wrong> {
    const KINDS: &str = "the name of a remote, a path, or an https, ssh or file URL";
    if text.is_empty() || text.starts_with('-') || text.contains("::") {
        return Wrong::err("git would not take it for a remote", KINDS);
    }
    hostile(text)?;
    let Some((scheme, rest)) = text.split_once("://") else { return Ok(()) };
    if !matches!(scheme, "https" | "ssh" | "file") {
        return Wrong::err(format!("{} is not a protocol for the ledger", quoted(scheme)), KINDS);
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
        return Wrong::err(
            "it has credentials in it",
            "leave them to git's credential helper; no secret stands in this file",
        );
    }
    if rest.starts_with('-') {
        return Wrong::err("git would not take it for a remote", KINDS);
    }
    Ok(())
}

/// The short name of a branch.
pub(super) fn branch(text: &str) -> Result<(), Wrong> {
    if let Some(fault) = ref_name_fault(text) {
        return Wrong::err(
            format!("{} is no name that git takes for a branch: {fault}", quoted(text)),
            "a name as in \"rel-ledger\"",
        );
    }
    if text == "HEAD" || text.starts_with("refs/") {
        return Wrong::err(
            format!("{} is not the short name of a branch", quoted(text)),
            "a name as in \"rel-ledger\"",
        );
    }
    Ok(())
}
