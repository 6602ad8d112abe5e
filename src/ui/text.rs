//! Text with roles instead of colours; how a terminal shows a role is decided here.

use crate::model::clean;
use anstyle::{AnsiColor, Style};

/// What a piece of text is, not how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Plain,
    /// The answer itself: the next version.
    Answer,
    /// A heading of a table or a section.
    Heading,
    /// A version, tag or commit.
    Name,
    /// What counts, what is healthy.
    Good,
    /// What needs attention.
    Warning,
    /// What is wrong.
    Bad,
    /// What a reader may skip.
    Faint,
}

impl Role {
    /// Returns how a coloured terminal shows it. Colour is only decoration: the text says the same without it.
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Role::Plain => Style::new(),
            Role::Answer => colour(AnsiColor::Green).bold(),
            Role::Heading => Style::new().bold(),
            Role::Name => colour(AnsiColor::Cyan),
            Role::Good => colour(AnsiColor::Green),
            Role::Warning => colour(AnsiColor::Yellow).bold(),
            Role::Bad => colour(AnsiColor::Red).bold(),
            Role::Faint => Style::new().dimmed(),
        }
    }
}

/// Pieces of cleaned text, each with its role.
#[derive(Clone, Debug, Default)]
pub struct Text {
    pieces: Vec<(Role, String)>,
}

impl Text {
    /// Creates an empty text.
    pub fn new() -> Self {
        Text::default()
    }

    /// Adds a piece, cleaned.
    #[must_use]
    pub fn with(mut self, role: Role, text: impl AsRef<str>) -> Self {
        let text = clean(text.as_ref());
        match self.pieces.last_mut() {
            Some((last, before)) if *last == role => before.push_str(&text),
            _ => self.pieces.push((role, text.into_owned())),
        }
        self
    }

    /// Adds ordinary text.
    #[must_use]
    pub fn plain(self, text: impl AsRef<str>) -> Self {
        self.with(Role::Plain, text)
    }

    /// Appends another text.
    #[must_use]
    pub fn then(mut self, other: Text) -> Self {
        self.pieces.extend(other.pieces);
        self
    }

    /// Returns the text without roles.
    pub fn unstyled(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// Returns the pieces with their roles.
    pub(super) fn pieces(&self) -> &[(Role, String)] {
        &self.pieces
    }

    /// Returns what is printed.
    pub fn styled(&self, colour: bool) -> String {
        if !colour {
            return self.unstyled();
        }
        self.pieces
            .iter()
            .map(|(role, text)| match role {
                Role::Plain => text.clone(),
                _ => format!("{style}{text}{style:#}", style = role.style()),
            })
            .collect()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::new().plain(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text::new().plain(text)
    }
}
