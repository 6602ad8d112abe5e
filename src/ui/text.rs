//! Text with roles instead of colours: what a screen shows is decided here, once. Leans on `model` for what is clean.

use crate::model::clean;
use anstyle::{AnsiColor, Style};

/// What a piece of text is, never how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ordinary words.
    Plain,
    /// The answer itself: the next version.
    Answer,
    /// A heading of a table or a section.
    Heading,
    /// A version, tag or commit.
    Name,
    /// What counts, what is well.
    Good,
    /// What wants attention.
    Warning,
    /// What is wrong.
    Bad,
    /// What may be skipped when reading.
    Faint,
}

impl Role {
    /// How a terminal with colours shows it. Colour only decorates: every screen reads the same without it.
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

/// A run of pieces, each with its role; already clean.
#[derive(Clone, Debug, Default)]
pub struct Text {
    pieces: Vec<(Role, String)>,
}

impl Text {
    /// Nothing yet.
    pub fn new() -> Self {
        Text::default()
    }

    /// Adds a piece; whatever is hostile in it is lost here.
    #[must_use]
    pub fn with(mut self, role: Role, text: impl AsRef<str>) -> Self {
        let text = clean(text.as_ref());
        match self.pieces.last_mut() {
            Some((last, before)) if *last == role => before.push_str(&text),
            _ => self.pieces.push((role, text.into_owned())),
        }
        self
    }

    /// Adds ordinary words.
    #[must_use]
    pub fn plain(self, text: impl AsRef<str>) -> Self {
        self.with(Role::Plain, text)
    }

    /// Adds another text behind this one.
    #[must_use]
    pub fn then(mut self, other: Text) -> Self {
        self.pieces.extend(other.pieces);
        self
    }

    /// The words without their roles.
    pub fn words(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// The pieces, for tables.
    pub(super) fn pieces(&self) -> &[(Role, String)] {
        &self.pieces
    }

    /// The bytes to print.
    pub fn paint(&self, colour: bool) -> String {
        if !colour {
            return self.words();
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
