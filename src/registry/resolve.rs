//! Resolves references without writing: their digests, whether every platform exists, and the commit an image says it was
//! built from.

use super::image_repository::ImageRepository;
use super::manifest::{self, Manifest, Platform, REVISION};
use super::resolution::{Detail, ImageReference, Resolution, ResolvedImage};
use super::transport::RequestCounter;
use crate::error::{Error, Result};
use crate::model::{Digest, Reference, Repository};
use futures_util::future::join_all;

/// Resolves a reference.
///
/// # Errors
///
/// The registry cannot be reached, denies access or answers with something invalid (6).
pub(super) async fn resolve(
    repository: &ImageRepository<'_>,
    image: &ImageReference,
    detail: Detail,
) -> Result<Resolution> {
    let requests = RequestCounter::default();
    let name = format!("{}{}", image.repository, image.reference.suffix());
    let missing = || Ok(Resolution::Missing(format!("{name} is missing")));
    let Some(manifest) = repository.get(&image.reference, &requests).await? else { return missing() };
    if detail == Detail::Digest {
        let Manifest { digest, media_type, .. } = manifest;
        return Ok(Resolution::Found(ResolvedImage { digest, media_type, platforms: Vec::new() }));
    }
    let platforms = manifest.platforms()?;
    let missing = missing_platforms(repository, &name, &manifest, &platforms, &requests).await?;
    if !missing.is_empty() {
        return Ok(Resolution::Missing(missing.join("; ")));
    }
    let Manifest { digest, media_type, .. } = manifest;
    Ok(Resolution::Found(ResolvedImage { digest, media_type, platforms }))
}

/// Returns a sentence for each platform whose manifest does not exist.
pub(super) async fn missing_platforms(
    repository: &ImageRepository<'_>,
    name: &str,
    manifest: &Manifest,
    platforms: &[Platform],
    requests: &RequestCounter,
) -> Result<Vec<String>> {
    // A manifest without an index is its own only platform, and was just fetched.
    if platforms.iter().all(|platform| platform.digest == manifest.digest) {
        return Ok(Vec::new());
    }
    let heads = platforms.iter().map(|platform| async move {
        let found = repository.head(&Reference::Digest(platform.digest.clone()), requests).await?;
        Ok::<_, Error>(
            found.is_none().then(|| format!("{platform} of {name} is missing ({})", platform.digest)),
        )
    });
    let missing: Vec<Option<String>> = join_all(heads).await.into_iter().collect::<Result<_>>()?;
    Ok(missing.into_iter().flatten().collect())
}

/// Returns the commit that every platform of an image says it was built from: an annotation of its manifest, a label of its
/// configuration, or an annotation of the index; `None` if none of these says it.
///
/// # Errors
///
/// The image or a platform of it is missing (7).
pub(super) async fn revisions(
    repository: &ImageRepository<'_>,
    name: &Repository,
    digest: &Digest,
) -> Result<Vec<(Platform, Option<String>)>> {
    let requests = RequestCounter::default();
    let missing = |what: &str| Error::missing(format!("{what} of {name}@{digest} is missing"));
    let top = repository.get(&Reference::Digest(digest.clone()), &requests).await?;
    let top = top.ok_or_else(|| missing("the manifest"))?;
    let platforms = top.platforms()?.into_iter().filter(|platform| !platform.is_attestation);
    let (top, requests, missing) = (&top, &requests, &missing);
    let each = platforms.map(|platform| async move {
        let manifest = match platform.digest == top.digest {
            true => Some(top.clone()),
            false => repository.get(&Reference::Digest(platform.digest.clone()), requests).await?,
        };
        let manifest = manifest.ok_or_else(|| missing(&platform.to_string()))?;
        let mut revision = manifest.annotation(REVISION).map(str::to_owned);
        if let (None, Some(config)) = (&revision, manifest.config()) {
            let bytes = repository.blob(&config, requests).await?;
            let bytes = bytes.ok_or_else(|| missing(&format!("the configuration of {platform}")))?;
            revision = manifest::label(&bytes, REVISION);
        }
        let revision = revision.or_else(|| top.annotation(REVISION).map(str::to_owned));
        Ok((platform, revision))
    });
    join_all(each).await.into_iter().collect()
}
