//! The configured remotes of a repository, and what was last fetched from them.

use super::fetch::{Depth, FetchTimeout};
use super::graph::{from_oid, oid};
use super::ls_remote::Refs;
use super::repo::Repo;
use super::signatures::person;
use crate::error::{Error, Result};
use crate::model::{BranchName, CommitId, Trailers};

/// A configured remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its name, as `git remote` lists it.
    pub name: String,
    /// Where it fetches from.
    pub url: Option<String>,
}

impl Repo {
    /// Returns the remote of the current branch, else `origin`, else the only one.
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

    /// Returns the commit of a branch of the remote, as of the last fetch.
    pub fn remote_branch(&self, remote: &Remote, branch: &BranchName) -> Option<CommitId> {
        let name = format!("refs/remotes/{}/{branch}", remote.name);
        let reference = self.git.find_reference(&name).ok()?;
        self.check_object(reference.resolve().ok()?.target()?).ok()?;
        reference.peel_to_commit().ok().map(|commit| from_oid(commit.id()))
    }

    /// Describes who moved refs on the remote, as far as that can be found out; for messages only.
    pub fn describe_moved(&self, remote: &Remote, moved: &[String]) -> Vec<String> {
        let Ok(there) = self.ls_remote(remote, Refs::HeadsAndTags) else { return Vec::new() };
        let describe = |reference: &String| {
            let Some(id) = there.refs.get(reference) else {
                return format!("{reference} was deleted");
            };
            // What cannot be fetched is described by its hash only.
            let _ = self.fetch(remote, reference, Depth::Missing, FetchTimeout::Long);
            let short_name = reference.trim_start_matches("refs/heads/").trim_start_matches("refs/tags/");
            let short = id.short();
            if let Ok(tag) = self.git.find_tag(oid(id)) {
                let run = run_of(&String::from_utf8_lossy(tag.message_bytes().unwrap_or_default()));
                let by = tag.tagger().map_or_else(String::new, |by| format!(" by {}", person(&by).name));
                return format!("{short_name} is at {short}{by}{run}");
            }
            match self.git.find_commit(oid(id)) {
                Ok(commit) => {
                    let subject = String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default());
                    format!("{short_name} is at {short} by {}: {subject}", person(&commit.committer()).name)
                }
                Err(_) => format!("{short_name} is at {short}"),
            }
        };
        moved.iter().map(describe).collect()
    }
}

/// Returns which CI run made a tag: `, run 9876543210.1`; nothing where it does not say.
fn run_of(message: &str) -> String {
    let run = Trailers::parse(message).ok().flatten().and_then(|trailers| trailers.run);
    run.map_or_else(String::new, |run| format!(", run {run}"))
}
