//! The message and the parents of one commit.

use super::graph::{message_of, oid};
use super::repo::Repo;
use crate::error::{Error, Result};
use crate::model::CommitId;

impl Repo {
    /// Returns the message of a commit; of a replaced commit the replacement's, as git shows it. Bytes that are not UTF-8
    /// are replaced (V26).
    pub fn message(&self, id: CommitId) -> Result<String> {
        if let Some(message) = self.graph.borrow().message(id) {
            return Ok(String::from_utf8_lossy(message).into_owned());
        }
        let named = oid(&self.replacement(id));
        self.check_object(named)?;
        let odb = self.git.odb();
        let object = odb
            .as_ref()
            .map_err(git_error)
            .and_then(|odb| odb.read(named).map_err(|error| git_error(&error)));
        let object = object.map_err(|error| {
            Error::refused(format!("cannot read commit {id}"))
                .cause(error)
                .hint("`git fsck` shows what is damaged")
        })?;
        Ok(String::from_utf8_lossy(message_of(object.data())).into_owned())
    }

    /// Returns the first parent of a commit, and how many parents it has.
    pub fn first_parent(&self, id: CommitId) -> Result<(Option<CommitId>, usize)> {
        // libgit2 keeps what a commit looked like before a fetch moved the boundary of a shallow clone.
        let mut graph = self.graph.borrow_mut();
        let node = graph.node(id);
        if !graph.load(&self.git, node)? {
            return Err(Error::refused(format!("cannot read commit {id}")).cause("it is not in this clone"));
        }
        let mut parents = Vec::new();
        graph.parents(node, &mut parents)?;
        Ok((parents.first().map(|parent| graph.id(*parent)), parents.len()))
    }
}

fn git_error(error: &git2::Error) -> String {
    error.message().to_owned()
}
