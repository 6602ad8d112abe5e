//! The tags of a package among all tags, and the refusals where a first release would be a mistake (V6, V7, V29).
//! Leans on `version` and `git`.

use super::package::Package;
use crate::error::{Error, Result};
use crate::git::{RawTag, Repo, Target};
use crate::model::{TagFormat, TagName};
use crate::version::{Base, UnmatchedTags, VersionTag};

/// The tags that bear a version of the package.
pub(super) fn of(package: &Package, tags: &[RawTag]) -> Vec<VersionTag> {
    let read = |tag: &RawTag| {
        let Target::Commit(commit) = tag.target else { return None };
        let name = tag.name.as_str();
        let found =
            package.formats.iter().enumerate().find_map(|(format, shape)| Some((format, shape.read(name)?)));
        found.map(|(format, version)| VersionTag { name: TagName::new(name), version, commit, format })
    };
    tags.iter().filter_map(read).collect()
}

/// What the tags look like that belong to no package at all.
pub(super) fn unmatched(packages: &[Package], tags: &[RawTag]) -> UnmatchedTags {
    let ours = |name: &str| {
        packages.iter().flat_map(|package| &package.formats).any(|format| format.read(name).is_some())
    };
    crate::version::unmatched_tags(tags.iter().map(|tag| tag.name.as_str()).filter(|name| !ours(name)))
}

/// The format of the next tag: the configured one, else that of the highest version that HEAD reaches (V1).
pub(super) fn format(package: &Package, base: &Base) -> TagFormat {
    let found = base.current().filter(|_| !package.configured).map_or(0, |tag| tag.format);
    package.formats.get(found).cloned().unwrap_or_else(|| TagFormat::new("v", ""))
}

/// Versions are there, but HEAD reaches none of them (V6).
pub(super) fn none_reached(package: &Package, base: &Base, repo: &Repo) -> Error {
    let names: Vec<String> = base.all.iter().take(3).map(|tag| tag.name.to_string()).collect();
    let more = base.all.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let error = Error::refused(format!(
        "{} has versions ({}{more}), and HEAD reaches none of them",
        package.name,
        names.join(", ")
    ));
    let branches = base.all.first().map(|tag| repo.branches_with(tag.commit, 5)).unwrap_or_default();
    let error = match (base.all.first(), branches.is_empty()) {
        (Some(tag), false) => error.cause(format!("{} lies on {}", tag.name, branches.join(", "))),
        (Some(tag), true) => error.cause(format!("{} lies on no branch that is here", tag.name)),
        _ => error,
    };
    error
        .hint("run rel on a branch that grew from a release")
        .hint("--initial makes a first release all the same")
}

/// No tag bears a version in a known format: is that really a first release (V7)?
pub(super) fn no_version(
    package: &Package,
    unmatched: &UnmatchedTags,
    warnings: &mut Vec<String>,
) -> Result<()> {
    if !unmatched.formats.is_empty() {
        let seen = unmatched.formats.iter().take(3);
        let seen: Vec<String> =
            seen.map(|(format, count, name)| format!("{format} ({count}, as in {name})")).collect();
        let known: Vec<String> = package.formats.iter().map(ToString::to_string).collect();
        let error = Error::usage(format!(
            "no tag is {}, but there are versions in other formats: {}",
            known.join(" or "),
            seen.join(", ")
        ));
        let line = unmatched.formats.first().map(|(format, ..)| {
            let template = format.to_string();
            if package.configured {
                format!("legacy_tags = [\"{template}\"]")
            } else {
                format!("tag = \"{template}\"")
            }
        });
        let error = match line {
            Some(line) => error.hint(format!("add to release.toml:\n  [version]\n  {line}")),
            None => error,
        };
        return Err(error.hint("--initial makes a first release all the same"));
    }
    if unmatched.numbered.len() >= 2 {
        let seen: Vec<&str> = unmatched.numbered.iter().take(3).map(String::as_str).collect();
        return Err(Error::usage(format!(
            "the tags {} are versions, but not semantic ones",
            seen.join(", ")
        ))
        .hint("tag the last release with three numbers as well (`git tag v1.2.0 <commit>`)")
        .hint("--initial makes a first release all the same"));
    }
    let all: Vec<&str> =
        unmatched.numbered.iter().chain(&unmatched.plain).take(3).map(String::as_str).collect();
    if !all.is_empty() {
        warnings.push(format!(
            "no tag bears a version (there is {}), so this is a first release",
            all.join(", ")
        ));
    }
    Ok(())
}
