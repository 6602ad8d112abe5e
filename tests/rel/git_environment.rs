//! What a clone and the environment of git may change: neither the policy, nor which commit runs, nor the user's files.

use crate::deploy::fixture::{Fixture, PLAIN, running, shop};
use crate::support::{Sandbox, program};
use snapbox::str;

/// Puts a commit with other files in the place of `commit`, in this clone only.
fn replace(shop: &Sandbox, commit: &str, file: &str, text: &str) {
    let old = shop.id(commit);
    shop.git(&format!("worktree add -q --detach ../other {old}"));
    std::fs::write(shop.file("other").join(file), text).unwrap();
    shop.git("-C ../other commit -qam other");
    let new = shop.git("-C ../other rev-parse HEAD");
    shop.git(&format!("replace {old} {new}"));
}

#[test]
fn a_replaced_commit_of_the_default_branch_does_not_change_the_policy() {
    let shop = shop("[environment.staging]\n[environment.prod]\nfrom = 'staging'\n");
    shop.rel("deploy prod v1.2.0").code_is(4);
    replace(&shop, "main", "release.toml", "name = 'shop'\n[environment.prod]\n");
    assert_eq!(shop.git("show main:release.toml"), "name = 'shop'\n[environment.prod]");
    shop.rel("deploy prod v1.2.0").code_is(4);
    shop.rel("deploy nowhere v1.2.0").code_is(2);
}

#[test]
fn a_replaced_commit_does_not_change_who_may_sign_the_ledger() {
    let shop = shop("[environment.prod]\n[ledger]\nallowed_signers = 'signers'\nsign = true\n");
    shop.write("signers", "ada@acme.example ssh-ed25519 AAAA\n");
    shop.git("add signers");
    shop.commit("build: signers").git("push -q origin main");
    shop.rel("hold prod").code_is(4);
    replace(&shop, "main", "release.toml", "name = 'shop'\n[environment.prod]\n");
    shop.rel("hold prod").code_is(4);
}

#[test]
fn commands_run_in_the_tree_of_the_commit_and_not_of_its_replacement() {
    let shop = shop(PLAIN);
    for commit in ["v1.1.0", "main"] {
        let hostile = format!("#!/bin/sh\necho hostile >> {}\n", shop.file("told").display());
        replace(&shop, commit, "play", &hostile);
        shop.git("worktree remove --force ../other");
    }
    shop.rel("deploy prod v1.1.0").code_is(0);
    shop.rel("deploy prod v1.2.0").code_is(0);
    assert_eq!(
        shop.calls(),
        "deploy deploy prod 1.1.0 -\ndeploy verify prod 1.1.0 -\n\
         deploy deploy prod 1.2.0 -\ndeploy verify prod 1.2.0 -\n"
    );
}

#[test]
fn a_graft_does_not_make_an_older_commit_deployable() {
    let shop = shop("[environment.dev]\naccept = 'any'\ndeploy = ['./play', 'deploy']\n");
    let (old, new) = (shop.id("HEAD~1"), shop.id("HEAD"));
    shop.rel(&format!("deploy dev {new}")).code_is(0);
    shop.rel(&format!("deploy dev {old}")).code_is(4);
    std::fs::write(shop.folder().join(".git/info/grafts"), format!("{new}\n")).unwrap();
    shop.rel(&format!("deploy dev {old}")).code_is(4);
    std::fs::remove_file(shop.folder().join(".git/info/grafts")).unwrap();
    let orphan = shop.git("commit-tree -m orphan HEAD^{tree}");
    shop.git(&format!("replace {new} {orphan}"));
    shop.rel(&format!("deploy dev {old}")).code_is(4);
}

#[test]
fn a_deploy_in_a_hook_leaves_the_users_index_alone() {
    let shop = shop(PLAIN);
    shop.rel("deploy prod v1.0.0").code_is(0);
    for (hook, version) in [("pre-commit", "v1.1.0"), ("post-commit", "v1.2.0")] {
        let line = format!("#!/bin/sh\n{} deploy prod {version} --yes\n", env!("CARGO_BIN_EXE_rel"));
        program(&shop.folder().join(".git/hooks").join(hook), &line);
    }
    shop.write("notes", "new\n");
    shop.git("add notes");
    shop.commit("docs: notes");
    assert_eq!(shop.state("prod"), "1.2.0 healthy");
    assert_eq!(shop.git("show --name-only --format= HEAD"), "notes");
    assert_eq!(shop.git("ls-files"), "notes\nplay\nrelease.toml");
    assert_eq!(shop.git("status --porcelain"), "");
    assert_eq!(shop.git("worktree list --porcelain").matches("worktree ").count(), 1);
}

#[test]
fn variables_that_are_not_for_rel_change_nothing() {
    let shop = running(PLAIN);
    let index = std::fs::read(shop.folder().join(".git/index")).unwrap();
    let hostile = [
        "GIT_INDEX_FILE=.git/index",
        "GIT_INDEX_FILE=/nowhere/index",
        "GIT_NAMESPACE=other",
        "GIT_REPLACE_REF_BASE=refs/heads",
        "GIT_SHALLOW_FILE=/nowhere",
        "GIT_GRAFT_FILE=/nowhere",
        "GIT_ATTR_SOURCE=nothing",
        "GIT_CONFIG=/nowhere",
        "GIT_PREFIX=sub/",
        "GIT_EXTERNAL_DIFF=/bin/false",
        "GIT_LITERAL_PATHSPECS=1",
        "GIT_TRACE=1",
        "GIT_TRACE2=1",
        "GIT_CURL_VERBOSE=1",
        "GIT_DEFAULT_HASH=sha256",
        "GIT_TEMPLATE_DIR=/nowhere",
        "GIT_OPTIONAL_LOCKS=0",
        "GIT_DIR=.git",
        "GIT_DIR=.git GIT_WORK_TREE=.",
        "GIT_OBJECT_DIRECTORY=$PWD/.git/objects",
        "GIT_COMMON_DIR=$PWD/.git",
    ];
    for variables in hostile {
        shop.forget_calls();
        let run = shop.shell(&format!("{variables} rel rollback prod v1.0.0 --keep-good --yes -q"));
        assert_eq!(run.code, 0, "{variables}: {}", run.stderr);
        assert!(!run.stderr.contains("trace"), "{variables}: {}", run.stderr);
        let run = shop.shell(&format!("{variables} rel unhold prod -q"));
        assert_eq!(run.code, 0, "{variables}: {}", run.stderr);
        let run = shop.shell(&format!("{variables} rel deploy prod v1.1.0 --yes -q"));
        assert_eq!(run.code, 0, "{variables}: {}", run.stderr);
        assert_eq!(shop.calls().lines().count(), 4, "{variables}: {}", shop.calls());
        assert_eq!(shop.git("status --porcelain"), "", "{variables}");
    }
    assert_eq!(shop.git("ls-files"), "play\nrelease.toml");
    assert!(!index.is_empty());
}

#[test]
fn a_repository_is_named_by_git_dir_from_anywhere() {
    let shop = running(PLAIN);
    let line = format!("cd .. && GIT_DIR={}/.git rel", shop.folder().display());
    shop.shell(&format!("{line} deploy prod v1.2.0 -q")).code_is(0);
    assert_eq!(shop.state("prod"), "1.2.0 healthy");
    let run = shop.shell(&format!("{line} next --format json"));
    run.json("/current", "1.2.0");
    // A work tree beside its repository, as people keep their dot files.
    shop.git("clone -q --bare ../origin/shop.git ../dots");
    let dots = format!("cd ../shop && GIT_DIR={} GIT_WORK_TREE=. rel", shop.file("dots").display());
    shop.shell(&format!("{dots} next --format json")).json("/current", "1.2.0");
}

#[test]
fn a_config_file_needs_a_terminal_or_override_in_ci_of_the_default_branch() {
    let shop = shop(
        "[environment.staging]\noverride_in_ci = true\n[environment.prod]\nfrom = 'staging'\ndeploy = ['./play', 'deploy']\n",
    );
    shop.write(
        "mine.toml",
        "name = 'shop'\n[environment.staging]\n[environment.prod]\noverride_in_ci = true\n",
    );
    for ci in ["", "CI=true "] {
        let refused =
            ["deploy prod v1.2.0", "deploy prod v1.2.0 --dry-run", "hold prod", "freeze --all", "bad v1.2.0"];
        for words in refused {
            let run = shop.shell(&format!("{ci}rel --config mine.toml {words}"));
            assert_eq!(run.code, 4, "{words}: {}", run.stderr);
        }
        shop.shell(&format!("{ci}rel --config mine.toml status")).code_is(0);
        shop.shell(&format!("{ci}rel --config mine.toml hold staging")).code_is(0);
        shop.shell("rel unhold staging").code_is(0);
    }
    shop.shell("CI=true rel --config mine.toml hold prod").fails(
        4,
        str![[r#"
error: --config $ROOT/shop/mine.toml is an override, which needs a terminal
  because: on the default branch, [environment.prod] does not set override_in_ci = true
hint: merge the change into the default branch, or run the same command at a terminal

"#]],
    );
}

#[test]
fn a_remote_without_a_default_branch_is_refused_with_the_line_that_mends_it() {
    let shop = shop(PLAIN);
    shop.git("-C ../origin/shop.git symbolic-ref HEAD refs/heads/gone");
    for words in ["deploy prod v1.2.0", "hold prod", "status"] {
        shop.rel(words).fails(
            6,
            str![[r#"
error: origin has no default branch: its HEAD names no branch
  because: release.toml is read from the default branch
hint: git --git-dir $ROOT/shop/../origin/shop.git symbolic-ref HEAD refs/heads/main

"#]],
        );
    }
    let path = shop.file("origin/shop.git");
    shop.shell(&format!("git --git-dir {} symbolic-ref HEAD refs/heads/main", path.display())).code_is(0);
    shop.rel("deploy prod v1.2.0 -q").code_is(0);
}

#[test]
fn a_configuration_that_is_no_file_is_refused_and_not_read_for_ever() {
    let shop = shop(PLAIN);
    shop.shell("mkfifo pipe").code_is(0);
    for file in ["pipe", "/dev/zero", "."] {
        shop.rel(&format!("--config {file} next")).code_is(2);
    }
    std::fs::remove_file(shop.folder().join("release.toml")).unwrap();
    shop.shell("mkfifo release.toml").code_is(0);
    shop.rel("next").fails(
        2,
        str![[r#"
error: release.toml cannot be read
  because: it is not a file

"#]],
    );
}

#[test]
fn a_folder_whose_name_is_not_utf_8_works() {
    use std::os::unix::ffi::OsStrExt;
    let shop = shop(PLAIN);
    let folder = shop.root().join(std::ffi::OsStr::from_bytes(b"b\xffd"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::rename(shop.folder(), folder.join("shop")).unwrap();
    std::fs::rename(shop.root().join("origin"), folder.join("origin")).unwrap();
    let cd = "cd ../b*/shop";
    std::fs::create_dir(shop.folder()).unwrap();
    shop.shell(&format!("{cd} && rel next --format json")).json("/current", "1.2.0");
    let run = shop.shell(&format!(
        "{cd} && rel deploy prod v1.1.0 -q && rel deploy prod v1.2.0 -q && rel rollback prod --yes -q"
    ));
    assert_eq!(run.code, 0, "{}", run.stderr);
    shop.shell("rel -C ../b*/shop status prod --format json").json("/environments/0/version", "1.1.0");
    shop.shell("rel -C ../b*/shop ledger verify -q").code_is(0);
    shop.shell(&format!("{cd} && git worktree add -q ../tree && cd ../tree && GIT_DIR=$(git rev-parse --absolute-git-dir) rel next --format json"))
        .json("/current", "1.2.0");
}

#[test]
fn a_git_configuration_that_cannot_be_read_is_named() {
    let shop = shop(PLAIN);
    std::fs::write(shop.root().join("home/.gitconfig"), "[user\n").unwrap();
    let run = shop.shell("unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL; rel hold prod");
    assert_ne!(run.code, 0);
    assert!(!run.stderr.contains("user.name and user.email are not set"), "{}", run.stderr);
}
