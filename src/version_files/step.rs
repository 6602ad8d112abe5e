//! From which version to which, and what that says of a version that a file holds. Leans on `model` and `error`.

use crate::error::Error;
use crate::model::Version;

/// A release, as the files see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionChange {
    /// The versions that a file may hold now: the last release, and on the way from a prerelease to its final that one
    /// too. None for a first release: then any version that is not above the next one.
    pub from: Vec<Version>,
    /// The version that it holds then.
    pub to: Version,
}

/// What becomes of a version that a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the old one, and becomes the new one.
    Moves,
    /// It is the new one already.
    Already,
    /// It is another one, or none.
    Other,
}

/// How much of a foreign text a message repeats, in characters.
const SHOWN: usize = 60;

impl VersionChange {
    /// Judges what a file holds; `None` is a text that is no version.
    pub(super) fn judge(&self, held: Option<&Version>) -> Verdict {
        match held {
            Some(held) if *held == self.to => Verdict::Already,
            Some(held) if self.from.contains(held) => Verdict::Moves,
            Some(held) if self.from.is_empty() && held.precedence(&self.to).is_le() => Verdict::Moves,
            _ => Verdict::Other,
        }
    }

    /// Judges the text that a file holds.
    pub(super) fn judge_text(&self, held: &str) -> Verdict {
        self.judge(Version::parse(held).as_ref())
    }

    /// What a file should hold, as a sentence says it.
    pub(super) fn wanted(&self) -> String {
        if self.from.is_empty() {
            return format!("a version up to {}", self.to);
        }
        self.from.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
    }

    /// The version that a hint tells to write.
    pub(super) fn sample(&self) -> &Version {
        self.from.first().unwrap_or(&self.to)
    }

    /// A place that holds neither the old version nor the new one.
    pub(super) fn elsewhere(&self, place: &str, held: &str) -> Error {
        let message = format!("{place} holds {}, not {}", shown(held), self.wanted());
        let hint = if self.from.is_empty() {
            format!("write {} there, or release a version that is not below it", self.to)
        } else {
            format!("write {} there: the release makes {} of it", self.sample(), self.to)
        };
        Error::refused(message).hint(hint)
    }
}

/// A text of a file as a message repeats it.
pub(super) fn shown(text: &str) -> String {
    format!("`{}`", short(text))
}

/// The beginning of a text.
pub(super) fn short(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
