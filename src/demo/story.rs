//! The parts of the demo, with an explanation each, and the commands that are run.

/// A part of the demo.
pub(super) struct Part {
    /// What happens.
    pub title: &'static str,
    /// Why, and what to look at.
    pub why: &'static str,
    /// The commands, in order.
    pub lines: &'static [Line],
}

/// A line of shell, run in the work clone.
pub(super) struct Line {
    /// As a person would type it.
    pub command: &'static str,
    /// The expected exit code.
    pub code: i32,
}

/// Returns a line that is expected to succeed.
const fn ok(command: &'static str) -> Line {
    Line { command, code: 0 }
}

/// All parts, from the first release to the repaired one.
pub(super) const PARTS: [Part; 6] = [
    Part {
        title: "The first release",
        why: "\
The commits decide the version. CI builds the image and tags it sha-<commit>; the
release adds the version tag to the same digest, without copying a layer. The image that
was verified in staging goes to production, pinned by its digest.",
        lines: &[
            ok("platform/build"),
            ok("rel next --explain"),
            ok("rel cut --yes"),
            ok("rel deploy staging v0.1.0 --yes"),
            ok("rel promote staging prod --yes"),
            ok("cat run/prod/page"),
        ],
    },
    Part {
        title: "A feature goes out",
        why: "The same steps again. `rel diff` shows what production is about to get.",
        lines: &[
            ok("echo 'echo $(($1 * $2 * (100 - ${3:-0}) / 100))' >total.sh"),
            ok("git commit -qam 'feat: coupons' && git push -q"),
            ok("platform/build"),
            ok("rel cut --yes"),
            ok("rel deploy staging v0.2.0 --yes"),
            ok("rel diff prod staging"),
            ok("rel promote staging prod --yes"),
            ok("cat run/prod/page"),
        ],
    },
    Part {
        title: "A bad release",
        why: "Staging has no carts with coupons, so nobody notices the bug there.",
        lines: &[
            ok("echo 'echo $(($1 * $2 - ${3:-0} * 100))' >total.sh"),
            ok("git commit -qam 'perf: totals without a division' && git push -q"),
            ok("platform/build"),
            ok("rel cut --yes"),
            ok("rel deploy staging v0.2.1 --yes"),
            ok("rel promote staging prod --yes"),
            ok("cat run/prod/page"),
        ],
    },
    Part {
        title: "At 3 a.m.",
        why: "\
Totals in production are negative. One command returns to the release that was healthy
there before. It also holds the environment and marks the replaced release bad, so that
no pipeline deploys it again.",
        lines: &[
            ok("rel rollback prod --yes --reason 'totals below zero'"),
            ok("cat run/prod/page"),
            Line { command: "rel deploy prod v0.2.1 --yes", code: 4 },
        ],
    },
    Part {
        title: "The morning after",
        why: "What runs where, and who did what, is recorded on a git branch that can be read without rel.",
        lines: &[
            ok("rel status"),
            ok("rel history prod"),
            ok("git -C ../origin.git log -6 --format=%s rel-ledger"),
        ],
    },
    Part {
        title: "Fixed",
        why: "A revert is released like any other change. A person ends the hold.",
        lines: &[
            ok("git revert --no-edit HEAD~1 >/dev/null && git push -q"),
            ok("platform/build"),
            ok("rel cut --yes"),
            ok("rel deploy staging v0.2.2 --yes"),
            ok("rel unhold prod --reason 'fixed in v0.2.2'"),
            ok("rel promote staging prod --yes"),
            ok("cat run/prod/page"),
            ok("rel status --live"),
        ],
    },
];
