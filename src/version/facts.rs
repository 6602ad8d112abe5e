//! What git and the configuration know, as values. Leans on `model`.

use crate::model::message::Message;
use crate::model::{BranchName, Bump, Channel, CommitId, TagName, Version, VersionRange};
use std::rc::Rc;

/// A tag that bears a version of the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionTag {
    /// Its git name.
    pub name: TagName,
    /// Its version.
    pub version: Version,
    /// The commit that it points at in the end.
    pub commit: CommitId,
    /// Its format is the one that new tags get, or would get (V1).
    pub format: usize,
}

/// A commit between the base and HEAD.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its name.
    pub id: CommitId,
    /// All its parents.
    pub parents: Vec<CommitId>,
    /// What it says.
    pub message: Rc<Message>,
    /// It touches a path of the package; always so in a repository without packages (V17).
    pub touches: bool,
    /// It is one of `rel`'s own release commits (V30).
    pub own: bool,
}

/// The line of releases that HEAD stands on (V10).
#[derive(Clone, Debug, Default)]
pub struct ReleaseLine {
    /// The branch; `None` where none is known.
    pub branch: Option<BranchName>,
    /// The prerelease line; `None` for finals.
    pub channel: Option<Channel>,
    /// What the branch may release.
    pub range: Option<VersionRange>,
    /// The version that the branch's own name says.
    pub named: Option<Version>,
}

/// What a person asks for beyond what the commits say.
#[derive(Clone, Debug, Default)]
pub struct VersionRequest {
    /// The version itself.
    pub version: Option<Version>,
    /// `--bump`.
    pub bump: Option<Bump>,
    /// `--initial`: a first release, whatever other tags say; the version, where one was given.
    pub initial: Option<Option<Version>>,
}

/// What a quoted hash names, when it names nothing in the range (V20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotedHash {
    /// A commit of this repository: released already, or never to be.
    Known,
    /// Nothing here.
    Unknown,
}
