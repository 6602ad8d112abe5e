//! `rel verify`: successful checks, failed checks, and the exit codes.

use super::Shop;
use crate::support::{Registry, Sandbox, layout};

#[test]
fn verify_succeeds_when_tags_digests_and_revisions_agree() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    assert_eq!(shop.sandbox.rel("retag v1.4.0").code, 0);
    let (commit, digest) = (&shop.commit[..12], &shop.digest);
    let short = &digest[..19];
    shop.sandbox.rel("verify v1.4.0").prints(format!(
        "ok  v1.4.0 on the remote          {commit}\n\
         ok  api: v1.4.0                   {short}\n\
         ok  api: sha-{commit}         {short}\n\
         ok  api: revision of linux/amd64  {commit}\n\
         ok  api: revision of linux/arm64  {commit}\n"
    ));
    let run = shop.sandbox.rel("verify 1.4.0 --format json");
    run.json("/schema", "rel.verify/1");
    run.json("/version", "1.4.0");
    run.json("/ok", true);
    run.json("/checks/1/name", "api: v1.4.0");
    run.json("/checks/1/ok", true);
    run.json("/checks/1/detail", digest.as_str());
}

#[test]
fn a_version_tag_with_another_digest_is_a_conflict() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    let other = layout::image(&shop.built(), "other", "other", "0000000000000000000000000000000000000000");
    registry.push(&shop.built(), "other", "acme/shop-api:v1.4.0");
    let run = shop.sandbox.rel("verify v1.4.0 --format json");
    assert_eq!(run.code, 5);
    assert_eq!(run.stdout.lines().count(), 1);
    assert_eq!(run.stderr, "error: 3 of 5 checks for v1.4.0 failed\n");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["ok"], false);
    let check = &json["checks"][1];
    assert_eq!((&check["expected"], &check["found"]), (&shop.digest.as_str().into(), &other.into()));
    assert_eq!(shop.sandbox.rel("verify v1.4.0").code, 5);
}

#[test]
fn a_missing_tag_and_an_unreachable_registry_have_their_own_exit_codes() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    let run = shop.sandbox.rel("verify v1.4.0");
    assert_eq!(run.code, 7);
    let line = format!("FAILED  api: v1.4.0            {}/acme/shop-api:v1.4.0 is missing\n", registry.host);
    assert!(run.stdout.contains(&line), "{}", run.stdout);
    assert_eq!(shop.sandbox.rel("verify v9.9.9").code, 7);
    drop(registry);
    assert_eq!(shop.sandbox.rel("verify v1.4.0 --deadline 2s").code, 6);
}

#[test]
fn a_missing_platform_is_reported() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    assert_eq!(shop.sandbox.rel("retag v1.4.0").code, 0);
    let index = registry.raw("acme/shop-api:v1.4.0");
    let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
    let platform = index["manifests"][1]["digest"].as_str().unwrap();
    registry.delete("acme/shop-api", platform);
    let run = shop.sandbox.rel("verify v1.4.0");
    assert_eq!(run.code, 7, "{}", run.stdout);
    assert!(run.stdout.contains("linux/arm64 of "), "{}", run.stdout);
}

#[test]
fn a_tag_whose_recorded_build_is_not_its_parent_is_a_conflict() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    let (commit, digest, host) = (&shop.commit, &shop.digest, &registry.host);
    shop.sandbox.commit("feat: other");
    let image = format!("Rel-Image: api {host}/acme/shop-api@{digest}");
    let text = format!("v1.5.0\n\nRel-Package: shop\nRel-Build: {commit}\n{image}");
    shop.sandbox.git_words(&["tag", "-a", "-m", &text, "v1.5.0"]);
    assert_eq!(shop.sandbox.rel("retag v1.5.0").code, 0);
    let run = shop.sandbox.rel("verify v1.5.0 --format json");
    // The tag is not pushed yet, but a conflict is more severe than something missing.
    assert_eq!(run.code, 5);
    has_json(&run.stdout, "/checks/0/detail", "the remote does not have this tag");
    has_json(&run.stdout, "/checks/1/name", "build commit");
    has_json(&run.stdout, "/checks/1/found", &shop.sandbox.id("HEAD"));
}

#[test]
fn a_source_tag_that_was_pushed_again_is_what_was_found() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.3.0");
    let (commit, digest, host) = (&shop.commit, &shop.digest, &registry.host);
    let image = format!("Rel-Image: api {host}/acme/shop-api@{digest}");
    let text = format!("v1.4.0\n\nRel-Package: shop\nRel-Build: {commit}\n{image}");
    shop.sandbox.git_words(&["tag", "-a", "-m", &text, "v1.4.0"]);
    shop.sandbox.git("push -q origin --tags");
    assert_eq!(shop.sandbox.rel("retag v1.4.0").code, 0);
    let other = layout::image(&shop.built(), "other", "other", commit);
    registry.push(&shop.built(), "other", &format!("acme/shop-api:sha-{commit}"));
    let run = shop.sandbox.rel("verify v1.4.0 --format json");
    run.code_is(5);
    has_json(&run.stdout, "/checks/3/name", &format!("api: sha-{commit}"));
    has_json(&run.stdout, "/checks/3/expected", digest);
    has_json(&run.stdout, "/checks/3/found", &other);
}

#[test]
fn without_a_recorded_digest_the_version_tag_is_compared_with_the_build() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    let other = layout::image(&shop.built(), "other", "other", &shop.commit);
    registry.push(&shop.built(), "other", "acme/shop-api:v1.4.0");
    let run = shop.sandbox.rel("verify v1.4.0 --format json");
    run.code_is(5);
    has_json(&run.stdout, "/checks/1/name", "api: v1.4.0");
    has_json(&run.stdout, "/checks/1/expected", &shop.digest);
    has_json(&run.stdout, "/checks/1/found", &other);
    // Without the build, there is nothing to compare it with.
    registry.delete("acme/shop-api", &shop.digest);
    let run = shop.sandbox.rel("verify v1.4.0 --format json");
    run.code_is(7);
    run.json("/checks/1/ok", serde_json::Value::Null);
}

#[test]
fn an_image_without_a_revision_is_not_checked_rather_than_ok() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "");
    let source = format!("sha-{}", shop.commit);
    std::fs::remove_dir_all(shop.built()).unwrap();
    std::fs::create_dir(shop.built()).unwrap();
    layout::image(&shop.built(), &source, "first", "");
    let shop = shop.released(&registry, "1.4.0");
    assert_eq!(shop.sandbox.rel("retag v1.4.0").code, 0);
    let run = shop.sandbox.rel("verify v1.4.0");
    run.code_is(0);
    let line =
        "not checked  api: revision of linux/arm64  the image does not say which commit it was built from\n";
    assert!(run.stdout.ends_with(line), "{}", run.stdout);
    shop.sandbox.rel("verify v1.4.0 --format json").json("/checks/3/ok", serde_json::Value::Null);
}

#[test]
fn a_platform_whose_manifest_is_gone_is_missing_and_named() {
    for gone in ["deleted", "collected", "config"] {
        let registry = Registry::open();
        let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
        assert_eq!(shop.sandbox.rel("retag v1.4.0").code, 0);
        let index: serde_json::Value = serde_json::from_slice(&registry.raw("acme/shop-api:v1.4.0")).unwrap();
        let platform = index["manifests"][1]["digest"].as_str().unwrap();
        let blob =
            |digest: &str| std::fs::read(shop.built().join("blobs/sha256").join(&digest[7..])).unwrap();
        match gone {
            "deleted" => registry.delete("acme/shop-api", platform),
            "collected" => registry.lose("acme/shop-api", platform),
            _ => {
                let manifest: serde_json::Value = serde_json::from_slice(&blob(platform)).unwrap();
                registry.lose("acme/shop-api", manifest["config"]["digest"].as_str().unwrap());
            }
        }
        let run = shop.sandbox.rel("verify v1.4.0 --format json");
        run.code_is(7);
        assert!(run.stdout.contains("linux/arm64 of "), "{}", run.stdout);
    }
}

/// A checkout of a release as CI makes it: one commit, and the tag as it is or as a lightweight copy.
fn shallow_checkout(shop: Sandbox, lightweight: bool) -> Sandbox {
    let url = format!("file://{}", shop.root().join("origin/shop.git").display());
    let commit = shop.id("v1.4.0");
    if lightweight {
        shop.git("init -q -b main ../ci");
        let ci = shop.inside("ci");
        ci.git(&format!("remote add origin {url}"));
        ci.git(&format!("fetch -q --no-tags --depth=1 origin +{commit}:refs/tags/v1.4.0"));
        ci.git("checkout -q refs/tags/v1.4.0");
        ci
    } else {
        shop.git(&format!("clone -q --depth 1 --branch v1.4.0 {url} ../ci"));
        shop.inside("ci")
    }
}

#[test]
fn verify_fetches_what_a_shallow_checkout_lacks_by_name() {
    for lightweight in [false, true] {
        let registry = Registry::open();
        let shop = Shop::new(&registry.host, "[cut]\ncommit = true\n").released(&registry, "1.3.0");
        shop.sandbox.commit("feat: coupons");
        let build = shop.sandbox.id("HEAD");
        let digest = layout::image(&shop.built(), &format!("sha-{build}"), "second", &build);
        registry.push(&shop.built(), &format!("sha-{build}"), &format!("acme/shop-api:sha-{build}"));
        shop.sandbox.git("push -q origin main");
        shop.sandbox.rel("cut --yes -q").code_is(0);
        let ci = shallow_checkout(shop.sandbox, lightweight);
        let refs = ci.git("for-each-ref");
        let run = ci.rel("verify v1.4.0 --format json");
        run.code_is(0);
        has_json(&run.stdout, "/checks/1/name", "build commit");
        has_json(&run.stdout, "/checks/1/found", &build);
        has_json(&run.stdout, "/checks/2/expected", &digest);
        assert_eq!(ci.git("for-each-ref"), refs, "no ref changes");
        // Another version, of which nothing is here.
        let run = ci.rel("verify v1.3.0 --format json");
        has_json(&run.stdout, "/checks/0/name", "v1.3.0 on the remote");
        assert_eq!(run.code, 7, "it has no version tag: {}", run.stdout);
    }
}

#[track_caller]
fn has_json(text: &str, pointer: &str, value: &str) {
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(json.pointer(pointer), Some(&value.into()), "{json:#}");
}
