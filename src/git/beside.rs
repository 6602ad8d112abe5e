//! A bare repository of `rel`'s own inside the user's: what is fetched into it shallow leaves the user's history whole,
//! and what the user's git prunes does not touch it. It talks to remotes as the user's repository would. Leans on `git2`
//! and `program`.

use super::graph::Graph;
use super::open;
use super::remote::Remote;
use super::repo::Repo;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::process::CommandEnvironment;
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// The settings of a repository that decide how a remote is spoken to and who signs. What is set for the user or the
/// machine, git reads by itself.
const HANDED_ON: [&str; 13] = [
    "url.",
    "http.",
    "credential.",
    "ssh.",
    "protocol.",
    "user.",
    "author.",
    "committer.",
    "gpg.",
    "commit.gpgsign",
    "core.sshcommand",
    "core.askpass",
    "core.gitproxy",
];

/// The settings of a remote that hold from anywhere.
const OF_A_REMOTE: [&str; 6] = [".url", ".pushurl", ".proxy", ".uploadpack", ".receivepack", ".vcs"];

/// Variables that would lead git back to the user's repository.
const LEADING_BACK: [&str; 5] =
    ["GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE"];

impl Repo {
    /// Where `rel` keeps what is its own in this clone: `.git/rel`, shared by all work trees.
    pub fn own_folder(&self) -> PathBuf {
        self.git.commondir().join("rel")
    }

    /// Opens the repository of this name beside the user's, and makes it where it is not there yet. `settings`: how many
    /// settings the environment brings already (`GIT_CONFIG_COUNT`).
    pub fn beside(&self, name: &str, settings: usize) -> Result<Repo> {
        let folder = self.own_folder().join(name);
        let fault = |error: git2::Error| {
            Error::new(Kind::Refused, format!("{} cannot be opened", folder.display())).cause(error.message())
        };
        // Asked for its configuration first: whoever opens a repository decides how libgit2 is set up.
        let handed_on = self.handed_on()?;
        if !folder.exists() {
            make(&folder).map_err(fault)?;
        }
        let git = git2::Repository::open_bare(&folder).map_err(fault)?;
        let mut environment = CommandEnvironment::inherited()
            .with("GIT_DIR", &folder)
            .with("GIT_CONFIG_COUNT", (settings + handed_on.len()).to_string());
        for name in LEADING_BACK {
            environment = environment.without(name);
        }
        for (place, (name, value)) in handed_on.into_iter().enumerate() {
            let place = settings + place;
            environment = environment
                .with(format!("GIT_CONFIG_KEY_{place}"), name)
                .with(format!("GIT_CONFIG_VALUE_{place}"), value);
        }
        let program = self.program.in_folder(&folder, environment);
        let graph = RefCell::new(Graph::new(git.commondir(), open::alterations(&git, false)?));
        Ok(Repo::made_of(git, program, graph))
    }

    /// The settings of this repository that hold beside it too. Secrets among them go to git through its environment,
    /// never into another file.
    fn handed_on(&self) -> Result<Vec<(String, String)>> {
        let context = "the settings of this repository cannot be read";
        let config = self.git.config().context(Kind::Refused, context)?;
        let mut entries = config.entries(None).context(Kind::Refused, context)?;
        let mut found = Vec::new();
        while let Some(entry) = entries.next() {
            let entry = entry.context(Kind::Refused, context)?;
            let own = matches!(entry.level(), git2::ConfigLevel::Local | git2::ConfigLevel::Worktree);
            let (Ok(name), Ok(value)) = (entry.name(), entry.value()) else { continue };
            let of_a_remote =
                name.starts_with("remote.") && OF_A_REMOTE.iter().any(|end| name.ends_with(end));
            if own && (of_a_remote || HANDED_ON.iter().any(|start| name.starts_with(start))) {
                let place = name.ends_with(".url") || name.ends_with(".pushurl");
                let value = if of_a_remote && place { self.absolute(value) } else { value.to_owned() };
                found.push((name.to_owned(), value));
            }
        }
        Ok(found)
    }

    /// A remote as it can be named from anywhere: paths of this repository lead to the same place from every folder.
    pub fn remote_at(&self, text: &str) -> Remote {
        let known = self.git.find_remote(text).ok();
        match known.and_then(|remote| remote.url().ok().map(str::to_owned)) {
            Some(url) => Remote { name: text.to_owned(), url: Some(self.absolute(&url)) },
            None => Remote { name: self.absolute(text), url: Some(self.absolute(text)) },
        }
    }

    /// This repository as a remote of the one beside it, where there is no other.
    pub fn as_remote(&self) -> Remote {
        let place = self.git.commondir().to_string_lossy().trim_end_matches('/').to_owned();
        Remote { name: place.clone(), url: Some(place) }
    }

    /// A path from the top of this repository; every other address as it is.
    fn absolute(&self, place: &str) -> String {
        let colon = place.find(':').unwrap_or(usize::MAX);
        let remote = place.contains("://") || colon < place.find('/').unwrap_or(usize::MAX);
        if remote || Path::new(place).is_absolute() {
            return place.to_owned();
        }
        let top = self.work_tree().unwrap_or_else(|| self.git.path().to_owned());
        top.join(place).to_string_lossy().into_owned()
    }
}

/// Makes an empty repository. It appears as a whole, because another process may be about to do the same.
fn make(folder: &Path) -> std::result::Result<(), git2::Error> {
    let half = folder.with_extension(std::process::id().to_string());
    let mut how = git2::RepositoryInitOptions::new();
    how.bare(true).mkpath(true).external_template(false).initial_head("rel");
    git2::Repository::init_opts(&half, &how)?;
    if std::fs::rename(&half, folder).is_err() {
        // Where somebody was faster, theirs is as good; opening says what else is wrong.
        drop(std::fs::remove_dir_all(&half));
    }
    Ok(())
}
