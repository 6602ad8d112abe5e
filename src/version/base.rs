//! Selects the tag that the next version counts from, and says why the others are not selected (V1, V2, V8, V9).

use super::facts::{ReleaseLine, VersionTag};
use crate::model::Version;
use std::cmp::{Ordering, Reverse};

/// A tag that is not the base.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// The tag.
    pub tag: VersionTag,
    /// Why not, as a phrase that follows its name.
    pub why: String,
    /// It is not reachable from HEAD.
    pub unreachable: bool,
}

/// The base of the next version, and every other tag of the package.
#[derive(Clone, Debug, Default)]
pub struct Base {
    /// The highest final version reachable from HEAD, or from a branch that makes finals (V31); `None` before the first release.
    pub last: Option<VersionTag>,
    /// `last` is not reachable from HEAD: a branch that makes finals has it (V31).
    pub elsewhere: bool,
    /// Prereleases above it that are reachable from HEAD, highest first.
    pub prereleases: Vec<VersionTag>,
    /// The other tags that were searched for, highest first.
    pub rejected: Vec<Rejected>,
    /// Every tag of the package, reachable or not, highest first.
    pub all: Vec<VersionTag>,
    /// Warnings for the user.
    pub warnings: Vec<String>,
}

impl Base {
    /// Returns what was released last on this line: the final version, or else the highest prerelease.
    pub fn current(&self) -> Option<&VersionTag> {
        self.last.as_ref().or_else(|| self.prereleases.first())
    }

    /// Starts from a higher release of a branch that makes finals (V31). Prereleases below it are over.
    pub fn start_from(&mut self, higher: VersionTag) {
        self.rejected.retain(|rejected| rejected.tag.name != higher.name);
        if let Some(tag) = self.last.take() {
            let why = format!("{} is higher, on a branch that makes final versions", higher.name);
            self.rejected.push(Rejected { tag, why, unreachable: false });
        }
        self.prereleases.retain(|tag| tag.version > higher.version);
        (self.last, self.elsewhere) = (Some(higher), true);
    }

    /// Removes the tags that are not reachable from HEAD. An earlier state of the repository did not have them.
    pub fn retain_reachable(&mut self) {
        self.rejected.retain(|rejected| !rejected.unreachable);
        let reached = self.rejected.iter().map(|rejected| &rejected.tag).chain(&self.last);
        self.all = reached.cloned().collect();
    }
}

/// Sorts tags by version, highest first, and marks those that end the search for the base once they are reached. Of several
/// with the same precedence (`1.2.0+a`, `1.2.0+b`) that is the last one, so that all of them are searched for (V8).
pub fn search_order(mut tags: Vec<VersionTag>, line: &ReleaseLine) -> Vec<(VersionTag, bool)> {
    tags.sort_by(|a, b| (&b.version, &a.name).cmp(&(&a.version, &b.name)));
    let allowed = |version: &Version| line.range.is_none_or(|range| range.contains(version));
    let settles: Vec<bool> = tags
        .iter()
        .enumerate()
        .map(|(index, tag)| {
            let is_last = tags
                .get(index + 1)
                .is_none_or(|next| next.version.precedence(&tag.version) != Ordering::Equal);
            is_last && tag.version.is_final() && allowed(&tag.version)
        })
        .collect();
    tags.into_iter().zip(settles).collect()
}

/// Selects the base. `tags` are in the order of `search_order`. `reached` says for each when the walk from HEAD reached it
/// (a smaller number is closer to HEAD), or `None`. Tags from index `settled` on were not searched for.
pub fn select_base(
    tags: &[(VersionTag, bool)],
    reached: &[Option<usize>],
    settled: usize,
    line: &ReleaseLine,
) -> Base {
    let allowed = |version: &Version| line.range.is_none_or(|range| range.contains(version));
    let searched = || tags.iter().zip(reached).take(settled).map(|((tag, _), order)| (tag, *order));
    let finals =
        searched().filter(|(tag, order)| order.is_some() && tag.version.is_final() && allowed(&tag.version));
    let highest = finals.max_by(|(a, near), (b, far)| a.version.precedence(&b.version).then(far.cmp(near)));
    let last = highest.map(|(tag, _)| tag.clone());
    let mut base = Base { last, all: tags.iter().map(|(tag, _)| tag.clone()).collect(), ..Base::default() };
    for (tag, order) in searched() {
        if base.last.as_ref().is_some_and(|last| last.name == tag.name) {
            continue;
        }
        let outside = line.range.filter(|range| !range.contains(&tag.version));
        let why = match (order, outside) {
            (None, _) => "not reachable from HEAD".to_owned(),
            (Some(_), Some(range)) => format!("outside the range of this branch ({range})"),
            (Some(_), None) if tag.version.is_final() => not_the_nearest(tag, base.last.as_ref()),
            (Some(_), None) => {
                base.prereleases.push(tag.clone());
                "a prerelease is never the base, but the next final version will not be lower than it"
                    .to_owned()
            }
        };
        if order.is_some() && outside.is_some() && tag.version.is_final() {
            base.warnings.push(format!("{} is {why}, so it is not the base", tag.name));
        }
        base.rejected.push(Rejected { tag: tag.clone(), why, unreachable: order.is_none() });
    }
    // One channel may sort below another of the same core: the highest version comes first.
    base.prereleases.sort_by_key(|tag| Reverse(tag.version.clone()));
    base
}

/// Why a reachable final of the same precedence as the base is not the base.
fn not_the_nearest(tag: &VersionTag, last: Option<&VersionTag>) -> String {
    match last {
        Some(last) if last.commit == tag.commit => format!("on the same commit as {}", last.name),
        Some(last) => format!("{} is closer to HEAD", last.name),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{search_order, select_base};
    use crate::model::{CommitId, TagName, Version, VersionRange};
    use crate::version::facts::{ReleaseLine, VersionTag};

    fn tag(version: &str, commit: u8) -> VersionTag {
        let name = TagName::new(format!("v{version}"));
        VersionTag {
            name,
            version: Version::parse(version).unwrap(),
            commit: CommitId::from_bytes([commit; 20]),
            format: 0,
        }
    }

    /// The base among tags that are all reachable, nearest first.
    fn base(order: &[(&str, u8)], line: &ReleaseLine) -> Option<String> {
        let tags = search_order(order.iter().map(|(version, commit)| tag(version, *commit)).collect(), line);
        let reached: Vec<_> = tags
            .iter()
            .map(|(tag, _)| order.iter().position(|(version, _)| tag.name.as_str() == format!("v{version}")))
            .collect();
        select_base(&tags, &reached, tags.len(), line).last.map(|tag| tag.version.to_string())
    }

    #[test]
    fn v8_the_higher_version_then_the_nearer_tag_is_the_base() {
        let line = ReleaseLine::default();
        assert_eq!(base(&[("1.0.0", 1), ("1.1.0", 1), ("1.1.0-rc.1", 1)], &line).as_deref(), Some("1.1.0"));
        assert_eq!(base(&[("1.1.0+a", 1), ("1.1.0+b", 2)], &line).as_deref(), Some("1.1.0+a"));
        assert_eq!(base(&[("1.1.0+b", 2), ("1.1.0+a", 1)], &line).as_deref(), Some("1.1.0+b"));
    }

    #[test]
    fn v9_a_tag_outside_the_range_is_not_the_base() {
        let line = ReleaseLine { range: VersionRange::parse("1"), ..ReleaseLine::default() };
        assert_eq!(base(&[("2.0.0", 1), ("1.4.0", 2)], &line).as_deref(), Some("1.4.0"));
    }
}
