//! Gives one digest more tags: reads the current tags first, puts exactly the bytes that were read, and never moves a
//! version tag.

use super::image_repository::ImageRepository;
use super::manifest::Manifest;
use super::resolve::missing_platforms;
use super::retag_request::{RetagOutcome, RetagRequest, RetaggedImage};
use super::tag_put::{TagPut, tag_in_use};
use super::transport::RequestCounter;
use crate::error::{Error, Kind, Result};
use crate::model::{Digest, Reference};

/// A requested tag, and the digest that it has now.
struct TagState<'a> {
    tag: &'a str,
    digest: Option<Digest>,
    /// Whether it may be moved from another digest.
    moving: bool,
}

/// What has to be done for a request.
struct RetagPlan<'a> {
    digest: Digest,
    /// The manifest to put; `None` if all tags have the digest already.
    manifest: Option<Manifest>,
    /// The tags that do not have the digest yet.
    pending: Vec<TagState<'a>>,
}

/// Returns what `retag` would do, and fails where it would fail. Writes nothing.
pub(super) async fn check_retag(
    repository: &ImageRepository<'_>,
    request: &RetagRequest,
) -> Result<RetaggedImage> {
    let requests = RequestCounter::default();
    let plan = plan(repository, request, &requests).await?;
    let outcome = if plan.pending.is_empty() { RetagOutcome::Unchanged } else { RetagOutcome::Created };
    Ok(retagged(request, plan.digest, outcome, &requests))
}

/// Carries out a request.
pub(super) async fn retag(repository: &ImageRepository<'_>, request: &RetagRequest) -> Result<RetaggedImage> {
    let requests = RequestCounter::default();
    let plan = plan(repository, request, &requests).await?;
    let mut outcome = RetagOutcome::Unchanged;
    if let Some(manifest) = &plan.manifest {
        for pending in &plan.pending {
            let put = TagPut { tag: pending.tag, before: pending.digest.as_ref(), manifest };
            match repository.put(&put, &requests).await {
                Ok(RetagOutcome::Created) => outcome = RetagOutcome::Created,
                Ok(RetagOutcome::Unchanged) => {}
                Err(error) => return Err(refused_put(repository, request, manifest, error).await),
            }
        }
    }
    Ok(retagged(request, plan.digest, outcome, &requests))
}

fn retagged(
    request: &RetagRequest,
    digest: Digest,
    result: RetagOutcome,
    requests: &RequestCounter,
) -> RetaggedImage {
    RetaggedImage {
        name: request.name.clone(),
        repository: request.repository.clone(),
        source: request.source.to_string(),
        digest,
        tags: request.tags.iter().chain(&request.moving).cloned().collect(),
        result,
        requests: requests.count(),
    }
}

/// Looks up the tags, then the source if it is needed.
async fn plan<'a>(
    repository: &ImageRepository<'_>,
    request: &'a RetagRequest,
    requests: &RequestCounter,
) -> Result<RetagPlan<'a>> {
    let fixed = request.tags.iter().map(|tag| (tag, false));
    let mut states = Vec::new();
    for (tag, moving) in fixed.chain(request.moving.iter().map(|tag| (tag, true))) {
        let digest = repository.head(&Reference::tag(tag), requests).await?.map(|found| found.digest);
        states.push(TagState { tag, digest, moving });
    }
    // A source whose digest is recorded is not needed if all tags seem to have it.
    let finished = request.expected.as_ref();
    let finished = finished.filter(|digest| states.iter().all(|state| state.digest.as_ref() == Some(digest)));
    let (digest, manifest) = match finished {
        Some(digest) => (digest.clone(), None),
        None => {
            let manifest = source_manifest(repository, request, requests).await?;
            (manifest.digest.clone(), Some(manifest))
        }
    };
    // What a header says is no proof that there is nothing to do: the bytes are.
    for state in states.iter_mut().filter(|state| state.digest.as_ref() == Some(&digest)) {
        let found = repository.get(&Reference::tag(state.tag), requests).await?;
        state.digest = found.map(|found| found.digest);
    }
    states.retain(|state| state.digest.as_ref() != Some(&digest));
    let manifest = match manifest {
        None if !states.is_empty() => Some(source_manifest(repository, request, requests).await?),
        manifest => manifest,
    };
    let fixed = states.iter().filter(|state| !state.moving);
    let errors = fixed
        .filter_map(|state| Some(tag_in_use(&request.repository, state.tag, state.digest.as_ref()?, &digest)))
        .collect();
    match Error::combine("", errors) {
        Some(error) => Err(error),
        None => Ok(RetagPlan { digest, manifest, pending: states }),
    }
}

/// Returns the manifest that gets the tags: that of the recorded digest, else that of the source tag.
async fn source_manifest(
    repository: &ImageRepository<'_>,
    request: &RetagRequest,
    requests: &RequestCounter,
) -> Result<Manifest> {
    let source = repository.get(&request.source, requests).await?;
    match (source, &request.expected) {
        (Some(source), None) => Ok(source),
        (Some(source), Some(expected)) if source.digest == *expected => Ok(source),
        (Some(source), Some(expected)) => {
            let name = format!("{}{}", request.repository, request.source.suffix());
            Err(Error::conflict(format!("{name} is not the build that was released"))
                .cause(format!("current   {}", source.digest))
                .cause(format!("released  {expected}"))
                .hint("the source tag was pushed again with another digest: to release that build, make a new version"))
        }
        (None, Some(expected)) => {
            let reference = Reference::Digest(expected.clone());
            let found = repository.get(&reference, requests).await?;
            found.ok_or_else(|| missing(request, &reference))
        }
        (None, None) => Err(missing(request, &request.source)),
    }
}

/// Returns the error for a `PUT` that failed. Registries refuse an index that lists a manifest that they do not have, and do
/// not say which: then it is the platform that is missing.
async fn refused_put(
    repository: &ImageRepository<'_>,
    request: &RetagRequest,
    manifest: &Manifest,
    error: Error,
) -> Error {
    let name = format!("{}@{}", request.repository, manifest.digest);
    let requests = RequestCounter::default();
    let missing = match manifest.platforms() {
        Ok(platforms) if error.kind == Kind::Unreachable => {
            missing_platforms(repository, &name, manifest, &platforms, &requests).await
        }
        _ => return error,
    };
    match missing.unwrap_or_default().split_first() {
        Some((first, others)) => others.iter().fold(Error::missing(first), Error::cause).with_source(error),
        None => error,
    }
}

fn missing(request: &RetagRequest, reference: &Reference) -> Error {
    Error::missing(format!("{}{} is missing", request.repository, reference.suffix()))
        .cause(format!("no build of image {} has been pushed there", request.name))
}
