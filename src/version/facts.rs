//! What git, the configuration and the command line know, as values.

use crate::model::message::Message;
use crate::model::{BranchName, Bump, Channel, CommitId, TagName, Version, VersionRange};
use std::rc::Rc;

/// A tag with a version of the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionTag {
    /// Its git name.
    pub name: TagName,
    /// Its version.
    pub version: Version,
    /// The commit that it points at, nested tags peeled.
    pub commit: CommitId,
    /// The index of its format among those of the package (V1).
    pub format: usize,
}

/// A commit between the base and HEAD.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its full hash.
    pub id: CommitId,
    /// All its parents.
    pub parents: Vec<CommitId>,
    /// Its parsed message.
    pub message: Rc<Message>,
    /// It touches a path of the package; always true in a repository without packages (V17).
    pub touches: bool,
    /// It is a release commit that `rel` made (V30).
    pub own: bool,
}

/// The line of releases that a branch makes (V10).
#[derive(Clone, Debug, Default)]
pub struct ReleaseLine {
    /// The branch; `None` if it is not known.
    pub branch: Option<BranchName>,
    /// The prerelease channel; `None` for final versions.
    pub channel: Option<Channel>,
    /// The versions that the branch may release (V9).
    pub range: Option<VersionRange>,
    /// The version in the branch name (`version = "{branch}"`).
    pub named: Option<Version>,
}

impl ReleaseLine {
    /// Returns whether a release can be the base on this line: it is in the branch's range (V9), and below the version that the
    /// branch names (V31).
    #[must_use]
    pub fn can_start_from(&self, version: &Version) -> bool {
        self.range.is_none_or(|range| range.contains(version))
            && self.named.as_ref().is_none_or(|named| version < named)
    }
}

/// What the command line asks for, whatever the commits say.
#[derive(Clone, Debug, Default)]
pub struct VersionRequest {
    /// The version itself.
    pub version: Option<Version>,
    /// `--bump`.
    pub bump: Option<Bump>,
    /// `--initial`: a first release although other tags exist, with or without a version.
    pub initial: Option<Option<Version>>,
}

/// What a hash quoted by a revert names, if it names no commit in the range (V20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotedHash {
    /// A commit of this repository outside the range.
    Known,
    /// No commit of this repository.
    Unknown,
}
