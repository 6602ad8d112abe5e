//! The requests of `rel retag`: which ones, how many, and their result.

use super::Shop;
use crate::support::{Fault, Proxy, Registry, layout};
use snapbox::str;

#[test]
fn without_authentication_a_retag_takes_three_requests_and_keeps_the_bytes() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    let run = shop.sandbox.rel("retag v1.4.0");
    let (commit, digest, host) = (&shop.commit, &shop.digest, &registry.host);
    run.gives(
        0,
        format!("{host}/acme/shop-api@{digest}\n"),
        format!("api: v1.4.0 → {} tagged (3 requests)\n", &digest[7..19]),
    );
    assert_eq!(
        registry.requests(),
        [
            "HEAD /v2/acme/shop-api/manifests/v1.4.0 404".to_owned(),
            format!("GET /v2/acme/shop-api/manifests/sha-{commit} 200"),
            "PUT /v2/acme/shop-api/manifests/v1.4.0 201".to_owned(),
        ]
    );
    let source = registry.raw(&format!("acme/shop-api:sha-{commit}"));
    assert_eq!(registry.raw("acme/shop-api:v1.4.0"), source);
    assert_eq!(source, std::fs::read(shop.built().join("blobs/sha256").join(&digest[7..])).unwrap());
}

#[test]
fn retag_is_a_no_op_when_the_tag_has_the_digest() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    for (words, result, requests) in [
        ("retag 1.4.0 --dry-run --format json", "created", 2),
        ("retag 1.4.0 --format json", "created", 3),
        ("retag 1.4.0 --format json", "already", 3),
        ("retag 1.4.0 --dry-run --format json", "already", 3),
    ] {
        let run = shop.sandbox.rel(words);
        run.json("/schema", "rel.retag/1");
        run.json("/version", "1.4.0");
        run.json("/images/0/name", "api");
        run.json("/images/0/repository", format!("{}/acme/shop-api", registry.host));
        run.json("/images/0/source", format!("sha-{}", shop.commit));
        run.json("/images/0/digest", shop.digest.as_str());
        run.json("/images/0/tags", vec!["v1.4.0"]);
        run.json("/images/0/result", result);
        run.json("/images/0/requests", requests);
    }
}

#[test]
fn with_basic_authentication_a_retag_takes_four_requests() {
    let registry = Registry::with_htpasswd();
    let mut shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    shop.sandbox = shop.sandbox.with("REL_REGISTRY_USER", "ada");
    shop.sandbox = shop.sandbox.with("REL_REGISTRY_PASSWORD", crate::support::registry::PASSWORD);
    shop.sandbox.rel("retag v1.4.0 --format json").json("/images/0/requests", 4);
    assert_eq!(registry.requests().len(), 4, "{:?}", registry.requests());
    let source = registry.raw(&format!("acme/shop-api:sha-{}", shop.commit));
    assert_eq!(registry.raw("acme/shop-api:v1.4.0"), source);
}

#[test]
fn with_a_token_service_a_retag_takes_five_requests() {
    let registry = Registry::with_tokens();
    let mut shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    shop.sandbox = shop.sandbox.with("REL_REGISTRY_USER", "ada");
    shop.sandbox = shop.sandbox.with("REL_REGISTRY_PASSWORD", crate::support::registry::PASSWORD);
    let before = registry.tokens().requests().len();
    shop.sandbox.rel("retag v1.4.0 --format json").json("/images/0/requests", 5);
    assert_eq!(registry.requests().len(), 4, "{:?}", registry.requests());
    assert_eq!(registry.tokens().requests()[before..], ["GET repository:acme/shop-api:pull,push"]);
    let source = registry.raw(&format!("acme/shop-api:sha-{}", shop.commit));
    assert_eq!(registry.raw("acme/shop-api:v1.4.0"), source);
}

#[test]
fn several_images_share_one_token() {
    let registry = Registry::with_tokens();
    let web = format!("[[image]]\nname = \"web\"\nrepository = \"{}/acme/shop-web\"\n", registry.host);
    let mut shop = Shop::new(&registry.host, &web).released(&registry, "1.4.0");
    let tag = format!("sha-{}", shop.commit);
    registry.push(&shop.built(), &tag, &format!("acme/shop-web:{tag}"));
    shop.sandbox = shop.sandbox.with("REL_REGISTRY_USER", "ada");
    shop.sandbox = shop.sandbox.with("REL_REGISTRY_PASSWORD", crate::support::registry::PASSWORD);
    let before = registry.tokens().requests().len();
    let run = shop.sandbox.rel("retag v1.4.0 --format json");
    run.json("/images/0/requests", 5);
    run.json("/images/1/requests", 3);
    let requests = &registry.tokens().requests()[before..];
    assert_eq!(requests, ["GET repository:acme/shop-api:pull,push repository:acme/shop-web:pull,push"]);
}

#[test]
fn a_version_tag_with_another_digest_is_not_moved() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    let other = layout::image(&shop.built(), "other", "other", "x");
    registry.push(&shop.built(), "other", "acme/shop-api:v1.4.0");
    let (digest, host) = (&shop.digest, &registry.host);
    let run = shop.sandbox.rel("retag v1.4.0");
    run.fails(
        5,
        format!(
            "error: {host}/acme/shop-api:v1.4.0 already names another digest\n  because: current  {other}\n  \
             because: wanted   {digest}\nhint: version tags never move: release a new version\n"
        ),
    );
    let current = registry.raw("acme/shop-api:v1.4.0");
    assert_eq!(current, std::fs::read(shop.built().join("blobs/sha256").join(&other[7..])).unwrap());
}

#[test]
fn a_missing_source_is_an_error_that_names_builds_of_nearby_commits() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.3.0");
    shop.sandbox.commit("feat: coupons").tag("v1.4.0").commit("fix: later");
    let later = shop.sandbox.id("HEAD");
    registry.push(&shop.built(), &format!("sha-{}", shop.commit), &format!("acme/shop-api:sha-{later}"));
    let missing = shop.sandbox.id("v1.4.0");
    let (commit, host, short) = (&shop.commit, &registry.host, &missing[..7]);
    shop.sandbox.rel("retag v1.4.0").fails(
        7,
        format!(
            "error: {host}/acme/shop-api:sha-{missing} is missing\n  because: no build of image api has been pushed there\n\
             hint: builds of commits near {short}: sha-{commit}, sha-{later}\n"
        ),
    );
}

#[test]
fn moving_tags_only_move_forward() {
    let registry = Registry::open();
    let also = "also = [\"v{major}.{minor}\", \"latest\"]\n";
    let shop = Shop::new(&registry.host, also).released(&registry, "1.4.0");
    shop.sandbox.rel("retag v1.4.0 --format json").json("/images/0/tags", vec!["v1.4.0", "v1.4", "latest"]);
    shop.sandbox.commit("fix: later");
    let later = shop.sandbox.id("HEAD");
    let second = layout::image(&shop.built(), &format!("sha-{later}"), "second", &later);
    registry.push(&shop.built(), &format!("sha-{later}"), &format!("acme/shop-api:sha-{later}"));
    shop.sandbox.tag("v1.4.1").tag("v1.5.0-rc.1");
    shop.sandbox.git("push -q origin main --tags");
    let bytes = |digest: &str| std::fs::read(shop.built().join("blobs/sha256").join(&digest[7..])).unwrap();
    shop.sandbox.rel("retag v1.5.0-rc.1 --format json").json("/images/0/tags", vec!["v1.5.0-rc.1"]);
    assert_eq!(registry.raw("acme/shop-api:latest"), bytes(&shop.digest));
    shop.sandbox.rel("retag v1.4.1 --format json").json("/images/0/tags", vec!["v1.4.1", "v1.4", "latest"]);
    assert_eq!(registry.raw("acme/shop-api:latest"), bytes(&second));
    // The older release again: it has its version tag, and the moving tags stay with the newer one.
    shop.sandbox.rel("retag v1.4.0 --format json").json("/images/0/tags", vec!["v1.4.0"]);
    assert_eq!(registry.raw("acme/shop-api:v1.4"), bytes(&second));
}

#[test]
fn the_digest_that_the_git_tag_records_gets_the_version_tag() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.3.0");
    let (commit, digest, host) = (&shop.commit, &shop.digest, &registry.host);
    let tag = |name: &str, digest: &str| {
        shop.sandbox.commit("chore: nothing was built from this");
        let image = format!("Rel-Image: api {host}/acme/shop-api@{digest}");
        let text = format!("{name}\n\n- coupons\n\nRel-Package: shop\nRel-Build: {commit}\n{image}");
        shop.sandbox.git_words(&["tag", "-a", "-m", &text, name]);
    };
    tag("v1.4.0", digest);
    shop.sandbox.rel("retag v1.4.0 --format json").json("/images/0/source", format!("sha-{commit}"));
    // The source tag was pushed again with another digest, which was not released.
    let other = layout::image(&shop.built(), "other", "other", "x");
    registry.push(&shop.built(), "other", &format!("acme/shop-api:sha-{commit}"));
    tag("v1.5.0", digest);
    shop.sandbox.rel("retag v1.5.0").fails(
        5,
        format!(
            "error: {host}/acme/shop-api:sha-{commit} is not the build that was released\n  because: current   {other}\n  \
             because: released  {digest}\nhint: the source tag was pushed again with another digest: to release that build, make a new version\n"
        ),
    );
    // The source tag does not exist, but the digest does.
    tag("v1.6.0", digest);
    let cut = format!(
        "name = \"shop\"\n[[image]]\nname = \"api\"\nrepository = \"{host}/acme/shop-api\"\nsource = \"gone-{{commit}}\"\n"
    );
    shop.sandbox.write("release.toml", &cut);
    shop.sandbox.rel("retag v1.6.0 --format json").json("/images/0/digest", digest.as_str());
    // Only the configured repository is used.
    let forged =
        format!("v1.7.0\n\nRel-Package: shop\nRel-Build: {commit}\nRel-Image: api evil.example/x@{digest}");
    shop.sandbox.git_words(&["tag", "-a", "-m", &forged, "v1.7.0"]);
    shop.sandbox.rel("retag v1.7.0").fails(
        5,
        format!(
            "error: images of v1.7.0 are recorded in repositories that release.toml does not name\n  \
             because: api: recorded in evil.example/x, release.toml names {host}/acme/shop-api\n\
             hint: if api moved: add former = [\"evil.example/x\"] to its [[image]] on the default branch\n\
             hint: otherwise the tag or the ledger was forged: `rel ledger verify` checks the ledger\n"
        ),
    );
}

#[test]
fn the_build_commit_is_the_parent_of_rels_own_release_commit() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.3.0");
    shop.sandbox.change(&["CHANGELOG.md"], "chore(release): v1.4.0\n\nRel-Release: v1.4.0");
    shop.sandbox.tag("v1.4.0");
    shop.sandbox.rel("retag v1.4.0 --format json").json("/commit", shop.commit.as_str());
    // A trailer alone does not make a release commit: anyone can write one.
    shop.sandbox.change(&["main.c"], "feat: mine\n\nRel-Release: v1.5.0");
    shop.sandbox.tag("v1.5.0");
    let forged = shop.sandbox.id("HEAD");
    let run = shop.sandbox.rel("retag v1.5.0 --format json");
    assert_eq!(run.code, 7);
    assert!(run.stderr.contains(&format!("sha-{forged} is missing")), "{}", run.stderr);
}

#[test]
fn commit_names_the_build_of_a_release_without_a_tag() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.3.0");
    shop.sandbox.rel("retag 2.0.0 --commit HEAD --format json").json("/images/0/tags", vec!["v2.0.0"]);
    shop.sandbox.commit("feat: other");
    let (commit, head) = (&shop.commit, shop.sandbox.id("HEAD"));
    shop.sandbox.rel("retag 1.3.0 --commit HEAD").fails(
        5,
        format!(
            "error: v1.3.0 was not built from that commit\n  because: it was built from {commit}\n  because: --commit is {head}\n\
             hint: leave out --commit to use the build of the tag\n"
        ),
    );
    shop.sandbox.rel("retag latest --commit HEAD").fails(
        2,
        str![[r#"
error: latest is not a version
hint: write a version such as 1.4.0 or 1.4.0-rc.1

"#]],
    );
}

#[test]
fn a_tag_that_names_another_commit_on_the_remote_is_a_conflict() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    shop.sandbox.commit("feat: other");
    shop.sandbox.git("tag -f v1.4.0");
    let run = shop.sandbox.rel("retag v1.4.0");
    assert_eq!(run.code, 5);
    assert!(
        run.stderr.starts_with("error: v1.4.0 points to another commit on the remote\n"),
        "{}",
        run.stderr
    );
    assert!(registry.requests().is_empty());
}

#[test]
fn https_uses_the_configured_root_certificates() {
    let (registry, root) = Registry::with_tls();
    let host = registry.host.clone();
    let rule = format!("[registry.\"{host}\"]\nca = \"roots.pem\"\n");
    let shop = Shop::new(&host, &rule).released(&registry, "1.4.0");
    shop.sandbox.rel("retag v1.4.0").fails(
        2,
        str![[r#"
error: roots.pem cannot be read
  because: No such file or directory (os error 2)

"#]],
    );
    shop.sandbox.write("roots.pem", "nothing");
    assert_eq!(shop.sandbox.rel("retag v1.4.0").code, 2);
    shop.sandbox.write("roots.pem", &root);
    shop.sandbox.rel("retag v1.4.0 --format json").json("/images/0/requests", 3);
    // Without `ca`, the certificate is not trusted; with SSL_CERT_FILE, it is.
    let text = format!(
        "name = \"shop\"\n[[image]]\nname = \"api\"\nrepository = \"{host}/acme/shop-api\"\n[registry.\"{host}\"]\nhttp = false\n"
    );
    shop.sandbox.write("release.toml", &text);
    let run = shop.sandbox.rel("retag v1.4.0");
    assert_eq!(run.code, 6);
    assert!(run.stderr.contains("invalid peer certificate"), "{}", run.stderr);
    assert!(run.stderr.contains("ca = \"roots.pem\", or set SSL_CERT_FILE"), "{}", run.stderr);
    let file = shop.sandbox.folder().join("roots.pem").display().to_string();
    let sandbox = shop.sandbox.with("SSL_CERT_FILE", &file);
    sandbox.rel("retag v1.4.0 --format json").json("/images/0/result", "already");
}

#[test]
fn images_of_docker_schema_2_are_tagged_without_changing_their_bytes() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "");
    let tag = format!("sha-{}", shop.commit);
    for (number, all, kind) in [
        (0, true, "application/vnd.docker.distribution.manifest.list.v2+json"),
        (1, false, "application/vnd.docker.distribution.manifest.v2+json"),
    ] {
        let target = format!("acme/shop-api:{tag}");
        registry.push_docker(&shop.built(), &tag, &target, all);
        shop.sandbox.tag(&format!("v1.4.{number}"));
        shop.sandbox.rel(&format!("retag v1.4.{number} --format json")).json("/images/0/requests", 3);
        let raw = registry.raw(&format!("acme/shop-api:v1.4.{number}"));
        assert_eq!(raw, registry.raw(&target));
        let json: serde_json::Value = serde_json::from_slice(&raw).unwrap();
        assert_eq!(json["mediaType"], kind);
        assert_eq!(shop.sandbox.rel(&format!("verify v1.4.{number}")).code, 7, "the git tag is not pushed");
    }
}

#[test]
fn an_unreachable_registry_is_tried_once_for_all_images() {
    let proxy = Proxy::before("127.0.0.1:9");
    proxy.breaks("HEAD", "", 99, Fault::CutBefore);
    let web = format!("[[image]]\nname = \"web\"\nrepository = \"{}/acme/shop-web\"\n", proxy.host);
    let shop = Shop::new(&proxy.host, &web);
    shop.sandbox.tag("v1.4.0");
    let run = shop.sandbox.rel("retag v1.4.0");
    assert_eq!(run.code, 6);
    let cut = format!("the connection to {} was lost", proxy.host);
    assert!(run.stderr.starts_with(&format!("error: {cut}\n")), "{}", run.stderr);
    assert_eq!(run.stderr.matches(&cut).count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("because: 2 images are kept there\n"), "{}", run.stderr);
    assert_eq!(proxy.requests().len(), 6, "six attempts, and not twelve");
}

#[test]
fn twenty_images_on_a_dead_registry_are_one_error_that_names_the_registry() {
    let proxy = Proxy::before("127.0.0.1:9");
    for method in ["HEAD", "GET"] {
        proxy.breaks(method, "", 999, Fault::Answer(503, "", ""));
    }
    let image = |number: u32| {
        format!("[[image]]\nname = \"web{number}\"\nrepository = \"{}/acme/web{number}\"\n", proxy.host)
    };
    let shop = Shop::new(&proxy.host, &(1..20).map(image).collect::<String>());
    shop.sandbox.tag("v1.4.0");
    shop.sandbox.git("push -q origin main --tags");
    let host = &proxy.host;
    let error = format!("error: {host}: HTTP status 503\n  because: 20 images are kept there\n");
    shop.sandbox.rel("retag v1.4.0").fails(6, error);
    let run = shop.sandbox.rel("verify v1.4.0");
    run.code_is(6);
    let why = format!("{host}: HTTP status 503");
    assert_eq!(run.stdout.matches(&why).count(), 1, "{}", run.stdout);
}

#[test]
fn a_digest_header_does_not_prove_that_a_tag_is_as_it_should_be() {
    let registry = Registry::open();
    for recorded in [false, true] {
        let (proxy, version) = (Proxy::before(&registry.host), format!("1.4.{}", u8::from(recorded)));
        let shop = Shop::new(&proxy.host, "").released(&registry, "1.0.0");
        let (commit, digest, host) = (&shop.commit, &shop.digest, &proxy.host);
        let image = format!("Rel-Image: api {host}/acme/shop-api@{digest}");
        let text = format!("v{version}\n\nRel-Package: shop\nRel-Build: {commit}\n{image}");
        let text = if recorded { text.as_str() } else { "no trailers" };
        shop.sandbox.git_words(&["tag", "-a", "-m", text, &format!("v{version}")]);
        let other = layout::image(&shop.built(), "other", &version, "x");
        registry.push(&shop.built(), "other", &format!("acme/shop-api:v{version}"));
        let lie = Fault::With("docker-content-digest", shop.digest.clone().leak());
        proxy.breaks("HEAD", &*format!("v{version}").leak(), 9, lie);
        let run = shop.sandbox.rel(&format!("retag v{version}"));
        run.code_is(5);
        assert!(run.stderr.contains(&format!("because: current  {other}\n")), "{}", run.stderr);
    }
}

#[test]
fn a_platform_that_is_gone_is_missing_and_named_when_its_index_gets_a_tag() {
    let registry = Registry::open();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    let source = format!("acme/shop-api:sha-{}", shop.commit);
    let index: serde_json::Value = serde_json::from_slice(&registry.raw(&source)).unwrap();
    let platform = index["manifests"][1]["digest"].as_str().unwrap();
    registry.delete("acme/shop-api", platform);
    let run = shop.sandbox.rel("retag v1.4.0");
    run.code_is(7);
    let (host, digest) = (&registry.host, &shop.digest);
    let line = format!("error: linux/arm64 of {host}/acme/shop-api@{digest} is missing ({platform})\n");
    assert!(run.stderr.starts_with(&line), "{}", run.stderr);
}
