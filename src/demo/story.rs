//! What the demo tells: acts with a reason each, and the lines of shell that are really run. Leans on nothing.

/// A part of the story.
pub(super) struct Act {
    /// What happens.
    pub title: &'static str,
    /// Why, and what to look at.
    pub why: &'static str,
    /// The lines, in order.
    pub lines: &'static [Line],
}

/// A line of shell, run in the folder of the shop.
pub(super) struct Line {
    /// As a person would type it.
    pub words: &'static str,
    /// The exit code that belongs to the story.
    pub code: i32,
}

/// A line that ends well.
const fn well(words: &'static str) -> Line {
    Line { words, code: 0 }
}

/// The whole life of a release.
pub(super) const ACTS: [Act; 6] = [
    Act {
        title: "The first release",
        why: "\
The commits say the version. CI has built the image as sha-<commit>; the release gives
that very digest its version tag, without moving a layer. What was proven in staging goes
to production by digest.",
        lines: &[
            well("platform/build"),
            well("rel next --explain"),
            well("rel cut --yes"),
            well("rel deploy staging v0.1.0 --yes"),
            well("rel promote staging prod --yes"),
            well("cat run/prod/page"),
        ],
    },
    Act {
        title: "A feature goes out",
        why: "The same way again. `rel diff` shows what production is about to get.",
        lines: &[
            well("echo 'echo $(($1 * $2 * (100 - ${3:-0}) / 100))' >total.sh"),
            well("git commit -qam 'feat: coupons' && git push -q"),
            well("platform/build"),
            well("rel cut --yes"),
            well("rel deploy staging v0.2.0 --yes"),
            well("rel diff prod staging"),
            well("rel promote staging prod --yes"),
            well("cat run/prod/page"),
        ],
    },
    Act {
        title: "A bad release",
        why: "Staging has no carts with coupons, so nobody sees what this one does to them.",
        lines: &[
            well("echo 'echo $(($1 * $2 - ${3:-0} * 100))' >total.sh"),
            well("git commit -qam 'perf: totals without a division' && git push -q"),
            well("platform/build"),
            well("rel cut --yes"),
            well("rel deploy staging v0.2.1 --yes"),
            well("rel promote staging prod --yes"),
            well("cat run/prod/page"),
        ],
    },
    Act {
        title: "3 a.m.",
        why: "\
Production pays its customers. One command: back to the release that was healthy there
before. It holds the environment and marks the bad release, so that no pipeline brings
it back.",
        lines: &[
            well("rel rollback prod --yes --reason 'totals below zero'"),
            well("cat run/prod/page"),
            Line { words: "rel deploy prod v0.2.1 --yes", code: 4 },
        ],
    },
    Act {
        title: "The morning after",
        why: "What runs where, and who did what: a branch in git, readable without rel.",
        lines: &[
            well("rel status"),
            well("rel history prod"),
            well("git -C ../origin.git log -6 --format=%s rel-ledger"),
        ],
    },
    Act {
        title: "Repaired",
        why: "A revert is a release like any other. The hold ends when a person says so.",
        lines: &[
            well("git revert --no-edit HEAD~1 >/dev/null && git push -q"),
            well("platform/build"),
            well("rel cut --yes"),
            well("rel deploy staging v0.2.2 --yes"),
            well("rel unhold prod --reason 'repaired in v0.2.2'"),
            well("rel promote staging prod --yes"),
            well("cat run/prod/page"),
            well("rel status --live"),
        ],
    },
];
