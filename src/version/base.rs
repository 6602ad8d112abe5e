//! Which tag is the base, and why the others are not. Pure.

use super::facts::{ReleaseLine, VersionTag};
use crate::model::Version;
use std::cmp::{Ordering, Reverse};

/// A tag that is not the base.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// The tag.
    pub tag: VersionTag,
    /// Why not, as a fragment behind its name.
    pub why: String,
    /// It was not reached from HEAD.
    pub unreachable: bool,
}

/// What the next version stands on.
#[derive(Clone, Debug, Default)]
pub struct Base {
    /// The highest final that HEAD reaches; `None` before the first.
    pub last: Option<VersionTag>,
    /// Prereleases above it that HEAD reaches, the highest first.
    pub prereleases: Vec<VersionTag>,
    /// All other tags that were looked at, the highest first.
    pub rejected: Vec<Rejected>,
    /// Every tag of the package, reached or not, the highest first.
    pub all: Vec<VersionTag>,
    /// Sentences for a person.
    pub warnings: Vec<String>,
}

impl Base {
    /// The final, or where there is none the highest prerelease: what was released last on this line.
    pub fn current(&self) -> Option<&VersionTag> {
        self.last.as_ref().or_else(|| self.prereleases.first())
    }

    /// Leaves only what HEAD reaches: for a look at the past, where the rest did not exist yet.
    pub fn retain_reachable(&mut self) {
        self.rejected.retain(|rejected| !rejected.unreachable);
        let reached = self.rejected.iter().map(|rejected| &rejected.tag).chain(&self.last);
        self.all = reached.cloned().collect();
    }
}

/// Puts tags in falling order of versions, and says which of them settles the search for the base: the last of those
/// with one precedence, so that of `1.2.0+a` and `1.2.0+b` the nearer one can be told (V8).
pub fn search_order(mut tags: Vec<VersionTag>, line: &ReleaseLine) -> Vec<(VersionTag, bool)> {
    tags.sort_by(|a, b| (&b.version, &a.name).cmp(&(&a.version, &b.name)));
    let allowed = |version: &Version| line.range.is_none_or(|range| range.contains(version));
    let settles: Vec<bool> = tags
        .iter()
        .enumerate()
        .map(|(place, tag)| {
            let alone = tags
                .get(place + 1)
                .is_none_or(|next| next.version.precedence(&tag.version) != Ordering::Equal);
            alone && tag.version.is_final() && allowed(&tag.version)
        })
        .collect();
    tags.into_iter().zip(settles).collect()
}

/// Chooses the base. `tags` in the order of `wanted`; `reached` says for each when HEAD reached it (smaller is nearer);
/// behind `settled` nothing was looked for.
pub fn select_base(
    tags: &[(VersionTag, bool)],
    reached: &[Option<usize>],
    settled: usize,
    line: &ReleaseLine,
) -> Base {
    let allowed = |version: &Version| line.range.is_none_or(|range| range.contains(version));
    let seen = || tags.iter().zip(reached).take(settled).map(|((tag, _), order)| (tag, *order));
    let finals =
        seen().filter(|(tag, order)| order.is_some() && tag.version.is_final() && allowed(&tag.version));
    let highest = finals.max_by(|(a, near), (b, far)| a.version.precedence(&b.version).then(far.cmp(near)));
    let mut base = Base { last: highest.map(|(tag, _)| tag.clone()), ..Base::default() };
    base.all = tags.iter().map(|(tag, _)| tag.clone()).collect();
    for (tag, order) in seen() {
        if base.last.as_ref().is_some_and(|last| last.name == tag.name) {
            continue;
        }
        let inside = allowed(&tag.version);
        let why = match order {
            None => "HEAD does not reach it".to_owned(),
            Some(_) if !inside => format!("outside of what this branch releases{}", range_words(line)),
            Some(_) if tag.version.is_final() => {
                let name = base.last.as_ref().map_or_else(String::new, |last| last.name.to_string());
                if base.last.as_ref().is_some_and(|last| last.commit == tag.commit) {
                    format!("on the same commit as {name}")
                } else {
                    format!("{name} is nearer to HEAD")
                }
            }
            Some(_) => {
                base.prereleases.push(tag.clone());
                "a prerelease is no base; finals stay at or above its core".to_owned()
            }
        };
        if order.is_some() && !inside && tag.version.is_final() {
            base.warnings.push(format!("{} lies {why}, so it is no base", tag.name));
        }
        base.rejected.push(Rejected { tag: tag.clone(), why, unreachable: order.is_none() });
    }
    // A channel may sort below another of the same core: what is highest decides.
    base.prereleases.sort_by_key(|tag| Reverse(tag.version.clone()));
    base
}

fn range_words(line: &ReleaseLine) -> String {
    line.range.map_or_else(String::new, |range| format!(" ({range})"))
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

    /// The base among tags that are all reached, the first of `order` being the nearest.
    fn base(order: &[(&str, u8)], line: &ReleaseLine) -> Option<String> {
        let tags = search_order(order.iter().map(|(version, commit)| tag(version, *commit)).collect(), line);
        let reached: Vec<_> = tags
            .iter()
            .map(|(tag, _)| order.iter().position(|(version, _)| tag.name.as_str() == format!("v{version}")))
            .collect();
        select_base(&tags, &reached, tags.len(), line).last.map(|tag| tag.version.to_string())
    }

    #[test]
    fn v8_the_higher_then_the_nearer() {
        let line = ReleaseLine::default();
        assert_eq!(base(&[("1.0.0", 1), ("1.1.0", 1), ("1.1.0-rc.1", 1)], &line).as_deref(), Some("1.1.0"));
        assert_eq!(base(&[("1.1.0+a", 1), ("1.1.0+b", 2)], &line).as_deref(), Some("1.1.0+a"));
        assert_eq!(base(&[("1.1.0+b", 2), ("1.1.0+a", 1)], &line).as_deref(), Some("1.1.0+b"));
    }

    #[test]
    fn v9_a_tag_outside_the_range_is_no_base() {
        let line = ReleaseLine { range: VersionRange::parse("1"), ..ReleaseLine::default() };
        assert_eq!(base(&[("2.0.0", 1), ("1.4.0", 2)], &line).as_deref(), Some("1.4.0"));
    }
}
