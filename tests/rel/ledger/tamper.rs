//! A forged, rewritten or deleted ledger, or that of another repository, stops every command.

use super::{CONFIG, at, clone, shop, subjects};
use crate::support::Sandbox;
use snapbox::str;

/// Runs git in the bare origin.
pub fn origin(shop: &Sandbox, words: &str) -> String {
    let place = shop.root().join("origin/shop.git").display().to_string();
    shop.git(&format!("-C {place} {words}"))
}

/// Pushes a commit to the ledger that changes a file by hand.
pub fn forge(shop: &Sandbox, path: &str, from: &str, to: &str) {
    let folder = shop.root().join("forger");
    if !folder.exists() {
        shop.git("clone -q -b rel-ledger --single-branch ../origin/shop.git ../forger");
    }
    let file = folder.join(path);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(&file, text.replace(from, to)).unwrap();
    let place = folder.display().to_string();
    shop.git(&format!("-C {place} commit -q --no-gpg-sign -am forged"));
    shop.git(&format!("-C {place} push -q origin rel-ledger"));
}

/// A repository whose events are signed with an ssh key.
pub fn signed() -> Sandbox {
    let shop = shop("name = \"shop\"\n");
    let key = shop.root().join("home/key");
    let made =
        shop.command("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).output().unwrap();
    assert!(made.status.success());
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    shop.write("signers", &format!("ada@acme.example {public}"));
    shop.write("release.toml", &format!("{CONFIG}[ledger]\nallowed_signers = \"signers\"\n"));
    shop.git("add .");
    shop.commit("feat: signatures");
    shop.git("push -q origin main");
    shop.git("config gpg.format ssh");
    shop.git(&format!("config user.signingKey {}", key.display()));
    shop
}

#[test]
fn a_tip_without_a_signature_stops_everyone() {
    let shop = signed();
    at(&shop, "12:00", "hold prod").code_is(0);
    at(&shop, "12:00", "ledger verify")
        .fails(0, "1 event verified: linear history, states match, all signed, tip [..]\n");
    forge(&shop, "env/prod.json", "\"hold\": {", "\"hald\": {");
    for words in ["status", "history prod", "hold staging", "unhold prod", "ledger log"] {
        let run = at(&shop, "12:01", words);
        run.code_is(5);
        assert!(run.stderr.contains("is not signed by an allowed signer of signers"), "{}", run.stderr);
    }
    assert_eq!(subjects(&shop).len(), 2);
    // The forged tip was not remembered: once it is gone, the clone goes on.
    origin(&shop, "update-ref refs/heads/rel-ledger refs/heads/rel-ledger^");
    at(&shop, "12:02", "hold staging").code_is(0);
}

#[test]
fn a_damaged_copy_is_no_forged_one_while_the_remote_is_away() {
    let shop = signed();
    at(&shop, "12:00", "hold prod").code_is(0);
    let entries = std::fs::read_dir(shop.folder().join(".git/rel")).unwrap();
    let mut copies = entries.map(|entry| entry.unwrap().path()).filter(|path| path.join("HEAD").exists());
    let copy = copies.next().unwrap();
    let tip = shop.git(&format!("-C {} rev-parse refs/rel/tip", copy.display()));
    let file = copy.join("objects").join(&tip[..2]).join(&tip[2..]);
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, "").unwrap();
    std::fs::rename(shop.root().join("origin"), shop.root().join("away")).unwrap();
    let run = at(&shop, "12:01", "status prod");
    run.code_is(6);
    assert!(run.stderr.contains("there is no copy of its ledger here"), "{}", run.stderr);
}

#[test]
fn a_key_that_is_not_an_allowed_signer_records_nothing() {
    let shop = signed();
    let key = shop.root().join("home/other");
    shop.command("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).output().unwrap();
    shop.git(&format!("config user.signingKey {}", key.display()));
    let run = at(&shop, "12:00", "hold prod");
    run.code_is(4);
    assert!(
        run.stderr.starts_with("error: your signing key is not an allowed signer of the ledger\n"),
        "{}",
        run.stderr
    );
    shop.git(&format!("config user.signingKey {}", shop.root().join("home/gone").display()));
    at(&shop, "12:00", "hold prod").code_is(4);
}

#[test]
fn an_openpgp_key_counts_if_the_file_has_its_fingerprint() {
    let shop = signed();
    let gpg = |words: &[&str]| {
        let output = shop.command("gpg").args(["--batch", "--quiet"]).args(words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let home = shop.root().join("home/.gnupg");
    std::fs::create_dir_all(&home).unwrap();
    std::fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    gpg(&["--passphrase", "", "--quick-gen-key", "ada@acme.example", "ed25519", "sign", "never"]);
    let keys = gpg(&["--with-colons", "--list-keys"]);
    let fingerprint = keys.lines().find_map(|line| line.strip_prefix("fpr:::::::::")).unwrap();
    let fingerprint = fingerprint.trim_end_matches(':').to_owned();
    shop.git("config gpg.format openpgp");
    shop.git(&format!("config user.signingKey {fingerprint}"));
    at(&shop, "12:00", "hold prod").code_is(4);
    shop.write("signers", &format!("gpg {fingerprint} ada\n"));
    shop.git("add signers");
    shop.commit("feat: a key");
    shop.git("push -q origin main");
    at(&shop, "12:01", "hold prod").code_is(0);
    at(&shop, "12:02", "status prod").code_is(0);
    shop.command("gpgconf").args(["--kill", "gpg-agent"]).output().unwrap();
}

#[test]
fn verify_finds_a_state_that_no_event_made() {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "adopt prod v1.0.0").code_is(0);
    at(&shop, "12:01", "hold prod").code_is(0);
    forge(&shop, "state/shop/prod.json", "\"version\": \"1.0.0\"", "\"version\": \"6.6.6\"");
    let run = at(&shop, "12:02", "ledger verify");
    run.code_is(5);
    assert!(
        run.stderr.contains("it changes a file that has nothing to do with this event"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("was used before"), "{}", run.stderr);
    let run = at(&shop, "12:02", "-q ledger verify --format json");
    run.code_is(5);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&json["ok"], &json["schema"]), (&false.into(), &"rel.ledger.verify/1".into()));
}

#[test]
fn a_rewritten_branch_is_refused() {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "hold prod").code_is(0);
    at(&shop, "12:01", "unhold prod").code_is(0);
    origin(&shop, "update-ref refs/heads/rel-ledger refs/heads/rel-ledger^");
    at(&shop, "12:02", "status").fails(
        5,
        str![[r#"
error: the ledger at origin was rewritten: its tip [..] does not descend from [..], the last one that this clone saw
  because: a ledger is append-only, so somebody replaced it, or restored an old copy of it
hint: to see what was lost: git -C [..] log [..]
hint: to restore it: git -C [..] push --force $ROOT/shop/../origin/shop.git [..]:refs/heads/rel-ledger
hint: to accept the new one, in this clone only: git -C [..] update-ref -d refs/rel/tip

"#]],
    );
    at(&shop, "12:02", "hold prod").code_is(5);
    // Somebody whose clone never saw what was lost goes on.
    let other = clone(&shop, "other");
    shop.shell(&format!("rel -C {} hold staging", other.display())).code_is(0);
    at(&shop, "12:03", "status").code_is(5);
    // The hint works.
    let hint = at(&shop, "12:03", "status").stderr;
    let line =
        hint.lines().find_map(|line| line.strip_prefix("hint: to accept the new one, in this clone only: "));
    let line = line.unwrap().replace("$ROOT", &shop.root().display().to_string());
    shop.shell(&line).code_is(0);
    at(&shop, "12:04", "status").code_is(0);
}

#[test]
fn a_deleted_branch_is_refused_and_can_be_restored() {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "hold prod").code_is(0);
    origin(&shop, "update-ref -d refs/heads/rel-ledger");
    let run = at(&shop, "12:01", "hold staging");
    run.code_is(5);
    let line = run.stderr.lines().find_map(|line| line.strip_prefix("hint: to restore it: "));
    shop.shell(&line.unwrap().replace("$ROOT", &shop.root().display().to_string())).code_is(0);
    at(&shop, "12:02", "hold staging").code_is(0);
    assert_eq!(subjects(&shop).len(), 2);
}

#[test]
fn a_ledger_of_another_repository_is_refused() {
    let shop = shop(&format!("{CONFIG}[ledger]\nremote = \"../record.git\"\n"));
    shop.git("init -q --bare -b main ../record.git");
    at(&shop, "12:00", "hold prod").code_is(0);
    shop.git("init -q -b main ../store");
    let store = shop.inside("store");
    store.write("release.toml", &format!("{CONFIG}[ledger]\nremote = \"../record.git\"\n"));
    store.git("add .");
    store.commit("feat: another beginning");
    for words in ["status", "hold staging"] {
        at(&store, "12:01", words).fails(
            5,
            str![[r#"
error: the ledger at $ROOT/store/../record.git belongs to another repository
  because: it records 6796207 as the first commit, which is not that of this repository
hint: set `[ledger] remote` or `branch` in release.toml to the ledger of this repository

"#]],
        );
    }
    store.write("release.toml", &CONFIG.replace("shop", "store"));
    store.write(
        "release.toml",
        &format!("{}[ledger]\nremote = \"../record.git\"\n", CONFIG.replace("shop", "store")),
    );
    store.git("add .");
    store.commit("feat: another name");
    let run = at(&store, "12:02", "hold staging");
    run.code_is(5);
    assert!(
        run.stderr.contains("it belongs to shop, but release.toml says name = \"store\""),
        "{}",
        run.stderr
    );
}

#[test]
fn a_newer_format_is_read_and_never_written() {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "hold prod --reason INC-1").code_is(0);
    forge(&shop, "format", "1", "2");
    let run = at(&shop, "12:01", "status prod");
    run.code_is(0);
    assert!(run.stdout.contains("held by Ada"), "{}", run.stdout);
    at(&shop, "12:01", "unhold prod").fails(
        4,
        str![[r#"
error: the ledger has format 2, and this version of rel writes format 1
hint: update rel: a newer version wrote the ledger

"#]],
    );
}

#[test]
fn unknown_kinds_and_keys_are_kept_and_shown() {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "adopt prod v1.0.0").code_is(0);
    forge(&shop, "state/shop/prod.json", "\"kind\": \"adopt\"", "\"kind\": \"quarantine\",\n    \"ward\": 7");
    at(&shop, "12:01", "history prod").prints("1 min ago  quarantine  v1.0.0  recorded  Ada\n");
    at(&shop, "12:02", "hold prod --package shop").code_is(0);
    let run = at(&shop, "12:03", "history prod");
    assert!(run.stdout.contains("quarantine"), "{}", run.stdout);
}

/// A line of `rel sync -` may come from anywhere: it is checked for its author and for the format.
#[test]
fn a_line_of_somebody_else_is_refused() {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "hold prod").code_is(0);
    let text = origin(&shop, "show rel-ledger:event.json");
    let mut event: serde_json::Value = serde_json::from_str(&text).unwrap();
    event["id"] = "01ARZ3NDEKTSV4RRFFQ69G5FAV".into();
    event["actor"]["id"] = "bob@acme.example".into();
    let bring = |event: &serde_json::Value| {
        std::fs::write(shop.root().join("line"), format!("[{event}]\n")).unwrap();
        shop.shell("rel sync - < ../line")
    };
    let run = bring(&event);
    run.code_is(5);
    assert!(run.stderr.contains("was made by bob@acme.example"), "{}", run.stderr);
    event["kind"] = "rollback".into();
    forge(&shop, "format", "1", "2");
    let run = bring(&event);
    run.code_is(4);
    assert!(run.stderr.contains("the ledger has format 2"), "{}", run.stderr);
    assert_eq!(subjects(&shop).len(), 2);
}

#[test]
fn an_event_after_the_highest_number_is_refused() {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "hold prod").code_is(0);
    forge(&shop, "env/prod.json", "\"sequence\": 1", "\"sequence\": 18446744073709551615");
    let run = at(&shop, "12:01", "unhold prod");
    run.code_is(5);
    assert!(run.stderr.contains("the highest possible"), "{}", run.stderr);
}
