//! One digest gets more names. Looks before it writes, puts the very bytes that were read, and moves no version tag.
//! Leans on `shelf`.

use super::manifest::Manifest;
use super::order::{RetagOutcome, RetagRequest, RetaggedImage};
use super::shelf::{Placing, Shelf, taken};
use super::wire::Tally;
use crate::error::{Error, Result};
use crate::model::{Digest, Reference};

/// What a tag names before anything is done.
struct Before<'a> {
    tag: &'a str,
    digest: Option<Digest>,
    moves: bool,
}

/// What has to be done for an order.
struct Plan<'a> {
    digest: Digest,
    /// The bytes that are put; `None` where all tags name the digest already.
    manifest: Option<Manifest>,
    /// The tags that do not name it yet.
    open: Vec<Before<'a>>,
}

/// Says what `retag` would do, and fails where it would.
pub(super) async fn check_retag(shelf: &Shelf<'_>, order: &RetagRequest) -> Result<RetaggedImage> {
    let tally = Tally::default();
    let plan = plan(shelf, order, &tally).await?;
    let outcome = if plan.open.is_empty() { RetagOutcome::Already } else { RetagOutcome::Created };
    Ok(retagged(order, plan.digest, outcome, &tally))
}

/// Carries out an order.
pub(super) async fn retag(shelf: &Shelf<'_>, order: &RetagRequest) -> Result<RetaggedImage> {
    let tally = Tally::default();
    let plan = plan(shelf, order, &tally).await?;
    let mut outcome = RetagOutcome::Already;
    if let Some(manifest) = &plan.manifest {
        for open in &plan.open {
            let placing = Placing { tag: open.tag, before: open.digest.as_ref(), manifest };
            if shelf.put(&placing, &tally).await? == RetagOutcome::Created {
                outcome = RetagOutcome::Created;
            }
        }
    }
    Ok(retagged(order, plan.digest, outcome, &tally))
}

fn retagged(order: &RetagRequest, digest: Digest, result: RetagOutcome, tally: &Tally) -> RetaggedImage {
    RetaggedImage {
        name: order.name.clone(),
        repository: order.repository.clone(),
        source: order.source.to_string(),
        digest,
        tags: order.tags.iter().chain(&order.moving).cloned().collect(),
        result,
        requests: tally.count(),
    }
}

/// Looks at the tags first and at the source where that is needed; writes nothing.
async fn plan<'a>(shelf: &Shelf<'_>, order: &'a RetagRequest, tally: &Tally) -> Result<Plan<'a>> {
    let fixed = order.tags.iter().map(|tag| (tag, false));
    let mut before = Vec::new();
    for (tag, moves) in fixed.chain(order.moving.iter().map(|tag| (tag, true))) {
        let digest = shelf.head(&Reference::tag(tag), tally).await?.map(|seen| seen.digest);
        before.push(Before { tag, digest, moves });
    }
    if let Some(digest) = all_done(shelf, order, &before, tally).await? {
        return Ok(Plan { digest, manifest: None, open: Vec::new() });
    }
    let manifest = wanted(shelf, order, tally).await?;
    let digest = manifest.digest.clone();
    before.retain(|before| before.digest.as_ref() != Some(&digest));
    let fixed = before.iter().filter(|before| !before.moves);
    let errors = fixed
        .filter_map(|before| Some(taken(&order.repository, before.tag, before.digest.as_ref()?, &digest)))
        .collect();
    match Error::all(errors) {
        Some(error) => Err(error),
        None => Ok(Plan { digest, manifest: Some(manifest), open: before }),
    }
}

/// The digest that all tags name already, where that is the right one: known without fetching anything.
async fn all_done(
    shelf: &Shelf<'_>,
    order: &RetagRequest,
    before: &[Before<'_>],
    tally: &Tally,
) -> Result<Option<Digest>> {
    let Some(there) = before.first().and_then(|before| before.digest.clone()) else { return Ok(None) };
    if before.iter().any(|before| before.digest.as_ref() != Some(&there)) {
        return Ok(None);
    }
    let right = match &order.expected {
        Some(expected) => Some(expected.clone()),
        None => shelf.head(&order.source, tally).await?.map(|seen| seen.digest),
    };
    Ok(right.filter(|right| *right == there))
}

/// The manifest that gets the tags: that of the recorded digest, else that of the source tag.
async fn wanted(shelf: &Shelf<'_>, order: &RetagRequest, tally: &Tally) -> Result<Manifest> {
    let source = shelf.get(&order.source, tally).await?;
    match (source, &order.expected) {
        (Some(source), None) => Ok(source),
        (Some(source), Some(expected)) if source.digest == *expected => Ok(source),
        (Some(source), Some(expected)) => {
            let name = format!("{}{}", order.repository, order.source.suffix());
            Err(Error::conflict(format!("{name} is not what was released"))
                .cause(format!("there     {}", source.digest))
                .cause(format!("released  {expected}"))
                .hint("the build was pushed again under the same tag; release a new version for it"))
        }
        (None, Some(expected)) => {
            let reference = Reference::Digest(expected.clone());
            let found = shelf.get(&reference, tally).await?;
            found.ok_or_else(|| missing(order, &format!("{}{}", order.repository, reference.suffix())))
        }
        (None, None) => Err(missing(order, &format!("{}{}", order.repository, order.source.suffix()))),
    }
}

fn missing(order: &RetagRequest, what: &str) -> Error {
    Error::missing(format!("{what} is missing"))
        .cause(format!("no build of the image {} was pushed there", order.name))
}
