//! `rel lint --install`, and how the hook checks real commits.

use super::{CLEAN, Context, REL, answer, said};
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn the_hook_rejects_a_commit() {
    let context = Context::new();
    let (file, hooks) = (".git/hooks/commit-msg", "shop/.git/hooks");
    let planned = format!("would create the folder .git/hooks\nwould write {file}\n");
    assert_eq!(context.rel(&["--install", "--dry-run", "-q"]), said(0, &planned));
    assert!(!context.path(hooks).exists());
    assert_eq!(
        context.rel(&["--install"]),
        said(0, &format!("created the folder .git/hooks\nwrote {file}\n"))
    );
    assert_eq!(context.rel(&["--install"]), said(0, &format!("already installed: {file}\n")));
    let mode = fs::metadata(context.path("shop/.git/hooks/commit-msg")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);

    let refused = "error: a colon and a space must follow the type: `feat: …`, `fix(scope)!: …`
 --> .git/COMMIT_EDITMSG:1:4
  |
1 | Add coupons
  |    ^

error: 1 problem in the message
hint: edit the message again: git commit --edit --file=.git/COMMIT_EDITMSG
";
    assert_eq!(context.try_commit("shop", "Add coupons"), said(1, refused));
    assert_eq!(context.try_commit("shop", "feat: coupons"), said(0, CLEAN));
    assert_eq!(context.git(&["log", "--format=%s"], "shop"), "feat: coupons");
    // Without an editor git takes comments for text.
    assert_eq!(context.try_commit("shop", "# Add coupons").0, 1);
    // From a folder further down.
    fs::create_dir(context.path("shop/src")).unwrap();
    let hint = format!("--file={}", context.path("shop/.git/COMMIT_EDITMSG").display());
    assert!(context.try_commit("shop/src", "Add coupons").2.trim_end().ends_with(&hint));

    assert_eq!(context.rel(&["--uninstall"]), said(0, &format!("removed {file}\n")));
    assert_eq!(context.rel(&["--uninstall"]), said(0, "not installed\n"));
    assert_eq!(context.try_commit("shop", "Add coupons").0, 0);
    assert_eq!(fs::read_dir(context.path(hooks)).unwrap().count(), 0);
}

#[test]
fn the_hook_follows_the_settings_of_git() {
    let context = Context::new();
    context.rel(&["--install"]);
    context.commit("chore: first");
    // An editor: git's own lines stay in the file, behind the character that is configured.
    let edited = |message: &str, options: &[&str]| {
        context.write("text", message);
        context.hook("editor", "#!/bin/sh\ncat \"$1\" >> ../text && cp ../text \"$1\"\n");
        let mut command = context.command("git", "shop");
        command.env("GIT_EDITOR", context.path("editor")).args(options).args([
            "commit",
            "-q",
            "--allow-empty",
        ]);
        answer(command.output())
    };
    assert_eq!(edited("feat: a\n", &[]), said(0, CLEAN));
    assert_eq!(edited("#12 feat: a\n", &["-c", "core.commentChar=;"]).0, 1);
    assert_eq!(edited("; no\nfeat: a\n", &["-c", "core.commentChar=;"]), said(0, CLEAN));
    assert_eq!(edited("fix: a\n", &["-c", "core.commentChar=auto"]), said(0, CLEAN));
    let (code, _, err) = edited("", &[]);
    assert_eq!((code, err.as_str()), (1, "Aborting commit due to empty commit message.\n"));

    context.git(&["checkout", "-q", "-b", "side", "HEAD~1"], "shop");
    context.commit("feat: b");
    let merge = context.command("git", "shop").args(["merge", "-q", "-m", "Bring it in", "main"]).output();
    assert_eq!(answer(merge), said(0, "merge commit: not checked\n"));
    assert_eq!(context.try_commit("shop", "Revert \"feat: b\""), said(0, CLEAN));
    context.git(&["commit", "-q", "--allow-empty", "--fixup=HEAD"], "shop");
}

#[test]
fn without_rel_the_hook_accepts_every_message() {
    let context = Context::new();
    context.rel(&["--install"]);
    let git = context.command("git", "shop").arg("--exec-path").output().unwrap();
    let git = String::from_utf8(git.stdout).unwrap();
    let mut command = context.command(&format!("{}/git", git.trim()), "shop");
    command.env("PATH", "/usr/bin:/bin").args(["commit", "-q", "--allow-empty", "-m", "Add coupons"]);
    let note = "note: rel is not on PATH, so this commit message was not checked\n";
    assert_eq!(answer(command.output()), said(0, note));
}

#[test]
fn an_existing_hook_is_kept_and_runs_first() {
    let context = Context::new();
    let theirs = "#!/bin/sh\necho \"theirs: $*\" >&2\ngrep -q secret \"$1\" && exit 3\nexit 0\n";
    context.hook("shop/.git/hooks/commit-msg", theirs);
    let kept = "kept the existing hook as .git/hooks/commit-msg.local; it runs before .git/hooks/commit-msg\nwrote .git/hooks/commit-msg\n";
    let planned = kept.replace("kept the", "would keep the").replace("wrote", "would write");
    assert_eq!(context.rel(&["--install", "--dry-run"]), said(0, &planned));
    assert_eq!(context.read("shop/.git/hooks/commit-msg"), theirs);
    assert_eq!(context.rel(&["--install"]), said(0, kept));
    assert_eq!(context.read("shop/.git/hooks/commit-msg.local"), theirs);
    assert_eq!(context.rel(&["--install"]), said(0, "already installed: .git/hooks/commit-msg\n"));

    let ran = "theirs: .git/COMMIT_EDITMSG\n";
    assert_eq!(context.try_commit("shop", "feat: coupons"), said(0, &format!("{ran}{CLEAN}")));
    assert_eq!(context.try_commit("shop", "feat: secret"), said(1, ran));
    assert_eq!(context.try_commit("shop", "Add coupons").0, 1);
    let mut hook = context.command(context.path("shop/.git/hooks/commit-msg").to_str().unwrap(), "shop");
    context.write("shop/message", "secret");
    assert_eq!(answer(hook.arg("message").output()), said(3, "theirs: message\n"));

    let back = "restored .git/hooks/commit-msg.local as .git/hooks/commit-msg\n";
    assert_eq!(context.rel(&["--uninstall"]), said(0, back));
    assert_eq!(context.read("shop/.git/hooks/commit-msg"), theirs);
    assert!(!context.path("shop/.git/hooks/commit-msg.local").exists());
    assert_eq!(context.rel(&["--uninstall"]), said(0, "not installed\n"));
}

#[test]
fn two_existing_hooks_are_not_touched() {
    let context = Context::new();
    context.hook("shop/.git/hooks/commit-msg", "#!/bin/sh\n");
    context.hook("shop/.git/hooks/commit-msg.local", "#!/bin/sh\n# another\n");
    let hooks = context.path("shop/.git/hooks");
    let expected = format!(
        "error: {0}/commit-msg is another hook and cannot be moved aside, because {0}/commit-msg.local already exists
hint: merge the two hooks into one file, then run `rel lint --install` again
",
        hooks.display()
    );
    assert_eq!(context.rel(&["--install"]), said(4, &expected));
    assert_eq!(context.read("shop/.git/hooks/commit-msg"), "#!/bin/sh\n");
    // A run that died between its two steps leaves one hook under both names.
    context.hook("shop/.git/hooks/commit-msg.local", "#!/bin/sh\n");
    assert_eq!(context.rel(&["--install", "-q"]), said(0, ""));
    assert_eq!(context.read("shop/.git/hooks/commit-msg.local"), "#!/bin/sh\n");
    assert!(context.read("shop/.git/hooks/commit-msg").contains("rel lint"));
}

#[test]
fn a_hook_of_an_older_rel_is_replaced() {
    let context = Context::new();
    context.hook(
        "shop/.git/hooks/commit-msg",
        "#!/bin/sh\n# The commit-msg hook of rel: of old.\nrel lint $1\n",
    );
    assert_eq!(context.rel(&["--install"]), said(0, "wrote .git/hooks/commit-msg\n"));
    // A later version recognizes the hook by this line, so it never changes.
    let installed = fs::read_to_string(context.path("shop/.git/hooks/commit-msg")).unwrap();
    assert!(installed.lines().any(|line| line.starts_with("# The commit-msg hook of rel:")), "{installed}");
    assert_eq!(context.try_commit("shop", "Add coupons").0, 1);
    context.hook("shop/.git/hooks/commit-msg.local", "#!/bin/sh\nexit 0\n");
    fs::remove_file(context.path("shop/.git/hooks/commit-msg")).unwrap();
    let both = "wrote .git/hooks/commit-msg\n.git/hooks/commit-msg.local already exists; it runs first\n";
    assert_eq!(context.rel(&["--install"]), said(0, both));
}

#[test]
fn a_worktree_uses_the_hooks_of_its_repository() {
    let context = Context::new();
    context.commit("feat: a");
    context.git(&["worktree", "add", "-q", "../other", "-b", "other"], "shop");
    let lint = |words: &[&str]| answer(context.command(REL, "other").arg("lint").args(words).output());
    let hook = context.path("shop/.git/hooks/commit-msg").display().to_string();
    let folder = context.path("shop/.git/hooks").display().to_string();
    assert_eq!(lint(&["--install"]), said(0, &format!("created the folder {folder}\nwrote {hook}\n")));
    let editmsg = context.path("shop/.git/worktrees/other/COMMIT_EDITMSG").display().to_string();
    let (code, _, err) = context.try_commit("other", "Add coupons");
    assert_eq!((code, err.contains(&format!(" --> {editmsg}:1:4\n"))), (1, true), "{err}");
    assert_eq!(context.try_commit("other", "feat: coupons"), said(0, CLEAN));
    assert_eq!(context.try_commit("shop", "Add coupons").0, 1);
}

#[test]
fn core_hooks_path_outside_the_work_tree_is_followed() {
    let context = Context::new();
    let hooks = context.path("hooks").display().to_string();
    context.git(&["config", "core.hooksPath", &hooks], "shop");
    let expected = format!(
        "warning: core.hooksPath is {hooks}, so the hook applies to every repository that uses this folder
created the folder {hooks}
wrote {hooks}/commit-msg
"
    );
    assert_eq!(context.rel(&["--install"]), said(0, &expected));
    assert_eq!(context.try_commit("shop", "Add coupons").0, 1);
    assert!(!context.path("shop/.git/hooks").exists());
}

#[test]
fn a_hook_in_the_work_tree_is_not_written() {
    let context = Context::new();
    for (folder, file) in [(".githooks", ".githooks/commit-msg"), (".husky/_", ".husky/commit-msg")] {
        context.git(&["config", "core.hooksPath", folder], "shop");
        let expected = format!(
            "error: core.hooksPath is {folder}, inside the work tree, so the hook is a committed file
hint: add this line to {file}: rel lint \"$1\"
"
        );
        assert_eq!(context.rel(&["--install"]), said(4, &expected));
        assert_eq!(context.rel(&["--uninstall"]), said(0, &format!("not installed: {file}\n")));
        context.hook(&format!("shop/{file}"), "#!/bin/sh\nrel lint \"$1\"\n");
        assert_eq!(context.rel(&["--install"]), said(0, &format!("already installed: {file}\n")));
        assert_eq!(context.rel(&["--uninstall"]).0, 4);
    }
}

#[test]
fn a_bare_repository_needs_no_hook() {
    let context = Context::new();
    context.git(&["init", "-q", "--bare", "bare"], "");
    let expected = "error: this repository is bare, so it needs no commit-msg hook
hint: run this in a clone with a work tree
";
    let lint = context.command(REL, "bare").args(["lint", "--install"]).output();
    assert_eq!(answer(lint), said(4, expected));
}
