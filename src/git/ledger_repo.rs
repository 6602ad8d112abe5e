//! A private bare repository inside the user's, for the ledger. Fetching into it shallowly leaves the user's history
//! complete, and pruning the user's repository does not touch it. It talks to remotes with the user's settings.

use super::graph::Graph;
use super::open;
use super::open::Alteration;
use super::remote::Remote;
use super::repo::Repo;
use super::variables;
use super::writer::Writer;
use crate::error::{Error, Kind, Result, ResultExt};
use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The settings of a repository that decide how remotes are accessed and who signs; prefixes. Settings of the user and of
/// the machine git reads anyway.
const INHERITED_SETTINGS: [&str; 13] = [
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

/// The settings of a remote that are valid in every folder; suffixes.
const INHERITED_REMOTE_SETTINGS: [&str; 6] =
    [".url", ".pushurl", ".proxy", ".uploadpack", ".receivepack", ".vcs"];

impl Repo {
    /// Returns the folder in which `rel` keeps private data of this clone: `.git/rel`, shared by all work trees.
    pub fn private_folder(&self) -> PathBuf {
        self.git.commondir().join("rel")
    }

    /// Returns the folder of this repository.
    pub fn folder(&self) -> PathBuf {
        self.git.path().to_owned()
    }
}

impl Writer<'_> {
    /// Opens a private repository, and creates it first where the folder does not exist. `settings` is how many settings
    /// the environment has already (`GIT_CONFIG_COUNT`).
    pub fn open_ledger_repo(&self, folder: &Path, settings: usize) -> Result<Repo> {
        let fault = |error: git2::Error| {
            Error::new(Kind::Refused, format!("cannot open {}", folder.display())).cause(error.message())
        };
        // The settings first: opening the user's repository decides how libgit2 is set up.
        let inherited = self.repo.inherited_settings()?;
        if !folder.exists() {
            create(folder).map_err(fault)?;
        }
        let git = git2::Repository::open_bare(folder).map_err(fault)?;
        let mut environment = variables::of_private_repository(folder)
            .with("GIT_CONFIG_COUNT", (settings + inherited.len()).to_string());
        for (index, (name, value)) in inherited.into_iter().enumerate() {
            let index = settings + index;
            environment = environment
                .with(format!("GIT_CONFIG_KEY_{index}"), name)
                .with(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        let program = self.repo.program.in_folder(folder, environment);
        let graph =
            RefCell::new(Graph::new(git.commondir(), open::alterations(&git, Alteration::ShallowOnly)?));
        Ok(Repo::from_parts(git, program, graph))
    }

    /// Lets this repository read the objects of another one, which is only read from now on, and which may be shallow.
    pub fn borrow_objects(&self, from: &Path) -> Result<()> {
        let folder = self.repo.git.path();
        let line = format!("{}\n", from.join("objects").display());
        let write = || -> std::io::Result<()> {
            std::fs::write(folder.join("objects/info/alternates"), &line)?;
            match std::fs::copy(from.join("shallow"), folder.join("shallow")) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        };
        write().context(Kind::Refused, format!("cannot write {}", folder.display()))?;
        self.repo.reload()
    }
}

impl Repo {
    /// Returns the settings of this repository that the private one uses too. There may be secrets among them, so git gets
    /// them through its environment, and they are not written to another file.
    fn inherited_settings(&self) -> Result<Vec<(String, OsString)>> {
        let context = "cannot read the settings of this repository";
        let config = self.git.config().context(Kind::Refused, context)?;
        let mut entries = config.entries(None).context(Kind::Refused, context)?;
        let mut found = Vec::new();
        while let Some(entry) = entries.next() {
            let entry = entry.context(Kind::Refused, context)?;
            let own = matches!(entry.level(), git2::ConfigLevel::Local | git2::ConfigLevel::Worktree);
            let (Ok(name), Ok(value)) = (entry.name(), entry.value()) else { continue };
            let of_remote = name.starts_with("remote.")
                && INHERITED_REMOTE_SETTINGS.iter().any(|end| name.ends_with(end));
            if own && (of_remote || INHERITED_SETTINGS.iter().any(|start| name.starts_with(start))) {
                let address = name.ends_with(".url") || name.ends_with(".pushurl");
                let value = if of_remote && address { self.absolute(value) } else { value.into() };
                found.push((name.to_owned(), value));
            }
        }
        Ok(found)
    }

    /// Returns the remote of this name or URL, so that it can be used from every folder: paths become absolute.
    pub fn absolute_remote(&self, text: &str) -> Remote {
        let known = self.git.find_remote(text).ok();
        match known.and_then(|remote| remote.url().ok().map(str::to_owned)) {
            Some(url) => Remote { name: text.to_owned(), url: Some(shown(&self.absolute(&url))) },
            None => Remote { name: shown(&self.absolute(text)), url: Some(shown(&self.absolute(text))) },
        }
    }

    /// Returns this repository as a remote, for a ledger that has no other.
    pub fn as_remote(&self) -> Remote {
        // Where its path cannot be written down, it is named as seen from the folder of the copy, in which git runs.
        let path = self.git.commondir().to_str().unwrap_or("../..").trim_end_matches('/').to_owned();
        Remote { name: path.clone(), url: Some(path) }
    }

    /// Returns a path relative to the top of this repository as an absolute one, and any other address unchanged.
    fn absolute(&self, address: &str) -> OsString {
        let colon = address.find(':').unwrap_or(usize::MAX);
        let remote = address.contains("://") || colon < address.find('/').unwrap_or(usize::MAX);
        if remote || Path::new(address).is_absolute() {
            return address.into();
        }
        let top = self.work_tree().unwrap_or_else(|| self.git.path().to_owned());
        top.join(address).into_os_string()
    }
}

/// Returns an address for messages, and for git where it is UTF-8.
fn shown(address: &OsStr) -> String {
    address.to_string_lossy().into_owned()
}

/// Creates an empty repository under another name and renames it, because another process may be doing the same.
fn create(folder: &Path) -> std::result::Result<(), git2::Error> {
    let temporary = folder.with_extension(std::process::id().to_string());
    let mut options = git2::RepositoryInitOptions::new();
    options.bare(true).mkpath(true).external_template(false).initial_head("rel");
    git2::Repository::init_opts(&temporary, &options)?;
    if std::fs::rename(&temporary, folder).is_err() {
        // If another process was faster, its repository is as good; any other problem shows when it is opened.
        drop(std::fs::remove_dir_all(&temporary));
    }
    Ok(())
}
