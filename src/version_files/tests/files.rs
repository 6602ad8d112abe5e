//! npm, Python, Helm.

use super::{changes, faults, known, run, step};

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
fn npm_moves_the_top_and_the_locks_beside_it() {
    let tree = [
        ("package.json", "{}"),
        ("web/package.json", PACKAGE),
        ("web/package-lock.json", LOCK),
        ("web/npm-shrinkwrap.json", "{\"version\":\"1.3.0\",\"lockfileVersion\":1}"),
        ("package-lock.json", LOCK),
    ];
    assert_eq!(
        changes(&tree, &[known("web/package.json")], &step("1.3.0", "1.4.0")),
        [
            "web/npm-shrinkwrap.json:1 version: 1.3.0 → 1.4.0",
            "web/package-lock.json:3 version: 1.3.0 → 1.4.0",
            "web/package-lock.json:8 packages[\"\"].version: 1.3.0 → 1.4.0",
            "web/package.json:4 version: 1.3.0 → 1.4.0",
        ]
    );
}

#[test]
fn npm_with_a_mark_of_byte_order_and_escapes() {
    let tree = [(
        "package.json",
        "\u{feff}{\"x\": \"\\\"version\\\": \\\"1.3.0\\\"\", \"versi\\u006fn\":\"1\\u002e3.0\"}\n",
    )];
    let edits = run(&tree, &[known("package.json")], &step("1.3.0", "1.4.0")).unwrap();
    assert_eq!(
        edits[0].after,
        "\u{feff}{\"x\": \"\\\"version\\\": \\\"1.3.0\\\"\", \"versi\\u006fn\":\"1.4.0\"}\n"
    );
}

#[test]
fn npm_faults_say_where() {
    for (text, fault) in [
        ("{\n  \"name\": \"x\"\n}", "package.json has no version at its top"),
        (
            "{\n\"version\": \"1.3.0\",\n\"version\": \"1.3.0\"}",
            "package.json:3 cannot be read: duplicate field `version`",
        ),
        ("{\n\"version\": 1.3\n}", "package.json:2 holds `1.3`, not 1.3.0"),
        ("{\n\"version\": \"1.3.0\",\n}", "package.json:3 cannot be read: trailing comma"),
        ("{\n\"version\": \"v1.3.0\"}", "package.json:2 holds `v1.3.0`, not 1.3.0"),
    ] {
        let faults = faults(&[("package.json", text)], &[known("package.json")], &step("1.3.0", "1.4.0"));
        assert_eq!(faults[0], fault);
    }
    let tree = [
        ("package.json", "{\"version\": \"1.3.0\"}"),
        (
            "package-lock.json",
            "{\n\"version\": \"1.3.0\",\n\"packages\": {\n\"\": {\n\"version\": \"1.2.0\"}}}",
        ),
    ];
    let faults = faults(&tree, &[known("package.json")], &step("1.3.0", "1.4.0"));
    assert_eq!(faults[0], "package-lock.json:5 holds `1.2.0`, not 1.3.0");
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
fn python_is_spelled_as_python_does() {
    let files = [known("pyproject.toml")];
    let tree = [("pyproject.toml", PYPROJECT)];
    assert_eq!(
        changes(&tree, &files, &step("1.3.0", "1.4.0-rc.2")),
        ["pyproject.toml:6 project.version: 1.3.0 → 1.4.0rc2"]
    );
    for held in ["1.4.0rc2", "1.4.0-rc.2", "1.4.0.rc2"] {
        let text = format!("[tool.poetry]\nversion = \"{held}\"\n");
        let tree = [("pyproject.toml", text.as_str())];
        assert_eq!(run(&tree, &files, &step("1.3.0", "1.4.0-rc.2")).unwrap(), [], "already so: {held}");
        assert_eq!(
            changes(&tree, &files, &step("1.4.0-rc.2", "1.4.0")),
            [format!("pyproject.toml:2 tool.poetry.version: {held} → 1.4.0")]
        );
    }
}

#[test]
fn python_faults_say_where() {
    for (text, to, fault) in [
        (
            "[project]\ndynamic = [\"version\"]\n",
            "1.4.0",
            "pyproject.toml says dynamic = [\"version\"]: the version stands elsewhere",
        ),
        ("[project]\nname = \"x\"\n", "1.4.0", "pyproject.toml has no version in [project] or [tool.poetry]"),
        ("[project]\nversion = \"1.3.0.post1\"", "1.4.0", "pyproject.toml:2 holds `1.3.0.post1`, not 1.3.0"),
        (
            "[project]\nversion = \"1.3.0\"",
            "1.4.0-nightly.1",
            "pyproject.toml cannot hold 1.4.0-nightly.1: Python knows no such prerelease",
        ),
    ] {
        let faults = faults(&[("pyproject.toml", text)], &[known("pyproject.toml")], &step("1.3.0", to));
        assert_eq!(faults[0], fault);
    }
    // Poetry 2 keeps the version to itself, and says so.
    let text = "[project]\ndynamic = [\"version\"]\n[tool.poetry]\nversion = \"1.3.0\"\n";
    let edits =
        run(&[("pyproject.toml", text)], &[known("pyproject.toml")], &step("1.3.0", "1.4.0")).unwrap();
    assert_eq!(edits[0].replacements[0].line, 4);
}

const CHART: &str = "\u{feff}apiVersion: v2\r\nname: shop\r\ndescription: |\r\n  version: 1.3.0\r\n# version: 1.3.0\r\nversion: 1.3.0 # chart\r\nappVersion: \"v1.3.0\"\r\ndependencies:\r\n- name: redis\r\n  version: 1.3.0";

#[test]
fn charts_keep_quotes_comments_and_prefixes() {
    assert_eq!(
        changes(&[("c/Chart.yaml", CHART)], &[known("c/Chart.yaml")], &step("1.3.0", "1.4.0")),
        ["c/Chart.yaml:6 version: 1.3.0 → 1.4.0", "c/Chart.yaml:7 appVersion: 1.3.0 → 1.4.0"]
    );
    let other = CHART.replace("v1.3.0", "2026.1");
    assert_eq!(
        changes(&[("Chart.yaml", &other)], &[known("Chart.yaml")], &step("1.3.0", "1.4.0")),
        ["Chart.yaml:6 version: 1.3.0 → 1.4.0"]
    );
}

#[test]
fn charts_say_what_is_wrong() {
    let files = [known("Chart.yaml")];
    let fault = |text: &str| faults(&[("Chart.yaml", text)], &files, &step("1.3.0", "1.4.0"));
    assert_eq!(fault("name: x\n")[0], "Chart.yaml has no version at its top");
    assert_eq!(
        fault("version: 1.3.0\nversion: 1.3.0\n")[0],
        "version stands twice: Chart.yaml:1 and Chart.yaml:2"
    );
    let own = fault("version: 0.5.0\nappVersion: 1.3.0\n");
    assert_eq!(own[0], "Chart.yaml:1 holds `0.5.0`, not 1.3.0");
    assert!(own[2].contains("appVersion: \"{version}\""));
}
