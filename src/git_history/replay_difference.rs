//! Compares a past release with the decision that is computed for it, and says why they differ.

use super::replay::Replayed;
use crate::model::{Bump, BumpTable, Version};
use crate::version::{VersionDecision, VersionTag};
use std::collections::BTreeSet;

/// Compares the tag of a release with what is computed for it.
pub(super) fn compare(tag: VersionTag, decision: &VersionDecision, table: &BumpTable) -> Replayed {
    let computed = decision.next.as_ref().map(|next| next.version.clone());
    let agrees = computed.as_ref() == Some(&tag.version.core());
    let why = if agrees { String::new() } else { difference(&tag, decision, computed.as_ref(), table) };
    let too_low = !agrees && computed.as_ref().is_none_or(|computed| *computed < tag.version);
    let idle_types = if too_low { idle_types(decision, table) } else { BTreeSet::new() };
    Replayed { tag, computed, agrees, why, idle_types }
}

/// Returns the known types of commits that count and require no bump.
fn idle_types(decision: &VersionDecision, table: &BumpTable) -> BTreeSet<String> {
    let commits = decision.commits.iter();
    let idle = commits.filter(|classified| classified.effect.counts && classified.effect.bump.is_none());
    let kinds = idle.flat_map(|classified| {
        classified.commit.message.changes.iter().filter_map(|change| change.kind.clone())
    });
    kinds.filter(|kind| table.knows(kind)).collect()
}

/// Names the commit that requires more, or says that no commit requires as much.
fn difference(
    tag: &VersionTag,
    decision: &VersionDecision,
    computed: Option<&Version>,
    table: &BumpTable,
) -> String {
    let Some(computed) = computed else { return decision.reason.clone() };
    let Some(base) = &decision.base else { return decision.reason.clone() };
    let released = Bump::between(&base.version, &tag.version);
    let counting = || decision.commits.iter().filter(|classified| classified.effect.bump.is_some());
    let highest = counting().max_by_key(|classified| classified.effect.bump);
    match (released, highest) {
        (Some(released), Some(highest)) if *computed > tag.version => {
            let bump = highest.effect.bump.map_or_else(String::new, |bump| bump.to_string());
            format!(
                "released as a {released}, although {} requires a {bump}: {}",
                highest.commit.id.short(),
                highest.headline(table)
            )
        }
        (Some(released), _) => format!(
            "released as a {released}, although no commit requires that; {} of {} commits count",
            counting().count(),
            decision.commits.len()
        ),
        (None, _) => format!("{} is not higher than its base {}", tag.name, base.name),
    }
}
