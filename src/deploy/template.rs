//! The values that replace placeholders such as `{version}` in commands, and that commands get as variables.

use crate::config::CommandLine;
use crate::error::{Error, Kind, Result};
use crate::model::{Image, Release};

/// What commands are told about an operation.
#[derive(Clone, Debug)]
pub struct Values {
    /// `{image.NAME}`: by digest, never by a tag.
    pub images: Vec<Image>,
    /// `{version}`; for a bare commit its short hash.
    pub version: String,
    /// `{tag}`; for a bare commit its short hash.
    pub tag: String,
    /// `{commit}`: the build commit.
    pub commit: String,
    /// `{env}`.
    pub environment: String,
    /// `{package}`.
    pub package: String,
    /// `{previous}`: the version that ran before; empty if there was none.
    pub previous: String,
}

impl Values {
    /// Returns the values for deploying a release to an environment in which `previous` runs.
    pub fn new(release: &Release, environment: &str, package: &str, previous: Option<&Release>) -> Self {
        let version = |release: &Release| {
            release.version.as_ref().map_or_else(|| release.pin.commit.short(), ToString::to_string)
        };
        Values {
            images: release.pin.images.clone(),
            version: version(release),
            tag: release.tag.as_ref().map_or_else(|| release.pin.commit.short(), ToString::to_string),
            commit: release.pin.commit.to_string(),
            environment: environment.to_owned(),
            package: package.to_owned(),
            previous: previous.map(version).unwrap_or_default(),
        }
    }

    /// Returns the value of a placeholder; `None` for a name that is not one.
    fn get(&self, name: &str) -> Option<Result<String>> {
        Some(Ok(match name {
            "version" => self.version.clone(),
            "tag" => self.tag.clone(),
            "commit" => self.commit.clone(),
            "env" => self.environment.clone(),
            "package" => self.package.clone(),
            "previous" => self.previous.clone(),
            _ => return Some(self.image(name.strip_prefix("image.")?)),
        }))
    }

    fn image(&self, name: &str) -> Result<String> {
        self.images.iter().find(|image| image.name == name).map(Image::reference).ok_or_else(|| {
            Error::missing(format!("{} has no image {name}", self.tag)).hint(format!(
                "the commands of {} for package {} use {{image.{name}}}",
                self.environment, self.package
            ))
        })
    }

    /// Returns an argument with its placeholders replaced, in one pass: values are not searched for placeholders.
    pub fn fill(&self, argument: &str) -> Result<String> {
        let mut filled = String::with_capacity(argument.len());
        let mut rest = argument;
        while let Some(start) = rest.find('{') {
            let (before, tail) = rest.split_at(start);
            filled.push_str(before);
            let name = tail.get(1..).and_then(|inner| inner.split_once('}')).map(|(name, _)| name);
            match name.and_then(|name| self.get(name).map(|value| (name, value))) {
                Some((name, value)) => {
                    filled.push_str(&value?);
                    rest = tail.get(name.len() + 2..).unwrap_or_default();
                }
                None => {
                    filled.push('{');
                    rest = tail.get(1..).unwrap_or_default();
                }
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// Returns commands with their placeholders replaced.
    pub fn fill_all(&self, commands: &[CommandLine]) -> Result<Vec<CommandLine>> {
        commands.iter().map(|words| words.iter().map(|word| self.fill(word)).collect()).collect()
    }

    /// Returns commands with their placeholders replaced, without those with an image that the release does not have: for
    /// each, a sentence goes to `skipped`.
    pub fn fill_possible(
        &self,
        commands: &[CommandLine],
        skipped: &mut Vec<String>,
    ) -> Result<Vec<CommandLine>> {
        let mut filled = Vec::new();
        for words in commands {
            match words.iter().map(|word| self.fill(word)).collect::<Result<CommandLine>>() {
                Ok(words) => filled.push(words),
                Err(error) if error.kind == Kind::Missing => {
                    let command = words.join(" ");
                    skipped.push(format!("{}, so this command is skipped: {command}", error.message));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    /// Returns the same values as environment variables.
    pub fn variables(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut variables = vec![
            pair("REL_VERSION", &self.version),
            pair("REL_TAG", &self.tag),
            pair("REL_COMMIT", &self.commit),
            pair("REL_ENV", &self.environment),
            pair("REL_PACKAGE", &self.package),
            pair("REL_PREVIOUS", &self.previous),
        ];
        variables.extend(self.images.iter().map(|image| {
            let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
            (format!("REL_IMAGE_{}", image.name.chars().map(upper).collect::<String>()), image.reference())
        }));
        variables
    }
}

#[cfg(test)]
mod tests {
    use super::Values;
    use crate::model::{CommitId, Image, Pin, Release, TagName, Version};

    fn values() -> Values {
        let digest = "0a".repeat(32);
        let image = Image::parse(&format!("api-1 ghcr.io/acme/api@sha256:{digest}")).unwrap();
        let pin = Pin::new(CommitId::from_bytes([0xab; 20]), vec![image]);
        let before = Release::bare(Pin::new(CommitId::from_bytes([0xcd; 20]), Vec::new()));
        Values::new(
            &Release::new(Version::new(1, 4, 0), TagName::new("v1.4.0"), pin),
            "prod",
            "shop",
            Some(&before),
        )
    }

    #[test]
    fn placeholders_are_replaced_and_other_braces_are_literal() {
        let values = values();
        let digest = "0a".repeat(32);
        for (argument, filled) in [
            ("{version} {tag} {env} {package} {previous}", "1.4.0 v1.4.0 prod shop cdcdcdc".to_owned()),
            ("api={image.api-1}", format!("api=ghcr.io/acme/api@sha256:{digest}")),
            ("{commit}", "ab".repeat(20)),
            ("{{version}}", "{1.4.0}".to_owned()),
            ("jsonpath={.spec.x[*].image} {", "jsonpath={.spec.x[*].image} {".to_owned()),
            ("{Version} {} {x} {version", "{Version} {} {x} {version".to_owned()),
            ("ü{version}ü", "ü1.4.0ü".to_owned()),
        ] {
            assert_eq!(values.fill(argument).unwrap(), filled, "{argument}");
        }
        assert_eq!(values.fill("{image.web}").unwrap_err().kind.code(), 7);
    }

    #[test]
    fn variables_have_the_same_values() {
        let variables = values().variables();
        let get =
            |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(get("REL_VERSION"), Some("1.4.0"));
        assert!(get("REL_IMAGE_API_1").unwrap().starts_with("ghcr.io/acme/api@sha256:"));
    }
}
