//! Secrets never reach a screen, a log, a file or the ledger; and output that cannot be written changes no exit code of what
//! was done.

use crate::deploy::fixture::{Fixture, PLAIN, running, shop};
use crate::support::Sandbox;
use snapbox::str;

/// Returns everything that was ever recorded, here and on the remote.
fn recorded(shop: &Sandbox) -> String {
    let pending = shop.shell("cat .git/rel/*/pending/* 2>/dev/null || true").stdout;
    shop.git("-C ../origin/shop.git log -p --format=%B rel-ledger") + &pending
}

#[test]
fn a_deployers_output_hides_every_variable_that_is_secret_by_its_name() {
    let shop = shop("[environment.prod]\ndeploy = ['./play', 'deploy']\n");
    let leak = "#!/bin/sh\nprintf 'token %s\\n' npm-s3cr3t-value >&2\necho key: multi-l1ne-b; echo ghp_0123456789abcdefghij\n\
        echo '{\"targets\":[{\"name\":\"a npm-s3cr3t-value\",\"version\":\"1.3.0\",\"state\":\"glpat-abcdefgh12345678\"}]}' > $REL_RESULT\nexit 1\n";
    shop.write("play", leak);
    shop.commit("build: leak").git("commit -qam leak");
    shop.git_words(&["tag", "-a", "-m", "1.3.0", "v1.3.0"]);
    shop.git("push -q origin main v1.3.0");
    let secrets = "NPM_TOKEN=npm-s3cr3t-value DEPLOY_KEY=$(printf 'multi-l1ne-a\\nmulti-l1ne-b')";
    for format in ["text", "json"] {
        let run = shop.shell(&format!("{secrets} rel deploy prod v1.3.0 --yes --format {format} 2>&1"));
        run.code_is(8);
        for secret in ["s3cr3t", "l1ne-b", "ghp_", "glpat"] {
            assert!(!run.stdout.contains(secret), "{secret}: {}", run.stdout);
            assert!(!recorded(&shop).contains(secret), "{secret}");
        }
    }
    let run = shop.shell(&format!("{secrets} rel deploy prod v1.3.0 --yes"));
    assert!(
        run.stderr.contains("  | token ***\n") && run.stderr.contains("  | key: ***\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_reason_with_a_token_is_masked_before_it_is_recorded() {
    let shop = shop(PLAIN);
    let reason = "curl -H 'Authorization: Bearer eyJhbGciOi.e30.c2ln' with ghp_0123456789abcdefghij at https://ada:pw@host";
    let run = shop.rel_words(&["hold", "prod", "--reason", reason]);
    run.fails(
        0,
        str![[r#"
recorded: hold prod, by Ada (curl -H 'Authorization: Bearer ***' with *** at https://***@host)

"#]],
    );
    std::fs::rename(shop.file("origin"), shop.file("away")).unwrap();
    let run = shop.rel_words(&["rollback", "prod", "v1.0.0", "--yes", "--reason", reason]);
    let printed = run.stdout + &run.stderr;
    std::fs::rename(shop.file("away"), shop.file("origin")).unwrap();
    let all = printed + &recorded(&shop) + &shop.rel("ledger export").stdout + &shop.rel("status").stdout;
    for secret in ["eyJ", "ghp_", "ada:pw"] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}

#[test]
fn arguments_notes_and_errors_show_no_secret() {
    let shop = shop(PLAIN).with("API_TOKEN", "s3cr3t-value-1");
    shop.commit("fix: rotate s3cr3t-value-1 and xoxb-123456789012");
    for words in [
        "next --explain",
        "changelog",
        "changelog --format json",
        "s3cr3t-value-1",
        "deploy s3cr3t-value-1 v1.0.0",
        "--ghp_0123456789abcdefghij next --format json",
    ] {
        let run = shop.rel(words);
        let all = run.stdout + &run.stderr;
        assert!(!all.contains("s3cr3t") && !all.contains("xoxb") && !all.contains("ghp_"), "{words}: {all}");
    }
}

#[test]
fn output_that_cannot_be_written_does_not_turn_what_was_done_into_a_failure() {
    let shop = running(PLAIN);
    shop.shell("rel deploy prod v1.2.0 --yes 2>/dev/full").code_is(0);
    assert_eq!(shop.state("prod"), "1.2.0 healthy");
    shop.shell("rel rollback prod --yes --format json >/dev/full 2>/dev/full").code_is(0);
    assert_eq!(shop.state("prod"), "1.1.0 healthy, held");
    let run = shop.shell("rel unhold prod --format json >/dev/full");
    run.code_is(0);
    shop.shell("rel next --explain 2>/dev/full").code_is(0);
    shop.shell("rel status >/dev/full").code_is(6);
    shop.behave("fail-deploy-1.1.0", "");
    shop.shell("rel deploy prod v1.1.0 --yes 2>/dev/full >/dev/full").code_is(8);
}

#[test]
fn what_names_a_commit_a_version_or_a_tag_is_readable_in_answers_and_recorded_lines() {
    let shop = running(PLAIN);
    let commit = shop.git("rev-parse v1.1.0^{commit}").trim().to_owned();
    for value in [commit.as_str(), &commit[..7], "v1.1.0", "1.1.0"] {
        let rel = |words: &str| {
            shop.shell(&format!("CACHE_KEY={value} DEPLOY_AUTH={value} CI_PAT={value} rel {words}"))
        };
        let run = rel("status prod --format json");
        run.json("/environments/0/version", "1.1.0");
        run.json("/environments/0/commit", commit.as_str());
        assert!(!run.stdout.contains("***"), "{}", run.stdout);
        let export = rel("ledger export");
        assert!(export.stdout.contains(&commit) && !export.stdout.contains("***"), "{}", export.stdout);
        let run = rel(&format!("diff {value} no-such-release"));
        assert!(!(run.stdout + &run.stderr).contains("***"), "{value}");
    }
}

#[test]
fn the_line_that_another_machine_syncs_is_whole_whatever_the_variables_are_called() {
    let shop = running(PLAIN);
    let commit = shop.git("rev-parse v1.0.0^{commit}").trim().to_owned();
    std::fs::rename(shop.file("origin"), shop.file("away")).unwrap();
    // The kind is not secret either, and nothing else tells another machine what happened.
    let variables = format!("CACHE_KEY={commit} BUILD_PAT=rollback RELEASE_TOKEN=v1.0.0");
    let run = shop.shell(&format!("{variables} rel rollback prod --yes"));
    run.code_is(0);
    let lines: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("[{")).collect();
    for line in &lines {
        let events: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(events[0]["release"]["commit"], commit.as_str(), "{line}");
        assert_eq!(events[0]["kind"], "rollback", "{line}");
    }
    assert_eq!(lines.len(), 2);
    std::fs::write(shop.file("lines"), lines.join("\n")).unwrap();
    std::fs::rename(shop.file("away"), shop.file("origin")).unwrap();
    shop.clone_to("other", "");
    shop.inside("other").shell("rel sync - < ../lines").code_is(0);
}
