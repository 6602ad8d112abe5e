//! One commit whole. Leans on `git2`.

use super::graph::{message_of, oid};
use super::repo::Repo;
use crate::error::{Error, Result};
use crate::model::CommitId;

impl Repo {
    /// The message of a commit, replaced ones as git shows them. Bytes that are not UTF-8 are replaced (V26).
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
            Error::refused(format!("commit {id} cannot be read"))
                .cause(error)
                .hint("`git fsck` shows what is damaged")
        })?;
        Ok(String::from_utf8_lossy(message_of(object.data())).into_owned())
    }
}

fn git_error(error: &git2::Error) -> String {
    error.message().to_owned()
}
