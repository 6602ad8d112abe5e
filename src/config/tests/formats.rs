//! What every format accepts and what it refuses.

use crate::config::fault::FormatError;
use crate::config::raw::FORMATS;
use crate::config::schema;
use serde_json::Value;

fn check(format: &str, text: &str) -> Result<(), FormatError> {
    FORMATS.iter().find(|(name, _)| *name == format).unwrap().1(text)
}

fn collect(node: &Value, found: &mut Vec<String>) {
    match node {
        Value::Object(keys) => {
            let text = keys.get("type").is_none_or(|kind| kind == "string");
            if let Some(format) = keys.get("format").and_then(Value::as_str).filter(|_| text) {
                found.push(format.to_owned());
            }
            keys.values().for_each(|node| collect(node, found));
        }
        Value::Array(items) => items.iter().for_each(|node| collect(node, found)),
        _ => {}
    }
}

#[test]
fn every_format_of_the_schema_is_checked() {
    let mut found = Vec::new();
    collect(&serde_json::from_str(&schema()).unwrap(), &mut found);
    assert!(found.len() > 30, "{found:?}");
    found.retain(|format| format != "command" && !FORMATS.iter().any(|(name, _)| name == format));
    assert_eq!(found, Vec::<String>::new());
}

/// A format in each entry: what it accepts, what it refuses.
#[test]
fn formats_accept_and_refuse_what_they_should() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("name", &["prod", "eu-west.1", "a_b"], &["", "a/b", "-a", ".a", "a b", "é", "a..b", "x.lock"]),
        ("line", &["Added", "Hinzugefügt für"], &["", "a\nb", "\u{1b}[0m", "a\u{202e}b"]),
        ("variable", &["KUBECONFIG", "_x1"], &["", "1A", "A-B", "$A", "https://h/x"]),
        ("commit-type", &["feat", "deps-dev"], &["", "a b", "feat!", "feat(x)", "feat:"]),
        ("identity", &["a@b.example", "github:ada"], &["", "ada", "github:", ":ada", "a@ b"]),
        (
            "registry-host",
            &["ghcr.io", "127.0.0.1:5000", "[::1]:5000"],
            &["", "https://ghcr.io", "a/b", "h:x", "h:99999"],
        ),
        (
            "remote",
            &["origin", "../l.git", "/srv/l", "https://h/x", "ssh://g@h/x", "git@h:x/y", "file:///x"],
            &[
                "",
                "-x",
                "--upload-pack=x",
                "ext::sh -c x",
                "http://h/x",
                "git://h",
                "https://u:p@h/x",
                "a\nb",
            ],
        ),
        ("branch-name", &["rel-ledger", "a/b"], &["", "-x", "a b", "a..b", "refs/heads/x", "HEAD"]),
        ("glob", &["main", "release/*", "{a,b}/**"], &["", "a[", "{a", "a\nb"]),
        ("path-glob", &["services/api/**", "**/*.md"], &["/a", "../a", "./a", "a/../b", "a["]),
        (
            "path",
            &["CHANGELOG.md", "./a/b.toml", ".github/x"],
            &["", "/a", "../a", "a/../b", ".git/config", "a/.GIT/x", "C:/x", "a\\b", ".", "a/", "a\nb"],
        ),
        ("path-or-nothing", &["", "keys"], &["/keys"]),
        ("notes-template", &["keep-a-changelog", "notes/cliff.toml"], &["/x", ""]),
        ("tag", &["v{version}", "{package}-v{version}"], &["v", "", "{version}{version}", "a b{version}"]),
        ("version", &["0.1.0", "1.0.0-rc.1"], &["v1.0.0", "1.0", ""]),
        ("core", &["3.0.0"], &["3.0.0-rc.1", "3.0", "3.0.0+b"]),
        ("range", &["1", "1.1", "1.x"], &["1.2.3", ">=1", "", "x"]),
        ("channel", &["rc", "beta.x"], &["", "rc_1", "01"]),
        ("branch-version", &["{branch}"], &["", "{version}", "v{branch}"]),
        ("file-pattern", &["rel@{version}", "{version} {version}"], &["", "rel@", "{Version}"]),
        ("release-message", &["chore(release): {tag}", "{version}\n\nx"], &["", "release"]),
        (
            "repository",
            &["ghcr.io/acme/shop-api", "nginx", "127.0.0.1:5000/a", "oci:./images"],
            &[
                "",
                "https://ghcr.io/a",
                "ghcr.io/a:v1",
                "ghcr.io/a@sha256:00",
                "ghcr.io/Acme/x",
                "oci:",
                "oci:/tmp/x",
                "oci:../x",
                "ghcr.io/",
                "a//b",
            ],
        ),
        (
            "source-tag",
            &["sha-{commit}", "{commit:7}", "{commit}"],
            &[
                "",
                "sha",
                "sha-{commit:3}",
                "sha-{commit:41}",
                "{commit:x}",
                "{commit} x",
                "{branch}-{commit}",
            ],
        ),
        (
            "version-tag",
            &["v{version}", "{version}"],
            &["", "v{major}", "v{version} ", "-{version}", "{version}{x}"],
        ),
        ("moving-tag", &["v{major}.{minor}", "latest", "{version}"], &["", "v{mayor}", "a b"]),
        (
            "time-span",
            &["0s", "10m", "1h30m", "7d", "2h"],
            &["", "10", "m", "1.5h", "30m1h", "1h1h", "-1h", "99999999999d", "4000d"],
        ),
        (
            "week-time",
            &["Fri 16:00", "monday 08:30"],
            &["", "Fri", "16:00", "Fri 24:00", "Fri 1:60", "Fre 10:00", "Fri 16:00:00"],
        ),
        (
            "time-zone",
            &["Europe/Berlin", "UTC", "Etc/GMT+1"],
            &["", "Europe Berlin", "/x", "+01:00", "a//b", "../x"],
        ),
    ];
    for (format, good, bad) in cases {
        for text in *good {
            assert_eq!(check(format, text), Ok(()), "{format} {text:?}");
        }
        for text in *bad {
            assert!(check(format, text).is_err(), "{format} {text:?}");
        }
        assert!(check(format, "a\0b").is_err());
    }
}
