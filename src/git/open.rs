//! Opens a repository, and explains why one cannot be opened.

use super::graph::{Alterations, from_oid};
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::CommitId;
use std::path::Path;
use std::sync::Once;

/// Extensions that do not matter for reading refs and commits, but that libgit2 would refuse.
const HARMLESS: [&str; 2] = ["partialclone", "relativeworktrees"];

/// Where a repository is, as git finds it (git(1), "The Git Repository").
pub struct Location<'a> {
    /// The folder to work in: the repository contains it, where `git_dir` does not name another.
    pub folder: &'a Path,
    /// `GIT_DIR`.
    pub git_dir: Option<&'a Path>,
    /// `GIT_WORK_TREE`.
    pub work_tree: Option<&'a Path>,
}

/// Opens the repository of a location.
pub(super) fn open(location: &Location<'_>) -> Result<git2::Repository> {
    let folder = location.git_dir.unwrap_or(location.folder);
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[expect(
            unsafe_code,
            reason = "libgit2 keeps these in a static; no other libgit2 call runs at the same time"
        )]
        // SAFETY: `Once` lets one thread in, before any repository is opened.
        unsafe {
            // If this fails, opening reports the extension.
            drop(git2::opts::set_extensions(&HARMLESS));
            // `graph` reads objects once and keeps them; libgit2's cache would only cost.
            git2::opts::enable_caching(false);
        }
        // Like git: objects are verified when they arrive, not at every read. This halves the time of a walk.
        git2::opts::strict_hash_verification(false);
    });
    let none: [&Path; 0] = [];
    let flags = git2::RepositoryOpenFlags::FROM_ENV;
    let repository =
        git2::Repository::open_ext(folder, flags, none).map_err(|error| explain(folder, &error))?;
    // GIT_NAMESPACE is for servers: in a namespace there would be other branches, and another ledger.
    repository.remove_namespace().context(Kind::Refused, "cannot open the refs of this repository")?;
    if let Some(work_tree) = location.work_tree {
        // libgit2 takes a relative one as relative to the repository.
        let set = repository.set_workdir(work_tree, false);
        set.context(
            Kind::Refused,
            format!("{}, the value of GIT_WORK_TREE, is not a folder", work_tree.display()),
        )?;
    }
    Ok(repository)
}

fn explain(folder: &Path, error: &git2::Error) -> Error {
    let message = error.message();
    let path = folder.display();
    if error.code() == git2::ErrorCode::NotFound {
        return Error::refused(format!("{path} is not in a git repository"))
            .hint("run rel inside a clone, or pass -C");
    }
    if error.code() == git2::ErrorCode::Owner {
        return Error::refused(format!(
            "the repository at {path} belongs to another user, so git does not trust it"
        ))
        .cause(message)
        .hint(format!("git config --global --add safe.directory {path}"));
    }
    let extensions = Extensions::read(folder);
    if extensions.sha256 {
        return Error::refused(format!(
            "the repository at {path} uses SHA-256 object names, which libgit2 cannot read"
        ))
        .cause(message)
        .hint("rel cannot work in SHA-256 repositories yet");
    }
    if extensions.reftable {
        return Error::refused(format!(
            "the repository at {path} stores its refs in a reftable, which libgit2 cannot read"
        ))
        .cause(message)
        .hint("git refs migrate --ref-format=files");
    }
    Error::refused(format!("cannot open the repository at {path}")).cause(message)
}

/// The extensions of a repository that libgit2 cannot read (git-config(1), `extensions.*`).
#[derive(Default)]
struct Extensions {
    sha256: bool,
    reftable: bool,
}

impl Extensions {
    /// Reads the configuration of a repository that cannot be opened; nothing where it cannot be read either.
    fn read(folder: &Path) -> Self {
        let none: [&Path; 0] = [];
        let Ok(git_dir) = git2::Repository::discover_path(folder, none) else { return Extensions::default() };
        let git_dir = git_dir.as_path();
        // Linked work trees share the configuration of the main one (gitrepository-layout(5)).
        let common = lines(&git_dir.join("commondir")).first().map(|path| git_dir.join(path));
        let file = common.as_deref().unwrap_or(git_dir).join("config");
        let config = git2::Config::open(&file);
        let is = |name: &str, value: &str| {
            config.as_ref().is_ok_and(|config| config.get_string(name).is_ok_and(|found| found == value))
        };
        Extensions {
            sha256: is("extensions.objectformat", "sha256"),
            reftable: is("extensions.refstorage", "reftable"),
        }
    }
}

/// What may change history from what the objects say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alteration {
    /// `refs/replace`, grafts and the boundary of a shallow clone.
    All,
    /// Grafts and the boundary of a shallow clone (`GIT_NO_REPLACE_OBJECTS`).
    NoReplacements,
    /// The boundary of a shallow clone.
    ShallowOnly,
}

/// Reads what changes history from what the objects say.
pub(super) fn alterations(git: &git2::Repository, which: Alteration) -> Result<Alterations> {
    let mut found = Alterations::default();
    let common = git.commondir();
    let possible = which == Alteration::All && may_replace(common);
    let wanted =
        possible && git.config().and_then(|config| config.get_bool("core.useReplaceRefs")).unwrap_or(true);
    if wanted {
        let refs = git.references_glob("refs/replace/*").context(Kind::Refused, "cannot read the refs")?;
        for reference in refs.flatten() {
            let name = reference
                .name_bytes()
                .strip_prefix(b"refs/replace/")
                .and_then(|name| std::str::from_utf8(name).ok());
            if let (Some(from), Some(to)) = (name.and_then(CommitId::parse), reference.target()) {
                found.replaced.insert(from, from_oid(to));
            }
        }
    }
    found.no_commit_graph =
        !git.config().and_then(|config| config.get_bool("core.commitGraph")).unwrap_or(true);
    for line in lines(&common.join("shallow")) {
        found.shallow.extend(CommitId::parse(line.trim()));
    }
    let grafts = common.join("info/grafts");
    for line in if which == Alteration::ShallowOnly { Vec::new() } else { lines(&grafts) } {
        let mut ids = line.split_whitespace().map_while(CommitId::parse);
        if let Some(commit) = ids.next() {
            found.grafted.insert(commit, ids.collect());
        }
    }
    Ok(found)
}

/// Returns whether there may be replacements. Hardly any repository has one, and listing them reads every ref.
fn may_replace(common: &Path) -> bool {
    let packed = || std::fs::read(common.join("packed-refs")).unwrap_or_default();
    let needle = b" refs/replace/";
    common.join("refs/replace").is_dir() || packed().windows(needle.len()).any(|window| window == needle)
}

/// Returns the lines of a file that usually does not exist.
fn lines(file: &Path) -> Vec<String> {
    std::fs::read(file)
        .map(|bytes| String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
        .unwrap_or_default()
}
