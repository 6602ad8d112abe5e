//! Screens in the manual pages, which are compared with real output.

use std::path::Path;

/// Compares a screen with the one that a manual page shows below `<!-- the screen: NAME -->`, or writes it there
/// (`REL_DOCS=write`).
#[track_caller]
pub fn documented(page: &str, name: &str, screen: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = std::fs::read_to_string(&file).unwrap();
    let mark = format!("<!-- the screen: {name} -->\n```text\n");
    let begin = text.find(&mark).unwrap_or_else(|| panic!("{page} does not show: {name}")) + mark.len();
    let end = begin + text[begin..].find("```").unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test has no Context")]
    if std::env::var("REL_DOCS").is_ok_and(|value| value == "write") {
        std::fs::write(&file, format!("{}{screen}\n{}", &text[..begin], &text[end..])).unwrap();
    } else {
        assert_eq!(&text[begin..end], format!("{screen}\n"), "{page}, {name}");
    }
}
