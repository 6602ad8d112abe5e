//! Credentials: every source in its order, and no secret in any output.

use super::Shop;
use crate::support::registry::{PASSWORD, USER};
use crate::support::token::REFRESH;
use crate::support::{Fault, Proxy, Registry, Sandbox};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

fn write_file(shop: &Sandbox, path: &str, text: &str) {
    let file = shop.root().join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

/// Returns the file that `docker login` writes.
fn logged_in(host: &str, password: &str) -> String {
    let auth = STANDARD.encode(format!("{USER}:{password}"));
    format!(r#"{{"auths":{{"{host}":{{"auth":"{auth}"}}}}}}"#)
}

/// Adds a credential helper to PATH.
fn helper(shop: Sandbox, name: &str, text: &str) -> Sandbox {
    let folder = shop.root().join("helpers");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("docker-credential-{name}"));
    std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = shop.command("sh").args(["-c", "printf %s \"$PATH\""]).output().unwrap().stdout;
    let path = format!("{}:{}", folder.display(), String::from_utf8(path).unwrap());
    shop.with("PATH", &path)
}

#[test]
fn without_credentials_the_error_says_how_to_log_in() {
    let registry = Registry::with_htpasswd();
    let shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    let host = &registry.host;
    shop.sandbox.rel("retag v1.4.0").fails(
        6,
        format!(
            "error: {host} requires credentials, and none were found\n  because: UNAUTHORIZED: authentication required\n\
             hint: docker login {host}\nhint: or set REL_REGISTRY_USER and REL_REGISTRY_PASSWORD\n"
        )
        .replace("  because: UNAUTHORIZED: authentication required\n", ""),
    );
}

#[test]
fn credential_files_of_docker_and_podman_are_found() {
    let registry = Registry::with_htpasswd();
    let host = registry.host.clone();
    for (path, variable) in [
        ("home/.docker/config.json", None),
        ("docker/config.json", Some(("DOCKER_CONFIG", "docker"))),
        ("run/containers/auth.json", Some(("XDG_RUNTIME_DIR", "run"))),
        ("home/.config/containers/auth.json", None),
        ("auth.json", Some(("REGISTRY_AUTH_FILE", "auth.json"))),
    ] {
        let mut shop = Shop::new(&host, "").released(&registry, "1.4.0");
        write_file(&shop.sandbox, path, &logged_in(&host, PASSWORD));
        if let Some((name, value)) = variable {
            let value = shop.sandbox.root().join(value).display().to_string();
            shop.sandbox = shop.sandbox.with(name, &value);
        }
        let run = shop.sandbox.rel("retag v1.4.0 -v");
        assert_eq!(run.code, 0, "{path}: {}", run.stderr);
        assert!(run.stderr.contains(&format!("credentials for {host}: ")), "{}", run.stderr);
    }
}

#[test]
fn sources_of_credentials_have_an_order() {
    let registry = Registry::with_htpasswd();
    let host = registry.host.clone();
    let mut shop = Shop::new(&host, "").released(&registry, "1.4.0");
    write_file(&shop.sandbox, "home/.config/containers/auth.json", &logged_in(&host, PASSWORD));
    write_file(&shop.sandbox, "home/.docker/config.json", &logged_in(&host, "wrong"));
    let run = shop.sandbox.rel("retag v1.4.0");
    assert_eq!(run.code, 6);
    let said = format!("error: {host} does not accept the credentials from ~/.docker/config.json\n");
    assert!(run.stderr.starts_with(&said), "{}", run.stderr);
    shop.sandbox = shop.sandbox.with("REL_REGISTRY_USER", USER).with("REL_REGISTRY_PASSWORD", "wrong");
    let run = shop.sandbox.rel("retag v1.4.0");
    assert!(run.stderr.contains("from REL_REGISTRY_PASSWORD\n"), "{}", run.stderr);
    let line =
        format!("printf '%s\\n' {PASSWORD} | rel retag v1.4.0 --registry-user {USER} --password-stdin");
    let run = shop.sandbox.shell(&line);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn given_credentials_are_for_one_registry() {
    let registry = Registry::with_htpasswd();
    let web = "[[image]]\nname = \"web\"\nrepository = \"registry.example/acme/shop-web\"\n";
    let mut shop = Shop::new(&registry.host, web).released(&registry, "1.4.0");
    shop.sandbox = shop.sandbox.with("REL_REGISTRY_USER", USER).with("REL_REGISTRY_PASSWORD", PASSWORD);
    let host = &registry.host;
    let run = shop.sandbox.rel("retag v1.4.0 --deadline 3s");
    run.code_is(2);
    let why = format!(
        "REL_REGISTRY_PASSWORD is given, but release.toml names several registries: {host}, registry.example"
    );
    assert_eq!(run.stderr.matches(&why).count(), 1, "{}", run.stderr);
    let hint = format!("hint: choose one with REL_REGISTRY_HOST={host}\n");
    assert!(run.stderr.contains(&hint), "{}", run.stderr);
    // Names in .example do not resolve; the other image is tagged nevertheless.
    shop.sandbox = shop.sandbox.with("REL_REGISTRY_HOST", host);
    let run = shop.sandbox.rel("retag v1.4.0 --deadline 3s");
    assert_eq!(run.code, 6);
    assert!(run.stderr.contains("api: v1.4.0 → "), "{}", run.stderr);
    assert!(!registry.raw("acme/shop-api:v1.4.0").is_empty());
}

#[test]
fn credentials_are_only_wrong_where_a_registry_asks_for_them() {
    let (open, locked) = (Registry::open(), Registry::with_htpasswd());
    for (registry, code) in [(&open, 0), (&locked, 2)] {
        let mut shop = Shop::new(&registry.host, "").released(registry, "1.4.0");
        shop.sandbox = shop.sandbox.with("REL_REGISTRY_PASSWORD", PASSWORD);
        let run = shop.sandbox.rel("retag v1.4.0");
        run.code_is(code);
        let said = run.stderr.contains("REL_REGISTRY_PASSWORD is set, but REL_REGISTRY_USER is not");
        assert_eq!(said, code == 2, "{}", run.stderr);
        // It is not for this registry.
        shop.sandbox = shop.sandbox.with("REL_REGISTRY_HOST", "registry.example");
        let run = shop.sandbox.rel("retag v1.4.0");
        assert!(!run.stderr.contains("REL_REGISTRY_PASSWORD is set"), "{}", run.stderr);
    }
}

#[test]
fn a_damaged_credential_file_is_a_warning_and_the_next_source_is_used() {
    let (open, locked) = (Registry::open(), Registry::with_htpasswd());
    let shop = Shop::new(&open.host, "").released(&open, "1.4.0");
    write_file(&shop.sandbox, "home/.docker/config.json", "{\"auths\": {\"hunter2");
    let run = shop.sandbox.rel("retag v1.4.0");
    run.code_is(0);
    assert!(!run.stderr.contains("config.json"), "nothing asked for it: {}", run.stderr);
    let shop = Shop::new(&locked.host, "").released(&locked, "1.4.0");
    write_file(&shop.sandbox, "home/.docker/config.json", "{\"auths\": {\"hunter2");
    let why = "~/.docker/config.json is not valid, so it is not used: syntax error in line 1, column 19";
    let run = shop.sandbox.rel("retag v1.4.0");
    run.code_is(6);
    assert!(run.stderr.contains(&format!("because: {why}\n")), "{}", run.stderr);
    assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
    write_file(&shop.sandbox, "home/.config/containers/auth.json", &logged_in(&locked.host, PASSWORD));
    let run = shop.sandbox.rel("retag v1.4.0");
    run.code_is(0);
    assert!(run.stderr.contains(&format!("warning: {why}\n")), "{}", run.stderr);
}

#[test]
fn credential_helpers_do_not_get_the_secrets_of_rel() {
    let registry = Registry::with_htpasswd();
    let host = registry.host.clone();
    for key in ["credHelpers", "credsStore"] {
        let mut shop = Shop::new(&host, "").released(&registry, "1.4.0");
        let value =
            if key == "credHelpers" { format!("{{\"{host}\":\"test\"}}") } else { "\"test\"".to_owned() };
        write_file(&shop.sandbox, "home/.docker/config.json", &format!("{{\"{key}\":{value}}}"));
        let answer = format!(
            "[ \"$1 $(cat)\" = 'get {host}' ] || exit 1\n[ -z \"$REL_REGISTRY_PASSWORD$REL_REGISTRY_USER\" ] || exit 1\n\
             echo '{{\"ServerURL\":\"x\",\"Username\":\"{USER}\",\"Secret\":\"{PASSWORD}\"}}'"
        );
        // The login is for another registry, so the helper is used.
        shop.sandbox = helper(shop.sandbox, "test", &answer)
            .with("REL_REGISTRY_HOST", "registry.example")
            .with("REL_REGISTRY_USER", "other")
            .with("REL_REGISTRY_PASSWORD", "other-password");
        let run = shop.sandbox.rel("retag v1.4.0 -v");
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(
            run.stderr.contains(&format!("credentials for {host}: docker-credential-test\n")),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_helper_that_hangs_is_killed_with_its_children() {
    let registry = Registry::with_htpasswd();
    let mut shop = Shop::new(&registry.host, "").released(&registry, "1.4.0");
    write_file(&shop.sandbox, "home/.docker/config.json", r#"{"credsStore":"slow"}"#);
    let marks = shop.sandbox.root().join("pid").display().to_string();
    shop.sandbox = helper(shop.sandbox, "slow", &format!("sleep 60 & echo $! > {marks}; wait"));
    let begun = Instant::now();
    let run = shop.sandbox.rel("retag v1.4.0");
    assert!((5..50).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!(run.code, 6);
    let said = "warning: docker-credential-slow did not answer within 5 s and was killed\n";
    assert!(run.stderr.starts_with(said), "{}", run.stderr);
    let pid = std::fs::read_to_string(marks).unwrap();
    let stat = format!("/proc/{}/stat", pid.trim());
    // A killed process takes a moment to end, and stays a zombie without an init process.
    let gone = || std::fs::read_to_string(&stat).map_or(true, |state| state.contains(") Z "));
    let ended = (0..1000).any(|_| {
        gone() || {
            std::thread::sleep(Duration::from_millis(10));
            false
        }
    });
    assert!(ended, "the process that the helper started is still running");
}

#[test]
fn an_identity_token_is_exchanged_for_an_access_token() {
    let registry = Registry::with_tokens();
    let host = registry.host.clone();
    let shop = Shop::new(&host, "").released(&registry, "1.4.0");
    let entry = format!(r#"{{"auths":{{"{host}":{{"auth":"eDo=","identitytoken":"{REFRESH}"}}}}}}"#);
    write_file(&shop.sandbox, "home/.docker/config.json", &entry);
    let before = registry.tokens().requests().len();
    shop.sandbox.rel("retag v1.4.0 --format json").json("/images/0/requests", 5);
    assert_eq!(registry.tokens().requests()[before..], ["POST repository:acme/shop-api:pull,push"]);
}

#[test]
fn no_secret_is_printed_or_visible_in_the_process_list() {
    let registry = Registry::with_tokens();
    let proxy = Proxy::before(&registry.host);
    let shop = Shop::new(&proxy.host, "").released(&registry, "1.4.0");
    // The registry repeats the secret in its error message.
    proxy.breaks("GET", "/manifests/", 1, Fault::Answer(503, "", "")).breaks(
        "PUT",
        "v1.4.0",
        1,
        Fault::Echo("authorization"),
    );
    let mut command = shop.sandbox.command(env!("CARGO_BIN_EXE_rel"));
    command.args(["-vv", "retag", "v1.4.0", "--registry-user", USER, "--password-stdin"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    let encoded = STANDARD.encode(format!("{USER}:{PASSWORD}"));
    while child.try_wait().unwrap().is_none() {
        let pid = child.id();
        let children =
            std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        let all = children.split_whitespace().map(str::to_owned).chain([pid.to_string()]);
        for process in all {
            let words = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words);
            assert!(!words.contains(PASSWORD) && !words.contains(&encoded), "{words}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(said.contains("DENIED: you sent Bearer ***"), "{said}");
    assert!(said.contains("PUT 127.0.0.1/v2/acme/shop-api/manifests/v1.4.0 → 400"), "{said}");
    for secret in [PASSWORD, encoded.as_str(), "eyJ"] {
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn credentials_are_not_sent_along_a_redirect() {
    let registry = Registry::with_htpasswd();
    let store = Registry::open();
    let (proxy, elsewhere) = (Proxy::before(&registry.host), Proxy::before(&store.host));
    let mut shop = Shop::new(&proxy.host, "").released(&registry, "1.4.0");
    shop.sandbox = shop.sandbox.with("REL_REGISTRY_USER", USER).with("REL_REGISTRY_PASSWORD", PASSWORD);
    let tag = format!("sha-{}", shop.commit);
    let location = format!("location: http://{}/v2/acme/shop-api/manifests/{tag}\r\n", elsewhere.host);
    proxy.breaks("GET", "/manifests/", 1, Fault::Answer(307, location.leak(), ""));
    store.push(&shop.built(), &tag, &format!("acme/shop-api:{tag}"));
    let run = shop.sandbox.rel("retag v1.4.0");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(elsewhere.requests(), [format!("GET {tag}")]);
    assert!(elsewhere.headers().iter().all(|(key, _)| !key.eq_ignore_ascii_case("authorization")));
}

#[test]
fn a_password_does_not_go_to_the_token_service_of_another_host() {
    let (open, locked) = (Registry::open(), Registry::with_htpasswd());
    // Before anything asks for a password, and after it was sent.
    for registry in [&open, &locked] {
        for method in ["HEAD", "GET"] {
            let (proxy, stranger) = (Proxy::before(&registry.host), Proxy::before(&open.host));
            let mut shop = Shop::new(&proxy.host, "").released(registry, "1.4.0");
            shop.sandbox =
                shop.sandbox.with("REL_REGISTRY_USER", USER).with("REL_REGISTRY_PASSWORD", PASSWORD);
            let location = format!("location: http://{}/elsewhere\r\n", stranger.host);
            proxy.breaks(method, "/manifests/", 99, Fault::Answer(307, location.leak(), ""));
            let challenge = format!("www-authenticate: Bearer realm=\"http://{}/token\"\r\n", stranger.host);
            stranger.breaks(method, "/elsewhere", 99, Fault::Answer(401, challenge.leak(), ""));
            let run = shop.sandbox.rel("retag v1.4.0");
            run.code_is(6);
            let named = format!("nor to the token service that it names: http://{}\n", stranger.host);
            assert!(run.stderr.contains(&named), "{}", run.stderr);
            assert_eq!(stranger.requests(), [format!("{method} elsewhere")]);
            let sent = stranger.headers();
            assert!(sent.iter().all(|(key, _)| !key.eq_ignore_ascii_case("authorization")), "{sent:?}");
        }
    }
}

#[test]
fn a_token_service_that_is_not_allowed_is_named() {
    let registry = Registry::open();
    let proxy = Proxy::before(&registry.host);
    let shop = Shop::new(&proxy.host, "").released(&registry, "1.4.0");
    let challenge = "www-authenticate: Bearer realm=\"http://auth.example:81/token?x=1\"\r\n";
    proxy.breaks("HEAD", "/manifests/", 1, Fault::Answer(401, challenge, ""));
    shop.sandbox.rel("retag v1.4.0").fails(
        6,
        format!(
            "error: {} names a token service that is not allowed: http://auth.example:81\n  \
             because: it does not use https\n",
            proxy.host
        ),
    );
}

#[test]
fn a_refused_password_is_tried_once_for_all_images() {
    let registry = Registry::with_tokens();
    let web = format!("[[image]]\nname = \"web\"\nrepository = \"{}/acme/shop-web\"\n", registry.host);
    let mut shop = Shop::new(&registry.host, &web).released(&registry, "1.4.0");
    shop.sandbox = shop.sandbox.with("REL_REGISTRY_USER", USER).with("REL_REGISTRY_PASSWORD", "wrong");
    let before = registry.tokens().requests().len();
    let run = shop.sandbox.rel("retag v1.4.0");
    assert_eq!(run.code, 6);
    let said = format!("{} does not accept the credentials from REL_REGISTRY_PASSWORD\n", registry.host);
    assert!(run.stderr.starts_with(&format!("error: {said}")), "{}", run.stderr);
    assert_eq!(run.stderr.matches(&said).count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("because: 2 images are kept there\n"), "{}", run.stderr);
    assert_eq!(registry.tokens().requests().len(), before + 1);
}

#[test]
fn the_proxy_of_the_environment_is_used() {
    let proxy = Proxy::before("127.0.0.1:9");
    let shop = Shop::new("registry.example", "");
    shop.sandbox.tag("v1.4.0");
    let sandbox = shop.sandbox.with("HTTPS_PROXY", &format!("http://{}", proxy.host));
    proxy.breaks("CONNECT", "registry.example:443", 99, Fault::Answer(407, "", ""));
    let run = sandbox.rel("retag v1.4.0");
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert!(proxy.requests().contains(&"CONNECT registry.example:443".to_owned()), "{}", run.stderr);
}
