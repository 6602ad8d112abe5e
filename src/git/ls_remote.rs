//! Asks a remote for its refs.

use super::remote::Remote;
use super::repo::Repo;
use super::retries;
use super::tags::{RawTag, Target};
use crate::error::{Error, Result};
use crate::model::{BranchName, CommitId, TagName};
use std::collections::{BTreeMap, HashMap};

/// Which refs of a remote are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Refs<'a> {
    /// All branches and tags.
    HeadsAndTags,
    /// All tags.
    Tags,
    /// These, by their full names; `HEAD` also says which branch is the default one.
    Named(&'a [&'a str]),
}

/// What a remote answered.
#[derive(Clone, Debug, Default)]
pub struct LsRemote {
    /// The refs that exist, by their full names; for an annotated tag the tag object.
    pub refs: HashMap<String, CommitId>,
    /// The tags, with the commits that they point at, where all tags were asked for.
    pub tags: Vec<RawTag>,
    /// The default branch, where `HEAD` was asked for.
    pub default_branch: Option<BranchName>,
}

impl LsRemote {
    /// Returns the branches among the refs, sorted by name.
    #[must_use]
    pub fn branches(&self) -> Vec<(BranchName, CommitId)> {
        let branch = |(name, id): (&String, &CommitId)| {
            Some((BranchName::new(name.strip_prefix("refs/heads/")?), *id))
        };
        let mut branches: Vec<_> = self.refs.iter().filter_map(branch).collect();
        branches.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
        branches
    }
}

impl Repo {
    /// Asks a remote for its refs. A few refs are asked for within the network timeout; to list all of them may take
    /// longer.
    ///
    /// # Errors
    ///
    /// Exit code 6: the remote cannot be reached, or its answer cannot be read: that is not an answer without refs.
    pub fn ls_remote(&self, remote: &Remote, refs: Refs<'_>) -> Result<LsRemote> {
        let answer = retries::run_reading(|| {
            let command = self.program.command("ls-remote").option("--symref");
            match refs {
                Refs::HeadsAndTags => command.option("--heads").option("--tags").operand(&remote.name),
                Refs::Tags => command.option("--tags").operand(&remote.name),
                Refs::Named(names) => {
                    let command = command.with_network_timeout().operand(&remote.name);
                    names.iter().fold(command, |command, name| command.operand(*name))
                }
            }
        })?;
        if !answer.ok {
            return Err(Error::unreachable(format!("cannot reach {}", remote.name))
                .cause(answer.message)
                .hint(format!("`git ls-remote {}` must work here", remote.name)));
        }
        let mut found = parse(&answer.stdout).map_err(|line| {
            Error::unreachable(format!("cannot read what git ls-remote {} printed", remote.name))
                .cause(format!(
                    "this line names no ref: {}",
                    line.chars().take(MAX_SHOWN).collect::<String>()
                ))
                .hint(format!(
                    "`git ls-remote {}` must list the refs of the remote, and nothing else",
                    remote.name
                ))
        })?;
        if let Refs::Named(names) = refs {
            // A name also matches the end of a longer one.
            found.refs.retain(|name, _| names.contains(&name.as_str()));
        }
        Ok(found)
    }
}

/// How many characters of a line that cannot be read are shown.
const MAX_SHOWN: usize = 80;

/// Parses lines of `git ls-remote --symref`: `<object>\t<ref>`, where a ref that ends with `^{}` gives the commit of the
/// tag in the line before it, and `ref: <branch>\tHEAD`. The error is the first line that is neither.
fn parse(lines: &str) -> std::result::Result<LsRemote, &str> {
    let mut found = LsRemote::default();
    let mut tags: BTreeMap<&str, CommitId> = BTreeMap::new();
    for line in lines.lines() {
        let (value, name) = line.split_once('\t').ok_or(line)?;
        if let Some(branch) = value.strip_prefix("ref: refs/heads/").filter(|_| name == "HEAD") {
            found.default_branch = Some(BranchName::new(branch));
        }
        if value.starts_with("ref: ") {
            continue;
        }
        let id = CommitId::parse(value).ok_or(line)?;
        if let Some(tag) = name.strip_prefix("refs/tags/") {
            tags.insert(tag.strip_suffix("^{}").unwrap_or(tag), id);
        }
        if !name.ends_with("^{}") {
            found.refs.insert(name.to_owned(), id);
        }
    }
    let tag = |(name, id): (&str, CommitId)| RawTag { name: TagName::new(name), target: Target::Commit(id) };
    found.tags = tags.into_iter().map(tag).collect();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::model::{BranchName, CommitId};

    #[test]
    fn refs_tags_and_the_default_branch_are_read() {
        let [one, two] = ["1".repeat(40), "2".repeat(40)];
        let lines = format!(
            "ref: refs/heads/trunk\tHEAD\n{one}\tHEAD\n{one}\trefs/heads/trunk\n\
             {two}\trefs/tags/v1.0.0\n{one}\trefs/tags/v1.0.0^{{}}\n"
        );
        let found = parse(&lines).unwrap();
        assert_eq!(found.default_branch, Some(BranchName::new("trunk")));
        assert_eq!(found.refs.len(), 3);
        assert_eq!(found.refs.get("refs/tags/v1.0.0"), CommitId::parse(&two).as_ref());
        let target = super::Target::Commit(CommitId::parse(&one).unwrap());
        assert_eq!((found.tags.len(), found.tags[0].target), (1, target));
    }

    #[test]
    fn what_is_no_ref_is_an_error_and_not_an_empty_answer() {
        let id = "1".repeat(40);
        assert_eq!(parse("").unwrap().refs.len(), 0);
        assert_eq!(parse(&format!("{id}\tHEAD\nref: refs/x\trefs/y\n")).unwrap().refs.len(), 1);
        for line in [
            "hello",
            "<html>",
            "\u{0}\u{1}",
            &format!("{id} HEAD"),
            "12\tHEAD",
            "ref refs/heads/main\tHEAD",
            "",
        ] {
            let lines = format!("{id}\trefs/heads/main\n{line}\n");
            assert_eq!(parse(&lines).err(), Some(line), "{line}");
        }
    }
}
