//! `rel verify`: successful checks, failed checks, and the exit codes.

use super::Shop;
use crate::support::{Registry, layout};

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
    let check = &json["checks"][2];
    assert_eq!((&check["expected"], &check["found"]), (&other.into(), &shop.digest.as_str().into()));
    assert_eq!(shop.sandbox.rel("verify v1.4.0").code, 5);
}

#[test]
fn a_missing_tag_and_an_unreachable_registry_have_their_own_exit_codes() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    let run = shop.sandbox.rel("verify v1.4.0");
    assert_eq!(run.code, 7);
    let line = format!("FAILED  api: v1.4.0           {}/acme/shop-api:v1.4.0 is missing\n", registry.host);
    assert!(run.stdout.ends_with(&line), "{}", run.stdout);
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

#[track_caller]
fn has_json(text: &str, pointer: &str, value: &str) {
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(json.pointer(pointer), Some(&value.into()), "{json:#}");
}
