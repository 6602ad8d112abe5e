//! Renders an excerpt of a text: the line, a caret under what is wrong, and what would be right. The only file that knows
//! `annotate_snippets`.

use crate::error::Snippet;
use crate::model::clean_line;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer};

/// Renders an excerpt in `width` columns. Everything in it is cleaned.
pub(super) fn render(snippet: &Snippet, width: usize, colour: bool) -> String {
    let (text, span) = cleaned(snippet);
    let title = Level::ERROR.primary_title(wrapped(&snippet.message, width, "error: ".len()));
    let column = text.get(..span.start).map_or(0, |before| before.chars().count()) + 1;
    let file = clean_line(&snippet.source);
    let source = annotate_snippets::Snippet::source(text)
        .line_start(snippet.line)
        .annotation(AnnotationKind::Primary.span(span));
    let mut report = if column == snippet.column {
        title.element(source.path(file))
    } else {
        // The renderer would count columns in the excerpt, but those of the whole line count.
        let origin = Origin::path(file).line(snippet.line).char_column(snippet.column);
        title.element(origin).element(source)
    };
    if let Some(help) = &snippet.help {
        report = report.element(Level::HELP.message(wrapped(help, width, "   = help: ".len())));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(width).render(&[report])
}

/// Cleans the text, and returns where its span is then.
fn cleaned(snippet: &Snippet) -> (String, std::ops::Range<usize>) {
    let part = |range| clean_line(snippet.text.get(range).unwrap_or_default());
    let end = snippet.text.len();
    let (before, inside) = (part(0..snippet.span.start), part(snippet.span.clone()));
    let span = before.len()..before.len() + inside.len();
    (before + &inside + &part(snippet.span.end..end), span)
}

/// Cleans a text and breaks it at spaces, so that its lines fit beside an indent.
fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let room = width.saturating_sub(indent).max(20);
    let mut lines = String::new();
    let mut used = 0;
    for word in clean_line(text).split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > room {
            lines.push('\n');
            used = 0;
        } else if used > 0 {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::error::Snippet;

    fn rendered(text: &str, column: usize, width: usize) -> Vec<String> {
        let at = text.char_indices().nth(column - 1).map_or(text.len(), |(at, _)| at);
        let length = text[at..].chars().next().map_or(0, char::len_utf8);
        let snippet = Snippet {
            message: "no".to_owned(),
            source: "file".to_owned(),
            line: 12,
            column,
            text: text.to_owned(),
            span: at..at + length,
            help: Some("yes".to_owned()),
        };
        render(&snippet, width, false).lines().map(|line| line.trim_end().to_owned()).collect()
    }

    #[test]
    fn the_caret_is_under_its_character() {
        assert_eq!(
            rendered("feat(日本):x", 10, 80),
            [
                "error: no",
                "  --> file:12:10",
                "   |",
                "12 | feat(日本):x",
                "   |            ^",
                "   |",
                "   = help: yes"
            ]
        );
        assert_eq!(rendered("a\u{1b}[1m\tb", 7, 80)[4..6], ["12 | a[1m b", "   |      ^"]);
        assert_eq!(rendered("feat:", 6, 80)[3..5], ["12 | feat:", "   |      ^"]);
        assert_eq!(rendered("", 1, 80)[3..5], ["12 |", "   | ^"]);
    }

    #[test]
    fn a_long_line_is_cut_around_its_caret() {
        let long = "0123456789".repeat(10_000);
        for column in [3, 50_001, 100_001] {
            let lines = rendered(&long, column, 40);
            assert!(lines.iter().all(|line| line.chars().count() <= 40), "{lines:?}");
            assert!(lines[3].contains("..."), "{lines:?}");
        }
    }
}
