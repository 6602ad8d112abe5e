//! Tag names, and the format that turns a version into a tag name and back.

use super::version::Version;
use serde::Serialize;
use std::fmt;

/// The short name of a tag, without `refs/tags/`. It is not a version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TagName(String);

impl TagName {
    /// Wraps the name of a ref.
    pub fn new(name: impl Into<String>) -> Self {
        TagName(name.into())
    }

    /// Returns the short name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text before and after the version in a tag: `v{version}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TagFormat {
    prefix: String,
    suffix: String,
}

impl TagFormat {
    /// Creates a format from the text before and after the version.
    pub fn new(prefix: impl Into<String>, suffix: impl Into<String>) -> Self {
        TagFormat { prefix: prefix.into(), suffix: suffix.into() }
    }

    /// Parses `v{version}` or `{package}-v{version}`; other braces are literal.
    ///
    /// # Errors
    ///
    /// Says what is wrong: not exactly one `{version}`, or not a valid ref name.
    pub fn parse(template: &str, package: &str) -> Result<Self, String> {
        let mut parts = template.split("{version}");
        let (Some(prefix), Some(suffix), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err("a tag format must contain {version} exactly once".into());
        };
        let format =
            TagFormat::new(prefix.replace("{package}", package), suffix.replace("{package}", package));
        let sample = format.print(&Version::new(1, 2, 3));
        if let Some(fault) = ref_name_fault(sample.as_str()) {
            return Err(format!("{sample} is not a valid tag name: {fault}"));
        }
        Ok(format)
    }

    /// Returns the tag of a version.
    pub fn print(&self, version: &Version) -> TagName {
        TagName(format!("{}{version}{}", self.prefix, self.suffix))
    }

    /// Returns the version of a tag; `None` if it does not have this format.
    pub fn read(&self, name: &str) -> Option<Version> {
        Version::parse(name.strip_prefix(self.prefix.as_str())?.strip_suffix(self.suffix.as_str())?)
    }

    /// Returns the text before the version.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

impl fmt::Display for TagFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{{version}}{}", self.prefix, self.suffix)
    }
}

/// Returns why a ref name is not valid (git-check-ref-format(1)). A leading `-` is not valid either, because git would read it
/// as an option.
pub fn ref_name_fault(name: &str) -> Option<&'static str> {
    let bad_byte =
        |c: char| c.is_ascii_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    if name.is_empty() {
        Some("it is empty")
    } else if name.starts_with('-') {
        Some("it begins with a hyphen")
    } else if name.contains(bad_byte) {
        Some("it has a space, a control character or one of ~^:?*[\\ in it")
    } else if name.contains("..") || name.contains("@{") || name == "@" {
        Some("it has .. or @{ in it")
    } else if name.ends_with('.') {
        Some("it ends with a dot")
    } else if name.split('/').any(|part| part.is_empty() || part.starts_with('.') || part.ends_with(".lock"))
    {
        Some("a part of it is empty, begins with a dot or ends with .lock")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{TagFormat, Version};

    #[test]
    fn a_format_prints_and_parses() {
        let version = Version::parse("1.4.0-rc.2+b.7").unwrap();
        for (template, name) in [
            ("v{version}", "v1.4.0-rc.2+b.7"),
            ("{package}-v{version}", "api-v1.4.0-rc.2+b.7"),
            ("r/{version}-x{y}", "r/1.4.0-rc.2+b.7-x{y}"),
        ] {
            let format = TagFormat::parse(template, "api").unwrap();
            assert_eq!(format.print(&version).as_str(), name);
            assert_eq!(format.read(name), Some(version.clone()));
        }
    }

    #[test]
    fn a_format_without_valid_tag_names_is_refused() {
        for template in [
            "v",
            "{version}{version}",
            "-{version}",
            "a b{version}",
            "x..{version}",
            "/{version}",
            "{version}.lock",
        ] {
            assert!(TagFormat::parse(template, "p").is_err(), "{template}");
        }
    }
}
