//! Walks the parsed file along the schema: structure, words, formats. Leans on `schema`, `formats` and `command`.

use super::command;
use super::fault::{Fault, listed, meant, quoted};
use super::formats;
use super::schema::Shape;
use crate::model::suggest;
use serde_json::Value;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A string of the file that names something which the file defines elsewhere.
#[derive(Debug)]
pub(super) struct Mention {
    /// `environment`, `package` or `image`.
    pub(super) kind: &'static str,
    /// The name.
    pub(super) name: String,
    /// Where it stands.
    pub(super) span: Range<usize>,
    /// The keys that lead to it.
    pub(super) path: Vec<String>,
}

/// What a walk along the schema finds.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// What is wrong.
    pub(super) faults: Vec<Fault>,
    /// What names something else.
    pub(super) mentions: Vec<Mention>,
    path: Vec<String>,
}

impl Walk {
    /// Checks a whole file against the schema.
    pub(super) fn along(file: &DeTable<'_>) -> Walk {
        let mut walk = Walk::default();
        walk.table(Shape::top(), file, &(0..0));
        walk
    }

    pub(super) fn fault(&mut self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.faults.push(Fault::new(span, message, help));
    }

    /// The key whose value is looked at, for messages.
    pub(super) fn here(&self) -> String {
        quoted(self.path.last().map_or("release.toml", String::as_str))
    }

    fn value(&mut self, shape: Shape, value: &Spanned<DeValue<'_>>) {
        let words = shape.words();
        if !words.is_empty() {
            return self.word(&words, value);
        }
        let choices = shape.choices();
        let Some(fitting) = choices.iter().copied().find(|choice| choice.takes(value.get_ref())) else {
            return self.wrong_type(&choices, value);
        };
        let span = value.span();
        match value.get_ref() {
            DeValue::String(text) => self.text(fitting.format(), text, span),
            DeValue::Integer(number) => {
                let (least, most) = fitting.bounds();
                let number = i64::from_str_radix(number.as_str(), number.radix()).unwrap_or(i64::MAX);
                if number < least || number > most {
                    let message = format!("{} is out of bounds", self.here());
                    self.fault(span, message, format!("a whole number from {least} to {most}"));
                }
            }
            DeValue::Array(_) if fitting.kind() == "command" => self.commands(value),
            DeValue::Array(items) => {
                if let Some(shape) = fitting.items() {
                    items.iter().for_each(|item| self.value(shape, item));
                }
            }
            DeValue::Table(table) => self.table(fitting, table, &span),
            DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }

    fn table(&mut self, shape: Shape, table: &DeTable<'_>, span: &Range<usize>) {
        for (key, value) in table {
            self.entry(shape, key, value);
        }
        for key in shape.required().filter(|key| !table.contains_key(*key)) {
            let message = format!("{} lacks the key `{key}`", self.here());
            self.fault(span.clone(), message, format!("add a line `{key} = …`"));
        }
        let count = table.len() as u64;
        if count < shape.least_keys() || count > shape.most_keys() {
            let message = format!("{} has one key, not {count}", self.here());
            self.fault(span.clone(), message, listed("key", shape.properties()));
        }
    }

    fn entry(&mut self, shape: Shape, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        let name = key.get_ref().as_ref();
        let (known, others) = (shape.property(name), shape.others());
        let Some(inner) = known.or(others) else {
            let place =
                if self.path.is_empty() { String::new() } else { format!(" in [{}]", inside(&self.path)) };
            let message = format!("unknown key {}{place}", quoted(name));
            return self.fault(key.span(), message, meant(name, "key", shape.properties()));
        };
        self.path.push(name.to_owned());
        if known.is_none() {
            self.text(shape.key_format(), name, key.span());
        }
        // Where the parser repaired a value, the value has no place of its own; the key has.
        if value.span().is_empty() && !value.get_ref().is_table() {
            self.path.pop();
            return;
        }
        self.value(inner, value);
        self.path.pop();
    }

    fn text(&mut self, format: Option<&'static str>, text: &str, span: Range<usize>) {
        let Some(format) = format else { return };
        if let Err(wrong) = formats::check(format, text) {
            self.fault(span.clone(), wrong.message, wrong.help);
        } else if matches!(format, "environment" | "package" | "image") {
            self.mention(format, text, span);
        }
    }

    pub(super) fn mention(&mut self, kind: &'static str, name: &str, span: Range<usize>) {
        self.mentions.push(Mention { kind, name: name.to_owned(), span, path: self.path.clone() });
    }

    fn word(&mut self, words: &[&Value], value: &Spanned<DeValue<'_>>) {
        let found = match value.get_ref() {
            DeValue::String(text) => Value::from(text.as_ref()),
            DeValue::Boolean(truth) => Value::from(*truth),
            _ => Value::Null,
        };
        if words.contains(&&found) {
            return;
        }
        let message = match &found {
            Value::String(text) => format!("{} cannot be {}", self.here(), quoted(text)),
            _ => format!("{} cannot be {}", self.here(), noun(value.get_ref())),
        };
        let near = found
            .as_str()
            .and_then(|found| suggest(found, words.iter().filter_map(|word| word.as_str())))
            .map(|near| format!("did you mean \"{near}\"?"));
        let all: Vec<_> = words.iter().map(ToString::to_string).collect();
        self.fault(value.span(), message, near.unwrap_or_else(|| format!("one of {}", all.join(", "))));
    }

    fn wrong_type(&mut self, choices: &[Shape], value: &Spanned<DeValue<'_>>) {
        let expected: Vec<_> = choices.iter().map(|choice| expectation(*choice)).collect();
        let message = format!("{} is {}, not {}", self.here(), noun(value.get_ref()), expected.join(" or "));
        let key = inside(&self.path);
        let help = match (choices.first().map(|choice| choice.kind()), value.get_ref()) {
            (Some("command"), DeValue::String(text)) => command::of_line(text),
            (Some("array"), DeValue::Table(_)) => format!("write [[{key}]] with two brackets"),
            (Some("object"), DeValue::Array(_)) => format!("write [{key}] with one pair of brackets"),
            (Some("string"), _) => "write it in quotes: \"…\"".into(),
            (Some("integer"), _) => "write a whole number without quotes".into(),
            (Some("boolean"), _) => "write true or false, without quotes".into(),
            (Some("command"), _) => {
                "the program first, then its arguments: [\"program\", \"argument\"]".into()
            }
            (Some("array"), _) => "write a list: [\"…\", \"…\"]".into(),
            _ => format!("write a table: [{key}]"),
        };
        self.fault(value.span(), message, help);
    }
}

/// The keys that lead to a place, as a header has them.
fn inside(path: &[String]) -> String {
    quoted(&path.join(".")).trim_matches('`').to_owned()
}

/// What a value is, as a sentence says it.
pub(super) fn noun(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(true) => "true",
        DeValue::Boolean(false) => "false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// What a value should be, as a sentence says it.
fn expectation(shape: Shape) -> &'static str {
    match shape.kind() {
        "string" => "a string",
        "integer" => "a whole number",
        "boolean" => "true or false",
        "command" => "a command (a list)",
        "array" if shape.items().is_some_and(|items| items.kind() == "object") => "a list of tables",
        "array" => "a list of strings",
        _ => "a table",
    }
}
