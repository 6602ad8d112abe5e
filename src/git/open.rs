//! Opens a repository, and says plainly why one cannot be opened. Leans on `git2`.

use super::graph::{Alterations, from_oid};
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::CommitId;
use std::path::Path;
use std::sync::Once;

/// Extensions that change nothing for a reader of refs and commits, and that libgit2 would stop at.
const HARMLESS: [&str; 2] = ["partialclone", "relativeworktrees"];

/// Opens the repository that `folder` lies in, or that it is.
pub(super) fn open(folder: &Path) -> Result<git2::Repository> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[expect(
            unsafe_code,
            reason = "libgit2 keeps these in a static; no other libgit2 call runs at the same time"
        )]
        // SAFETY: `Once` lets one thread in, before any repository is opened.
        unsafe {
            // Where this fails, opening says which extension is in the way.
            drop(git2::opts::set_extensions(&HARMLESS));
            // Objects are read once and kept by `graph`; libgit2's own cache only costs.
            git2::opts::enable_caching(false);
        }
        // As git itself: an object is verified when it arrives, not at every read; this halves the time of a walk.
        git2::opts::strict_hash_verification(false);
    });
    let none: [&Path; 0] = [];
    let flags = git2::RepositoryOpenFlags::FROM_ENV;
    git2::Repository::open_ext(folder, flags, none).map_err(|error| explain(folder, &error))
}

fn explain(folder: &Path, error: &git2::Error) -> Error {
    let message = error.message();
    let place = folder.display();
    if error.code() == git2::ErrorCode::NotFound {
        return Error::refused(format!("{place} is not in a git repository"))
            .hint("run rel inside a clone, or name one with -C");
    }
    if error.code() == git2::ErrorCode::Owner {
        return Error::refused(format!(
            "the repository at {place} belongs to another user, so git does not trust it"
        ))
        .cause(message)
        .hint(format!("git config --global --add safe.directory {place}"));
    }
    let hashes =
        message.contains("sha256") || message.contains("objectformat") || message.contains("object format");
    if hashes {
        return Error::refused(format!(
            "the repository at {place} names its objects with SHA-256, which libgit2 cannot read"
        ))
        .cause(message)
        .hint("rel needs a SHA-1 repository; `git init --object-format=sha1` makes one");
    }
    if message.contains("refstorage") {
        return Error::refused(format!(
            "the repository at {place} keeps its refs in a reftable, which libgit2 cannot read"
        ))
        .cause(message)
        .hint("git refs migrate --ref-format=files");
    }
    Error::refused(format!("the repository at {place} cannot be opened")).cause(message)
}

/// Reads what makes history look other than the objects say: replacements, grafts, the shallow edge.
pub(super) fn alterations(git: &git2::Repository, replace: bool) -> Result<Alterations> {
    let mut found = Alterations::default();
    let common = git.commondir();
    let possible = replace && may_replace(common);
    let wanted =
        possible && git.config().and_then(|config| config.get_bool("core.useReplaceRefs")).unwrap_or(true);
    if wanted {
        let refs = git.references_glob("refs/replace/*").context(Kind::Refused, "the refs cannot be read")?;
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
    for line in lines(&common.join("info/grafts")) {
        let mut ids = line.split_whitespace().map_while(CommitId::parse);
        if let Some(commit) = ids.next() {
            found.grafted.insert(commit, ids.collect());
        }
    }
    Ok(found)
}

/// Whether there can be a replacement at all: hardly any repository has one, and asking libgit2 reads every ref.
fn may_replace(common: &Path) -> bool {
    let packed = || std::fs::read(common.join("packed-refs")).unwrap_or_default();
    let needle = b" refs/replace/";
    common.join("refs/replace").is_dir() || packed().windows(needle.len()).any(|window| window == needle)
}

/// The lines of a file that is mostly not there.
fn lines(file: &Path) -> Vec<String> {
    std::fs::read(file)
        .map(|bytes| String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
        .unwrap_or_default()
}
