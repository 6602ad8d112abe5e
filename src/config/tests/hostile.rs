//! Reading any text ends soon: with a configuration, or with exit code 2.

use super::{FULL, faults};
use crate::config::read;
use proptest::prelude::{ProptestConfig, any, prop, proptest};
use proptest::strategy::Strategy;

#[test]
fn hostile_files_end_soon_and_do_not_panic() {
    let nested = format!("{}b = {{{}", "a.".repeat(70), format!("{}b = {{", "a.".repeat(70)).repeat(70));
    let branch = |glob: String| format!("[[branch]]\nname = '{glob}'");
    for text in [
        "x".repeat(2 << 20),
        format!("a = {}", "[".repeat(10_000)),
        format!("a = {}", "{a = ".repeat(10_000)),
        format!("{}a = 1", "a.".repeat(100_000)),
        format!("[{}a]", "a.".repeat(100_000)),
        format!("[environment.a{}]\nx = 1", ".package.a".repeat(30)),
        nested,
        "x\n".repeat(20_000),
        "= ] }\n".repeat(20_000),
        format!("name = '{}'", "é\u{202e}".repeat(100_000)),
        format!("[environment.a]\ndeploy = [{}]", "'{image.x}',".repeat(20_000)),
        branch("{".repeat(300) + &"}".repeat(300)),
        branch("[".repeat(300)),
    ] {
        assert!(!read("release.toml", &text).unwrap_err().message.is_empty());
    }
    for glob in
        ["{a,".repeat(40) + &"}".repeat(40), "**/".repeat(160), "*".repeat(500), "[!é-\u{ffff}]".repeat(50)]
    {
        assert_eq!(faults(&branch(glob)), Vec::<String>::new());
    }
    let faults = faults("\u{1b}[31m = 1\n'\u{202e}' = 1");
    assert!(!faults.concat().contains(['\u{1b}', '\u{202e}']), "{faults:?}");
}

/// A text is read, or refused with at least one fault.
fn reads_or_says_why(text: &str) {
    if let Err(error) = read("release.toml", text) {
        assert_eq!(error.kind.code(), 2, "{error:?}");
        assert!(!error.causes.is_empty(), "{text}\n{error:?}");
    }
}

/// A change of the full example: at which byte, how many bytes are removed, what is inserted.
fn change() -> impl Strategy<Value = (usize, usize, Vec<u8>)> {
    let piece = proptest::sample::select(vec![
        "", "\"", "'", "[", "]", "[[", "{", "}", "=", "\n", ",", ".", "1", "true", "x", "\"\"\"", "\\", "#",
        "\u{1b}", "é", " ",
    ]);
    (any::<prop::sample::Index>(), 0..12_usize, piece)
        .prop_map(|(at, gone, piece)| (at.index(FULL.len()), gone, piece.as_bytes().to_vec()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        reads_or_says_why(&text);
    }

    #[test]
    fn any_lines_of_the_example_are_read_or_refused(order in prop::collection::vec(0..FULL.lines().count(), 0..80)) {
        let lines: Vec<_> = FULL.lines().collect();
        let text: Vec<_> = order.iter().map(|line| lines[*line]).collect();
        reads_or_says_why(&text.join("\n"));
    }

    #[test]
    fn any_change_of_the_example_is_read_or_refused(changes in prop::collection::vec(change(), 1..6)) {
        let mut bytes = FULL.as_bytes().to_vec();
        for (at, gone, piece) in changes {
            let at = at.min(bytes.len());
            let end = (at + gone).min(bytes.len());
            bytes.splice(at..end, piece);
        }
        reads_or_says_why(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_part_of_the_example_twice_is_read_or_refused(at in 0..FULL.len(), length in 1..200_usize) {
        let bytes = FULL.as_bytes();
        let end = (at + length).min(bytes.len());
        reads_or_says_why(&String::from_utf8_lossy(&[&bytes[..end], &bytes[at..end], &bytes[end..]].concat()));
    }
}
