//! Every fault says where it is, what is wrong and what would be right.

use super::faults;
use crate::config::read;
use crate::error::Details;

const FIVE: &str = r#"name = "shop"

[version]
tag = "v{vresion}"
bumps = { feat = "minor" }

[[branch]]
name = "release/["
channel = "rc"

[environment.staging]
accept = "prerelease"

[environment.prod]
from = "stagging"
approvals = "one"
"#;

#[test]
fn five_faults_of_five_kinds_are_reported_at_once() {
    let error = read("release.toml", FIVE).unwrap_err();
    assert_eq!((error.kind.code(), error.message.as_str()), (2, "release.toml has 5 problems"));
    assert_eq!(error.causes.len(), 5);
    assert_eq!(error.causes[1], "line 5, column 1: unknown key `bumps` in [version]; did you mean `bump`?");
}

#[test]
fn every_fault_says_what_would_be_right() {
    let cases = [
        (
            "zero = 1",
            "line 1, column 1: unknown key `zero`; known keys: name, version, branch, package, changelog, file, cut, image, registry, people, environment, ledger, flow, notify",
        ),
        (
            "name = ",
            "line 1, column 8: the value is missing; write a value after the `=`, or remove the line",
        ),
        (
            "name = shop",
            "line 1, column 8: a string needs quotes; write \"…\", or '…' for text with backslashes",
        ),
        ("cut.push = True", "line 1, column 12: true and false are lowercase; write true"),
        ("name = 'a'\nname = 'b'", "line 2, column 1: `name` is defined twice; keep one of the two"),
        ("[cut]\n[cut]", "line 2, column 2: `cut` is defined twice; keep one of the two"),
        (
            "[branch]\nname = 'x'",
            "line 1, column 1: `branch` is a table, not a list of tables; write [[branch]] with two brackets",
        ),
        ("[[cut]]", "line 1, column 1: `cut` is a list, not a table; write [cut] with one pair of brackets"),
        ("[[branch]]", "line 1, column 1: `branch` has no key `name`; add a line `name = …`"),
        ("version.zero = 'mionr'", "line 1, column 16: `zero` cannot be `mionr`; did you mean \"minor\"?"),
        ("cut.sign = 1", "line 1, column 12: `sign` cannot be a whole number; one of \"auto\", true, false"),
        (
            "cut.before = 'cargo test'",
            "line 1, column 14: `before` is a string, not a command (a list); write the command as a list (no shell is used): [\"cargo\", \"test\"]",
        ),
        (
            "cut.before = [[]]",
            "line 1, column 15: `before` is an empty command; write the program first, then its arguments: [\"program\", \"argument\"]",
        ),
        (
            "environment.a.approvals = 101",
            "line 1, column 27: `approvals` is out of range; a whole number from 0 to 100",
        ),
        (
            "environment.a.approvals = 99999999999999999999",
            "line 1, column 27: `approvals` is out of range; a whole number from 0 to 100",
        ),
        (
            "environment.a.timeout = '1.5h'",
            "line 1, column 25: `1.5h` is not a duration; write it like \"10m\", \"1h30m\", \"7d\", \"0s\"; at most ten years",
        ),
        (
            "environment.a.deploy = {}",
            "line 1, column 24: `deploy` must have exactly one key, not 0; known keys: kubectl",
        ),
        (
            "environment.a.from = 'a'",
            "line 1, column 22: `a` names itself in `from`; name another environment, or remove the line",
        ),
        (
            "environment.a.soak = '1h'",
            "line 1, column 15: `soak` needs `from`; add a line `from = \"…\"`, the environment in which the release must have been healthy",
        ),
        (
            "[environment.a]\nfrom = 'b'\n[environment.b]\nfrom = 'a'",
            "line 4, column 8: environments wait for each other: `b` → `a` → `b`; remove this line, or one of the others",
        ),
        (
            "[environment.a]\ndeploy = ['x']\nsteps = []",
            "line 3, column 1: an environment can have `deploy` or `steps`, not both; remove one of the two",
        ),
        (
            "[environment.a]\nverify = ['x', '{image.b}']",
            "line 2, column 16: unknown image `b`; this file defines no image",
        ),
        (
            "[[branch]]\nname = 'a'\nrange = '1'\nversion = '{branch}'",
            "line 4, column 1: a branch can have `range` or `version`, not both; remove one of the two",
        ),
        (
            "[[branch]]\nname = 'a'\n[[branch]]\nname = 'a'",
            "line 4, column 8: the branch `a` is used twice; use each name once",
        ),
        (
            "[people]\na = ['github:x']\nb = ['github:x']",
            "line 3, column 6: the identity `github:x` is used twice; an identity can belong to one person only",
        ),
        (
            "[[file]]\npath = 'x.md'",
            "line 2, column 8: rel does not know where the version is in `x.md`; add a line such as: pattern = \"rel@{version}\"",
        ),
        (
            "[[file]]\npath = 'Cargo.toml'\nmatches = 2",
            "line 3, column 1: `matches` needs a `pattern`; add a `pattern`, or remove the line",
        ),
        (
            "[[file]]\npath = 'x'\npattern = '{version}'\nmatches = 0",
            "line 4, column 11: `matches` is out of range; a whole number from 1 to 1000",
        ),
        (
            "[[notify]]\nkind = 'slack'",
            "line 2, column 8: a notification of kind `slack` needs `url_env`; add a line `url_env = …`",
        ),
        (
            "version.tag = 'v{version}'\n[package]\na.paths = ['a']\nb.paths = ['b']",
            "line 1, column 15: tags of two packages would have the same name; write \"{package}-v{version}\"",
        ),
        (
            "[environment.a.package.x]\n[package.y]\npaths = ['y']",
            "line 1, column 24: unknown package `x`; known packages: y",
        ),
        (
            "[registry.'https://h']",
            "line 1, column 11: it is not the host of a registry; write host or host:port, as in \"127.0.0.1:5000\", without https://",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(faults(text), [expected], "{text}");
    }
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let text = "[[notify]]\nkind = 'slack'\nurl_env = 'https://hooks.example/s3cret'\n[ledger]\nremote = 'https://u:s3cret@h/x'";
    let error = read("release.toml", text).unwrap_err();
    assert_eq!(error.causes.len(), 2);
    assert!(!error.causes.concat().contains("s3cret"));
}

#[test]
fn lines_after_a_syntax_error_are_checked_too() {
    let text = "[version\nwhat is this\nzero = 'x'\n[[file]]\npath 'a'\n[cut]\npsh = true\nmessage = \"x";
    let lines: Vec<_> =
        faults(text).iter().map(|fault| fault.split(',').next().unwrap().to_owned()).collect();
    assert_eq!(lines, ["line 1", "line 2", "line 3", "line 4", "line 5", "line 7", "line 8"]);
}

#[test]
fn columns_count_characters_of_the_text() {
    let text = "\u{feff}name = 'shop'\r\nversion.x = 1\r\npeople.'é' = [ 1 ]\r\n";
    assert_eq!(
        faults(text),
        [
            "line 2, column 9: unknown key `x` in [version]; known keys: tag, legacy_tags, initial, zero, bump, squash, otherwise, abandoned",
            "line 3, column 16: `é` is a whole number, not a string; write it in quotes: \"…\"",
        ]
    );
}

#[test]
fn at_most_thirty_faults_are_shown() {
    let text: String = (0..100).map(|number| format!("x{number} = 1\n")).collect();
    let error = read("release.toml", &text).unwrap_err();
    assert_eq!(error.message, "release.toml has 100 problems");
    assert_eq!(error.causes.len(), 31);
    assert_eq!(error.causes[30], "… and 70 more");
    assert!(matches!(error.details, Details::Snippets(snippets) if snippets.len() == 30));
}
