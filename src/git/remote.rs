//! What a remote says of its tags, and deeper history from it. The user's `git` does the talking. Leans on `program`.

use super::repo::Repo;
use super::tags::{RawTag, Target};
use crate::error::{Error, Result};
use crate::model::{BranchName, CommitId, TagName};
use std::collections::{BTreeMap, HashMap};

/// A configured remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its name, as `git remote` lists it.
    pub name: String,
    /// Where it fetches from.
    pub url: Option<String>,
}

/// What a remote says of itself.
#[derive(Clone, Debug, Default)]
pub struct Advertised {
    /// Its heads and tags by full name; of an annotated tag the tag's own object.
    pub refs: HashMap<String, CommitId>,
    /// Its tags, nested ones peeled by the remote itself.
    pub tags: Vec<RawTag>,
}

impl Repo {
    /// The remote of the current branch, else `origin`, else the only one.
    pub fn remote(&self) -> Result<Option<Remote>> {
        let names: Vec<String> = self
            .git
            .remotes()
            .map(|names| names.iter().filter_map(|name| name.ok().flatten().map(str::to_owned)).collect())
            .unwrap_or_default();
        let upstream = self
            .git
            .head()
            .ok()
            .and_then(|head| head.name().ok().map(str::to_owned))
            .and_then(|branch| self.git.branch_upstream_remote(&branch).ok())
            .and_then(|name| name.as_str().ok().map(str::to_owned));
        let chosen = upstream
            .filter(|name| names.contains(name))
            .or_else(|| names.iter().find(|name| *name == "origin").cloned())
            .or_else(|| (names.len() == 1).then(|| names.first().cloned()).flatten());
        let Some(name) = chosen else { return Ok(None) };
        if name.starts_with('-') {
            return Err(Error::usage(format!(
                "the remote {name} begins with a hyphen, which git would take for an option"
            ))
            .hint("git config --rename-section gives it another name"));
        }
        let url = self.git.find_remote(&name).ok().and_then(|remote| remote.url().ok().map(str::to_owned));
        Ok(Some(Remote { name, url }))
    }

    /// The tags that the remote has; nested ones peeled by the remote itself.
    pub fn remote_tags(&self, remote: &Remote) -> Result<Vec<RawTag>> {
        let answer = self.program.command("ls-remote").option("--tags").operand(&remote.name).run()?;
        if !answer.ok {
            return Err(Error::unreachable(format!("the tags of {} cannot be listed", remote.name))
                .cause(answer.message)
                .hint(format!(
                    "`git ls-remote --tags {}` must work here; --initial makes a first release without it",
                    remote.name
                )));
        }
        Ok(read_refs(&answer.stdout).tags)
    }

    /// The heads and tags that the remote has.
    pub fn advertised(&self, remote: &Remote) -> Result<Advertised> {
        let command = self.program.command("ls-remote").option("--heads").option("--tags");
        let answer = command.operand(&remote.name).run()?;
        if !answer.ok {
            return Err(Error::unreachable(format!("{} cannot be asked what it has", remote.name))
                .cause(answer.message)
                .hint(format!("`git ls-remote {}` must work here", remote.name)));
        }
        Ok(read_refs(&answer.stdout))
    }

    /// The commit that a branch of the remote stands at, by the last fetch.
    pub fn remote_branch(&self, remote: &Remote, branch: &BranchName) -> Option<CommitId> {
        let name = format!("refs/remotes/{}/{branch}", remote.name);
        let reference = self.git.find_reference(&name).ok()?;
        reference.peel_to_commit().ok().map(|commit| super::graph::from_oid(commit.id()))
    }

    /// Moves the edge of a shallow history `by` commits back, or away altogether. Takes no tags along: they would
    /// bring histories of their own.
    pub fn deepen(&self, remote: &Remote, head: CommitId, by: Option<u32>) -> Result<()> {
        let fetch = || {
            let command = self.program.command("fetch").option("--no-tags").option("--no-write-fetch-head");
            let command =
                command.option("--no-recurse-submodules").option("--no-auto-maintenance").option("--quiet");
            match by {
                Some(by) => command.number("--deepen", by),
                None => command.option("--unshallow"),
            }
        };
        // HEAD alone is the least; some servers only give what a branch names.
        let mut answer = fetch().operand(&remote.name).operand(head.to_string()).run()?;
        if !answer.ok {
            answer = fetch().operand(&remote.name).run()?;
        }
        if !answer.ok {
            return Err(Error::unreachable(format!("older history cannot be fetched from {}", remote.name))
                .cause(answer.message)
                .hint(
                    "give the checkout its whole history; for actions/checkout: `with: { fetch-depth: 0 }`",
                ));
        }
        self.forget()
    }

    /// Branches, local and remote, that contain a commit; at most `most`. For messages only.
    pub fn branches_with(&self, commit: CommitId, most: u32) -> Vec<String> {
        let command =
            self.program.command("for-each-ref").number("--count", most).option("--format=%(refname:short)");
        let answer = command.contains(commit).operand("refs/heads").operand("refs/remotes").run();
        answer.map(|answer| answer.stdout.lines().map(str::to_owned).collect()).unwrap_or_default()
    }
}

/// Reads lines of `git ls-remote`: a name, a tab, a ref; a ref that ends with `^{}` is what the tag before it leads to.
fn read_refs(lines: &str) -> Advertised {
    let (mut refs, mut tags): (HashMap<String, CommitId>, BTreeMap<&str, CommitId>) = Default::default();
    for line in lines.lines() {
        let Some((id, name)) = line.split_once('\t') else { continue };
        let Some(id) = CommitId::parse(id) else { continue };
        if let Some(tag) = name.strip_prefix("refs/tags/") {
            tags.insert(tag.strip_suffix("^{}").unwrap_or(tag), id);
        }
        if !name.ends_with("^{}") {
            refs.insert(name.to_owned(), id);
        }
    }
    let tag = |(name, id): (&str, CommitId)| RawTag { name: TagName::new(name), target: Target::Commit(id) };
    Advertised { refs, tags: tags.into_iter().map(tag).collect() }
}
