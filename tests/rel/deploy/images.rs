//! Rollbacks and deploys of images: credentials that are broken, images that moved, images that are not released any more.

use super::fixture::{Fixture, shop};
use crate::support::registry::{PASSWORD, USER};
use crate::support::{Registry, Sandbox, layout};

/// Pushes an image of these releases to a registry, and returns the digests.
fn push(shop: &Sandbox, registry: &Registry, path: &str, versions: &[&str]) -> Vec<String> {
    let built = shop.root().join("built");
    std::fs::create_dir_all(&built).unwrap();
    let push = |version: &&str| {
        let tag = format!("v{version}");
        std::fs::remove_file(built.join("index.json")).ok();
        let digest = layout::image(&built, &tag, &format!("{path} {version}"), "");
        registry.push(&built, &tag, &format!("{path}:{tag}"));
        digest
    };
    versions.iter().map(push).collect()
}

/// Writes release.toml and makes it the one that governs.
fn configure(shop: &Sandbox, text: &str) {
    shop.write("release.toml", &format!("name = 'shop'\n{text}"));
    shop.git("add release.toml");
    shop.commit("chore: configure").git("push -q origin main");
}

#[test]
fn broken_credentials_do_not_stop_a_rollback() {
    let (locked, open) = (Registry::with_htpasswd(), Registry::open());
    let start = shop(&format!(
        "[[image]]\nname = 'api'\nrepository = '{}/acme/api'\n[[image]]\nname = 'web'\nrepository = '{}/acme/web'\n\
         [environment.prod]\ndeploy = ['./play', '{{image.api}}']\n",
        locked.host, open.host
    ));
    push(&start, &locked, "acme/api", &["1.0.0", "1.1.0"]);
    push(&start, &open, "acme/web", &["1.0.0", "1.1.0"]);
    let login = format!("REL_REGISTRY_USER={USER} REL_REGISTRY_PASSWORD={PASSWORD}");
    for version in ["1.0.0", "1.1.0"] {
        let host = &locked.host;
        start.shell(&format!("{login} REL_REGISTRY_HOST={host} rel deploy prod v{version} -q")).code_is(0);
    }
    let half = format!("REL_REGISTRY_HOST={} REL_REGISTRY_PASSWORD=x", locked.host);
    for (variables, why) in [
        ("", "~/.docker/config.json is not valid, so it is not used"),
        (half.as_str(), "REL_REGISTRY_PASSWORD is set, but REL_REGISTRY_USER is not"),
        (login.as_str(), "REL_REGISTRY_PASSWORD is given, but release.toml names several registries"),
    ] {
        let shop = start.copy();
        std::fs::create_dir_all(shop.root().join("home/.docker")).unwrap();
        std::fs::write(shop.root().join("home/.docker/config.json"), "{\"auths\"").unwrap();
        let run = shop.shell(&format!("{variables} rel rollback prod --yes"));
        run.code_is(0);
        assert!(run.stderr.contains(why), "{}", run.stderr);
        assert!(run.stderr.contains("warning: not checked: images of v1.0.0: "), "{}", run.stderr);
        assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
    }
}

#[test]
fn images_that_moved_are_found_in_their_new_place_by_the_same_digest() {
    let (old, new) = (Registry::open(), Registry::open());
    let rules = |host: &str, former: &str| {
        format!(
            "[[image]]\nname = 'api'\nrepository = '{host}/acme/api'\n{former}\
             [environment.prod]\ndeploy = ['./play', '{{image.api}}']\n"
        )
    };
    let shop = shop(&rules(&old.host, ""));
    let digests = push(&shop, &old, "acme/api", &["1.0.0", "1.1.0", "1.2.0"]);
    assert_eq!(push(&shop, &new, "acme/api", &["1.0.0", "1.1.0"]), digests[..2]);
    shop.rel("deploy prod v1.0.0 -q").code_is(0);
    shop.rel("deploy prod v1.1.0 -q").code_is(0);
    // A release whose tag records the former place.
    shop.commit("feat: vouchers");
    let head = shop.id("HEAD");
    let image = format!("Rel-Image: api {}/acme/api@{}", old.host, digests[2]);
    let text = format!("1.3.0\n\nRel-Package: shop\nRel-Build: {head}\n{image}\n");
    shop.git_words(&["tag", "-a", "-m", &text, "v1.3.0"]);
    shop.git("push -q origin main v1.3.0");
    let host = old.host.clone();
    drop(old);
    // Without `former`, it might have been forged.
    configure(&shop, &rules(&new.host, ""));
    let run = shop.rel("rollback prod --yes");
    run.code_is(5);
    let hint =
        format!("hint: if api moved: add former = [\"{host}/acme/api\"] to its [[image]] on the default");
    assert!(run.stderr.contains(&hint), "{}", run.stderr);
    configure(&shop, &rules(&new.host, &format!("former = ['{host}/acme/api']\n")));
    shop.forget_calls();
    shop.rel("rollback prod --yes -q").code_is(0);
    let call = format!("rollback {}/acme/api@{} prod 1.0.0 -\n", new.host, digests[0]);
    assert_eq!(shop.calls(), call);
    let run = shop.rel("history prod -n 1 --format json");
    run.json("/events/0/images/0/repository", format!("{}/acme/api", new.host));
    // The digest decides: it is not there yet.
    let run = shop.rel("deploy prod v1.3.0 --yes --override moved");
    run.code_is(7);
    push(&shop, &new, "acme/api", &["1.2.0"]);
    shop.rel("retag v1.3.0 --format json").json("/images/0/digest", digests[2].as_str());
    assert!(!new.raw("acme/api:v1.3.0").is_empty());
    shop.rel("verify v1.3.0 --format json").json("/checks/2/expected", digests[2].as_str());
    shop.rel("unhold prod").code_is(0);
    shop.rel("deploy prod v1.3.0 -q").code_is(0);
    let call = format!("deploy {}/acme/api@{} prod 1.3.0 -", new.host, digests[2]);
    assert_eq!(shop.calls().lines().last(), Some(call.as_str()));
}

#[test]
fn a_retired_image_stays_with_earlier_releases() {
    let rules = |retired: &str| {
        format!(
            "[[image]]\nname = 'api'\nrepository = 'oci:./images'\n\
             [[image]]\nname = 'worker'\nrepository = 'oci:./workers'\n{retired}\
             [environment.prod]\ndeploy = ['./play', '{{image.api}}']\n\
             rollback = [['./play', '{{image.api}}'], ['./play', '{{image.worker}}']]\n"
        )
    };
    let shop = shop(&rules(""));
    let mut workers = Vec::new();
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        layout::image(&shop.folder().join("images"), &format!("v{version}"), version, "");
        if version == "1.0.0" {
            workers.push(layout::image(&shop.folder().join("workers"), "v1.0.0", "worker", ""));
        }
    }
    shop.rel("deploy prod v1.0.0 -q").code_is(0);
    configure(&shop, &rules("retired = true\n"));
    shop.rel("deploy prod v1.1.0 -q").code_is(0);
    shop.rel("deploy prod v1.2.0 -q").code_is(0);
    // This release has none, so its command is left out.
    shop.forget_calls();
    let run = shop.rel("rollback prod --yes");
    run.code_is(0);
    let said = "warning: v1.1.0 has no image worker, so this command is skipped: ./play {image.worker}\n";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    assert_eq!(shop.calls().lines().count(), 1, "{}", shop.calls());
    // This one has it.
    shop.forget_calls();
    shop.rel("rollback prod v1.0.0 --yes -q").code_is(0);
    let call = format!("rollback oci:./workers@{} prod 1.0.0 -", workers[0]);
    assert_eq!(shop.calls().lines().last(), Some(call.as_str()));
    // In a deploy it is missing.
    let text = rules("retired = true\n")
        .replace("deploy = ['./play', '{image.api}']", "deploy = ['./play', '{image.worker}']");
    configure(&shop, &text);
    let run = shop.rel("deploy prod v1.2.0 --yes --override again");
    run.code_is(7);
    assert!(run.stderr.contains("v1.2.0 has no image worker"), "{}", run.stderr);
}

#[test]
fn a_release_that_ran_without_images_can_be_returned_to_after_images_were_added() {
    let shop = shop("[environment.prod]\ndeploy = ['./play', 'deploy']\n");
    shop.rel("deploy prod v1.0.0 -q").code_is(0);
    shop.rel("deploy prod v1.1.0 -q").code_is(0);
    configure(
        &shop,
        "[[image]]\nname = 'api'\nrepository = 'oci:./images'\n[environment.prod]\ndeploy = ['./play', '{image.api}']\n\
         rollback = ['./play', 'deploy']\n",
    );
    layout::image(&shop.folder().join("images"), "v1.2.0", "one", "");
    shop.rel("deploy prod v1.2.0 -q").code_is(0);
    for words in ["rollback prod --yes -q", "rollback prod v1.1.0 --yes -q"] {
        let shop = shop.copy();
        shop.rel(words).code_is(0);
        assert_eq!(shop.state("prod"), "1.1.0 healthy, held");
    }
}
