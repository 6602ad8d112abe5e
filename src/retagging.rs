//! Gives the images of a release their version tags: from the release to the requests, and from the results to what a
//! person can do about them.

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::Version;
use crate::registry::{NEARBY_COMMITS, Registries, RetagRequest, RetaggedImage};
use crate::resolve::{self, BuiltRelease};

/// The result of tagging the images of a release.
pub struct Retagging {
    /// The images that have their tags.
    pub images: Vec<RetaggedImage>,
    /// Why the others do not have theirs.
    pub error: Option<Error>,
}

/// Returns the requests for all images of a release.
///
/// # Errors
///
/// 2 if the package has no images; 5 if the tag points to another commit on the remote, or records an image in another
/// repository than release.toml; 6 if moving tags are configured and the remote cannot be reached.
pub fn retag_requests(context: &Context, release: &BuiltRelease<'_>) -> Result<Vec<RetagRequest>> {
    if release.images.is_empty() {
        let example = "[[image]]\n  name = \"api\"\n  repository = \"ghcr.io/acme/shop-api\"";
        return Err(Error::usage(format!("release.toml has no image for {}", release.package.name))
            .hint(format!("add to release.toml:\n  {example}")));
    }
    release.retag_requests(&released_finals(context, release)?)
}

/// Carries out the requests for a release; with `dry_run` only checks that they would succeed.
pub fn retag_images(
    release: &BuiltRelease<'_>,
    registries: &Registries<'_>,
    requests: &[RetagRequest],
    dry_run: bool,
) -> Retagging {
    let results = if dry_run { registries.check_retag(requests) } else { registries.retag(requests) };
    let (mut images, mut errors) = (Vec::new(), Vec::new());
    for (request, result) in requests.iter().zip(results) {
        let rule = release.images.iter().find(|rule| rule.name == request.name);
        match (result, rule) {
            (Ok(image), _) => images.push(image),
            (Err(error), Some(rule)) if error.kind == Kind::Missing => {
                let nearby = release.release_context.neighbours(release.build, NEARBY_COMMITS);
                errors.push(registries.suggest_builds(error, rule, release.build, &nearby));
            }
            (Err(error), _) => errors.push(error),
        }
    }
    Retagging { images, error: Error::combine("", errors) }
}

/// Returns the final versions that the remote has a tag for; they decide whether a moving tag moves. Refuses a tag that names
/// another commit on the remote.
fn released_finals(context: &Context, release: &BuiltRelease<'_>) -> Result<Vec<Version>> {
    let may_move = release.version.is_final() && release.images.iter().any(|image| !image.also.is_empty());
    let tags = match resolve::remote_tags(context) {
        Ok(Some(tags)) => tags,
        Ok(None) => context.repo()?.tags()?,
        // A version tag gets the same digest whatever else is released; only moving tags need the remote.
        Err(error) if !may_move => {
            context.ui().warning(format!("{}: using the local tag {}", error.message, release.tag()));
            return Ok(Vec::new());
        }
        Err(error) => {
            return Err(error.cause("the tags on the remote decide whether a moving tag is updated"));
        }
    };
    if let (Some(remote), Some(tagged)) =
        (resolve::remote_tag_commit(&tags, &release.tag()), &release.release)
        && remote != tagged.tag.commit
    {
        let tag = &tagged.tag.name;
        return Err(Error::conflict(format!("{tag} points to another commit on the remote"))
            .cause(format!("remote  {remote}"))
            .cause(format!("local   {}", tagged.tag.commit))
            .hint(format!("git fetch origin +refs/tags/{tag}:refs/tags/{tag}")));
    }
    Ok(release.finals(&tags))
}
