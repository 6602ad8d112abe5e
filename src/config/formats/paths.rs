//! Paths inside the repository, and globs over branches and paths.

use super::names::on_one_line;
use crate::config::fault::FormatError;
use crate::config::quote::{escaped, quoted};
use crate::model::Patterns;

/// Longer globs and globs with more braces are refused: they make no sense, and the compiler of globs panics beyond
/// limits of its own.
const MAX_GLOB_BYTES: usize = 500;
const MAX_GLOB_BRACES: usize = 40;

/// A glob over branch names.
#[derive(Clone, Debug)]
pub(in crate::config) struct BranchGlob {
    /// The glob as it is written.
    pub(in crate::config) name: String,
    /// The same, compiled.
    pub(in crate::config) matches: Patterns,
}

/// A glob over paths.
#[derive(Clone, Debug)]
pub(in crate::config) struct PathGlob {
    /// What the glob itself matches.
    pub(in crate::config) matches: Patterns,
    /// All that is below the path, if the glob has no special character and may name a folder.
    pub(in crate::config) below: Patterns,
}

/// Parses a glob over branch names.
pub(in crate::config) fn branch_glob(text: &str) -> Result<BranchGlob, FormatError> {
    Ok(BranchGlob { name: text.to_owned(), matches: glob(text)? })
}

/// Parses a glob over paths from the top of the repository.
pub(in crate::config) fn path_glob(text: &str) -> Result<PathGlob, FormatError> {
    let matches = glob(text)?;
    if text.starts_with('/') || text.split('/').any(|part| part == ".." || part == ".") {
        let plain: Vec<_> = text.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
        return FormatError::err(
            "write paths from the top of the repository, without a leading /",
            format!("write \"{}\"", escaped(&plain.join("/"))),
        );
    }
    let below = match text.contains(['*', '?', '[', '{']) {
        true => Patterns::default(),
        false => compiled(text, &format!("{}/**", text.trim_end_matches('/')))?,
    };
    Ok(PathGlob { matches, below })
}

fn glob(text: &str) -> Result<Patterns, FormatError> {
    if text.is_empty() {
        return FormatError::err("the glob is empty", "use a name, or a glob such as \"release/*\"");
    }
    on_one_line(text)?;
    if text.len() > MAX_GLOB_BYTES || text.matches('{').count() > MAX_GLOB_BRACES {
        return FormatError::err(
            "the glob is too large",
            format!("at most {MAX_GLOB_BYTES} bytes and {MAX_GLOB_BRACES} braces"),
        );
    }
    compiled(text, text)
}

/// Compiles a glob that was made from the written text.
fn compiled(text: &str, glob: &str) -> Result<Patterns, FormatError> {
    Patterns::parse([glob]).map_err(|fault| {
        FormatError::new(
            format!("{} is not a glob: {fault}", quoted(text)),
            "put a backslash before a character to take it literally",
        )
    })
}

/// Parses a path inside the work tree, and returns it without empty parts and `.`. Symbolic links are resolved when it is opened.
pub(in crate::config) fn path(text: &str) -> Result<String, FormatError> {
    const INSIDE: &str = "a path from the top of the repository, as in \"docs/install.md\"";
    if text.is_empty() {
        return FormatError::err("the path is empty", INSIDE);
    }
    on_one_line(text)?;
    let drive = text.as_bytes().get(1) == Some(&b':');
    if text.starts_with('/') || drive {
        return FormatError::err(format!("{} is absolute", quoted(text)), INSIDE);
    }
    if text.contains('\\') {
        return FormatError::err(format!("{} contains a backslash", quoted(text)), "write paths with `/`");
    }
    if text.split('/').any(|part| part == "..") {
        return FormatError::err(format!("{} points outside the repository", quoted(text)), INSIDE);
    }
    if text.split('/').any(is_git) {
        return FormatError::err(format!("{} is inside .git", quoted(text)), INSIDE);
    }
    let parts: Vec<_> = text.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if text.ends_with('/') || parts.is_empty() {
        return FormatError::err(format!("{} is a folder", quoted(text)), INSIDE);
    }
    Ok(parts.join("/"))
}

/// Recognizes `.git` as any file system may spell it: in any case, with dots and spaces behind it, by its short name.
fn is_git(part: &str) -> bool {
    let part = part.trim_end_matches(['.', ' ']);
    part.eq_ignore_ascii_case(".git") || part.eq_ignore_ascii_case("git~1")
}

/// Parses a path, or an empty string for none.
pub(in crate::config) fn optional_path(text: &str) -> Result<Option<String>, FormatError> {
    if text.is_empty() { Ok(None) } else { path(text).map(Some) }
}

/// Parses the path of a template; `None` for the built-in one.
pub(in crate::config) fn notes_template(text: &str) -> Result<Option<String>, FormatError> {
    if text == "keep-a-changelog" {
        return Ok(None);
    }
    path(text)
        .map(Some)
        .map_err(|error| FormatError::new(error.message, "\"keep-a-changelog\", or the path of a template"))
}
