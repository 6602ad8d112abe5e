//! V31, V32, V34, V35: branches that are merged and get nothing back, jobs that come late, and what was tested.

use crate::support::Sandbox;

const STAGES: &str = "[[branch]]\nname = \"main\"\n\n[[branch]]\nname = \"staging\"\nchannel = \"rc\"\n";
const RELEASES: &str = "[[branch]]\nname = \"main\"\n\n[[branch]]\nname = \"release/*\"\nchannel = \"rc\"\nversion = \"{branch}\"\n";

/// A repository with the branches of a configuration and the release 0.1.0.
fn shop(config: &str, branch: &str) -> Sandbox {
    let shop = Sandbox::new();
    shop.write("release.toml", config);
    shop.git("add release.toml");
    shop.commit("feat: first").tag("v0.1.0").branch(branch);
    shop
}

#[test]
fn v31_prereleases_start_from_the_releases_of_the_branches_that_make_finals() {
    let shop = shop(STAGES, "staging");
    shop.commit("feat: a").tag("v0.2.0-rc.1").switch("main").merge("staging").tag("v0.2.0");
    shop.switch("staging").commit("feat: b");
    let run = shop.rel("next --explain");
    run.code_is(0);
    assert_eq!(run.stdout, "0.3.0-rc.1\n");
    let base = "at [COMMIT], the highest release of the branches that make final versions";
    let base = base.replace("[COMMIT]", &shop.id("v0.2.0")[..7]);
    assert!(run.stderr.contains(&base), "{}", run.stderr);
    // The merge of `a` is in v0.2.0: only what came after it counts.
    assert!(run.stderr.contains("1 commit since v0.2.0 counts"), "{}", run.stderr);
    shop.tag("v0.3.0-rc.1").commit("fix: c");
    assert_eq!(shop.next(), "0.3.0-rc.2");
    shop.switch("main").commit("fix: urgent").tag("v0.3.0");
    shop.switch("staging");
    assert_eq!(shop.next(), "0.4.0-rc.1", "v0.3.0 is released without `b`, so its prereleases are over");
}

#[test]
fn v31_only_releases_below_the_version_that_the_branch_names_are_a_base() {
    let shop = shop(RELEASES, "release/v0.4.0");
    shop.switch("main").commit("feat: hotfix").tag("v0.2.0").commit("feat!: later").tag("v1.0.0");
    shop.switch("release/v0.4.0").commit("feat: a");
    let run = shop.rel("next --format json");
    run.json("/next", "0.4.0-rc.1");
    run.json("/base/tag", "v0.2.0");
}

#[test]
fn v31_a_prerelease_of_a_core_that_is_released_is_a_conflict() {
    let shop = shop(RELEASES, "release/v0.4.0");
    shop.switch("main").branch("other").commit("feat: x").tag("v0.4.0");
    shop.switch("release/v0.4.0").commit("feat: a");
    let run = shop.rel("next");
    run.fails(
        5,
        format!(
            "error: the next version is 0.4.0-rc.1, but v0.4.0 has already been released from {}\n\
             hint: start a release branch with a higher version\n",
            &shop.id("v0.4.0")[..7]
        ),
    );
}

#[test]
fn v31_a_clone_of_the_prerelease_branch_asks_the_remote_for_the_others() {
    let shop = shop(STAGES, "staging");
    shop.commit("feat: a").switch("main").merge("staging").tag("v0.2.0");
    shop.switch("staging").commit("fix: b");
    shop.git("push -q -u origin main staging --tags");
    for depth in ["", "--depth 1"] {
        let url = shop.git("remote get-url origin");
        let _ = std::fs::remove_dir_all(shop.root().join("job"));
        let url = format!("file://{}", shop.folder().join(url.trim()).canonicalize().unwrap().display());
        shop.shell(&format!("git clone -q --single-branch --branch staging {depth} {url} ../job")).code_is(0);
        let run = shop.shell("cd ../job && rel next");
        assert_eq!((run.code, run.stdout.as_str()), (0, "0.2.1-rc.1\n"), "{depth}: {}", run.stderr);
    }
}

#[test]
fn v32_a_job_that_comes_late_has_nothing_to_release() {
    let shop = Sandbox::released("2.0.0");
    shop.commit("feat: a").commit("feat: b").tag("v2.1.0").commit("feat: c").tag("v2.2.0");
    shop.git("push -q -u origin main --tags");
    shop.git("checkout -q v2.1.0~1");
    shop.rel("next").fails(0, "nothing to release: already in v2.1.0\n");
    shop.rel("next --require").code_is(3);
    shop.rel("cut --yes --branch main").fails(0, "shop: nothing to release: already in v2.1.0\n");
    // Named on the command line, the tag that exists is a conflict.
    shop.rel("next --bump minor").code_is(5);
}

#[test]
fn v32_a_late_job_in_a_shallow_clone_fetches_what_it_needs_to_know() {
    let shop = Sandbox::released("2.0.0");
    shop.commit("feat: a").commit("feat: b").tag("v2.1.0");
    shop.git("push -q -u origin main --tags");
    let url = shop.git("remote get-url origin");
    let url = format!("file://{}", shop.folder().join(url.trim()).canonicalize().unwrap().display());
    let job = shop.root().join("job");
    std::fs::create_dir(&job).unwrap();
    let late = shop.id("HEAD~1");
    shop.shell(&format!(
        "cd ../job && git init -q && git remote add origin {url} && git fetch -q --no-tags --depth 1 origin \
         {late}:refs/remotes/origin/main && git checkout -q -B main {late}"
    ))
    .code_is(0);
    let run = shop.shell("cd ../job && rel next");
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(run.stderr.ends_with("nothing to release: already in v2.1.0\n"), "{}", run.stderr);
}

#[test]
fn v32_a_release_of_another_line_does_not_contain_a_commit() {
    let config = "[[branch]]\nname = \"main\"\n\n[[branch]]\nname = \"1.x\"\nrange = \"1\"\n";
    let shop = Sandbox::new();
    shop.write("release.toml", config);
    shop.git("add release.toml");
    shop.commit("feat: first").tag("v1.0.0").branch("1.x").commit("fix: old");
    shop.switch("main").merge("1.x").commit("feat!: new").tag("v2.0.0");
    shop.switch("1.x");
    assert_eq!(shop.next(), "1.0.1");
}

#[test]
fn v34_what_was_tested_is_what_is_released() {
    let config = "[[branch]]\nname = \"main\"\n\n[[branch]]\nname = \"staging\"\nchannel = \"rc\"\n";
    let shop = shop(config, "staging");
    // A person named the core: the commits would ask for 0.2.0.
    shop.commit("feat: a").tag("v0.1.1-rc.1").switch("main").merge("staging");
    let run = shop.rel("next");
    assert_eq!((run.code, run.stdout.as_str()), (0, "0.1.1\n"));
    assert_eq!(
        run.stderr,
        "warning: the commits require 0.2.0, but what was tested is v0.1.1-rc.1; `rel cut 0.2.0` releases it as 0.2.0\n"
    );
    shop.commit("fix: later");
    assert_eq!(shop.next(), "0.2.0", "something that counts came after the candidate");
}

#[test]
fn v34_a_breaking_change_below_the_tested_version_needs_an_explicit_version() {
    let shop = Sandbox::new();
    shop.write("release.toml", STAGES);
    shop.git("add release.toml");
    shop.commit("feat: first").tag("v1.0.0").branch("staging");
    shop.commit("feat!: a").tag("v1.1.0-rc.1").switch("main").merge("staging");
    shop.rel("next").fails(
        4,
        "error: the commits require 2.0.0, but what was tested is v1.1.0-rc.1, and one of the changes is breaking\n\
         hint: rel cut 1.1.0   # releases what was tested\nhint: rel cut 2.0.0\n",
    );
}

#[test]
fn v35_every_commit_of_a_release_branch_makes_the_next_candidate() {
    let shop = shop(RELEASES, "release/v0.2.0");
    shop.commit("feat: a").tag("v0.2.0-rc.1");
    shop.commit("docs: explain");
    assert_eq!(shop.next(), "0.2.0-rc.2");
    shop.tag("v0.2.0-rc.2").commit("docs: typo [skip release]");
    shop.rel("next").code_is(0);
    assert_eq!(shop.rel("next").stdout, "");
}

#[test]
fn v33_a_first_release_needs_a_commit_that_is_not_skipped() {
    let shop = Sandbox::new();
    shop.write("release.toml", STAGES);
    shop.commit("docs: first [skip release]");
    assert_eq!(shop.rel("next").stdout, "");
    shop.commit("docs: second");
    assert_eq!(shop.next(), "0.1.0");
    shop.tag("v0.1.0-rc.1").commit("docs: third");
    assert_eq!(shop.rel("next").stdout, "0.1.0\n", "the candidate is completed");
}
