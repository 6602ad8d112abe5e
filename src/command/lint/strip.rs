//! Removes from a message file what git removes before it commits (git-commit(1), `--cleanup=strip`).

use crate::model::message::SCISSORS;

/// A message without what git removes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stripped {
    /// The remaining text.
    pub text: String,
    /// The number in the file of each remaining line, counted from 1.
    pub numbers: Vec<usize>,
}

/// The characters that git chooses from for `core.commentChar = auto` (builtin/commit.c, `adjust_comment_line_char`).
const CANDIDATES: &str = "#;@!$%^&|:";

/// Removes the lines that begin with `comment`, and everything from the scissors line on.
pub(super) fn strip(text: &str, comment: &str) -> Stripped {
    let comment = if comment == "auto" { chosen(text) } else { Some(comment) };
    let comment = comment.filter(|comment| !comment.is_empty());
    let is_comment = |line: &str| comment.is_some_and(|comment| line.starts_with(comment));
    let is_scissors = |line: &str| {
        comment.and_then(|comment| line.strip_prefix(comment)).is_some_and(|rest| rest.trim() == SCISSORS)
    };
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.split('\n').enumerate().take_while(|(_, line)| !is_scissors(line));
    let (numbers, lines): (Vec<usize>, Vec<&str>) =
        lines.filter(|(_, line)| !is_comment(line)).map(|(index, line)| (index + 1, line)).unzip();
    Stripped { text: lines.join("\n"), numbers }
}

/// Returns the comment character that git chose: its own lines are at the end of the file, or around the scissors.
fn chosen(text: &str) -> Option<&str> {
    let scissors = text.lines().find(|line| line.trim_end().ends_with(SCISSORS));
    let last = scissors.or_else(|| text.lines().rfind(|line| !line.trim().is_empty()))?;
    let character = last.get(..1)?;
    CANDIDATES.contains(character).then_some(character)
}

#[cfg(test)]
mod tests {
    use super::strip;

    fn stripped(text: &str, comment: &str) -> (String, Vec<usize>) {
        let stripped = strip(text, comment);
        (stripped.text, stripped.numbers)
    }

    #[test]
    fn comments_are_removed_and_line_numbers_kept() {
        let text = "# first\nfeat: x\n#\n\n #12 stays\n";
        assert_eq!(stripped(text, "#"), ("feat: x\n\n #12 stays\n".into(), vec![2, 4, 5, 6]));
        assert_eq!(stripped("// a\n#b", "//"), ("#b".into(), vec![2]));
        assert_eq!(stripped("#b", ""), ("#b".into(), vec![1]));
    }

    #[test]
    fn everything_below_the_scissors_is_removed() {
        for comment in ["#", "//", ";"] {
            let text = format!(
                "fix: x\n{comment} ------------------------ >8 ------------------------\r\n{comment} y\ndiff"
            );
            assert_eq!(stripped(&text, comment), ("fix: x".into(), vec![1]));
        }
    }

    #[test]
    fn auto_finds_the_character_of_the_last_comment_line() {
        assert_eq!(stripped("#12: x\n\n; Please\n;\n", "auto"), ("#12: x\n\n".into(), vec![1, 2, 5]));
        assert_eq!(stripped("feat: x\n# no\n", "auto").0, "feat: x\n");
        assert_eq!(stripped("# feat: x\nend", "auto").0, "# feat: x\nend");
        assert_eq!(stripped("", "auto"), (String::new(), vec![1]));
        let text = "@x\n; ------------------------ >8 ------------------------\n; y\n@diff";
        assert_eq!(stripped(text, "auto").0, "@x");
    }
}
