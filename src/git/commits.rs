//! The message and the parents of one commit.

use super::graph::{from_oid, message_of, oid};
use super::repo::Repo;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::CommitId;

impl Repo {
    /// Returns the message of a commit; of a replaced commit the replacement's, as git shows it. Bytes that are not UTF-8
    /// are replaced (V26).
    pub fn message(&self, id: CommitId) -> Result<String> {
        if let Some(message) = self.graph.borrow().message(id) {
            return Ok(String::from_utf8_lossy(message).into_owned());
        }
        let odb = self.git.odb();
        let object = odb
            .as_ref()
            .map_err(git_error)
            .and_then(|odb| odb.read(oid(&self.replacement(id))).map_err(|error| git_error(&error)));
        let object = object.map_err(|error| {
            Error::refused(format!("cannot read commit {id}"))
                .cause(error)
                .hint("`git fsck` shows what is damaged")
        })?;
        Ok(String::from_utf8_lossy(message_of(object.data())).into_owned())
    }

    /// Returns the first parent of a commit, and how many parents it has.
    pub fn first_parent(&self, id: CommitId) -> Result<(Option<CommitId>, usize)> {
        let commit = self.git.find_commit(oid(&self.replacement(id)));
        let commit = commit.context(Kind::Refused, format!("cannot read commit {id}"))?;
        Ok((commit.parent_ids().next().map(from_oid), commit.parent_count()))
    }
}

fn git_error(error: &git2::Error) -> String {
    error.message().to_owned()
}
