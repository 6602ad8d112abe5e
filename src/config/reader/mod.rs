//! Reads the parsed file into the types of `raw` and notes every fault on the way, so that all are shown at once.

mod collections;
mod kind;

pub(super) use collections::Named;
pub(super) use kind::{ValueKind, noun};

use super::fault::{Fault, FormatError};
use super::quote::{escaped, quoted, suggestion};
use crate::model::suggest;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The proof that a value could not be read and that a fault says why: only the reader makes one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported(());

/// What a file defines in one place and names in others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Definition {
    Environment,
    Package,
    Image,
}

impl Definition {
    /// Returns the word for it, which is also the key that defines it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Definition::Environment => "environment",
            Definition::Package => "package",
            Definition::Image => "image",
        }
    }
}

/// A string that names something which the file defines elsewhere.
#[derive(Debug)]
pub(super) struct Reference {
    /// What it names.
    pub(super) definition: Definition,
    /// The name.
    pub(super) name: String,
    /// The bytes of the string.
    pub(super) span: Range<usize>,
    /// The keys that lead to it.
    pub(super) path: Vec<String>,
}

/// A type that a value of the file is read into.
pub(super) trait FromToml: Sized {
    /// The kinds of value that it is read from, the usual one first.
    const KINDS: &'static [ValueKind];

    /// Reads the value.
    fn from_toml(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Result<Self, Reported>;

    /// Returns what a missing key means; `None` where the key is required.
    fn absent() -> Option<Self> {
        None
    }
}

/// A string with a format.
pub(super) trait Text: Sized {
    /// The name of the format in the JSON schema.
    const FORMAT: &'static str;
    /// What the string names, if that is defined elsewhere in the file.
    const REFERS_TO: Option<Definition>;

    /// Parses the string.
    fn parse(text: &str) -> Result<Self, FormatError>;
}

/// The state of reading one file.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// What is wrong.
    pub(super) faults: Vec<Fault>,
    /// The strings that name something else.
    pub(super) references: Vec<Reference>,
    path: Vec<String>,
}

impl Reader {
    /// Notes a fault.
    pub(super) fn fault(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Reported {
        self.faults.push(Fault::new(span, message, help));
        Reported(())
    }

    /// Quotes the key whose value is read, for messages.
    pub(super) fn key(&self) -> String {
        quoted(self.path.last().map_or("release.toml", String::as_str))
    }

    /// Shows a value in a message: a string quoted, anything else by its kind.
    pub(super) fn shown(&self, value: &Spanned<DeValue<'_>>) -> String {
        value.get_ref().as_str().map_or_else(|| noun(value.get_ref()).to_owned(), quoted)
    }

    /// Notes that a value is of none of the kinds that its key allows.
    pub(super) fn wrong_kind(&mut self, kinds: &[ValueKind], value: &Spanned<DeValue<'_>>) -> Reported {
        let expected: Vec<_> = kinds.iter().map(|kind| kind.noun()).collect();
        let message = format!("{} is {}, not {}", self.key(), noun(value.get_ref()), expected.join(" or "));
        let key = escaped(&self.path.join("."));
        let help = kinds.first().map(|kind| kind.help(&key, value.get_ref())).unwrap_or_default();
        self.fault(value.span(), message, help)
    }

    /// Notes that a string names something which the file defines elsewhere.
    pub(super) fn reference(&mut self, definition: Definition, name: &str, span: Range<usize>) {
        let path = self.path.clone();
        self.references.push(Reference { definition, name: name.to_owned(), span, path });
    }

    /// Notes the keys of a table that are not known.
    pub(super) fn unknown_keys(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for (key, _) in table {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let place = match self.path.as_slice() {
                [] => String::new(),
                path => format!(" in [{}]", escaped(&path.join("."))),
            };
            let message = format!("unknown key {}{place}", quoted(name));
            self.fault(key.span(), message, suggestion(name, "key", known.iter().copied()));
        }
    }

    /// Reads the value of one key of the table at `span`.
    pub(super) fn field<T: FromToml>(
        &mut self,
        table: &DeTable<'_>,
        span: &Range<usize>,
        key: &str,
    ) -> Result<T, Reported> {
        match table.get(key) {
            Some(value) => self.inside(key, value),
            None => T::absent().ok_or_else(|| {
                let message = format!("{} has no key `{key}`", self.key());
                self.fault(span.clone(), message, format!("add a line `{key} = …`"))
            }),
        }
    }

    /// Reads a value below a key.
    fn inside<T: FromToml>(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<T, Reported> {
        // A value that the parser made up has no place, and the parser's own fault says what is wrong.
        if value.span().is_empty() && !value.get_ref().is_table() {
            return Err(Reported(()));
        }
        self.path.push(key.to_owned());
        let read = T::from_toml(self, value);
        self.path.pop();
        read
    }

    /// Parses a string that has a format.
    pub(super) fn text<T: Text>(&mut self, text: &str, span: Range<usize>) -> Result<T, Reported> {
        match T::parse(text) {
            Ok(parsed) => {
                if let Some(definition) = T::REFERS_TO {
                    self.reference(definition, text, span);
                }
                Ok(parsed)
            }
            Err(error) => {
                self.faults.push(error.at(span));
                Err(Reported(()))
            }
        }
    }

    /// Reads one of several keywords. `words` are all that may be written, as TOML.
    pub(super) fn keyword<T: Copy>(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        words: &[(&str, T)],
    ) -> Result<T, Reported> {
        let text = value.get_ref().as_str();
        if let Some((_, found)) = words.iter().find(|(word, _)| Some(*word) == text) {
            return Ok(*found);
        }
        let message = format!("{} cannot be {}", self.key(), self.shown(value));
        let near = text.and_then(|text| suggest(text, words.iter().map(|(word, _)| *word)));
        let help = near.map_or_else(
            || {
                let all: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
                format!("one of {}", all.join(", "))
            },
            |near| format!("did you mean \"{near}\"?"),
        );
        Err(self.fault(value.span(), message, help))
    }

    /// Reads a whole number within bounds.
    pub(super) fn integer(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        least: u32,
        most: u32,
    ) -> Result<u32, Reported> {
        let DeValue::Integer(number) = value.get_ref() else {
            return Err(self.wrong_kind(&[ValueKind::Integer], value));
        };
        let number = u32::from_str_radix(number.as_str(), number.radix()).ok();
        number.filter(|number| (least..=most).contains(number)).ok_or_else(|| {
            let message = format!("{} is out of range", self.key());
            self.fault(value.span(), message, format!("a whole number from {least} to {most}"))
        })
    }
}
