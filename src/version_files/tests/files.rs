//! npm, Python, Helm.

use super::{by_name, change, changed_lines, edit, errors};

const PACKAGE: &str = "{\r\n\t\"name\": \"@acme/web\",\r\n\t\"config\": { \"version\": \"1.3.0\" },\r\n\t\"version\" : \"1.3.0\",\r\n\t\"dependencies\": {\"left-pad\":\"1.3.0\"}\r\n}";

const LOCK: &str = r#"{
  "name": "@acme/web",
  "version": "1.3.0",
  "lockfileVersion": 3,
  "packages": {
    "": {
      "name": "@acme/web",
      "version": "1.3.0",
      "dependencies": { "left-pad": "1.3.0" }
    },
    "node_modules/left-pad": {
      "version": "1.3.0"
    }
  },
  "dependencies": { "left-pad": { "version": "1.3.0" } }
}
"#;

#[test]
fn npm_replaces_top_level_versions_of_the_manifest_and_its_lockfiles() {
    let tree = [
        ("package.json", "{}"),
        ("web/package.json", PACKAGE),
        ("web/package-lock.json", LOCK),
        ("web/npm-shrinkwrap.json", "{\"version\":\"1.3.0\",\"lockfileVersion\":1}"),
        ("package-lock.json", LOCK),
    ];
    assert_eq!(
        changed_lines(&tree, &[by_name("web/package.json")], &change("1.3.0", "1.4.0")),
        [
            "web/npm-shrinkwrap.json:1 version: 1.3.0 → 1.4.0",
            "web/package-lock.json:3 version: 1.3.0 → 1.4.0",
            "web/package-lock.json:8 packages[\"\"].version: 1.3.0 → 1.4.0",
            "web/package.json:4 version: 1.3.0 → 1.4.0",
        ]
    );
}

#[test]
fn npm_byte_order_marks_and_escapes_are_kept() {
    let tree = [(
        "package.json",
        "\u{feff}{\"x\": \"\\\"version\\\": \\\"1.3.0\\\"\", \"versi\\u006fn\":\"1\\u002e3.0\"}\n",
    )];
    let edits = edit(&tree, &[by_name("package.json")], &change("1.3.0", "1.4.0")).unwrap();
    assert_eq!(
        edits[0].after,
        "\u{feff}{\"x\": \"\\\"version\\\": \\\"1.3.0\\\"\", \"versi\\u006fn\":\"1.4.0\"}\n"
    );
}

#[test]
fn npm_errors_have_a_location() {
    for (text, expected) in [
        ("{\n  \"name\": \"x\"\n}", "package.json has no top-level version"),
        (
            "{\n\"version\": \"1.3.0\",\n\"version\": \"1.3.0\"}",
            "package.json:3 is not valid: duplicate field `version`",
        ),
        ("{\n\"version\": 1.3\n}", "package.json:2 has `1.3`, expected 1.3.0"),
        ("{\n\"version\": \"1.3.0\",\n}", "package.json:3 is not valid: trailing comma"),
        ("{\n\"version\": \"v1.3.0\"}", "package.json:2 has `v1.3.0`, expected 1.3.0"),
    ] {
        let errors = errors(&[("package.json", text)], &[by_name("package.json")], &change("1.3.0", "1.4.0"));
        assert_eq!(errors[0], expected);
    }
    let tree = [
        ("package.json", "{\"version\": \"1.3.0\"}"),
        (
            "package-lock.json",
            "{\n\"version\": \"1.3.0\",\n\"packages\": {\n\"\": {\n\"version\": \"1.2.0\"}}}",
        ),
    ];
    let errors = errors(&tree, &[by_name("package.json")], &change("1.3.0", "1.4.0"));
    assert_eq!(errors[0], "package-lock.json:5 has `1.2.0`, expected 1.3.0");
}

const PYPROJECT: &str = r#"[build-system]
requires = ["hatchling>=1.3.0"]

[project]
name = "shop"
version = '1.3.0'   # keep me
dependencies = ["x==1.3.0"]

[tool.other]
version = "1.3.0"
"#;

#[test]
fn python_versions_are_written_as_in_pep_440() {
    let files = [by_name("pyproject.toml")];
    let tree = [("pyproject.toml", PYPROJECT)];
    assert_eq!(
        changed_lines(&tree, &files, &change("1.3.0", "1.4.0-rc.2")),
        ["pyproject.toml:6 project.version: 1.3.0 → 1.4.0rc2"]
    );
    for current in ["1.4.0rc2", "1.4.0-rc.2", "1.4.0.rc2"] {
        let text = format!("[tool.poetry]\nversion = \"{current}\"\n");
        let tree = [("pyproject.toml", text.as_str())];
        assert_eq!(edit(&tree, &files, &change("1.3.0", "1.4.0-rc.2")).unwrap(), [], "already so: {current}");
        assert_eq!(
            changed_lines(&tree, &files, &change("1.4.0-rc.2", "1.4.0")),
            [format!("pyproject.toml:2 tool.poetry.version: {current} → 1.4.0")]
        );
    }
}

#[test]
fn python_errors_have_a_location() {
    for (text, to, expected) in [
        (
            "[project]\ndynamic = [\"version\"]\n",
            "1.4.0",
            "pyproject.toml has dynamic = [\"version\"]: the version is defined elsewhere",
        ),
        ("[project]\nname = \"x\"\n", "1.4.0", "pyproject.toml has no version in [project] or [tool.poetry]"),
        (
            "[project]\nversion = \"1.3.0.post1\"",
            "1.4.0",
            "pyproject.toml:2 has `1.3.0.post1`, expected 1.3.0",
        ),
        (
            "[project]\nversion = \"1.3.0\"",
            "1.4.0-nightly.1",
            "pyproject.toml cannot have 1.4.0-nightly.1: PEP 440 has no such prerelease",
        ),
    ] {
        let errors = errors(&[("pyproject.toml", text)], &[by_name("pyproject.toml")], &change("1.3.0", to));
        assert_eq!(errors[0], expected);
    }
    // With Poetry 2, the version may be in [tool.poetry] only.
    let text = "[project]\ndynamic = [\"version\"]\n[tool.poetry]\nversion = \"1.3.0\"\n";
    let edits =
        edit(&[("pyproject.toml", text)], &[by_name("pyproject.toml")], &change("1.3.0", "1.4.0")).unwrap();
    assert_eq!(edits[0].replacements[0].line, 4);
}

const CHART: &str = "\u{feff}apiVersion: v2\r\nname: shop\r\ndescription: |\r\n  version: 1.3.0\r\n# version: 1.3.0\r\nversion: 1.3.0 # chart\r\nappVersion: \"v1.3.0\"\r\ndependencies:\r\n- name: redis\r\n  version: 1.3.0";

#[test]
fn charts_keep_quotes_comments_and_prefixes() {
    assert_eq!(
        changed_lines(&[("c/Chart.yaml", CHART)], &[by_name("c/Chart.yaml")], &change("1.3.0", "1.4.0")),
        ["c/Chart.yaml:6 version: 1.3.0 → 1.4.0", "c/Chart.yaml:7 appVersion: 1.3.0 → 1.4.0"]
    );
    let other = CHART.replace("v1.3.0", "2026.1");
    assert_eq!(
        changed_lines(&[("Chart.yaml", &other)], &[by_name("Chart.yaml")], &change("1.3.0", "1.4.0")),
        ["Chart.yaml:6 version: 1.3.0 → 1.4.0"]
    );
}

#[test]
fn chart_errors_have_a_location() {
    let files = [by_name("Chart.yaml")];
    let errors = |text: &str| errors(&[("Chart.yaml", text)], &files, &change("1.3.0", "1.4.0"));
    assert_eq!(errors("name: x\n")[0], "Chart.yaml has no top-level version");
    assert_eq!(
        errors("version: 1.3.0\nversion: 1.3.0\n")[0],
        "duplicate key version: Chart.yaml:1 and Chart.yaml:2"
    );
    let own = errors("version: 0.5.0\nappVersion: 1.3.0\n");
    assert_eq!(own[0], "Chart.yaml:1 has `0.5.0`, expected 1.3.0");
    assert!(own[2].contains("appVersion: \"{version}\""));
}
