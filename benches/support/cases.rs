//! A test case: a repository as it was just before a release, or at a commit that was not released, made from the objects of
//! the whole history.

use super::support::Failure;
use super::support::histories::{History, cache, final_version};
use super::support::shell::git;
use std::fs;
use std::path::{Path, PathBuf};

/// A release, or a commit that was not released.
pub(crate) struct Case {
    /// Its tag; the hash of a commit that was not released.
    pub(crate) tag: String,
    /// Its version: the right answer.
    pub(crate) version: semver::Version,
    /// The highest final before it.
    pub(crate) before: String,
    /// A repository whose branch `main` is at its commit, with only the tags from before.
    pub(crate) folder: PathBuf,
}

/// A tag with its object and its commit.
struct Tag {
    name: String,
    object: String,
    commit: String,
}

/// Returns the last finals of the main line, highest first.
pub(crate) fn last(history: &History, most: usize) -> Result<Vec<Case>, Failure> {
    let reached = tags(&history.folder, "HEAD")?;
    let mut finals: Vec<(semver::Version, &Tag)> =
        reached.iter().filter_map(|tag| Some((final_version(&tag.name, history.prefix)?, tag))).collect();
    finals.sort_by(|(a, _), (b, _)| b.cmp(a));
    finals.into_iter().take(most).map(|(version, tag)| case(history, version, tag)).collect()
}

fn case(history: &History, version: semver::Version, tag: &Tag) -> Result<Case, Failure> {
    // Of the tags on the commit itself, only a lower version existed before: a prerelease that became the final. The others
    // are other names of this release, or of other packages.
    let before = |other: &Tag| version_of(&other.name, history.prefix).is_some_and(|other| other < version);
    let mut known = tags(&history.folder, &tag.commit)?;
    known.retain(|other| other.commit != tag.commit || before(other));
    let before = highest(&known, history);
    let folder = cache().join("cases").join(&history.name).join(&tag.name);
    prepare(history, &folder, &tag.commit, &known)?;
    let shown = before.map_or_else(|| "none".to_owned(), |version| version.to_string());
    Ok(Case { tag: tag.name.clone(), version, before: shown, folder })
}

/// Returns the last commits of the main line without a final. The right answer is the version that existed already.
pub(crate) fn unreleased(history: &History, most: usize) -> Result<Vec<Case>, Failure> {
    let reached = tags(&history.folder, "HEAD")?;
    let released = |commit: &str| {
        reached.iter().any(|tag| tag.commit == commit && final_version(&tag.name, history.prefix).is_some())
    };
    let list = git(&history.folder, &["rev-list", "--first-parent", &format!("-{most}"), "HEAD"])?;
    let mut cases = Vec::new();
    for commit in list.lines().filter(|commit| !released(commit)) {
        let known = tags(&history.folder, commit)?;
        let Some(version) = highest(&known, history) else { continue };
        let folder = cache().join("cases").join(&history.name).join(commit);
        prepare(history, &folder, commit, &known)?;
        cases.push(Case { tag: commit.to_owned(), before: version.to_string(), version, folder });
    }
    Ok(cases)
}

/// The highest final among tags.
fn highest(tags: &[Tag], history: &History) -> Option<semver::Version> {
    tags.iter().filter_map(|tag| final_version(&tag.name, history.prefix)).max()
}

/// Creates the repository again, without what a tool left in it; sharing the objects makes that cheap.
fn prepare(history: &History, folder: &Path, commit: &str, tags: &[Tag]) -> Result<(), Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    git(folder, &["init", "--quiet", "--initial-branch=main"])?;
    let objects = history.folder.join(".git/objects");
    fs::write(folder.join(".git/objects/info/alternates"), format!("{}\n", objects.display()))?;
    let refs: String = tags.iter().map(|tag| format!("{} refs/tags/{}\n", tag.object, tag.name)).collect();
    fs::write(folder.join(".git/packed-refs"), refs)?;
    git(folder, &["update-ref", "refs/heads/main", commit])?;
    // Records the peeled tags, as every clone has them.
    git(folder, &["pack-refs", "--all"])?;
    Ok(())
}

/// Returns the tags reachable from a commit.
fn tags(folder: &Path, from: &str) -> Result<Vec<Tag>, Failure> {
    let format = "--format=%(refname:strip=2) %(objectname) %(*objectname)";
    let list = git(folder, &["for-each-ref", &format!("--merged={from}"), format, "refs/tags"])?;
    let tag = |line: &str| {
        let mut words = line.split(' ');
        let (name, object) = (words.next()?.to_owned(), words.next()?.to_owned());
        let commit = words.next().filter(|peeled| !peeled.is_empty()).unwrap_or(&object).to_owned();
        Some(Tag { name, object, commit })
    };
    Ok(list.lines().filter_map(tag).collect())
}

/// The version in a tag of the history's own format.
fn version_of(name: &str, prefix: &str) -> Option<semver::Version> {
    semver::Version::parse(name.strip_prefix(prefix)?).ok()
}
