//! `rel lint` with real git: sources, problems, exit codes. `hook` installs the hook and makes real commits.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

mod hook;

const REL: &str = env!("CARGO_BIN_EXE_rel");
const SCISSORS: &str = "# ------------------------ >8 ------------------------";

/// A temporary home folder with one repository, `shop`.
struct Context {
    home: tempfile::TempDir,
}

/// The result of a process: its exit code, stdout and stderr.
type Answer = (i32, String, String);

impl Context {
    fn new() -> Self {
        let context = Context { home: tempfile::tempdir().unwrap() };
        context.git(&["init", "-q", "-b", "main", "--template=", "shop"], "");
        context
    }

    fn path(&self, path: &str) -> PathBuf {
        // git prints resolved paths, and on some systems the folder for temporary files is a link.
        self.home.path().canonicalize().unwrap().join(path)
    }

    fn command(&self, program: &str, folder: &str) -> Command {
        let mut command = Command::new(program);
        let tools = Path::new(REL).parent().unwrap().display();
        command
            .current_dir(self.path(folder))
            .env_clear()
            .env("PATH", format!("{tools}:{}", option_env!("PATH").unwrap_or("/usr/bin:/bin")))
            .env("HOME", self.home.path())
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdin(Stdio::null());
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "Ada")
                .env(format!("GIT_{who}_EMAIL"), "ada@acme.example")
                .env(format!("GIT_{who}_DATE"), "2024-05-01T12:00:00Z");
        }
        command
    }

    /// Runs git, which must succeed.
    fn git(&self, words: &[&str], folder: &str) -> String {
        let output = self.command("git", folder).args(words).output().unwrap();
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Makes an empty commit in `shop`, without hooks, and returns its short hash.
    fn commit(&self, message: &str) -> String {
        self.git(
            &["commit", "-q", "--no-verify", "--allow-empty", "--cleanup=verbatim", "-m", message],
            "shop",
        );
        self.git(&["rev-parse", "HEAD"], "shop")[..7].to_owned()
    }

    /// Tries a commit in a folder, with hooks.
    fn try_commit(&self, folder: &str, message: &str) -> Answer {
        answer(self.command("git", folder).args(["commit", "-q", "--allow-empty", "-m", message]).output())
    }

    fn rel(&self, words: &[&str]) -> Answer {
        answer(self.command(REL, "shop").arg("lint").args(words).output())
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn hook(&self, path: &str, text: &str) {
        self.write(path, text);
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Checks a message file.
    fn file(&self, text: impl AsRef<[u8]>, words: &[&str]) -> Answer {
        self.write("shop/message", text);
        self.rel(&[&["message"], words].concat())
    }
}

fn answer(output: std::io::Result<Output>) -> Answer {
    let output = output.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn said(code: i32, err: &str) -> Answer {
    (code, String::new(), err.to_owned())
}

const CLEAN: &str = "the message follows Conventional Commits\n";

#[test]
fn a_title_is_checked() {
    let context = Context::new();
    assert_eq!(
        context.rel(&["--title", "feat(api)!: coupons"]),
        said(0, "the title follows Conventional Commits\n")
    );
    assert_eq!(context.rel(&["--title", "feat: x", "-q"]), said(0, ""));
    assert_eq!(
        context.rel(&["--title", "feat(日本):coupons"]),
        said(
            4,
            "error: a space must follow the colon
 --> title:1:10
  |
1 | feat(日本):coupons
  |            ^
  |
  = help: feat(日本): coupons

error: 1 problem in the title
"
        )
    );
    let empty =
        "error: the message is empty\n --> title:1:1\n  |\n1 |\n  | ^\n\nerror: 1 problem in the title\n";
    assert_eq!(context.rel(&["--title", "", "-q"]), said(4, empty));
    let (code, _, err) = context.rel(&["--title", "--install"]);
    assert_eq!(
        (code, err.lines().next()),
        (4, Some("error: a header begins with a type: `feat: …`, `fix(scope): …`"))
    );
}

#[test]
fn a_title_needs_no_repository() {
    let context = Context::new();
    let lint = |words: &[&str]| answer(context.command(REL, "").arg("lint").args(words).output());
    assert_eq!(lint(&["--title", "feat: x"]), said(0, "the title follows Conventional Commits\n"));
    let (code, out, err) = lint(&[]);
    let expected = format!(
        "error: {} is not in a git repository\nhint: run rel inside a clone, or pass -C\n",
        context.path("").display().to_string().trim_end_matches('/')
    );
    assert_eq!((code, out, err), (4, String::new(), expected));
}

#[test]
fn results_are_shown_as_json_and_for_github() {
    let context = Context::new();
    assert_eq!(
        context.rel(&["--title", "feature: x", "--format", "json"]),
        (
            4,
            concat!(
                r#"{"schema":"rel.lint/1","ok":false,"messages":[{"id":null,"subject":"feature: x","ok":false,"checked":true,"#,
                r#""faults":[{"line":1,"column":1,"what":"unknown type `feature`; known types: build, chore, ci, docs, feat, fix, "#,
                r#"perf, refactor, revert, style, test","fixed":"feat: x"}]}]}"#,
                "\n"
            )
            .to_owned(),
            String::new()
        )
    );
    assert_eq!(
        context.file("# nothing\n", &["--format", "json"]).1,
        "{\"schema\":\"rel.lint/1\",\"ok\":true,\"messages\":[{\"id\":null,\"subject\":\"\",\"ok\":true,\"checked\":false,\"faults\":[]}]}\n"
    );
    let (code, out, err) = context.rel(&["--title", "x", "--format=github"]);
    assert_eq!((code, out.as_str(), err.lines().count()), (4, "ok=false\n", 7));
    let mut command = context.command(REL, "shop");
    command.env("GITHUB_OUTPUT", context.path("output")).args([
        "lint",
        "--title",
        "fix: x",
        "--format=github",
    ]);
    assert_eq!(answer(command.output()), said(0, "the title follows Conventional Commits\n"));
    assert_eq!(context.read("output"), "ok=true\n");
}

#[test]
fn a_file_is_read_as_git_reads_it() {
    let context = Context::new();
    assert_eq!(context.file("\n# first\n\nfeat: x\n# feat:x\n", &[]), said(0, CLEAN));
    assert_eq!(context.file(format!("feat: x\n{SCISSORS}\nBreaking change: y\n"), &[]), said(0, CLEAN));
    assert_eq!(context.file("feat: x\r\n\r\nbody\r\n", &[]), said(0, CLEAN));
    assert_eq!(context.file(b"feat: \xff\xfe", &[]), said(0, CLEAN));
    assert_eq!(context.file("#12\n; mine\nfeat: x\n", &["--comment", ";"]).0, 4);
    assert_eq!(context.file("feat: x\n; breaking change: y\n", &["--comment", "auto"]), said(0, CLEAN));
    assert_eq!(context.file(format!("feat: x\n\n{}", "word ".repeat(40_000)), &[]), said(0, CLEAN));
    for nothing in ["", "\n\n", "# all of it\n"] {
        assert_eq!(context.file(nothing, &[]), said(0, ""), "{nothing:?}");
    }
    assert_eq!(
        context.file("# one\n# two\n\nfix : x\n\n# three\nBreaking change: y\n", &[]),
        said(
            4,
            "error: only `(scope)` and `!`, in this order and without spaces, may come between type and colon
 --> message:4:4
  |
4 | fix : x
  |    ^
  |
  = help: fix: x

error: BREAKING CHANGE must be in capitals
 --> message:7:1
  |
7 | Breaking change: y
  | ^

error: 2 problems in the message
"
        )
    );
    let missing = "error: nowhere cannot be read\n  because: No such file or directory (os error 2)\n";
    assert_eq!(context.rel(&["nowhere"]), said(2, missing));
}

#[test]
fn fixups_reverts_and_merges_pass_before_the_commit() {
    let context = Context::new();
    let melted = "fixup or squash commit: not checked\n";
    for text in ["fixup! x", "squash! x", "amend! x\n\nx"] {
        assert_eq!(context.file(text, &[]), said(0, melted), "{text}");
    }
    assert_eq!(context.file("Revert \"whatever\"\n\nThis reverts commit 0123456.", &[]), said(0, CLEAN));
    let merge = "merge commit: not checked\n";
    assert_eq!(context.file("Merge branch 'x' into y\n", &[]), said(0, merge));
    context.write("shop/MERGE_HEAD", "");
    assert_eq!(context.file("Bring x in\n", &[]), said(0, merge));
}

#[test]
fn a_message_is_read_from_stdin() {
    let context = Context::new();
    let mut command = context.command(REL, "");
    command.args(["lint", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"# no\nupdate\n").unwrap();
    let expected = "error: a colon and a space must follow the type: `feat: …`, `fix(scope)!: …`
 --> stdin:2:7
  |
2 | update
  |       ^

error: 1 problem in the message
";
    assert_eq!(answer(child.wait_with_output()), said(4, expected));
}

#[test]
fn the_commits_of_a_range_are_checked() {
    let context = Context::new();
    let root = context.commit("Initial commit");
    context.git(&["branch", "side"], "shop");
    context.commit("feat: a");
    let fixup = context.commit("fixup! feat: a");
    context.git(&["checkout", "-q", "side"], "shop");
    context.commit("fix: b");
    context.git(&["merge", "-q", "--no-ff", "-m", "Bring it in", "main"], "shop");
    context.git(&["tag", "top"], "shop");

    let clean = "2 commits are conventional; 1 commit is not checked\n";
    let expected = format!(
        "error: a `fixup!` commit must be squashed before it is shared: `git rebase --interactive
       --autosquash`
 --> {fixup}:1:1
  |
1 | fixup! feat: a
  | ^

error: 1 problem in 1 of 4 commits in {root}..top
hint: reword commits that are not pushed yet: `git rebase --interactive {fixup}^`
"
    );
    assert_eq!(context.rel(&["--range", &format!("{root}..top")]), said(4, &expected));
    let (code, _, err) = context.rel(&["--range", &root]);
    assert_eq!((code, err.contains("in 1 of 4 commits in")), (4, true));
    assert_eq!(context.rel(&["--range", "HEAD..top"]), said(0, "no commits in HEAD..top\n"));
    context.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "Bring it in again"], "shop");
    context.git(&["checkout", "-q", "main"], "shop");
    context.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "feat: c"], "shop");
    assert_eq!(context.rel(&["--range", "HEAD~2.."]), said(0, "2 commits are conventional\n"));
    assert_eq!(context.rel(&["--range", "main~2..main~1", "-q"]), said(0, ""));
    context.git(&["merge", "-q", "--no-ff", "-m", "Whatever", "side~1"], "shop");
    assert_eq!(context.rel(&["--range", "HEAD~2..HEAD"]), said(0, clean));
}

#[test]
fn a_range_with_unknown_ends_is_refused() {
    let context = Context::new();
    context.commit("feat: a");
    for (range, message) in [
        ("--upload-pack=touch x..HEAD", "--upload-pack=touch x is not a commit of this repository"),
        ("-x", "-x is not a commit of this repository"),
        ("HEAD..nowhere", "nowhere is not a commit of this repository"),
        ("nowhere..neither", "2 problems"),
        ("", "--range needs two commits"),
        ("main...HEAD", "main...HEAD is not a range with two dots"),
    ] {
        let (code, out, err) = context.rel(&["--range", range]);
        assert_eq!(
            (code, out.as_str(), err.lines().next()),
            (2, "", Some(format!("error: {message}").as_str())),
            "{err}"
        );
    }
}

#[test]
fn without_a_source_the_commits_since_the_last_release_are_checked() {
    let context = Context::new();
    context.commit("whatever");
    assert_eq!(context.rel(&[]).0, 4);
    context.git(&["tag", "v1.0.0"], "shop");
    assert_eq!(context.rel(&[]), said(0, "no commits since v1.0.0\n"));
    context.commit("feat: a");
    assert_eq!(context.rel(&[]), said(0, "1 commit is conventional\n"));
    context.commit("fix: b\n\nRelease-As: v2.0.0");
    let bad = context.commit("fix: c\n\nRelease-As: two");
    context.git(&["tag", "-f", "v0.9.0"], "shop");
    let expected = format!(
        "error: `two` is not a version, so Release-As has no effect
 --> {bad}:3:13
  |
3 | Release-As: two
  |             ^

error: 1 problem in 1 of 3 commits since v1.0.0
hint: reword commits that are not pushed yet: `git rebase --interactive {bad}^`
"
    );
    assert_eq!(context.rel(&[]), said(4, &expected));
}

#[test]
fn a_range_beyond_a_shallow_history_is_refused() {
    let context = Context::new();
    context.commit("whatever");
    context.git(&["tag", "v1.0.0"], "shop");
    context.commit("feat: a");
    context.commit("feat: b");
    let from = format!("file://{}", context.path("shop").display());
    context.git(&["clone", "-q", "--depth=1", &from, "cut"], "");
    context.git(&["fetch", "-q", "--depth=1", "origin", "tag", "v1.0.0"], "cut");
    let lint = |words: &[&str]| answer(context.command(REL, "cut").arg("lint").args(words).output());
    let expected =
        "error: the history in this clone is cut off within the range, so some messages are missing
hint: with actions/checkout, add `with: { fetch-depth: 0 }`; in GitLab, `variables: { GIT_DEPTH: 0 }`
hint: by hand: `git fetch --unshallow`
";
    assert_eq!(lint(&["--range", "v1.0.0"]), said(4, expected));
    assert_eq!(lint(&[]), said(0, "2 commits are conventional\n"));
}

#[test]
fn sources_exclude_each_other() {
    let context = Context::new();
    for words in [
        &["message", "--title", "x"][..],
        &["--title", "x", "--range", "y"],
        &["--range", "x", "--install"],
        &["--install", "--uninstall"],
        &["--dry-run"],
        &["--title", "x", "--comment", ";"],
    ] {
        let (code, out, _) = context.rel(words);
        assert_eq!((code, out.as_str()), (2, ""), "{words:?}");
    }
}

#[test]
fn control_characters_in_a_message_are_not_printed() {
    let context = Context::new();
    let hostile = "feat\u{1b}]0;owned\u{7}(a\u{202e}b): x\u{1b}[2J\r\n\n\u{1b}[31mBreaking change: y";
    let expected = "error: a colon and a space must follow the type: `feat: …`, `fix(scope)!: …`
 --> message:1:5
  |
1 | feat]0;owned(ab): x[2J
  |     ^

error: 1 problem in the message
";
    assert_eq!(context.file(hostile, &[]), said(4, expected));
    let (_, out, _) = context.file(hostile, &["--format", "json"]);
    assert!(out.contains(r#""subject":"feat]0;owned(ab): x[2J""#), "{out}");
    let mut command = context.command(REL, "shop");
    command.env("CI", "true").args(["lint", "--title", "::error::\u{1b}[1mx"]);
    let (code, _, err) = answer(command.output());
    assert_eq!((code, err.lines().nth(3)), (4, Some("1 | ::error::[1mx")));
}
