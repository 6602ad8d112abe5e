//! What earlier runs left: a release that is out already, one that was made and never pushed, tags of a run that died.
//! A job that died and is run again finds its own work on HEAD, or, where it checked out the commit that it began with,
//! one commit above it. Reads only. Leans on `history` and `git`.

use super::scene::Scene;
use crate::error::{Error, Result};
use crate::git::{Advertised, Annotated, Repo, Target};
use crate::git_history::{Package, ReleaseContext};
use crate::model::{Bump, CommitId, Image, TagName, Trailers, Version};

/// A tag that `rel` made here and that is not on the remote.
#[derive(Clone, Debug)]
pub(super) struct Unpushed {
    pub name: TagName,
    /// The tag's own object.
    pub object: CommitId,
    pub commit: CommitId,
}

/// Tags that `rel` made here and that are not on the remote.
#[derive(Clone, Debug, Default)]
pub(super) struct Left {
    /// On HEAD: made with `--no-push`, or by a run that died before its push.
    pub head: Vec<Unpushed>,
    /// On a commit that no branch holds: by a run that died before its push.
    pub loose: Vec<Unpushed>,
    /// On a commit that HEAD grew from.
    pub below: Vec<Unpushed>,
}

/// A release that was made.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub package: String,
    pub version: Version,
    pub tag: TagName,
    pub commit: CommitId,
    /// The version that it stands on, as its tag says.
    pub previous: Option<Version>,
    /// The commit that its images were built from, as its tag says.
    pub build: CommitId,
    pub images: Vec<Image>,
}

/// Looks for tags that never left. Without a remote only HEAD's can be told from older ones. What bears another name
/// than whoever releases now was fetched from somewhere, and is not ours to take away.
pub(super) fn left(repo: &Repo, there: Option<&Advertised>) -> Result<Left> {
    let head = repo.head()?.commit;
    let mut left = Left::default();
    let mut me = None;
    for tag in repo.tags()? {
        let pushed = there.is_some_and(|there| there.refs.contains_key(&format!("refs/tags/{}", tag.name)));
        let unknown = there.is_none() && tag.target != Target::Commit(head);
        if pushed || unknown {
            continue;
        }
        let Some(found) = repo.annotated(&tag.name)?.filter(by_rel) else { continue };
        // Who nobody knows has made nothing here.
        let me = me.get_or_insert_with(|| repo.identity().unwrap_or_default());
        if found.by.as_ref() != Some(me) {
            continue;
        }
        let below = repo.is_ancestor(found.commit, head)?;
        let made = Unpushed { name: tag.name, object: found.object, commit: found.commit };
        if found.commit == head {
            left.head.push(made);
        } else if below {
            left.below.push(made);
        } else if repo.branches_with(found.commit, 1).is_empty() {
            left.loose.push(made);
        }
    }
    Ok(left)
}

fn by_rel(tag: &Annotated) -> bool {
    matches!(Trailers::parse(&tag.message), Ok(Some(_)))
}

/// The releases of the chosen packages that the commit right above HEAD bears, on the remote's branch.
pub(super) fn above_head(scene: &Scene<'_>, release_context: &ReleaseContext<'_>) -> Result<Vec<Made>> {
    let (line, _) = release_context.release_line()?;
    let Some(branch) = &line.branch else { return Ok(Vec::new()) };
    let Some(tip) = release_context.tip(branch)?.filter(|tip| *tip != release_context.head()) else {
        return Ok(Vec::new());
    };
    match release_context.own_child(tip)? {
        Some(commit) => made(scene, release_context, commit),
        None => Ok(Vec::new()),
    }
}

/// The releases of the chosen packages that a commit bears and that the command line asks for.
pub(super) fn made(
    scene: &Scene<'_>,
    release_context: &ReleaseContext<'_>,
    commit: CommitId,
) -> Result<Vec<Made>> {
    let (line, _) = release_context.release_line()?;
    let mut found = Vec::new();
    for package in &scene.packages {
        let asked = |made: &Made| match (&scene.arguments.version, &line.channel) {
            (Some(version), _) => made.version == *version,
            (None, Some(channel)) => made.version.channel().is_some_and(|(name, _)| name == *channel),
            (None, None) => made.version.is_final() && bumped(made, scene.arguments.bump),
        };
        let on = release_context.tags().iter().filter(|tag| tag.target == Target::Commit(commit));
        let releases =
            on.map(|tag| release(scene, package, &tag.name, commit)).collect::<Result<Vec<_>>>()?;
        let best = releases.into_iter().flatten().filter(asked).max_by(|a, b| a.version.cmp(&b.version));
        found.extend(best);
    }
    Ok(found)
}

/// Whether a release is the bump that was asked for, as far as its tag tells.
fn bumped(made: &Made, asked: Option<Bump>) -> bool {
    let from = made.previous.as_ref().and_then(|previous| Bump::between(previous, &made.version));
    asked.is_none() || from.is_none() || from == asked
}

fn release(scene: &Scene<'_>, package: &Package, name: &TagName, commit: CommitId) -> Result<Option<Made>> {
    let read = |name: &str| package.formats.iter().find_map(|format| format.read(name));
    let Some(version) = read(name.as_str()) else { return Ok(None) };
    let here = scene.repo.annotated(name)?;
    let trailers = here
        .and_then(|tag| Trailers::parse(&tag.message).ok().flatten())
        .filter(|found| found.package == package.name);
    let previous = trailers.as_ref().and_then(|found| found.previous.as_deref()).and_then(read);
    let build = trailers.as_ref().map_or(commit, |found| found.build);
    let images = trailers.map(|found| found.images).unwrap_or_default();
    let (package, tag) = (package.name.clone(), name.clone());
    Ok(Some(Made { package, version, tag, commit, previous, build, images }))
}

/// Of the releases on HEAD, the tags that `rel` made and that wait for their push. A tag that somebody else made here
/// is theirs to push.
pub(super) fn waiting(scene: &Scene<'_>, done: &[Made]) -> Result<Vec<Unpushed>> {
    let there = |made: &&Made| scene.there.refs.contains_key(&format!("refs/tags/{}", made.tag));
    let mut waiting = Vec::new();
    for made in done.iter().filter(|made| !there(made)) {
        match scene.left.head.iter().find(|unpushed| unpushed.name == made.tag) {
            Some(unpushed) => waiting.push(unpushed.clone()),
            // Without a remote nobody can tell, and nothing waits.
            None if scene.remote.is_none() => {}
            None => {
                let remote = scene.remote.as_ref().map_or("the remote", |remote| remote.name.as_str());
                return Err(Error::refused(format!(
                    "HEAD bears {} here, which {remote} does not have, and rel did not make it",
                    made.tag
                ))
                .hint(format!("git push {remote} refs/tags/{}", made.tag))
                .hint(format!("git tag -d {}: rel cut then makes its own", made.tag)));
            }
        }
    }
    Ok(waiting)
}
