//! Looks without writing: what names stand for, whether every platform is there, what an image says it was built from.
//! Leans on `shelf`.

use super::manifest::{self, Manifest, Platform, REVISION};
use super::order::{Detail, ImageReference, Resolution, ResolvedImage};
use super::shelf::Shelf;
use super::wire::Tally;
use crate::error::{Error, Result};
use crate::model::{Digest, Reference, Repository};
use futures_util::future::join_all;

/// What stands behind a name.
pub(super) async fn resolve(shelf: &Shelf<'_>, wanted: &ImageReference, look: Detail) -> Resolution {
    found(shelf, wanted, look).await.unwrap_or_else(Resolution::Unknown)
}

async fn found(shelf: &Shelf<'_>, wanted: &ImageReference, look: Detail) -> Result<Resolution> {
    let tally = Tally::default();
    let name = format!("{}{}", wanted.repository, wanted.reference.suffix());
    let missing = || Ok(Resolution::Missing(format!("{name} is missing")));
    if look == Detail::Digest {
        let Some(seen) = shelf.head(&wanted.reference, &tally).await? else { return missing() };
        return Ok(Resolution::Found(ResolvedImage {
            digest: seen.digest,
            media_type: seen.media_type,
            platforms: Vec::new(),
        }));
    }
    let Some(manifest) = shelf.get(&wanted.reference, &tally).await? else { return missing() };
    let platforms = manifest.platforms()?;
    // A manifest is its own only platform, and was just seen.
    if look == Detail::Platforms && platforms.iter().any(|platform| platform.digest != manifest.digest) {
        let (name, tally) = (&name, &tally);
        let heads = platforms.iter().map(|platform| async move {
            let there = shelf.head(&Reference::Digest(platform.digest.clone()), tally).await?;
            Ok::<_, Error>(
                there.is_none().then(|| format!("{platform} of {name} is missing ({})", platform.digest)),
            )
        });
        let gone: Vec<Option<String>> = join_all(heads).await.into_iter().collect::<Result<_>>()?;
        let gone: Vec<String> = gone.into_iter().flatten().collect();
        if !gone.is_empty() {
            return Ok(Resolution::Missing(gone.join("; ")));
        }
    }
    let Manifest { digest, media_type, .. } = manifest;
    Ok(Resolution::Found(ResolvedImage { digest, media_type, platforms }))
}

/// The commit that every platform of an image says it was built from; `None` where it does not say. `Ok(None)`: the image
/// or a platform of it is missing.
pub(super) async fn revisions(
    shelf: &Shelf<'_>,
    repository: &Repository,
    digest: &Digest,
) -> Result<Vec<(Platform, Option<String>)>> {
    let tally = Tally::default();
    let gone = |what: &str| Error::missing(format!("{what} of {repository}@{digest} is missing"));
    let whole =
        shelf.get(&Reference::Digest(digest.clone()), &tally).await?.ok_or_else(|| gone("the manifest"))?;
    let platforms = whole.platforms()?.into_iter().filter(|platform| !platform.is_statement);
    let (whole, tally, gone) = (&whole, &tally, &gone);
    let each = platforms.map(|platform| async move {
        let one = match platform.digest == whole.digest {
            true => Some(whole.clone()),
            false => shelf.get(&Reference::Digest(platform.digest.clone()), tally).await?,
        };
        let one = one.ok_or_else(|| gone(&platform.to_string()))?;
        let mut revision = one.annotation(REVISION).map(str::to_owned);
        if let (None, Some(config)) = (&revision, one.config()) {
            let bytes = shelf.blob(&config, tally).await?;
            let bytes = bytes.ok_or_else(|| gone(&format!("the configuration of {platform}")))?;
            revision = manifest::label(&bytes, REVISION);
        }
        let revision = revision.or_else(|| whole.annotation(REVISION).map(str::to_owned));
        Ok((platform, revision))
    });
    join_all(each).await.into_iter().collect()
}
