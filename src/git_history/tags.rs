//! The tags of a package among all tags, and the refusals where a first release would be a mistake (V6, V7, V29).

use super::package::Package;
use super::release_context::HistoryOptions;
use crate::error::{Error, Result};
use crate::git::{RawTag, Refs, Repo, Target};
use crate::model::{TagFormat, TagName};
use crate::version::{Base, UnmatchedTags, VersionTag, unmatched_tags};
use std::collections::HashSet;

/// What overrides the refusal of a first release.
const INITIAL: &str = "--initial makes a first release anyway";

/// Returns the tags of the repository, and those of the remote if the local ones may be incomplete: the clone is shallow, or
/// it has no version tag at all (V29).
pub(super) fn known(repo: &Repo, packages: &[Package], options: &HistoryOptions) -> Result<Vec<RawTag>> {
    let mut local = repo.tags()?;
    local.retain(|tag| !options.ignored_tags.contains(&tag.name));
    if let Some(advertised) = &options.advertised {
        return Ok(merged(advertised.tags.clone(), local));
    }
    let none = packages.iter().all(|package| of(package, &local).is_empty())
        && unmatched(packages, &local).formats.is_empty();
    let ask = repo.is_shallow() && !options.offline || none && options.initial.is_none();
    let Some(remote) = repo.remote()?.filter(|_| ask) else { return Ok(local) };
    if options.offline {
        let name = &remote.name;
        return Err(Error::unreachable(format!(
            "this clone has no tag with a version, and --offline forbids asking {name} for its tags"
        ))
        .hint(format!(
            "fetch them with `git fetch --tags {name}`; with actions/checkout, add `with: {{ fetch-depth: 0, fetch-tags: true }}`"
        ))
        .hint(INITIAL));
    }
    let listed = repo.ls_remote(&remote, Refs::Tags).map_err(|error| error.hint(INITIAL))?;
    Ok(merged(listed.tags, local))
}

/// The tags of the remote, and those that exist only locally.
pub(super) fn merged(mut remote: Vec<RawTag>, local: Vec<RawTag>) -> Vec<RawTag> {
    let names: HashSet<_> = remote.iter().map(|tag| tag.name.clone()).collect();
    remote.extend(local.into_iter().filter(|tag| !names.contains(&tag.name)));
    remote
}

/// Returns the tags with a version of the package.
pub(super) fn of(package: &Package, tags: &[RawTag]) -> Vec<VersionTag> {
    let parse = |tag: &RawTag| {
        let Target::Commit(commit) = tag.target else { return None };
        let name = tag.name.as_str();
        let mut formats = package.formats.iter().enumerate();
        let (format, version) = formats.find_map(|(index, format)| Some((index, format.read(name)?)))?;
        Some(VersionTag { name: TagName::new(name), version, commit, format })
    };
    tags.iter().filter_map(parse).collect()
}

/// Describes the tags that belong to no package.
pub(super) fn unmatched(packages: &[Package], tags: &[RawTag]) -> UnmatchedTags {
    let matches = |name: &str| {
        packages.iter().flat_map(|package| &package.formats).any(|format| format.read(name).is_some())
    };
    unmatched_tags(tags.iter().map(|tag| tag.name.as_str()).filter(|name| !matches(name)))
}

/// Returns the format of the next tag: the configured one, otherwise that of the highest version reachable from HEAD (V1).
pub(super) fn format(package: &Package, base: &Base) -> TagFormat {
    let index = base.current().filter(|_| !package.configured).map_or(0, |tag| tag.format);
    package.formats.get(index).cloned().unwrap_or_else(|| TagFormat::new("v", ""))
}

/// The error for versions of which none is reachable from HEAD (V6).
pub(super) fn none_reachable(package: &Package, base: &Base, repo: &Repo) -> Error {
    let names: Vec<String> = base.all.iter().take(3).map(|tag| tag.name.to_string()).collect();
    let more = base.all.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let mut error = Error::refused(format!(
        "{} has tags with versions ({}{more}), but none is reachable from HEAD",
        package.name,
        names.join(", ")
    ));
    if let Some(tag) = base.all.first() {
        let branches = repo.branches_containing(tag.commit, 5);
        error = error.cause(match branches.is_empty() {
            false => format!("{} is on {}", tag.name, branches.join(", ")),
            true => format!("{} is on no branch of this clone", tag.name),
        });
    }
    error.hint("run rel on a branch that contains a release").hint(INITIAL)
}

/// Refuses a first release if the tags are versions in a format that is not configured, or in another scheme (V7).
pub(super) fn check_unmatched(
    package: &Package,
    unmatched: &UnmatchedTags,
    warnings: &mut Vec<String>,
) -> Result<()> {
    if let Some(first) = unmatched.formats.first() {
        let found = unmatched.formats.iter().take(3);
        let found: Vec<String> = found
            .map(|found| {
                format!("{} ({}, for example {})", found.format, tag_count(found.count), found.example)
            })
            .collect();
        let known: Vec<String> = package.formats.iter().map(ToString::to_string).collect();
        let line = match package.configured {
            true => format!("legacy_tags = [\"{}\"]", first.format),
            false => format!("tag = \"{}\"", first.format),
        };
        return Err(Error::usage(format!(
            "no tag has the format {}, but tags in other formats have versions: {}",
            known.join(" or "),
            found.join(", ")
        ))
        .hint(format!("add to release.toml:\n  [version]\n  {line}"))
        .hint(INITIAL));
    }
    if unmatched.numbered.len() >= 2 {
        let found: Vec<&str> = unmatched.numbered.iter().take(3).map(String::as_str).collect();
        return Err(Error::usage(format!(
            "the tags {} are versions, but not semantic versions",
            found.join(", ")
        ))
        .hint("tag the last release with three numbers as well (`git tag v1.2.0 <commit>`)")
        .hint(INITIAL));
    }
    let all = unmatched.numbered.iter().chain(&unmatched.plain);
    let all: Vec<&str> = all.take(3).map(String::as_str).collect();
    if !all.is_empty() {
        warnings.push(format!("no tag has a version (found {}), so this is a first release", all.join(", ")));
    }
    Ok(())
}

fn tag_count(count: usize) -> String {
    if count == 1 { "1 tag".to_owned() } else { format!("{count} tags") }
}
