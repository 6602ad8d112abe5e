//! How faults of `release.toml` are shown.

use crate::support::Sandbox;

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

const SHOWN: &str = r#"error: a tag format must contain {version} exactly once
 --> release.toml:4:7
  |
4 | tag = "v{vresion}"
  |       ^^^^^^^^^^^^
  |
  = help: write a template such as "v{version}" or "{package}-v{version}"

error: unknown key `bumps` in [version]
 --> release.toml:5:1
  |
5 | bumps = { feat = "minor" }
  | ^^^^^
  |
  = help: did you mean `bump`?

error: `release/[` is not a glob: unclosed character class; missing ']'
 --> release.toml:8:8
  |
8 | name = "release/["
  |        ^^^^^^^^^^^
  |
  = help: put a backslash before a character to take it literally

error: unknown environment `stagging`
  --> release.toml:15:8
   |
15 | from = "stagging"
   |        ^^^^^^^^^^
   |
   = help: did you mean `staging`?

error: `approvals` is a string, not a whole number
  --> release.toml:16:13
   |
16 | approvals = "one"
   |             ^^^^^
   |
   = help: write a whole number without quotes

error: release.toml has 5 problems
"#;

#[test]
fn five_faults_of_five_kinds_are_shown_at_once() {
    let shop = Sandbox::new();
    shop.write("release.toml", FIVE);
    let run = shop.rel("next");
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (2, "", SHOWN));
}

#[test]
fn at_most_thirty_faults_are_shown() {
    let shop = Sandbox::new();
    let text: String = (0..100).map(|number| format!("x{number} = 1\n")).collect();
    shop.write("release.toml", &text);
    let run = shop.rel("next");
    assert_eq!(run.code, 2);
    assert_eq!(run.stderr.matches("error: unknown key").count(), 30);
    assert!(run.stderr.ends_with("… and 70 more\nerror: release.toml has 100 problems\n"), "{}", run.stderr);
}
