//! Refuses image repositories that release.toml does not name: neither a deployer nor a registry gets one that is only
//! written in a tag or in the ledger.

use crate::config::ImageRule;
use crate::error::{Error, Result};
use crate::model::Image;

/// Checks that the `[[image]]` of each image's name names the image's repository. `release` is the release's name, for
/// the message.
///
/// # Errors
///
/// 5 if an image has no `[[image]]` of its name, or one with another repository.
pub fn check_repositories(rules: &[&ImageRule], release: &str, images: &[Image]) -> Result<()> {
    let known = |image: &&Image| {
        rules.iter().any(|rule| rule.name == image.name && rule.repository == image.repository)
    };
    let unknown: Vec<&Image> = images.iter().filter(|image| !known(image)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let message = format!("images of {release} are recorded in repositories that release.toml does not name");
    let error = unknown.iter().fold(Error::conflict(message), |error, image| {
        let rule = rules.iter().find(|rule| rule.name == image.name);
        let expected = rule.map_or_else(|| "none".to_owned(), |rule| rule.repository.to_string());
        error
            .cause(format!("{}: recorded in {}, release.toml names {expected}", image.name, image.repository))
    });
    Err(error
        .hint(
            "if the images moved: set [[image]] repository on the default branch, and run `rel retag` there",
        )
        .hint("if they did not, the tag or the ledger was forged: `rel ledger verify` checks the ledger"))
}

#[cfg(test)]
mod tests {
    use super::check_repositories;
    use crate::config::{self, ImageRule};
    use crate::model::Image;

    #[test]
    fn a_repository_that_release_toml_does_not_name_is_refused() {
        let text = "[[image]]\nname = 'api'\nrepository = 'ghcr.io/acme/api'\n";
        let config = config::read("release.toml", text).unwrap();
        let rules: Vec<&ImageRule> = config.images_of("shop").collect();
        for (name, repository, allowed) in [
            ("api", "ghcr.io/acme/api", true),
            ("api", "evil.example/api", false),
            ("web", "ghcr.io/acme/api", false),
        ] {
            let image = Image::parse(&format!("{name} {repository}@sha256:{}", "a".repeat(64))).unwrap();
            let result = check_repositories(&rules, "v1.0.0", &[image]);
            assert_eq!(result.is_ok(), allowed, "{name} {repository}");
            assert!(result.err().is_none_or(|error| error.kind.code() == 5));
        }
    }
}
