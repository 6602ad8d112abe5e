//! Properties of any file: only the bytes of the version change, and the result can be edited again.

use super::{by_name, change, edit, with_pattern};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert_eq, proptest};
use proptest::sample::select;
use proptest::strategy::{Just, Strategy};

/// Files with placeholders for the version and for noise around it. They also contain text that only looks like the version.
const SHAPES: [(&str, &str); 5] = [
    (
        "package.json",
        "{\n \"a\": {\"version\": \"1.3.0\"},\n <noise>\"version\": \"@@\", \"z\": [\"1.3.0\", {\"version\": 1}]\n}\n",
    ),
    (
        "Cargo.toml",
        "# 1.3.0\n<noise>[package]\nname = \"x\"\ndescription = '''\nversion = \"1.3.0\"\n'''\nversion = \"@@\" # 1.3.0\n[dependencies]\ny = \"1.3.0\"\nx = { path = \".\", version = \"=@@\" }\n",
    ),
    (
        "pyproject.toml",
        "<noise>[tool]\nversion = \"1.3.0\"\n[project]\nversion = '@@'\n[project.x]\nversion = \"1.3.0\"\n",
    ),
    (
        "Chart.yaml",
        "<noise>description: >\n  version: 1.3.0\nversion: @@ # 1.3.0\nappVersion: 'v@@'\nx:\n- version: 1.3.0\n",
    ),
    ("notes.md", "<noise>see rel@@@, not 1.3.0 or rel@1.3.0.1\n"),
];

/// Returns the noise that may be around a version, in the syntax of the file.
fn noise(path: &str) -> Vec<&'static str> {
    match path {
        "package.json" => vec!["", "\"é\": \"\\\"version\\\": \\\"1.3.0\\\"\",\n", "\"b\": [[{}]], \n\n"],
        "Chart.yaml" => vec!["", "# version: 1.3.0\n", "é: \"version: 1.3.0\"\n", "versions: 1.3.0\n"],
        "notes.md" => vec!["", "1.3.0 é\n", "rel@ rel@x\n", "\n\n"],
        _ => vec!["", "# version = \"1.3.0\"\n", "\n", "# é\n"],
    }
}

/// Returns a version and a higher one.
fn versions() -> impl Strategy<Value = (String, String)> {
    let pre = || select(vec!["", "-rc.1", "-rc.12", "-dev.3", "-beta.7"]);
    let number = || prop::num::u8::ANY;
    (number(), number(), number(), pre(), pre(), 1..9u8).prop_map(|(major, minor, patch, old, new, up)| {
        let next = u16::from(minor) + u16::from(up);
        (format!("{major}.{minor}.{patch}{old}"), format!("{major}.{next}.0{new}"))
    })
}

/// Returns a file with placeholders.
fn shape() -> impl Strategy<Value = (&'static str, String)> {
    let end = select(vec!["\n", "\r\n"]);
    select(SHAPES.to_vec()).prop_flat_map(move |(path, shape)| {
        let noise = prop::collection::vec(select(noise(path)), 0..4);
        (Just(path), Just(shape), noise, end.clone(), any::<bool>(), any::<bool>()).prop_map(
            |(path, shape, mut noise, end, mark, last)| {
                // No duplicates: keys must be unique.
                noise.sort_unstable();
                noise.dedup();
                let text = shape.replace("<noise>", &noise.concat()).replace('\n', end);
                let text = if last { text } else { text.trim_end().to_owned() };
                (path, format!("{}{text}", if mark { "\u{feff}" } else { "" }))
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_the_bytes_of_the_version_change((path, holes) in shape(), (old, new) in versions()) {
        let entry = if path == "notes.md" { with_pattern(path, "rel@{version}", None) } else { by_name(path) };
        let spelled = |version: &str| if path == "pyproject.toml" {
            version.replace("-rc.", "rc").replace("-beta.", "b").replace("-dev.", ".dev")
        } else {
            version.to_owned()
        };
        let before = holes.replace("@@", &old);
        let after = if path == "notes.md" { holes.replace("@@@", &format!("@{new}")) } else { holes.replace("@@", &spelled(&new)) };
        let before = if path == "notes.md" { holes.replace("@@@", &format!("@{old}")) } else { before };
        let files = [entry];
        let edits = edit(&[(path, &before)], &files, &change(&old, &new)).unwrap();
        prop_assert_eq!(edits.len(), 1);
        prop_assert_eq!(&edits[0].before, &before);
        prop_assert_eq!(&edits[0].after, &after);
        // The result has the new version, which is the old one of the next change.
        prop_assert_eq!(edit(&[(path, &after)], &files, &change(&old, &new)).unwrap(), []);
        let again = edit(&[(path, &after)], &files, &change(&new, "9999.0.0")).unwrap();
        prop_assert_eq!(again[0].replacements.len(), edits[0].replacements.len());
    }

    #[test]
    fn any_text_is_edited_or_an_error(text in "\\PC{0,80}", path in select(SHAPES.to_vec())) {
        let _ = edit(&[(path.0, &text)], &[by_name(path.0)], &change("1.3.0", "1.4.0"));
        let _ = edit(&[(path.0, &text)], &[with_pattern(path.0, "{version}", None)], &change("", "1.4.0"));
    }

    #[test]
    fn any_part_of_a_file_is_edited_or_an_error((path, holes) in shape(), at in any::<prop::sample::Index>()) {
        let text = holes.replace("@@", "1.3.0");
        let at = (0..=at.index(text.len() + 1)).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        for text in [&text[..at], &text[at..]] {
            let _ = edit(&[(path, text)], &[by_name(path)], &change("1.3.0", "1.4.0"));
        }
    }
}
