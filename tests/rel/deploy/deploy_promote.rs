//! `rel deploy` and `rel promote`: versions, commits, images, and environments that another system deploys to.

use super::fixture::{Fixture, PLAIN, shop};
use crate::support::{Sandbox, layout};
use snapbox::str;

#[test]
fn a_release_is_deployed_to_staging_and_promoted_to_prod() {
    let shop = shop(PLAIN);
    shop.rel("deploy staging v1.0.0").gives(
        0,
        "",
        str![[r#"
deploy staging (shop)
  to      v1.0.0
  source  tag v1.0.0
  run     deploy: ./play deploy
deploy
staging runs v1.0.0: healthy

"#]],
    );
    let run = shop.rel("promote staging prod -q --format json");
    for (pointer, value) in [
        ("/schema", "rel.deploy/1"),
        ("/package", "shop"),
        ("/environment", "prod"),
        ("/version", "1.0.0"),
        ("/state", "healthy"),
    ] {
        run.json(pointer, value);
    }
    run.json("/recorded", true);
    run.json("/already", false);
    run.json("/from_version", serde_json::Value::Null);
    assert_eq!(
        shop.calls(),
        "deploy deploy staging 1.0.0 -\npromote deploy prod 1.0.0 -\npromote verify prod 1.0.0 -\n"
    );
    assert_eq!(shop.state("prod"), "1.0.0 healthy");
}

#[test]
fn the_running_version_is_deployed_again_and_an_older_one_is_refused() {
    let shop = shop(PLAIN);
    shop.rel("deploy prod 1.1.0 -q").code_is(0);
    shop.rel("deploy prod 1.1.0 -q").code_is(0);
    shop.rel("deploy prod 1.0.0").fails(
        4,
        str![[r#"
error: v1.0.0 is older than v1.1.0, which runs in prod
hint: rel rollback prod v1.0.0 --keep-good   # without --keep-good, v1.1.0 is marked bad

"#]],
    );
    shop.rel("deploy pord 1.2.0").fails(
        2,
        str![[r#"
error: there is no environment pord
  because: release.toml defines prod, staging
hint: did you mean prod?

"#]],
    );
    shop.rel("deploy prod 7.0.0").code_is(7);
}

#[test]
fn a_dry_run_shows_the_plan_and_does_nothing() {
    let shop = shop(PLAIN);
    shop.rel("deploy prod v1.0.0 --dry-run").gives(
        0,
        "",
        str![[r#"
deploy prod (shop)
  to      v1.0.0
  source  tag v1.0.0
  run     deploy: ./play deploy
  run     verify: ./play verify
dry run: nothing was done

"#]],
    );
    assert_eq!(shop.calls(), "");
    assert!(!shop.git("ls-remote origin").contains("rel-ledger"));
}

const IMAGES: &str = "[[image]]\nname = 'api'\nrepository = 'oci:./images'\n\
    [environment.dev]\naccept = 'any'\ndeploy = ['./told', 'api={image.api}', '{commit}', '{version}']\n\
    [environment.prod]\naccept = 'final'\nfrom = 'dev'\ndeploy = ['./told', '{image.api}', '{previous}']\n";

/// Returns a shop whose build of HEAD is in an image layout under its source tag, and the digest.
fn built(environments: &str) -> (Sandbox, String) {
    let shop = shop(environments);
    shop.write("told", &format!("#!/bin/sh\necho \"$@\" >> '{}'\n", shop.file("told").display()));
    shop.git("add told");
    shop.git("update-index --chmod=+x told");
    shop.commit("build: a deployer");
    shop.git("push -q origin main");
    shop.git("checkout -q -f main");
    let digest =
        layout::image(&shop.folder().join("images"), &format!("sha-{}", shop.id("HEAD")), "one", "x");
    (shop, digest)
}

#[test]
fn a_commit_deployed_to_dev_is_recognised_by_digest_as_a_version_in_prod() {
    let (shop, digest) = built(IMAGES);
    let head = shop.id("HEAD");
    let run = shop.rel("deploy dev HEAD -q --format json");
    run.json("/version", serde_json::Value::Null);
    run.json("/commit", head.as_str());
    run.json("/images/0/digest", digest.as_str());
    assert_eq!(shop.calls(), format!("api=oci:./images@{digest} {head} {}\n", &head[..7]));
    shop.git_words(&["tag", "-a", "-m", "1.3.0", "v1.3.0"]);
    shop.git("push -q origin v1.3.0");
    shop.rel("deploy prod v1.3.0").fails(
        7,
        str![[r#"
error: api: oci:./images:v1.3.0 is missing
hint: rel retag 1.3.0   # gives the build its version tag

"#]],
    );
    shop.rel("retag 1.3.0 -q").code_is(0);
    shop.rel("deploy prod v1.3.0 -q --format json").json("/images/0/digest", digest.as_str());
    assert_eq!(shop.calls().lines().last(), Some(format!("oci:./images@{digest} ").as_str()));
    shop.rel("deploy prod HEAD -q").code_is(2);
}

#[test]
fn a_missing_platform_refuses_the_deploy_before_anything_runs() {
    let (shop, digest) = built(IMAGES);
    let index =
        std::fs::read_to_string(shop.folder().join("images/blobs/sha256").join(&digest[7..])).unwrap();
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    let platform = index["manifests"][1]["digest"].as_str().unwrap();
    std::fs::remove_file(shop.folder().join("images/blobs/sha256").join(&platform[7..])).unwrap();
    let run = shop.rel("deploy dev HEAD");
    run.code_is(7);
    assert!(run.stderr.contains("linux/arm64 of oci:./images@"), "{}", run.stderr);
    assert_eq!(shop.calls(), "");
}

#[test]
fn trust_is_needed_if_tag_and_ledger_disagree() {
    let (shop, digest) = built(IMAGES);
    let head = shop.id("HEAD");
    let trailers = |digest: &str| {
        format!("1.3.0\n\nRel-Package: shop\nRel-Build: {head}\nRel-Image: api oci:./images@{digest}\n")
    };
    shop.git_words(&["tag", "-a", "--cleanup=verbatim", "-m", &trailers(&digest), "v1.3.0"]);
    shop.git("push -q origin v1.3.0");
    shop.rel("deploy dev v1.3.0 -q").code_is(0);
    let other = layout::image(&shop.folder().join("images"), "other", "two", "x");
    shop.git_words(&["tag", "-f", "-a", "--cleanup=verbatim", "-m", &trailers(&other), "v1.3.0"]);
    shop.git("push -q -f origin v1.3.0");
    // What runs is deployed again as it is recorded.
    let run = shop.rel("deploy dev v1.3.0 --format json");
    run.json("/images/0/digest", digest.as_str());
    let warning = "warning: tag v1.3.0 names another build by now; the recorded one is used\n";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    // Elsewhere the two disagree.
    let run = shop.rel("deploy prod v1.3.0");
    run.code_is(5);
    assert!(run.stderr.contains(&digest) && run.stderr.contains(&other), "{}", run.stderr);
    assert!(run.stderr.contains("--trust ledger"), "{}", run.stderr);
    let run = shop.rel("deploy prod v1.3.0 --trust tag -q");
    run.code_is(4);
    assert!(run.stderr.contains("v1.3.0 was never healthy in dev"), "{}", run.stderr);
    shop.rel("deploy prod v1.3.0 --trust ledger -q --format json").json("/images/0/digest", digest.as_str());
}

#[test]
fn a_deploy_by_another_system_is_recorded_and_verified_live() {
    let environments = "[[image]]\nname = 'api'\nrepository = 'oci:./images'\n[environment.dev]\naccept = 'any'\n\
        [environment.prod]\naccept = 'any'\nlive = ['./live']\n";
    let (shop, digest) = built(environments);
    shop.rel("deploy dev HEAD -q --format json").json("/state", "recorded");
    shop.write("live", &format!("#!/bin/sh\ncat '{}'\n", shop.file("live").display()));
    shop.git("add live");
    shop.git("update-index --chmod=+x live");
    shop.commit("build: live");
    shop.git("push -q origin main");
    shop.git("checkout -q -f main");
    let head = shop.id("HEAD");
    let (folder, tag) = (shop.folder().join("images"), format!("sha-{head}"));
    assert_eq!(layout::image(&folder, &tag, "one", "x"), digest);
    shop.behave("live", "r.example/api@sha256:0");
    shop.rel("deploy prod HEAD -q --format json").json("/state", "recorded");
    shop.behave("live", &format!("oci:./images@{digest}\n"));
    shop.rel("deploy prod HEAD -q --format json").json("/state", "healthy");
    shop.rel("status prod --live --format json").json("/environments/0/live/drift", false);
    shop.behave("live", "r.example/api@sha256:0");
    shop.rel("status prod --live --format json").json("/environments/0/live/drift", true);
}

#[test]
fn a_rollback_by_another_system_is_refused_with_the_commit_to_deploy() {
    let shop = shop("[environment.prod]\n");
    let run = shop.rel("deploy prod v1.0.0 --format json");
    run.json("/state", "recorded");
    let note = "  note    another system deploys to prod; rel only records it\n";
    assert!(run.stderr.contains(note), "{}", run.stderr);
    shop.rel("deploy prod v1.1.0 -q").code_is(0);
    let build = shop.id("v1.0.0");
    shop.rel("rollback prod --yes").fails(
        4,
        format!(
            "error: rel does not deploy to prod: roll it back with the system that does\n  because: the commit to deploy is {build}\n\
             hint: rel rollback prod v1.0.0 --record-only   # when that is done\n"
        ),
    );
    shop.rel("rollback prod v1.0.0 --record-only --yes -q --format json").json("/state", "recorded");
    assert_eq!(shop.state("prod"), "1.0.0 recorded, held");
}
