//! Names, identities, hosts and remotes. Messages never repeat a value that may be a secret.

use crate::config::fault::FormatError;
use crate::config::quote::quoted;
use crate::model::BranchName;
use crate::model::tag::ref_name_fault;

/// Refuses a NUL character, which no format allows.
pub(in crate::config) fn without_nul(text: &str) -> Result<&str, FormatError> {
    if text.contains('\0') {
        return FormatError::err("it contains a NUL character", "remove the character");
    }
    Ok(text)
}

/// Refuses characters that end a line or mislead a reader.
pub(super) fn on_one_line(text: &str) -> Result<(), FormatError> {
    let hostile = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    match text.chars().find(|c| hostile(*c)) {
        None => Ok(()),
        Some(c) => FormatError::err(
            format!("it contains the character {}", c.escape_unicode()),
            "remove control characters, line breaks and invisible characters",
        ),
    }
}

/// Checks a name. Names are used in refs, in paths of the ledger and in `{image.x}`.
pub(in crate::config) fn name(text: &str) -> Result<String, FormatError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if begins && text.len() <= 100 && text.bytes().all(allowed) && ref_name_fault(text).is_none() {
        return Ok(text.to_owned());
    }
    FormatError::err(
        format!("{} is not a valid name", quoted(text)),
        "use letters and digits, with `.`, `_` or `-` between them; at most 100 characters",
    )
}

/// Checks a line of text for people.
pub(in crate::config) fn line(text: &str) -> Result<String, FormatError> {
    if text.trim().is_empty() {
        return FormatError::err("it is empty", "write some text, or remove the line");
    }
    on_one_line(text)?;
    Ok(text.to_owned())
}

/// Checks the name of an environment variable. Anything else may be the secret itself, and is not repeated.
pub(in crate::config) fn variable(text: &str) -> Result<String, FormatError> {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if begins && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(text.to_owned());
    }
    FormatError::err(
        "it is not the name of an environment variable",
        "use letters, digits and `_`, as in SLACK_WEBHOOK_URL; the value itself does not belong in this file",
    )
}

/// Checks the type of a conventional commit.
pub(in crate::config) fn commit_type(text: &str) -> Result<(), FormatError> {
    if !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/')) {
        return Ok(());
    }
    FormatError::err(
        format!("{} is not a type of commit", quoted(text)),
        "use one word, such as the `feat` in `feat(api)!: …`",
    )
}

/// Checks an identity of a person.
pub(in crate::config) fn identity(text: &str) -> Result<String, FormatError> {
    let parts = text.split_once('@').or_else(|| text.split_once(':'));
    let complete = parts.is_some_and(|(before, after)| !before.is_empty() && !after.is_empty());
    if complete && !text.contains(char::is_whitespace) {
        on_one_line(text)?;
        return Ok(text.to_owned());
    }
    FormatError::err(
        format!("{} is not an identity", quoted(text)),
        "use an e-mail address, or an account such as \"github:ada\"",
    )
}

/// Checks a registry's host and port.
pub(in crate::config) fn registry_host(text: &str) -> Result<(), FormatError> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => (host, port),
        _ => (text, "443"),
    };
    let ipv6 = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let valid = match ipv6 {
        Some(address) => address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.'),
        None => host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.'),
    };
    let port_is_valid = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    if valid && !host.is_empty() && port_is_valid {
        return Ok(());
    }
    FormatError::err(
        "it is not the host of a registry",
        "write host or host:port, as in \"127.0.0.1:5000\", without https://",
    )
}

/// Checks a git remote. `ext::`, which would name a program, and options are refused.
pub(in crate::config) fn remote(text: &str) -> Result<String, FormatError> {
    const KINDS: &str = "the name of a remote, a path, or an https, ssh or file URL";
    if text.is_empty() || text.starts_with('-') || text.contains("::") {
        return FormatError::err("git would not accept it as a remote", KINDS);
    }
    on_one_line(text)?;
    let Some((scheme, rest)) = text.split_once("://") else { return Ok(text.to_owned()) };
    if !matches!(scheme, "https" | "ssh" | "file") {
        return FormatError::err(format!("the ledger cannot use the protocol {}", quoted(scheme)), KINDS);
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
        return FormatError::err(
            "it contains credentials",
            "leave them to git's credential helper; no secret belongs in this file",
        );
    }
    if rest.starts_with('-') {
        return FormatError::err("git would not accept it as a remote", KINDS);
    }
    Ok(text.to_owned())
}

/// Parses the short name of a branch.
pub(in crate::config) fn branch_name(text: &str) -> Result<BranchName, FormatError> {
    if let Some(fault) = ref_name_fault(text) {
        return FormatError::err(
            format!("git does not allow the branch name {}: {fault}", quoted(text)),
            "use a name such as \"rel-ledger\"",
        );
    }
    if text == "HEAD" || text.starts_with("refs/") {
        return FormatError::err(
            format!("{} is not the short name of a branch", quoted(text)),
            "use a name such as \"rel-ledger\"",
        );
    }
    Ok(BranchName::new(text))
}
