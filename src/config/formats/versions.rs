//! Versions, ranges and channels, and the templates of a release.

use super::names::on_one_line;
use crate::config::fault::FormatError;
use crate::config::quote::quoted;
use crate::model::{Channel, TagFormat, Version, VersionRange};

/// Checks the template of a tag. It is parsed again for each package, whose name it may contain.
pub(in crate::config) fn tag_template(text: &str) -> Result<String, FormatError> {
    on_one_line(text)?;
    TagFormat::parse(text, "package").map(|_| text.to_owned()).map_err(|fault| {
        FormatError::new(fault, "write a template such as \"v{version}\" or \"{package}-v{version}\"")
    })
}

/// Parses a semantic version.
pub(in crate::config) fn version(text: &str) -> Result<Version, FormatError> {
    Version::parse(text).ok_or_else(|| {
        let bare = text.trim_start_matches(['v', 'V']);
        let help = if Version::parse(bare).is_some() {
            format!("write \"{bare}\": a version has no prefix")
        } else {
            "write three numbers, as in \"0.1.0\"".to_owned()
        };
        FormatError::new(format!("{} is not a semantic version", quoted(text)), help)
    })
}

/// Parses a version that consists of three numbers only.
pub(in crate::config) fn core_version(text: &str) -> Result<Version, FormatError> {
    let version = version(text)?;
    if version.is_final() && !version.has_build() {
        return Ok(version);
    }
    FormatError::err(
        format!("{} is not just three numbers", quoted(text)),
        format!("write \"{}\"", version.core()),
    )
}

/// Parses the range of a maintenance branch (rule V9).
pub(in crate::config) fn version_range(text: &str) -> Result<VersionRange, FormatError> {
    VersionRange::parse(text).ok_or_else(|| {
        FormatError::new(
            format!("{} is not a range", quoted(text)),
            "\"1\" is >=1.0.0, <2.0.0; \"1.1\" is >=1.1.0, <1.2.0",
        )
    })
}

/// Parses a prerelease channel.
pub(in crate::config) fn channel(text: &str) -> Result<Channel, FormatError> {
    Channel::parse(text).map_err(|fault| {
        let near = Channel::nearest(text).filter(|near| near.as_str().len() < 40);
        let help =
            near.map_or_else(|| "use a word such as \"rc\"".to_owned(), |near| format!("write \"{near}\""));
        FormatError::new(format!("{} is not a channel: {fault}", quoted(text)), help)
    })
}

/// Checks the version of a branch: only one template is allowed.
pub(in crate::config) fn branch_version(text: &str) -> Result<(), FormatError> {
    if text == "{branch}" {
        return Ok(());
    }
    FormatError::err(
        format!("{} cannot be the version of a branch", quoted(text)),
        "write \"{branch}\": the version comes from the branch's name",
    )
}

/// Checks that a pattern says where the version is in a file.
pub(in crate::config) fn file_pattern(text: &str) -> Result<String, FormatError> {
    if text.contains("{version}") {
        return Ok(text.to_owned());
    }
    FormatError::err(
        "the pattern does not contain {version}",
        "put {version} into it, as in \"rel@{version}\"",
    )
}

/// Checks that the message of a release commit names the release.
pub(in crate::config) fn release_message(text: &str) -> Result<String, FormatError> {
    if !text.contains("{tag}") && !text.contains("{version}") {
        return FormatError::err(
            "the message contains neither {tag} nor {version}",
            "put {tag} or {version} into it",
        );
    }
    text.lines().try_for_each(on_one_line)?;
    Ok(text.to_owned())
}
