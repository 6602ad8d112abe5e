//! `rel cut` tags the built images with the version: recorded in the git tag, tagged after the push, completed by the next run
//! if one is killed in between. Uses Debian's docker-registry.

use super::{fresh, ready, state};
use crate::support::{Registry, Sandbox, crashing_git, layout};

/// The shop with an image that was built from HEAD and pushed to a registry, and its digest.
fn built() -> (Sandbox, Registry, String) {
    let registry = Registry::open();
    let shop = ready();
    let config = std::fs::read_to_string(shop.folder().join("release.toml")).unwrap();
    let image = format!(
        "\n[[image]]\nname = \"api\"\nrepository = \"{}/acme/api\"\nalso = [\"v{{major}}.{{minor}}\"]\n",
        registry.host
    );
    shop.write("release.toml", &format!("{config}{image}"));
    shop.git("add release.toml");
    shop.commit("build: an image");
    shop.git("push -q origin main");
    let (build, layouts) = (shop.id("HEAD"), shop.root().join("layout"));
    let digest = layout::image(&layouts, "built", "one", &build);
    registry.push(&layouts, "built", &format!("acme/api:sha-{build}"));
    (shop, registry, digest)
}

#[track_caller]
fn tagged(shop: &Sandbox, registry: &Registry, digest: &str) {
    let message = shop.git("for-each-ref --format=%(contents) refs/tags/v1.1.0");
    let line = format!("\nRel-Image: api {}/acme/api@{digest}\n", registry.host);
    assert!(message.contains(&line), "{message}");
    let source = registry.raw(&format!("acme/api@{digest}"));
    for tag in ["v1.1.0", "v1.1"] {
        assert_eq!(registry.raw(&format!("acme/api:{tag}")), source, "{tag}");
    }
}

#[test]
fn cut_records_and_tags_the_image_of_the_build() {
    let (shop, registry, digest) = built();
    let dry = shop.rel("cut --dry-run --format json");
    dry.json("/images/0/digest", digest.as_str());
    assert_eq!(registry.requests().iter().filter(|line| line.starts_with("PUT")).count(), 0);
    let run = shop.rel("cut --yes --format json");
    run.json("/images/0/digest", digest.as_str());
    run.json("/images/0/result", "created");
    run.json("/pushed", true);
    tagged(&shop, &registry, &digest);
    assert_ne!(shop.id("HEAD"), shop.id("HEAD~1"));
    let again = shop.rel("cut --yes --format json");
    again.json("/already", true);
    again.json("/images/0/result", "already");
    shop.rel("verify v1.1.0 --format json").json("/ok", true);
}

#[test]
fn images_are_tagged_by_the_next_run_if_one_was_killed_after_its_push() {
    let (start, registry, digest) = built();
    let shop = start.copy();
    // The git call that pushes; the registry comes after it.
    let log = shop.root().join("calls");
    shop.script("git", &format!("echo \"$1 $*\" >>'{}'\nexec \"$REAL_GIT\" \"$@\"\n", log.display()));
    shop.shell("rel cut --dry-run").code_is(0);
    shop.remove_scripts();
    let asked = std::fs::read_to_string(log).unwrap().lines().count();
    // After the calls of a dry run come commit-tree, tag and the push.
    let died = (asked + 1..asked + 6).any(|call| {
        let shop = start.copy();
        crashing_git(&shop, "cut --yes", call, "after");
        shop.wait_until_quiet();
        let out = !shop.git("ls-remote origin refs/tags/v1.1.0").is_empty();
        let put = registry.requests().iter().any(|line| line.starts_with("PUT") && line.contains("v1.1.0"));
        if !out || put {
            return false;
        }
        let next = fresh(shop, "next");
        let run = next.rel("cut --yes --format json");
        run.json("/already", false);
        run.json("/images/0/result", "created");
        tagged(&next, &registry, &digest);
        next.rel("cut --yes --format json").json("/already", true);
        true
    });
    assert!(died, "no run died between push and registry");
}

#[test]
fn a_taken_version_tag_or_a_missing_build_stops_the_cut_before_it_writes() {
    let (shop, registry, _) = built();
    let other = layout::image(&shop.root().join("layout"), "other", "two", "");
    registry.push(&shop.root().join("layout"), "other", "acme/api:v1.1.0");
    let before = state(&shop);
    let run = shop.rel("cut --yes");
    run.code_is(5);
    assert!(run.stderr.contains(&other) && run.stderr.contains("acme/api:v1.1.0"), "{}", run.stderr);
    assert_eq!(state(&shop), before);
    // A commit without a build, and a changed work tree.
    shop.commit("fix: later");
    shop.git("push -q origin main");
    shop.write("Cargo.toml", "changed\n");
    let before = state(&shop);
    let run = shop.rel("cut --yes");
    run.code_is(7);
    for part in
        ["the work tree is not clean: Cargo.toml", "is missing", "builds of commits near", "when = \"after\""]
    {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert_eq!(state(&shop), before);
}

/// A tag that somebody made by hand on HEAD, an image that nobody built, and a file that is not committed.
#[test]
fn a_foreign_tag_and_a_missing_image_are_reported_at_once() {
    let shop = ready();
    let config = std::fs::read_to_string(shop.folder().join("release.toml")).unwrap();
    shop.write(
        "release.toml",
        &format!("{config}\n[[image]]\nname = \"api\"\nrepository = \"oci:./images\"\n"),
    );
    shop.git("add release.toml");
    shop.commit("build: an image");
    shop.git("push -q origin main");
    layout::image(&shop.folder().join("images"), "sha-0000000", "x", "0000000");
    shop.write(".git/info/exclude", "images\n").tag("v1.1.0");
    shop.write("half.txt", "half\n").git("add half.txt");
    let run = shop.rel("cut --yes");
    run.code_is(7);
    for line in [
        "local tag v1.1.0 on HEAD was not created by rel and is not on origin",
        "hint: git tag -d v1.1.0   # rel cut then creates its own",
        "the work tree is not clean: half.txt",
        "because: no build of image api has been pushed there",
    ] {
        assert!(run.stderr.contains(line), "{line}: {}", run.stderr);
    }
    let json: serde_json::Value = serde_json::from_str(&shop.rel("cut --yes --format json").stdout).unwrap();
    let hints: Vec<&str> =
        json["hints"].as_array().unwrap().iter().filter_map(|hint| hint.as_str()).collect();
    assert!(hints.contains(&"git push origin refs/tags/v1.1.0"), "{json:#}");
    let causes = json["causes"].to_string();
    assert!(!causes.contains("git push") && causes.contains("local tag v1.1.0"), "{json:#}");
}

#[test]
fn an_image_that_is_built_from_the_tag_is_not_queried() {
    let (shop, registry, _) = built();
    let config = std::fs::read_to_string(shop.folder().join("release.toml")).unwrap();
    shop.write("release.toml", &format!("{config}when = \"after\"\n"));
    shop.git("add release.toml");
    shop.commit("build: from the tag");
    shop.git("push -q origin main");
    shop.rel("cut --yes").code_is(0);
    assert_eq!(registry.requests(), [""; 0]);
    assert!(!shop.git("for-each-ref --format=%(contents) refs/tags/v1.1.0").contains("Rel-Image"));
}

#[test]
fn an_unreachable_registry_stops_the_cut_before_it_writes() {
    let (shop, registry, digest) = built();
    let host = registry.host.clone();
    drop(registry);
    let before = state(&shop);
    let run = shop.rel("cut --yes --deadline 1s");
    run.code_is(6);
    assert!(run.stderr.contains(&host), "{}", run.stderr);
    assert_eq!(state(&shop), before);
    assert!(digest.starts_with("sha256:"));
}

#[test]
fn an_image_with_a_platform_that_is_gone_stops_the_release_before_the_push() {
    let (shop, registry, digest) = built();
    let index: serde_json::Value =
        serde_json::from_slice(&registry.raw(&format!("acme/api@{digest}"))).unwrap();
    registry.delete("acme/api", index["manifests"][1]["digest"].as_str().unwrap());
    let before = state(&shop);
    let run = shop.rel("cut --yes");
    run.code_is(7);
    assert!(run.stderr.contains("error: api: linux/arm64 of "), "{}", run.stderr);
    assert_eq!(state(&shop), before);
}
