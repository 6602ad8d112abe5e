//! Finds recorded images where release.toml says that they are, and refuses other repositories: neither a deployer nor a
//! registry gets one that is only written in a tag or in the ledger.

use crate::config::ImageRule;
use crate::error::{Error, Result};
use crate::model::Image;

/// Returns recorded images in the repositories in which they are now: those of the `[[image]]` of their names. One that was
/// recorded in a former repository is in the new one, by the same digest. `release` is the release's name, for the message.
///
/// # Errors
///
/// 5 if an image has no `[[image]]` of its name, or one that was never kept in that repository.
pub fn locate_images(rules: &[&ImageRule], release: &str, images: &[Image]) -> Result<Vec<Image>> {
    let (mut located, mut unknown) = (Vec::new(), Vec::new());
    for image in images {
        let rule = rules.iter().find(|rule| rule.name == image.name);
        match rule.filter(|rule| rule.was_kept_in(&image.repository)) {
            Some(rule) => located.push(Image { repository: rule.repository.clone(), ..image.clone() }),
            None => unknown.push((image, rule)),
        }
    }
    if unknown.is_empty() {
        return Ok(located);
    }
    let message = format!("images of {release} are recorded in repositories that release.toml does not name");
    let mut error = Error::conflict(message);
    for (image, rule) in unknown {
        let (name, repository) = (&image.name, &image.repository);
        let expected = rule.map_or_else(|| "none".to_owned(), |rule| rule.repository.to_string());
        error = error.cause(format!("{name}: recorded in {repository}, release.toml names {expected}"));
        error = error.hint(match rule {
            Some(_) => format!(
                "if {name} moved: add former = [\"{repository}\"] to its [[image]] on the default branch"
            ),
            None => format!(
                "if {name} is not released any more: keep its [[image]] on the default branch, with retired = true"
            ),
        });
    }
    Err(error.hint("otherwise the tag or the ledger was forged: `rel ledger verify` checks the ledger"))
}

#[cfg(test)]
mod tests {
    use super::locate_images;
    use crate::config::{self, ImageRule};
    use crate::model::Image;

    #[test]
    fn an_image_is_where_release_toml_says_and_nowhere_else() {
        let text = "[[image]]\nname = 'api'\nrepository = 'ghcr.io/acme/api'\nformer = ['docker.io/acme/api']\n\
            [[image]]\nname = 'old'\nrepository = 'ghcr.io/acme/old'\nretired = true\n";
        let config = config::read("release.toml", text).unwrap();
        let rules: Vec<&ImageRule> = config.images_of("shop").collect();
        for (name, repository, located) in [
            ("api", "ghcr.io/acme/api", Some("ghcr.io/acme/api")),
            ("api", "acme/api", Some("ghcr.io/acme/api")),
            ("old", "ghcr.io/acme/old", Some("ghcr.io/acme/old")),
            ("api", "evil.example/api", None),
            ("web", "ghcr.io/acme/api", None),
            ("old", "docker.io/acme/api", None),
        ] {
            let digest = "a".repeat(64);
            let image = Image::parse(&format!("{name} {repository}@sha256:{digest}")).unwrap();
            let result = locate_images(&rules, "v1.0.0", &[image]);
            let found = result.as_ref().map(|images| images[0].reference()).ok();
            assert_eq!(
                found,
                located.map(|located| format!("{located}@sha256:{digest}")),
                "{name} {repository}"
            );
            assert!(result.err().is_none_or(|error| error.kind.code() == 5));
        }
    }
}
