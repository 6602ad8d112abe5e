//! Commits as small numbers with parents, date and generation, for the walks. Reads the commit-graph where git itself
//! would trust it, else the objects; replaced, grafted and shallow commits look as they do to git. The commit-graph is read
//! with `gix-commitgraph`, because the walk of libgit2 does not use that file.

use super::damage::check_object;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::CommitId;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// A commit inside one `Graph`.
pub(super) type Node = u32;

/// What is known about a node.
#[derive(Debug)]
enum Known {
    /// Not read yet.
    Unread,
    /// Missing: the object is not here, or is not a commit.
    Missing,
    /// Read.
    Read { date: i64, parents: Box<[Node]>, boundary: bool, message: Option<Box<[u8]>> },
}

/// All commits seen so far. Nodes below the size of the commit-graph are positions in it; the others were read as objects.
pub(super) struct Graph {
    file: Option<gix_commitgraph::Graph>,
    file_size: u32,
    read: Vec<(CommitId, Known)>,
    numbers: HashMap<CommitId, Node>,
    alterations: Alterations,
    kept: usize,
}

/// How many bytes of messages a walk keeps for later readers: decompressing objects twice is expensive.
const KEEP_AT_MOST: usize = 64 << 20;

/// What changes history from what its objects say.
#[derive(Debug, Default)]
pub(super) struct Alterations {
    /// `refs/replace/*`: read the second object where the first is named.
    pub replaced: HashMap<CommitId, CommitId>,
    /// `info/grafts`: other parents.
    pub grafted: HashMap<CommitId, Vec<CommitId>>,
    /// `shallow`: commits whose parents are not here.
    pub shallow: HashSet<CommitId>,
    /// `core.commitGraph` is off.
    pub no_commit_graph: bool,
}

impl Alterations {
    /// Returns whether the commit-graph can be trusted.
    fn none(&self) -> bool {
        !self.no_commit_graph
            && self.replaced.is_empty()
            && self.grafted.is_empty()
            && self.shallow.is_empty()
    }
}

impl Graph {
    /// Returns a graph over the objects of a repository. Like git, it ignores the commit-graph where history is altered; one
    /// that cannot be read is ignored too.
    pub(super) fn new(common_dir: &Path, alterations: Alterations) -> Self {
        let file = alterations
            .none()
            .then(|| gix_commitgraph::at(common_dir.join("objects/info"), gix_hash::Kind::Sha1, None).ok())
            .flatten();
        let file_size = file.as_ref().map_or(0, gix_commitgraph::Graph::num_commits);
        Graph { file, file_size, read: Vec::new(), numbers: HashMap::new(), alterations, kept: 0 }
    }

    /// Returns whether the clone is shallow.
    pub(super) fn is_shallow(&self) -> bool {
        !self.alterations.shallow.is_empty()
    }

    /// Returns whether a shallow clone ends at a commit.
    pub(super) fn ends_at(&self, commit: CommitId) -> bool {
        self.alterations.shallow.contains(&commit)
    }

    /// Returns what `refs/replace` puts in the place of a commit, else the commit itself.
    pub(super) fn replacement(&self, id: CommitId) -> CommitId {
        self.alterations.replaced.get(&id).copied().unwrap_or(id)
    }

    /// Returns the node of a commit, whether or not the commit is here.
    pub(super) fn node(&mut self, id: CommitId) -> Node {
        if let Some(node) = self.numbers.get(&id) {
            return *node;
        }
        if let Some(position) = self.file.as_ref().and_then(|file| file.lookup(object_id(&id))) {
            return position.0;
        }
        let node = self.file_size + u32::try_from(self.read.len()).unwrap_or(u32::MAX - self.file_size);
        self.read.push((id, Known::Unread));
        self.numbers.insert(id, node);
        node
    }

    /// Returns the commit of a node.
    pub(super) fn id(&self, node: Node) -> CommitId {
        match (&self.file, self.read.get(node.wrapping_sub(self.file_size) as usize)) {
            (Some(file), _) if node < self.file_size => {
                commit_id(file.id_at(gix_commitgraph::Position(node)))
            }
            (_, Some((id, _))) => *id,
            // A node is only ever made by `node`.
            _ => CommitId::from_bytes([0; 20]),
        }
    }

    /// Reads the commit of a node; returns `false` where it is not here or is not a commit.
    pub(super) fn load(&mut self, git: &git2::Repository, node: Node) -> Result<bool> {
        if node < self.file_size {
            return Ok(true);
        }
        let slot = (node - self.file_size) as usize;
        let id = match self.read.get(slot) {
            Some((id, Known::Unread)) => *id,
            Some((_, Known::Missing)) | None => return Ok(false),
            Some(_) => return Ok(true),
        };
        let known = self.look(git, id)?;
        let here = !matches!(known, Known::Missing);
        if let Some(entry) = self.read.get_mut(slot) {
            entry.1 = known;
        }
        Ok(here)
    }

    fn look(&mut self, git: &git2::Repository, id: CommitId) -> Result<Known> {
        let named = self.replacement(id);
        let odb = git.odb().context(Kind::Refused, "the object database cannot be opened")?;
        check_object(git, oid(&named))?;
        let object = match odb.read(oid(&named)) {
            Ok(object) if object.kind() == git2::ObjectType::Commit => object,
            Ok(_) => return Ok(Known::Missing),
            Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(Known::Missing),
            Err(error) => {
                return Err(Error::refused(format!("commit {named} cannot be read"))
                    .cause(error.message())
                    .hint("`git fsck` shows what is damaged"));
            }
        };
        let header = Header::parse(object.data()).ok_or_else(|| {
            Error::refused(format!("commit {named} is damaged")).hint("`git fsck` shows what is damaged")
        })?;
        let message: Option<Box<[u8]>> = (self.kept < KEEP_AT_MOST).then(|| message_of(object.data()).into());
        self.kept += message.as_deref().map_or(0, <[u8]>::len);
        let boundary = self.alterations.shallow.contains(&id);
        let parents = match self.alterations.grafted.get(&id) {
            _ if boundary => Vec::new(),
            Some(parents) => parents.clone(),
            None => header.parents,
        };
        let parents = parents.into_iter().map(|parent| self.node(parent)).collect();
        Ok(Known::Read { date: header.date, parents, boundary, message })
    }

    /// Returns the message of a commit, if a walk kept it.
    pub(super) fn message(&self, id: CommitId) -> Option<&[u8]> {
        match self.known(*self.numbers.get(&id)?) {
            Some(Known::Read { message: Some(message), .. }) => Some(message),
            _ => None,
        }
    }

    /// Returns the committer's date of a loaded node, in seconds since 1970.
    pub(super) fn date(&self, node: Node) -> i64 {
        if let Some(commit) = self.in_file(node) {
            return i64::try_from(commit.committer_timestamp()).unwrap_or(i64::MAX);
        }
        match self.known(node) {
            Some(Known::Read { date, .. }) => *date,
            _ => 0,
        }
    }

    /// Returns the generation number in the commit-graph; `None` for a commit that is not in the file, and that therefore no
    /// commit of the file can reach.
    pub(super) fn generation(&self, node: Node) -> Option<u32> {
        // Level 0 is what very old git wrote where it had not computed one (gitformat-commit-graph).
        self.in_file(node).map(|commit| commit.generation()).filter(|generation| *generation > 0)
    }

    /// Returns whether a node is in the commit-graph.
    pub(super) fn is_in_file(&self, node: Node) -> bool {
        node < self.file_size
    }

    /// Returns whether the parents of a loaded node exist but are not here.
    pub(super) fn is_boundary(&self, node: Node) -> bool {
        matches!(self.known(node), Some(Known::Read { boundary: true, .. }))
    }

    /// Appends the parents of a loaded node to `into`, in order.
    pub(super) fn parents(&self, node: Node, into: &mut Vec<Node>) -> Result<()> {
        if let Some(commit) = self.in_file(node) {
            for parent in commit.iter_parents() {
                let parent = parent.context(Kind::Refused, "the commit-graph is damaged");
                into.push(parent.map_err(|error| error.hint("git commit-graph write --reachable"))?.0);
            }
        } else if let Some(Known::Read { parents, .. }) = self.known(node) {
            into.extend_from_slice(parents);
        }
        Ok(())
    }

    fn in_file(&self, node: Node) -> Option<gix_commitgraph::file::Commit<'_>> {
        (node < self.file_size).then_some(())?;
        self.file.as_ref().map(|file| file.commit_at(gix_commitgraph::Position(node)))
    }

    fn known(&self, node: Node) -> Option<&Known> {
        self.read.get(node.checked_sub(self.file_size)? as usize).map(|(_, known)| known)
    }
}

/// What a walk needs of a commit object.
struct Header {
    parents: Vec<CommitId>,
    date: i64,
}

impl Header {
    /// Parses the lines before the message (gitformat: `tree`, `parent`*, `author`, `committer`).
    fn parse(data: &[u8]) -> Option<Self> {
        let mut parents = Vec::with_capacity(1);
        for line in data.split(|byte| *byte == b'\n') {
            if let Some(parent) = line.strip_prefix(b"parent ") {
                parents.push(CommitId::parse(std::str::from_utf8(parent).ok()?)?);
            } else if let Some(committer) = line.strip_prefix(b"committer ") {
                return Some(Header { parents, date: date_of(committer) });
            } else if line.is_empty() {
                break;
            }
        }
        // No committer: git reads such commits as of 1970.
        Some(Header { parents, date: 0 })
    }
}

/// Returns what follows the header of a commit object.
pub(super) fn message_of(data: &[u8]) -> &[u8] {
    let body = data.windows(2).position(|pair| pair == b"\n\n").map_or(data.len(), |at| at + 2);
    data.get(body..).unwrap_or_default()
}

/// Returns the seconds after the last `>` of a committer line; 0 where there are none, as git does.
fn date_of(committer: &[u8]) -> i64 {
    let end = committer.iter().rposition(|byte| *byte == b'>').map_or(0, |at| at + 1);
    let text = committer.get(end..).and_then(|tail| std::str::from_utf8(tail).ok()).unwrap_or("");
    text.split_whitespace().next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0)
}

/// Converts a commit hash for libgit2.
pub(super) fn oid(id: &CommitId) -> git2::Oid {
    git2::Oid::from_bytes(id.as_bytes()).unwrap_or(git2::Oid::ZERO_SHA1)
}

/// Converts a commit hash from libgit2.
pub(super) fn from_oid(oid: git2::Oid) -> CommitId {
    CommitId::from_bytes(oid.as_bytes().try_into().unwrap_or_default())
}

fn object_id(id: &CommitId) -> gix_hash::ObjectId {
    gix_hash::ObjectId::from(*id.as_bytes())
}

fn commit_id(id: &gix_hash::oid) -> CommitId {
    CommitId::from_bytes(id.as_bytes().try_into().unwrap_or_default())
}
