//! One digest gets more names. Looks before it writes, puts the very bytes that were read, and moves no version tag.
//! Leans on `shelf`.

use super::manifest::Manifest;
use super::order::{Outcome, RetagOrder, Retagged};
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

/// Carries out an order.
pub(super) async fn retag(shelf: &Shelf<'_>, order: &RetagOrder) -> Result<Retagged> {
    let tally = Tally::default();
    let tags = || {
        let fixed = order.tags.iter().map(|tag| (tag.as_str(), false));
        fixed.chain(order.moving.iter().map(|tag| (tag.as_str(), true)))
    };
    let mut before = Vec::new();
    for (tag, moves) in tags() {
        let digest = shelf.head(&Reference::tag(tag), &tally).await?.map(|seen| seen.digest);
        before.push(Before { tag, digest, moves });
    }
    let done = |digest: Digest, result: Outcome, tally: &Tally| Retagged {
        name: order.name.clone(),
        repository: order.repository.clone(),
        source: order.source.to_string(),
        digest,
        tags: tags().map(|(tag, _)| tag.to_owned()).collect(),
        result,
        requests: tally.count(),
    };
    if let Some(digest) = all_done(shelf, order, &before, &tally).await? {
        return Ok(done(digest, Outcome::Already, &tally));
    }
    let manifest = wanted(shelf, order, &tally).await?;
    let free = |before: &&Before<'_>| !before.moves;
    let taken: Vec<Error> = before
        .iter()
        .filter(free)
        .filter_map(|before| Some((before.tag, before.digest.as_ref()?)))
        .filter(|(_, there)| **there != manifest.digest)
        .map(|(tag, there)| taken(&order.repository, tag, there, &manifest.digest))
        .collect();
    if let Some(error) = Error::all(taken) {
        return Err(error);
    }
    let mut result = Outcome::Already;
    for before in before.iter().filter(|before| before.digest.as_ref() != Some(&manifest.digest)) {
        let placing = Placing { tag: before.tag, before: before.digest.as_ref(), manifest: &manifest };
        if shelf.put(&placing, &tally).await? == Outcome::Created {
            result = Outcome::Created;
        }
    }
    Ok(done(manifest.digest, result, &tally))
}

/// The digest that all tags name already, where that is the right one: known without fetching anything.
async fn all_done(
    shelf: &Shelf<'_>,
    order: &RetagOrder,
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
async fn wanted(shelf: &Shelf<'_>, order: &RetagOrder, tally: &Tally) -> Result<Manifest> {
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

fn missing(order: &RetagOrder, what: &str) -> Error {
    Error::missing(format!("{what} is missing"))
        .cause(format!("no build of the image {} was pushed there", order.name))
}
