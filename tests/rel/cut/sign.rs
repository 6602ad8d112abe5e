//! Signatures: made by the user's git with the user's key, checked by git itself.

use super::ready;
use crate::support::Sandbox;
use std::path::Path;
use std::process::Stdio;

/// Runs a program that must succeed.
#[track_caller]
fn must(shop: &Sandbox, program: &str, words: &[&str], home: &Path) {
    let mut command = shop.command(program);
    let output = command.args(words).env("GNUPGHOME", home).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

fn ssh(shop: &Sandbox) {
    let key = shop.root().join("home/key");
    let key = key.to_string_lossy().into_owned();
    must(shop, "ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f", &key], shop.root());
    let public = std::fs::read_to_string(format!("{key}.pub")).unwrap();
    let allowed = shop.root().join("home/allowed");
    std::fs::write(&allowed, format!("ada@acme.example {public}")).unwrap();
    shop.git("config gpg.format ssh");
    shop.git_words(&["config", "user.signingKey", &key]);
    shop.git_words(&["config", "gpg.ssh.allowedSignersFile", &allowed.to_string_lossy()]);
}

#[test]
fn commit_and_tag_are_signed_with_an_ssh_key() {
    let shop = ready();
    ssh(&shop);
    shop.write("release.toml", "[cut]\nsign = true\n[[file]]\npath = \"Cargo.toml\"\n");
    shop.git("commit -qam config");
    shop.git("push -q");
    let run = shop.rel("cut --yes");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("\n  tag     v1.1.0 on the release commit, signed\n"), "{}", run.stderr);
    shop.git("verify-tag v1.1.0");
    shop.git("verify-commit HEAD");
    // The trailers are above the signature, and a second run reads them.
    let again = shop.rel("cut --yes --format json");
    again.json("/already", true);
    again.json("/previous", "1.0.0");
}

#[test]
fn signing_follows_the_configuration_of_git() {
    for (keys, tag, commit) in [
        (&[][..], false, false),
        (&["tag.gpgSign"][..], true, false),
        (&["tag.gpgSign", "commit.gpgSign"][..], true, true),
    ] {
        let shop = ready();
        ssh(&shop);
        keys.iter().for_each(|key| drop(shop.git(&format!("config {key} true"))));
        let run = shop.rel("cut --yes");
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(shop.try_git(&["verify-tag", "v1.1.0"]).0, tag, "{keys:?}");
        assert_eq!(shop.try_git(&["verify-commit", "HEAD"]).0, commit, "{keys:?}");
    }
    let shop = ready();
    ssh(&shop);
    shop.git("config tag.gpgSign true");
    shop.git("config commit.gpgSign true");
    shop.write("release.toml", "[cut]\nsign = false\n[[file]]\npath = \"Cargo.toml\"\n");
    shop.git("commit -q --no-gpg-sign -am config");
    shop.git("push -q");
    shop.rel("cut --yes").code_is(0);
    assert!(!shop.try_git(&["verify-tag", "v1.1.0"]).0);
    assert!(!shop.try_git(&["verify-commit", "HEAD"]).0);
}

#[test]
fn a_missing_key_is_reported_before_anything_is_written() {
    let shop = ready();
    shop.git("config gpg.format ssh");
    shop.git("config user.signingKey /no/such/key");
    shop.git("config tag.gpgSign true");
    let before = super::state(&shop);
    let run = shop.rel("cut --yes");
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("error: cannot sign\n"), "{}", run.stderr);
    assert!(run.stderr.contains("/no/such/key"), "{}", run.stderr);
    assert_eq!(super::state(&shop), before);
}

#[test]
fn the_tag_is_signed_with_a_gpg_key() {
    let shop = ready();
    // The path of the agent's socket has room for 108 bytes.
    let home = shop.root().join("g");
    std::fs::create_dir(&home).unwrap();
    std::fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let words = [
        "--batch",
        "--quiet",
        "--passphrase",
        "",
        "--quick-generate-key",
        "Ada <ada@acme.example>",
        "ed25519",
        "sign",
        "never",
    ];
    must(&shop, "gpg", &words, &home);
    let home_text = home.to_string_lossy().into_owned();
    let shop = shop.with("GNUPGHOME", &home_text);
    shop.git("config user.signingKey ada@acme.example");
    shop.git("config tag.gpgSign true");
    let run = shop.rel("cut --yes");
    let verified =
        shop.command("git").args(["verify-tag", "v1.1.0"]).env("GNUPGHOME", &home).output().unwrap();
    must(&shop, "gpgconf", &["--kill", "all"], &home);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[test]
fn a_setting_in_the_environment_of_git_signs_release_and_ledger() {
    let shop = ready();
    ssh(&shop);
    shop.write("release.toml", "name = \"shop\"\n[environment.prod]\n[[file]]\npath = \"Cargo.toml\"\n");
    shop.git("add release.toml");
    shop.git("commit -qam config");
    shop.git("push -q");
    let settings = "GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=commit.gpgSign GIT_CONFIG_VALUE_0=true \
        GIT_CONFIG_KEY_1=tag.gpgSign GIT_CONFIG_VALUE_1=true";
    shop.shell(&format!("{settings} rel cut --yes")).code_is(0);
    shop.git("verify-tag v1.1.0");
    shop.git("verify-commit HEAD");
    shop.shell(&format!("{settings} rel hold prod")).code_is(0);
    shop.git("fetch -q origin rel-ledger");
    shop.git("verify-commit FETCH_HEAD");
    // As git hands its own `-c` on to an alias or a hook.
    shop.git_words(&["config", "alias.rel", &format!("!{}", env!("CARGO_BIN_EXE_rel"))]);
    shop.git("-c commit.gpgSign=true rel unhold prod");
    shop.git("fetch -q origin rel-ledger");
    shop.git("verify-commit FETCH_HEAD");
    shop.rel("hold prod").code_is(0);
    shop.git("fetch -q origin rel-ledger");
    assert!(!shop.try_git(&["verify-commit", "FETCH_HEAD"]).0);
}
