//! V1 to V11, V29: the base and the tags.

use crate::support::Sandbox;
use snapbox::str;

#[test]
fn v1_both_formats_are_read_and_the_highest_reachable_tag_sets_the_format() {
    let shop = Sandbox::new();
    shop.commit("feat: a").tag("v1.0.0").commit("fix: b").tag("1.0.1").commit("fix: c");
    shop.rel("next --format json").json("/tag", "1.0.2");
    shop.tag("v2.0.0-rc.1").commit("fix: d");
    shop.rel("next --format json").json("/tag", "2.0.0");
    let fresh = Sandbox::new();
    fresh.commit("feat: a").tag("2.0.0-rc.1").commit("fix: b");
    fresh.rel("next --format json").json("/tag", "2.0.0");
}

#[test]
fn v1_a_configured_format_and_legacy_formats_are_read() {
    let shop = Sandbox::new();
    shop.commit("feat: a").tag("release-1.0.0").commit("fix: b").tag("v1.0.1").commit("fix: c");
    shop.write("release.toml", "[version]\ntag = \"v{version}\"\n");
    shop.rel("next --format json").json("/current", "1.0.1");
    shop.write(
        "release.toml",
        "[version]\ntag = \"r{version}\"\nlegacy_tags = [\"v{version}\", \"release-{version}\"]\n",
    );
    let run = shop.rel("next --format json");
    run.json("/current_tag", "v1.0.1");
    run.json("/tag", "r1.0.2");
}

#[test]
fn v2_finals_never_fall_below_a_reachable_prerelease() {
    let shop = Sandbox::released("2.4.0");
    shop.commit("feat!: new").tag("v3.0.0-rc.1");
    shop.commit("fix: small");
    assert_eq!(shop.next(), "3.0.0");
    let other = Sandbox::released("2.4.0");
    other.commit("chore: x").tag("v3.0.0-beta.1").commit("fix: small");
    assert_eq!(other.next(), "3.0.0");
    other.write("release.toml", "[version]\nabandoned = [\"3.0.0\"]\n");
    assert_eq!(other.next(), "2.4.1");
    other.write("release.toml", "");
    other.commit("chore: y\n\nRelease-As: 2.5.0");
    other.rel("next").gives(
        0,
        "2.5.0\n",
        str![[r#"
warning: Release-As: 2.5.0 is below v3.0.0-beta.1, which is reachable from HEAD

"#]],
    );
}

#[test]
fn v3_a_tag_on_another_commit_is_a_conflict() {
    let shop = Sandbox::released("1.0.0");
    shop.branch("next").commit("feat: b").tag("v1.1.0").switch("main").commit("feat: c");
    shop.rel("next").fails(
        5,
        str![[r#"
error: the next version is 1.1.0, but tag v1.1.0 exists on another commit, [..]
  because: branches that contain it: next
hint: `git log v1.1.0..HEAD` and `git log HEAD..v1.1.0` show how they differ
hint: merge that branch first, or choose another version with --bump

"#]],
    );
}

#[test]
fn v4_the_counter_considers_all_tags_and_v2_reachable_ones() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("feat: a").branch("side").commit("fix: x").tag("v1.1.0-rc.4").tag("v9.0.0-rc.1");
    shop.switch("main").commit("fix: y");
    shop.rel("next --pre rc").prints("1.1.0-rc.5\n");
    shop.rel("next").prints("1.1.0\n");
}

#[test]
fn v5_without_a_commit_that_counts_there_is_no_new_prerelease() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("feat: a").tag("v1.1.0-rc.1");
    shop.rel("next --pre rc").prints("1.1.0-rc.1\n");
    shop.rel("next --pre rc --format json").json("/already", true);
    shop.rel("next").prints("1.1.0\n");
    shop.commit("chore: b");
    shop.rel("next --pre rc").fails(
        0,
        str![[r#"
nothing to release: no commit since v1.1.0-rc.1 counts
  [..]  chore  chore: b
  [..]  feat   feat: a

"#]],
    );
    shop.rel("next --pre beta").gives(
        0,
        "1.1.0-beta.1\n",
        "warning: 1.1.0-beta.1 sorts below v1.1.0-rc.1, which already exists\n",
    );
    shop.tag("v1.1.0");
    shop.rel("next --pre rc").fails(0, "nothing to release: HEAD is already released as v1.1.0\n");
}

#[test]
fn v5_a_revert_of_a_part_of_the_last_prerelease_counts() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("feat: a").tag("v1.1.0-rc.1");
    shop.commit(&format!("Revert \"feat: a\"\n\nThis reverts commit {}.", shop.id("HEAD")));
    shop.rel("next --pre rc").prints("1.1.0-rc.2\n");
}

#[test]
fn v5_only_the_last_prerelease_of_this_channel_and_package_is_considered() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("docs: b").tag("v1.1.0-dev.1").commit("docs: c");
    let run = shop.rel("next --pre rc");
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let two = Sandbox::new();
    two.write("release.toml", "[package.api]\npaths = [\"api\"]\n[package.web]\npaths = [\"web/\"]\n");
    two.commit("chore: start").tag("api-v1.0.0").tag("web-v1.0.0").change(&["web/a"], "fix: web");
    let web = two.id("HEAD");
    two.change(&["api/a"], "feat: api").tag("api-v1.1.0-rc.1");
    two.git_words(&["revert", "--no-edit", &web]);
    let run = two.rel("next --package api --pre rc");
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
}

#[test]
fn v3_a_tag_that_points_to_no_commit_is_a_conflict() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("fix: b").git("tag v1.0.1 HEAD^{tree}");
    shop.rel("next").fails(
        5,
        str![[r#"
error: the next version is 1.0.1, but tag v1.0.1 exists but does not point to a commit
hint: `git show v1.0.1` shows it; delete it, or choose another version with --bump

"#]],
    );
}

#[test]
fn v6_versions_that_are_not_reachable_from_head_are_refused() {
    let shop = Sandbox::new();
    shop.commit("feat: a").branch("old").commit("feat: b").tag("v1.0.0").switch("main").commit("feat: c");
    shop.rel("next").fails(
        4,
        str![[r#"
error: shop has tags with versions (v1.0.0), but none is reachable from HEAD
  because: v1.0.0 is on old
hint: run rel on a branch that contains a release
hint: --initial makes a first release anyway

"#]],
    );
    shop.rel("next --initial").prints("0.1.0\n");
    shop.rel("next --initial=2.0.0").prints("2.0.0\n");
}

#[test]
fn v6_tags_of_other_packages_are_not_considered() {
    let shop = Sandbox::new();
    shop.write("release.toml", "[package.api]\npaths = [\"api/**\"]\n[package.web]\npaths = [\"web/**\"]\n");
    shop.change(&["api/a"], "feat: a").tag("api-v1.0.0").change(&["web/b"], "feat: b");
    shop.rel("next --package web").prints("0.1.0\n");
}

#[test]
fn v7_tags_without_a_version_are_a_warning_and_numbers_are_refused() {
    let shop = Sandbox::new();
    shop.git("remote remove origin");
    shop.commit("feat: a").tag("latest").tag("v10").tag("foo");
    shop.rel("next").gives(
        0,
        "0.1.0\n",
        "warning: no tag has a version (found foo, latest, v10), so this is a first release\n",
    );
    shop.tag("v1.0");
    shop.rel("next").gives(
        0,
        "0.1.0\n",
        "warning: no tag has a version (found v1.0, foo, latest), so this is a first release\n",
    );
    shop.tag("v1.1");
    shop.rel("next").fails(
        2,
        str![[r#"
error: the tags v1.0, v1.1 are versions, but not semantic versions
hint: tag the last release with three numbers as well (`git tag v1.2.0 <commit>`)
hint: --initial makes a first release anyway

"#]],
    );
}

#[test]
fn v7_versions_in_another_format_are_refused_with_the_line_to_add() {
    let shop = Sandbox::new();
    shop.commit("feat: a").tag("release/1.2.0");
    shop.rel("next").fails(
        2,
        str![[r#"
error: no tag has the format v{version} or {version}, but tags in other formats have versions: release/{version} (1 tag, for example release/1.2.0)
hint: add to release.toml:
  [version]
  tag = "release/{version}"
hint: --initial makes a first release anyway

"#]],
    );
}

#[test]
fn v8_the_higher_tag_of_a_commit_is_used_and_other_objects_are_ignored() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("feat: a").tag("v1.1.0-rc.1").tag("v1.1.0").commit("fix: b");
    assert_eq!(shop.next(), "1.1.1");
    shop.tag("v1.2.0+a").commit("fix: c").tag("v1.2.0+b").commit("fix: d");
    shop.rel("next --format json").json("/current_tag", "v1.2.0+b");
    shop.write("blob", "x");
    let blob = shop.git("hash-object -w blob");
    shop.git(&format!("tag v8.0.0 {blob}"));
    shop.git("tag v9.0.0 HEAD^{tree}");
    shop.git("tag -a -m inner inner-tag");
    shop.git("tag -a -m outer v1.3.0 inner-tag");
    shop.commit("fix: e");
    shop.rel("next --format json").json("/current_tag", "v1.3.0");
    shop.git("pack-refs --all");
    shop.rel("next --format json").json("/current_tag", "v1.3.0");
}

#[test]
fn v9_a_maintenance_branch_stays_in_its_range() {
    let shop = Sandbox::released("1.4.0");
    shop.write("release.toml", "[[branch]]\nname = \"main\"\n[[branch]]\nname = \"1.x\"\nrange = \"1\"\n[[branch]]\nname = \"1.1.x\"\nrange = \"1.1\"\n");
    shop.branch("1.x").commit("fix: b");
    assert_eq!(shop.next(), "1.4.1");
    shop.commit("feat!: c");
    shop.rel("next").fails(
        4,
        str![[r#"
error: branch 1.x releases only >=1.0.0, <2.0.0, but the next version would be 2.0.0
  because: [..] requires it: feat!: c
hint: move the change to another branch, or choose the version with --bump

"#]],
    );
    shop.rel("next --bump patch").gives(
        0,
        "1.4.1\n",
        "warning: --bump patch is lower than the major bump that the commits require\n",
    );
    shop.branch("1.1.x").tag("v1.1.7").commit("fix: d");
    shop.rel("next").gives(
        0,
        "1.1.8\n",
        "warning: v1.4.0 is outside the range of this branch (>=1.1.0, <1.2.0), so it is not the base\n",
    );
}

#[test]
fn v10_on_a_detached_head_ci_or_an_option_names_the_branch() {
    let shop = Sandbox::released("1.0.0");
    shop.write(
        "release.toml",
        "[[branch]]\nname = \"main\"\n[[branch]]\nname = \"dev\"\nchannel = \"dev\"\n",
    );
    shop.branch("dev").commit("feat: a");
    shop.rel("next").prints("1.1.0-dev.1\n");
    shop.git("push -q origin dev");
    shop.git("switch -q --detach");
    shop.rel("next").gives(
        0,
        "1.1.0\n",
        "warning: HEAD is detached, so a final version is computed; name the branch with --branch\n",
    );
    shop.rel("next --branch dev").prints("1.1.0-dev.1\n");
    let shop = shop.with("GITHUB_ACTIONS", "true").with("GITHUB_REF", "refs/heads/dev");
    shop.rel("next").prints("1.1.0-dev.1\n");
    shop.rel("next --pre rc").prints("1.1.0-rc.1\n");
    shop.commit("feat: not pushed");
    shop.rel("next").gives(
        0,
        "1.1.0\n",
        str![[r#"
warning: CI says the branch is dev, but dev on the remote does not contain HEAD, so it is ignored
warning: HEAD is detached, so a final version is computed; name the branch with --branch

"#]],
    );
    let shop = shop.with("GITHUB_REF", "refs/pull/1/merge");
    shop.rel("next").gives(
        0,
        "1.1.0\n",
        "warning: HEAD is detached, so a final version is computed; name the branch with --branch\n",
    );
}

#[test]
fn v10_a_branch_that_is_not_listed_is_a_warning() {
    let shop = Sandbox::released("1.0.0");
    shop.write("release.toml", "[[branch]]\nname = \"main\"\n");
    shop.branch("feature/x").commit("feat: a");
    shop.rel("next").gives(
        0,
        "1.1.0\n",
        "warning: no [[branch]] of release.toml matches feature/x, so a final version is computed\n",
    );
}

#[test]
fn v11_a_prerelease_without_a_counter_has_counter_zero() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("feat: a").tag("v1.1.0-beta").commit("fix: b");
    shop.rel("next --pre beta").prints("1.1.0-beta.1\n");
    shop.tag("v1.1.0-beta01").commit("fix: c");
    shop.rel("next --pre beta").gives(
        0,
        "1.1.0-beta.1\n",
        "warning: 1.1.0-beta.1 sorts below v1.1.0-beta01, which already exists\n",
    );
}

#[test]
fn a_branch_can_state_its_version() {
    let shop = Sandbox::released("1.0.0");
    shop.write("release.toml", "[[branch]]\nname = \"main\"\n[[branch]]\nname = \"release/*\"\nversion = \"{branch}\"\nchannel = \"rc\"\n");
    shop.branch("release/v1.2.3").commit("chore: prepare");
    shop.rel("next").prints("1.2.3-rc.1\n");
    shop.tag("v1.2.3-rc.1").commit("fix: b");
    shop.rel("next").prints("1.2.3-rc.2\n");
    shop.branch("release/next");
    shop.rel("next").fails(
        2,
        str![[r#"
error: branch release/next has no version in its name, but [[branch]] release/* takes the version from there
hint: rename the branch to match release/1.2.3

"#]],
    );
}

#[test]
fn v29_a_clone_without_tags_asks_the_remote() {
    let shop = Sandbox::released("1.3.0");
    shop.commit("fix: b");
    shop.git("push -q origin main --tags");
    shop.git("clone -q --no-tags ../origin/shop.git ../bare-of-tags");
    let shop = shop.inside("bare-of-tags");
    shop.rel("next").prints("1.3.1\n");
    shop.rel("next --offline").fails(
        6,
        str![[r#"
error: this clone has no tag with a version, and --offline forbids asking origin for its tags
hint: fetch them with `git fetch --tags origin`; with actions/checkout, add `with: { fetch-depth: 0, fetch-tags: true }`
hint: --initial makes a first release anyway

"#]],
    );
    shop.git("remote set-url origin ../nowhere.git");
    shop.rel("next").fails(
        6,
        str![[r#"
error: cannot reach origin
  because: '../nowhere.git' does not appear to be a git repository; Could not read from remote repository.; Please make sure you have the correct access rights
hint: `git ls-remote origin` must work here
hint: --initial makes a first release anyway

"#]],
    );
    shop.rel("next --initial").prints("0.1.0\n");
}
