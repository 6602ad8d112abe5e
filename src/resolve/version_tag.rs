//! The tag that a version or a tag's name means, in the history of a package.

use crate::error::{Error, Kind, Result};
use crate::git_history::{Package, ReleaseContext};
use crate::model::{Version, suggest};
use crate::version::VersionTag;

/// Returns the tag of the release that was typed: by the tag's name, else by its version.
///
/// # Errors
///
/// 7 if the package has no such release.
pub fn version_tag(
    release_context: &ReleaseContext<'_>,
    package: &Package,
    typed: &str,
) -> Result<VersionTag> {
    let tags = release_context.version_tags(package);
    let version = Version::parse(typed);
    let by_name = tags.iter().find(|tag| tag.name.as_str() == typed);
    let by_version = || tags.iter().find(|tag| version.as_ref() == Some(&tag.version));
    by_name.or_else(by_version).cloned().ok_or_else(|| no_such_release(&package.name, typed, &tags))
}

/// Returns the one package in which `find` finds what was typed, and what it finds there.
///
/// # Errors
///
/// 7 if no package has it; 2 if several have.
pub fn in_one_package<T>(
    packages: &[Package],
    typed: &str,
    find: impl Fn(&Package) -> Result<T>,
) -> Result<(Package, T)> {
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for package in packages {
        match find(package) {
            Ok(what) => found.push((package.clone(), what)),
            Err(error) => errors.push(error),
        }
    }
    if found.len() > 1 {
        let names: Vec<&str> = found.iter().map(|(package, _)| package.name.as_str()).collect();
        return Err(Error::usage(format!("{typed} is a release of several packages: {}", names.join(", ")))
            .hint(format!("--package {}", names.first().unwrap_or(&""))));
    }
    match (found.pop(), errors.len()) {
        (Some(found), _) => Ok(found),
        (None, 1) => Err(errors.swap_remove(0)),
        (None, _) => Err(Error::new(Kind::Missing, format!("no package has a release {typed}"))
            .hint("rel current   # what every package released last")),
    }
}

/// The error for a release that a package does not have.
pub(super) fn no_such_release(package: &str, typed: &str, tags: &[VersionTag]) -> Error {
    let error = Error::missing(format!("{package} has no release {typed}"));
    match suggest(typed, tags.iter().map(|tag| tag.name.as_str())) {
        Some(tag) => error.hint(format!("did you mean {tag}? `git tag --list` shows all tags")),
        None if tags.is_empty() => error.hint("there is no release yet; `rel next` shows the first version"),
        None => error.hint("`git tag --list` shows all tags, `rel history ENV` what was deployed"),
    }
}
