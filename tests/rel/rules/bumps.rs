//! V12 to V18, V28, V30: what commits, people and packages ask for.

use crate::support::Sandbox;
use snapbox::str;

/// The next version after one commit on a release.
fn after(version: &str, toml: &str, message: &str) -> String {
    let shop = Sandbox::released(version);
    shop.write("release.toml", toml).commit(message);
    let run = shop.rel("next");
    run.stdout.trim_end().to_owned()
}

#[test]
fn v12_the_bump_table_adds_to_the_defaults() {
    for (message, next) in [
        ("feat: x", "1.3.0"),
        ("fix: x", "1.2.4"),
        ("perf: x", "1.2.4"),
        ("revert: x", "1.2.4"),
        ("chore: x", ""),
        ("docs!: x", "2.0.0"),
        ("FIX(Scope)!: x", "2.0.0"),
        ("fix: x\n\nBREAKING-CHANGE: y", "2.0.0"),
        ("words", ""),
        ("", ""),
    ] {
        assert_eq!(after("1.2.3", "", message), next, "{message}");
    }
    let toml = "[version]\nbump = { docs = \"patch\", feat = \"none\", deps = \"minor\" }\n";
    for (message, next) in [
        ("docs: x", "1.2.4"),
        ("feat: x", ""),
        ("feat!: x", "2.0.0"),
        ("deps: x", "1.3.0"),
        ("fix: x", "1.2.4"),
    ] {
        assert_eq!(after("1.2.3", toml, message), next, "{message}");
    }
}

#[test]
fn v13_zero_decides_below_one() {
    for (zero, version, [fix, feat, breaking]) in [
        ("minor", "0.3.1", ["0.3.2", "0.4.0", "0.4.0"]),
        ("minor", "0.0.1", ["0.0.2", "0.1.0", "0.1.0"]),
        ("major", "0.3.1", ["0.3.2", "0.4.0", "1.0.0"]),
        ("cargo", "0.3.1", ["0.3.2", "0.3.2", "0.4.0"]),
        ("cargo", "0.0.1", ["0.0.2", "0.0.2", "0.0.2"]),
    ] {
        let toml = format!("[version]\nzero = \"{zero}\"\n");
        for (message, next) in [("fix: x", fix), ("feat: x", feat), ("fix!: x", breaking)] {
            assert_eq!(after(version, &toml, message), next, "{zero} {version} {message}");
        }
    }
    let shop = Sandbox::released("0.3.1");
    shop.commit("fix: x");
    shop.rel("next --bump major").prints("1.0.0\n");
    shop.commit("chore: x\n\nRelease-As: 1.0.0");
    shop.rel("next").prints("1.0.0\n");
}

#[test]
fn v14_bump_overrides_the_commits_and_release_as() {
    let shop = Sandbox::released("1.2.3");
    shop.rel("next --bump minor").fails(0, "nothing to release: HEAD is already released as v1.2.3\n");
    shop.commit("chore: x");
    shop.rel("next --bump minor").prints("1.3.0\n");
    shop.commit("feat: y");
    shop.rel("next --bump major").prints("2.0.0\n");
    shop.rel("next --bump patch").gives(
        0,
        "1.2.4\n",
        "warning: --bump patch is lower than the minor bump that the commits require\n",
    );
    shop.commit("chore: z\n\nRelease-As: 5.0.0");
    shop.rel("next --bump minor").gives(
        0,
        "1.3.0\n",
        str![[r#"
warning: --bump minor is lower than Release-As: 5.0.0 of [..]

"#]],
    );
    shop.tag("v1.3.0-rc.1").commit("chore: after");
    shop.rel("next --pre rc --bump minor").gives(
        0,
        "",
        str![[r#"
warning: --bump minor is lower than Release-As: 5.0.0 of [..]
nothing to release: no commit since v1.3.0-rc.1 counts
...
"#]],
    );
}

#[test]
fn v14_bump_applies_to_commits_that_do_not_count() {
    let shop = Sandbox::released("1.2.3");
    shop.commit("feat: b [skip release]");
    shop.rel("next --bump minor").prints("1.3.0\n");
    let low = Sandbox::released("0.1.0");
    low.commit("feat!: x");
    low.rel("next --bump minor").prints("0.2.0\n");
}

#[test]
fn v15_the_newest_release_as_above_the_base_sets_the_version() {
    let shop = Sandbox::released("1.2.3");
    shop.commit("feat: a\n\nrelease-as: v2.0.0");
    assert_eq!(shop.next(), "2.0.0");
    shop.rel("next --pre rc").prints("2.0.0-rc.1\n");
    shop.commit("chore: newer\n\nRelease-As: 1.9.0");
    assert_eq!(shop.next(), "1.9.0");
    shop.commit("chore: skipped [skip release]\n\nRelease-As: 7.0.0");
    assert_eq!(shop.next(), "1.9.0");
    shop.commit("chore: low\n\nRelease-As: 1.2.3");
    shop.rel("next").gives(
        0,
        "1.3.0\n",
        str![[r#"
warning: [..]: Release-As: 1.2.3 is ignored: it is not higher than v1.2.3

"#]],
    );
    shop.commit("chore: pre\n\nRelease-As: 2.0.0-rc.1");
    shop.rel("next").gives(
        0,
        "1.3.0\n",
        str![[r#"
warning: [..]: Release-As: 2.0.0-rc.1 is ignored: it is a prerelease, and this branch makes final versions

"#]],
    );
    shop.rel("next --pre rc").prints("2.0.0-rc.1\n");
    shop.commit("chore: odd\n\nRelease-As: two");
    let run = shop.rel("next --pre rc");
    run.gives(
        0,
        "2.0.0-rc.1\n",
        str![[r#"
warning: [..]: Release-As: two is ignored: it is not a version

"#]],
    );
}

#[test]
fn v15_of_two_requests_on_unrelated_lines_the_higher_is_used() {
    let shop = Sandbox::released("1.2.3");
    shop.branch("side").commit("chore: a\n\nRelease-As: 3.0.0");
    shop.switch("main").commit("chore: b\n\nRelease-As: 2.0.0").merge("side");
    assert_eq!(shop.next(), "3.0.0");
    let reverted = Sandbox::released("1.2.3");
    reverted.commit("fix: x").commit("chore: a\n\nRelease-As: 3.0.0");
    reverted.commit(&format!("Revert it\n\nThis reverts commit {}.", reverted.id("HEAD")));
    assert_eq!(reverted.next(), "1.2.4");
    let first = Sandbox::new();
    first.commit("feat: a\n\nRelease-As: 4.0.0");
    assert_eq!(first.next(), "4.0.0");
}

#[test]
fn v15_a_request_outside_the_range_of_the_branch_is_refused() {
    let shop = Sandbox::released("1.2.3");
    shop.write("release.toml", "[[branch]]\nname = \"main\"\nrange = \"1\"\n")
        .commit("fix: a\n\nRelease-As: 2.0.0");
    shop.rel("next").fails(
        4,
        str![[r#"
error: branch main releases only >=1.0.0, <2.0.0, but the next version would be 2.0.0
  because: [..] requires it: fix: a
hint: move the change to another branch, or choose the version with --bump

"#]],
    );
}

#[test]
fn v16_skip_release_excludes_a_commit_or_a_bullet() {
    assert_eq!(after("1.0.0", "", "feat!: x [Skip Release]\n\n* feat: y"), "");
    assert_eq!(after("1.0.0", "", "fix: x\n\n* feat: y [release skip]\n* BREAKING CHANGE: z"), "1.0.1");
    let shop = Sandbox::released("1.0.0");
    shop.commit("feat: a").commit("fix: b");
    shop.commit(&format!("revert: a [skip release]\n\nThis reverts commit {}.", shop.id("HEAD~1")));
    assert_eq!(shop.next(), "1.0.1");
}

#[test]
fn v17_the_longest_path_owns_a_file() {
    let shop = Sandbox::new();
    shop.commit("feat: empty counts where there are no packages");
    assert_eq!(shop.next(), "0.1.0");
    shop.write(
        "release.toml",
        "[package.all]\npaths = [\"**\"]\n[package.api]\npaths = [\"services/api/**\"]\nexclude = [\"**/*.md\"]\n",
    );
    shop.tag("all-v1.0.0").tag("api-v1.0.0");
    shop.change(&["services/api/main.rs"], "feat: in api");
    shop.rel("next").gives(
        0,
        "api 1.1.0\n",
        "all: nothing to release: the only commit since all-v1.0.0 does not require a release
",
    );
}

#[test]
fn v18_without_a_package_all_packages_are_listed() {
    let shop = Sandbox::new();
    shop.write("release.toml", "[package.api]\npaths = [\"api/**\"]\n[package.web]\npaths = [\"web/**\"]\n");
    shop.commit("chore: start").tag("api-v1.0.0").tag("web-v2.0.0");
    shop.change(&["api/a", "web/a"], "feat: both").change(&["web/b"], "fix!: web");
    shop.change(&["README.md"], "feat: neither");
    shop.rel("next").prints("api 1.1.0\nweb 3.0.0\n");
    let run = shop.rel("next --format json");
    run.json("/schema", "rel.next/1");
    run.json("/packages/0/tag", "api-v1.1.0");
    run.json("/packages/1/next", "3.0.0");
    run.json("/packages/1/commits/0/why", "touches no path of this package");
    shop.rel("next --package web --format github")
        .prints("release=true\nnext=3.0.0\ntag=web-v3.0.0\ncurrent=2.0.0\nbump=major\n");
    shop.rel("next --format github").prints(str![[r#"
release=true
packages=[{"package":"api","next":"1.1.0","tag":"api-v1.1.0","bump":"minor"},{"package":"web","next":"3.0.0","tag":"web-v3.0.0","bump":"major"}]

"#]]);
    shop.rel("current").prints("api 1.0.0\nweb 2.0.0\n");
}

#[test]
fn v28_wrong_arguments_are_refused_with_a_suggestion() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("chore: x");
    shop.rel("next --pre rc_1").fails(
        2,
        str![[r#"
error: --pre rc_1: a channel is letters, digits and hyphens, in parts joined by dots
hint: --pre rc-1

"#]],
    );
    shop.rel("next --package shopp").fails(
        2,
        str![[r#"
error: no package is named shopp
  because: this repository has one package: shop
hint: --package shop

"#]],
    );
    let run = shop.rel("next --require --format json");
    assert!(run.stdout.contains(r#""release":false,"next":null"#), "{}", run.stdout);
    shop.rel("next --require").fails(
        3,
        str![[r#"
nothing to release: the only commit since v1.0.0 does not require a release
  [..]  chore  chore: x

"#]],
    );
    shop.rel("next --format yaml").fails(
        2,
        str![[r#"
error: invalid value 'yaml' for '--format <FORMAT>'
...
"#]],
    );
}

#[test]
fn v30_release_commits_of_rel_never_count() {
    let shop = Sandbox::released("1.0.0");
    shop.write("release.toml", "[version]\nbump = { chore = \"patch\" }\n");
    shop.change(&["CHANGELOG.md"], "chore(release): web-1.0.0\n\nRel-Release: web-1.0.0").tag("web-1.0.0");
    shop.rel("next").fails(
        0,
        str![[r#"
nothing to release: the only commit since v1.0.0 does not require a release
  [..]  release commit made by rel  chore(release): web-1.0.0

"#]],
    );
    shop.change(&["src.rs"], "chore: forged\n\nRel-Release: web-1.0.0");
    assert_eq!(shop.next(), "1.0.1");
    shop.change(&["CHANGELOG.md", "src.rs"], "chore: more than it may\n\nRel-Release: x").tag("x");
    shop.rel("next --format json").json("/commits/0/counted", true);
}

#[test]
fn v24_with_squash_title_only_the_title_counts() {
    let title = "[version]\nsquash = \"title\"\n";
    for (message, parts, alone) in [
        ("fix: x (#1)\n\n* feat!: a\n* fix: b", "2.0.0", "1.0.1"),
        ("chore: x\n\n* feat: a", "1.1.0", ""),
        ("fix: x\n\n* feat: a\n\nBREAKING CHANGE: y", "2.0.0", "2.0.0"),
        ("Some words\n\n* feat: a", "1.1.0", "1.1.0"),
    ] {
        assert_eq!(after("1.0.0", "", message), parts, "{message}");
        assert_eq!(after("1.0.0", title, message), alone, "{message}");
    }
}

#[test]
fn otherwise_patch_releases_every_commit() {
    let toml = "[version]\notherwise = \"patch\"\n";
    for (message, next) in [
        ("chore: x", "1.0.1"),
        ("words", "1.0.1"),
        ("feat: x", "1.1.0"),
        ("chore: x [skip release]", ""),
        ("fix: x\n\n* chore: y [skip release]", "1.0.1"),
    ] {
        assert_eq!(after("1.0.0", toml, message), next, "{message}");
    }
}
