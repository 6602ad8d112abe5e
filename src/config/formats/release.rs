//! Versions, tags and the templates of a release. Leans on `model`.

use super::words::hostile;
use crate::config::fault::{Wrong, quoted};
use crate::model::{Channel, TagFormat, Version, VersionRange};

/// The template of a tag.
pub(super) fn tag(text: &str) -> Result<(), Wrong> {
    hostile(text)?;
    TagFormat::parse(text, "package")
        .map(drop)
        .or_else(|fault| Wrong::err(fault, "a template as in \"v{version}\" or \"{package}-v{version}\""))
}

/// A semantic version.
pub(super) fn version(text: &str) -> Result<(), Wrong> {
    if Version::parse(text).is_some() {
        return Ok(());
    }
    let bare = text.trim_start_matches(['v', 'V']);
    let help = if Version::parse(bare).is_some() {
        format!("write \"{bare}\": a version has no prefix")
    } else {
        "three numbers, as in \"0.1.0\"".to_owned()
    };
    Wrong::err(format!("{} is not a semantic version", quoted(text)), help)
}

/// A version that is its own core.
pub(super) fn core(text: &str) -> Result<(), Wrong> {
    version(text)?;
    match Version::parse(text).filter(|version| !version.is_final() || version.has_build()) {
        None => Ok(()),
        Some(version) => Wrong::err(
            format!("{} is more than three numbers", quoted(text)),
            format!("write \"{}\"", version.core()),
        ),
    }
}

/// What a maintenance branch releases (V9).
pub(super) fn range(text: &str) -> Result<(), Wrong> {
    if VersionRange::parse(text).is_some() {
        return Ok(());
    }
    Wrong::err(
        format!("{} is not a range", quoted(text)),
        "\"1\" is >=1.0.0, <2.0.0; \"1.1\" is >=1.1.0, <1.2.0",
    )
}

/// A prerelease line.
pub(super) fn channel(text: &str) -> Result<(), Wrong> {
    Channel::parse(text).map(drop).or_else(|fault| {
        let near = Channel::nearest(text).filter(|near| near.as_str().len() < 40);
        let help = near.map_or_else(|| "a word as in \"rc\"".to_owned(), |near| format!("write \"{near}\""));
        Wrong::err(format!("{} is not a channel: {fault}", quoted(text)), help)
    })
}

/// The one template that a branch's version may be.
pub(super) fn branch_version(text: &str) -> Result<(), Wrong> {
    if text == "{branch}" {
        return Ok(());
    }
    Wrong::err(
        format!("{} cannot say the version of a branch", quoted(text)),
        "write \"{branch}\": the branch's own name says it",
    )
}

/// Where the version stands in a file.
pub(super) fn file_pattern(text: &str) -> Result<(), Wrong> {
    if text.contains("{version}") {
        return Ok(());
    }
    Wrong::err(
        "the pattern does not say where the version stands",
        "put {version} into it, as in \"rel@{version}\"",
    )
}

/// The message of a release commit.
pub(super) fn message(text: &str) -> Result<(), Wrong> {
    if !text.contains("{tag}") && !text.contains("{version}") {
        return Wrong::err("the message does not name the release", "put {tag} or {version} into it");
    }
    text.lines().try_for_each(hostile)
}
