//! Prereleases of one core and channel: the latest, and the next (V4, V11).

use super::base::Base;
use super::facts::VersionTag;
use crate::model::{Channel, Version};

/// Returns the prerelease of a core and channel with the highest counter.
pub(super) fn latest<'t>(
    tags: &'t [VersionTag],
    core: &Version,
    channel: &Channel,
) -> Option<&'t VersionTag> {
    let counter = |tag: &&VersionTag| counter(&tag.version, core, channel);
    tags.iter().filter(|tag| counter(tag).is_some()).max_by_key(counter)
}

/// Returns the next prerelease of a core and channel. Its counter considers all tags, reachable or not (V4). `exact` is the
/// prerelease that `Release-As` asked for.
pub(super) fn next(
    base: &Base,
    core: &Version,
    channel: &Channel,
    exact: Option<&Version>,
    warnings: &mut Vec<String>,
) -> Version {
    let highest = latest(&base.all, core, channel).and_then(|tag| counter(&tag.version, core, channel));
    let next = core.prerelease(channel, highest.map_or(1, |counter| counter.saturating_add(1)));
    let exists = |version: &Version| base.all.iter().any(|tag| tag.version == *version);
    let exact = exact.filter(|exact| **exact > next || highest.is_none() && !exists(exact));
    let version = exact.cloned().unwrap_or(next);
    let same_core = base.all.iter().filter(|tag| tag.version.core() == *core);
    let above = same_core.filter(|tag| !tag.version.is_final() && tag.version > version);
    if let Some(above) = above.max_by(|a, b| a.version.cmp(&b.version)) {
        warnings.push(format!("{version} sorts below {}, which already exists", above.name));
    }
    version
}

/// Says how the counter of a new prerelease was found; `None` for a final version.
pub(super) fn counter_step(base: &Base, version: &Version) -> Option<String> {
    let (channel, counter) = version.channel()?;
    let core = version.core();
    Some(match latest(&base.all, &core, &channel) {
        Some(tag) => format!("{} exists, so this is {channel}.{counter}", tag.name),
        None => format!("the first {channel} of {core}"),
    })
}

/// The counter of a version, if it is a prerelease of this core and channel.
fn counter(version: &Version, core: &Version, channel: &Channel) -> Option<u64> {
    version
        .channel()
        .filter(|(name, _)| name == channel && version.core() == *core)
        .map(|(_, counter)| counter)
}
