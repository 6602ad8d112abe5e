//! Paths inside the repository and globs. Leans on `model`.

use super::words::hostile;
use crate::config::fault::{Wrong, quoted};
use crate::model::Patterns;

/// Longer or deeper globs make no sense, and the compiler of globs has bounds of its own at which it panics.
const LONGEST: usize = 500;
const BRACES: usize = 40;

/// A glob over branch names.
pub(super) fn glob(text: &str) -> Result<(), Wrong> {
    if text.is_empty() {
        return Wrong::err("the glob is empty", "a name, or a glob as in \"release/*\"");
    }
    hostile(text)?;
    if text.len() > LONGEST || text.matches('{').count() > BRACES {
        return Wrong::err("the glob is too large", format!("at most {LONGEST} bytes and {BRACES} braces"));
    }
    Patterns::parse([text]).map(drop).or_else(|fault| {
        Wrong::err(
            format!("{} is not a glob: {fault}", quoted(text)),
            "a backslash before a character takes it literally",
        )
    })
}

/// A glob over paths from the top.
pub(super) fn path_glob(text: &str) -> Result<(), Wrong> {
    glob(text)?;
    if text.starts_with('/') || text.split('/').any(|part| part == ".." || part == ".") {
        let plain: Vec<_> = text.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
        return Wrong::err(
            "paths begin at the top of the repository",
            format!("write \"{}\"", quoted(&plain.join("/")).trim_matches('`')),
        );
    }
    Ok(())
}

/// A path inside the work tree. Links are resolved by whoever opens it.
pub(super) fn path(text: &str) -> Result<(), Wrong> {
    const INSIDE: &str = "a path from the top of the repository, as in \"docs/install.md\"";
    if text.is_empty() {
        return Wrong::err("the path is empty", INSIDE);
    }
    hostile(text)?;
    let drive = text.as_bytes().get(1) == Some(&b':');
    if text.starts_with('/') || drive {
        return Wrong::err(format!("{} is absolute", quoted(text)), INSIDE);
    }
    if text.contains('\\') {
        return Wrong::err(format!("{} has a backslash in it", quoted(text)), "paths are written with `/`");
    }
    if text.split('/').any(|part| part == "..") {
        return Wrong::err(format!("{} leaves the repository", quoted(text)), INSIDE);
    }
    if text.split('/').any(is_git) {
        return Wrong::err(format!("{} lies inside .git", quoted(text)), INSIDE);
    }
    if text.ends_with('/') || text.split('/').all(|part| part.is_empty() || part == ".") {
        return Wrong::err(format!("{} is a folder", quoted(text)), INSIDE);
    }
    Ok(())
}

/// `.git` as any file system may spell it: in any case, with dots and spaces behind it, by its short name.
fn is_git(part: &str) -> bool {
    let part = part.trim_end_matches(['.', ' ']);
    part.eq_ignore_ascii_case(".git") || part.eq_ignore_ascii_case("git~1")
}

/// A path, or an empty string for none.
pub(super) fn path_or_nothing(text: &str) -> Result<(), Wrong> {
    if text.is_empty() { Ok(()) } else { path(text) }
}

/// The one template that is known by name, or a path.
pub(super) fn notes_template(text: &str) -> Result<(), Wrong> {
    path(text).map_err(|wrong| Wrong::new(wrong.message, "\"keep-a-changelog\", or the path of a template"))
}
