//! What counts as the same build: the same digests and the same tree. Tags that were moved, made by hand, or never pushed.

use super::fixture::{Fixture, PLAIN, running, shop};
use crate::support::{Run, Sandbox, layout};

/// Prod needs staging, a soak and an approval; a deployer of each commit's own tree.
const STRICT: &str = "[[image]]\nname = 'api'\nrepository = 'oci:./images'\n\
    [environment.staging]\ndeploy = ['./play', 'deploy', '{image.api}']\n\
    [environment.prod]\naccept = 'final'\nfrom = 'staging'\nsoak = '2h'\napprovals = 1\ndeploy = ['./play', 'deploy', '{image.api}']\n";

fn at(shop: &Sandbox, time: &str, who: &str, words: &str) -> Run {
    let who = format!("GIT_AUTHOR_NAME={who} GIT_AUTHOR_EMAIL={who}@acme.example");
    shop.shell(&format!("{who} REL_NOW={time} rel {words}"))
}

/// Makes an annotated tag on HEAD with trailers, and pushes it.
fn push_tag(shop: &Sandbox, name: &str, build: &str, digest: &str) {
    let text =
        format!("{name}\n\nRel-Package: shop\nRel-Build: {build}\nRel-Image: api oci:./images@{digest}\n");
    shop.git_words(&["tag", "-f", "-a", "--cleanup=verbatim", "-m", &text, name]);
    shop.git(&format!("push -q -f origin {name}"));
}

/// Returns a shop whose prod runs v1.3.0 after staging, a soak and an approval, and the digest.
fn released() -> (Sandbox, String) {
    let shop = shop(STRICT);
    shop.write(".gitignore", "images/\n");
    shop.git("add .gitignore");
    shop.commit("feat: more");
    shop.git("push -q origin main");
    let digest = layout::image(&shop.folder().join("images"), "v1.3.0", "one", "x");
    push_tag(&shop, "v1.3.0", &shop.id("HEAD"), &digest);
    at(&shop, "2026-11-20T08:00:00Z", "ada", "deploy staging v1.3.0 -q").code_is(0);
    at(&shop, "2026-11-20T11:00:00Z", "bob", "approve prod v1.3.0 --reason seen -q").code_is(0);
    at(&shop, "2026-11-20T11:00:00Z", "ada", "deploy prod v1.3.0 -q").code_is(0);
    shop.forget_calls();
    (shop, digest)
}

/// Makes a commit with another deployer, which nobody reviewed.
fn evil_commit(shop: &Sandbox) -> String {
    shop.write("play", &format!("#!/bin/sh\necho evil >> '{}'\n", shop.file("told").display()));
    shop.git("add play");
    shop.commit("feat: nothing to see");
    shop.id("HEAD")
}

#[test]
fn a_tag_on_another_commit_is_not_a_redeploy() {
    let (shop, digest) = released();
    let evil = evil_commit(&shop);
    push_tag(&shop, "v1.3.1", &evil, &digest);
    shop.git("push -q origin HEAD:side");
    let run = at(&shop, "2026-11-20T12:00:00Z", "ada", "deploy prod v1.3.1");
    run.code_is(4);
    for refusal in [
        "v1.3.1 is not on the default branch of origin",
        "v1.3.1 was never healthy in staging",
        "v1.3.1 needs 1 approval from another person",
    ] {
        assert!(run.stderr.contains(refusal), "{}", run.stderr);
    }
    // Staging has no policy; there its time begins, and that of the other build does not count.
    at(&shop, "2026-11-20T12:00:00Z", "ada", "deploy staging v1.3.1 -q").code_is(0);
    let run = at(&shop, "2026-11-20T12:30:00Z", "ada", "deploy prod v1.3.1");
    assert!(run.stderr.contains("has been healthy in staging for only 30 min"), "{}", run.stderr);
    assert_eq!(shop.calls(), "evil\n");
}

#[test]
fn a_tag_that_was_moved_redeploys_what_is_recorded() {
    let (shop, digest) = released();
    let build = shop.id("v1.3.0");
    let evil = evil_commit(&shop);
    push_tag(&shop, "v1.3.0", &evil, &digest);
    let run = at(&shop, "2026-11-20T12:00:00Z", "ada", "deploy prod v1.3.0 --format json");
    run.code_is(0);
    run.json("/commit", build.as_str());
    assert!(run.stderr.contains("warning: tag v1.3.0 names another build by now"), "{}", run.stderr);
    assert_eq!(shop.calls(), "deploy deploy prod 1.3.0 -\n");
    at(&shop, "2026-11-20T12:00:00Z", "ada", "promote staging prod -q").code_is(0);
    let run = at(&shop, "2026-11-20T12:00:00Z", "ada", "deploy prod v1.3.0 --trust tag");
    run.code_is(4);
    assert!(run.stderr.contains("v1.3.0 was never healthy in staging"), "{}", run.stderr);
    assert!(!shop.calls().contains("evil"), "{}", shop.calls());
}

/// A merge that changes nothing: another commit with the same tree.
#[test]
fn a_merge_with_the_same_tree_is_the_same_build() {
    let (shop, digest) = released();
    shop.git("switch -q -c feature");
    shop.change(&["cart"], "feat: cart");
    let built = shop.id("HEAD");
    let digest_of_it = layout::image(&shop.folder().join("images"), "v1.4.0-rc.1", "two", "x");
    assert_ne!(digest, digest_of_it);
    push_tag(&shop, "v1.4.0-rc.1", &built, &digest_of_it);
    at(&shop, "2026-11-20T12:00:00Z", "ada", "deploy staging v1.4.0-rc.1 -q").code_is(0);
    shop.switch("main").merge("feature");
    shop.git("push -q origin main");
    push_tag(&shop, "v1.4.0", &shop.id("HEAD"), &digest_of_it);
    at(&shop, "2026-11-20T13:00:00Z", "bob", "approve prod v1.4.0 --reason seen -q").code_is(0);
    let run = at(&shop, "2026-11-20T13:00:00Z", "ada", "deploy prod v1.4.0");
    run.code_is(4);
    assert!(run.stderr.contains("has been healthy in staging for only 1 h"), "{}", run.stderr);
    at(&shop, "2026-11-20T14:00:00Z", "ada", "deploy prod v1.4.0 -q").code_is(0);
}

#[test]
fn a_local_tag_must_be_the_one_of_the_remote() {
    let shop = running(PLAIN);
    shop.rel("deploy staging v1.1.0 -q").code_is(0);
    shop.forget_calls();
    // Made here, and never pushed.
    shop.commit("feat: more");
    shop.git_words(&["tag", "-a", "-m", "1.3.0", "v1.3.0"]);
    let expected = "error: tag v1.3.0 is not on origin\n\
        hint: git push origin refs/tags/v1.3.0   # if that is the release\n";
    shop.rel("deploy prod v1.3.0 -q").fails(7, expected);
    shop.rel("rollback prod v1.3.0 --yes -q").code_is(7);
    // Moved here.
    let there = shop.git("rev-parse v1.2.0");
    shop.git_words(&["tag", "-f", "-a", "-m", "1.2.0", "v1.2.0"]);
    let here = shop.git("rev-parse v1.2.0");
    let expected = format!(
        "error: tag v1.2.0 is not the one on origin\n  because: here it is {here}\n  because: on origin it is {there}\n\
         hint: git fetch --force origin refs/tags/v1.2.0:refs/tags/v1.2.0   # takes the one of origin\n"
    );
    shop.rel("deploy prod v1.2.0 -q").fails(5, expected.as_str());
    // The same for what another environment runs.
    shop.git("push -q origin :refs/tags/v1.1.0");
    shop.rel("deploy prod v1.1.0 -q").code_is(0);
    shop.rel("rollback prod --yes -q").code_is(0);
    shop.rel("good v1.1.0 -q --reason checked").code_is(0);
    shop.rel("promote staging prod -q --override INC-412").code_is(7);
    shop.git("push -q origin v1.1.0");
    shop.git("fetch -q --force origin refs/tags/v1.2.0:refs/tags/v1.2.0");
    shop.rel("deploy staging v1.2.0 -q").code_is(0);
    assert!(!shop.calls().contains("1.3.0"), "{}", shop.calls());
}

#[test]
fn a_final_version_must_be_on_a_branch_that_makes_finals() {
    let branches = "[[branch]]\nname = 'main'\n[[branch]]\nname = '1.x'\nrange = '1'\n[[branch]]\nname = 'next'\nchannel = 'rc'\n";
    let shop =
        shop(&format!("{branches}[environment.prod]\naccept = 'final'\ndeploy = ['./play', 'deploy']\n"));
    shop.git("push -q origin v1.2.0^{commit}:refs/heads/1.x");
    let tag = |name: &str| {
        shop.git_words(&["tag", "-a", "-m", name, name]);
        shop.git(&format!("push -q origin {name}"));
    };
    for (branch, first, code) in
        [("side", "v1.3.0", 4), ("next", "v1.4.0", 4), ("1.x", "v1.5.0", 0), ("main", "v2.0.0", 0)]
    {
        if branch != "main" {
            shop.git(&format!("switch -q -C {branch} v1.2.0"));
        } else {
            shop.switch("main");
        }
        shop.commit("feat: more");
        shop.git(&format!("push -q origin {branch}"));
        tag(first);
        // A clone that lacks all branches but one, as in CI.
        shop.clone_to(&format!("ci-{branch}"), "--depth 1 --single-branch --no-tags");
        let ci = shop.copy().inside(&format!("ci-{branch}"));
        let run = ci.rel(&format!("deploy prod {first} -q"));
        run.code_is(code);
        if code == 4 {
            assert!(run.stderr.contains(&format!("{first} is not on 1.x or main\n")), "{}", run.stderr);
        }
        let run = shop.rel(&format!("deploy prod {first} -q"));
        run.code_is(code);
    }
    // A maintenance branch makes only its own versions.
    shop.switch("1.x").commit("feat: more");
    shop.git("push -q origin 1.x");
    tag("v2.1.0");
    let run = shop.rel("deploy prod v2.1.0 -q");
    run.code_is(4);
    assert!(run.stderr.contains("v2.1.0 is not on main\n"), "{}", run.stderr);
}

/// The release commit adds nothing but the version, which commands get as `{version}`.
#[test]
fn commands_run_in_the_tree_of_the_build_commit() {
    let shop = shop(
        "[environment.prod]\ndeploy = ['sh', '-c', 'git rev-parse HEAD > \"$TMPDIR/tree\"']\npass_env = ['TMPDIR']\n",
    );
    shop.change(&["CHANGELOG.md"], "docs: a changelog").commit("feat: more");
    shop.git("push -q origin main");
    let build = shop.id("HEAD");
    shop.rel("cut --yes -q").code_is(0);
    assert_ne!(shop.id("v1.3.0"), build, "a release commit was made");
    shop.rel("deploy prod v1.3.0 -q --format json").json("/commit", build.as_str());
    assert_eq!(std::fs::read_to_string(shop.file("tmp/tree")).unwrap().trim(), build);
    // A clone of depth 1 at the release commit lacks the commit that was built.
    shop.clone_to("ci", "--depth 1 --branch v1.3.0");
    let ci = shop.inside("ci");
    ci.rel("deploy prod v1.3.0 -q --format json").json("/commit", build.as_str());
    ci.rel("verify v1.3.0 -q").code_is(0);
}

#[test]
fn a_bad_release_that_runs_needs_override_to_be_deployed_again() {
    let shop = running(&PLAIN.replace("verify =", "override_in_ci = true\nverify ="));
    shop.rel("bad v1.1.0 --reason crashes -q").code_is(0);
    let run = shop.rel("deploy prod v1.1.0 -q");
    run.code_is(4);
    assert!(run.stderr.contains("v1.1.0 was marked bad by Ada"), "{}", run.stderr);
    assert_eq!(shop.calls(), "");
    assert_eq!(shop.state("prod"), "1.1.0 healthy");
    let run = shop.rel("deploy prod v1.1.0 --override INC-412 --format json");
    run.code_is(0);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(json["overrides"][0].as_str().unwrap().starts_with("bad: v1.1.0 was marked bad"), "{json:#}");
}
