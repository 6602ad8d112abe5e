//! Tags that an earlier run of `rel` created in this clone and did not push. Reads only.

use crate::error::Result;
use crate::git::{AnnotatedTag, LsRemote, Repo, Target};
use crate::model::{CommitId, TagName, Trailers};

/// A tag of this clone and its tag object.
#[derive(Clone, Debug)]
pub struct LocalTag {
    /// Its name.
    pub name: TagName,
    /// The tag object, not the commit.
    pub object: CommitId,
}

/// The tags that `rel` created here and that the remote does not have, by where their commits are.
#[derive(Clone, Debug, Default)]
pub(super) struct Leftovers {
    /// On HEAD: created with `--no-push`, or by a run that was interrupted before its push.
    pub on_head: Vec<LocalTag>,
    /// On a commit that no branch contains: left by a run that was interrupted before its push.
    pub stale: Vec<LocalTag>,
    /// On an ancestor of HEAD.
    pub behind_head: Vec<LocalTag>,
}

impl Leftovers {
    /// Finds unpushed tags. Without a remote only those on HEAD can be told from older releases. A tag of another tagger
    /// was fetched from somewhere, so it is not ours to delete.
    pub(super) fn find(repo: &Repo, advertised: Option<&LsRemote>) -> Result<Leftovers> {
        let head = repo.head()?.commit;
        let mut leftovers = Leftovers::default();
        let mut own_address = None;
        for tag in repo.tags()? {
            let reference = format!("refs/tags/{}", tag.name);
            let pushed = advertised.is_some_and(|advertised| advertised.refs.contains_key(&reference));
            let unknown = advertised.is_none() && tag.target != Target::Commit(head);
            if pushed || unknown {
                continue;
            }
            let Some(found) = repo.annotated(&tag.name)?.filter(is_by_rel) else { continue };
            // Without an identity no tag can have been created here.
            let own_address = own_address.get_or_insert_with(|| repo.committer_email().unwrap_or_default());
            if found.by.as_ref() != Some(own_address) {
                continue;
            }
            let is_ancestor = repo.is_ancestor(found.commit, head)?;
            let tag = LocalTag { name: tag.name, object: found.object };
            if found.commit == head {
                leftovers.on_head.push(tag);
            } else if is_ancestor {
                leftovers.behind_head.push(tag);
            } else if repo.branches_containing(found.commit, 1).is_empty() {
                leftovers.stale.push(tag);
            }
        }
        Ok(leftovers)
    }
}

fn is_by_rel(tag: &AnnotatedTag) -> bool {
    matches!(Trailers::parse(&tag.message), Ok(Some(_)))
}
