//! What a command must look like: a list with the program first, or a list of such lists. Leans on `walk`.

use super::formats;
use super::walk::{Walk, noun};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeValue};

/// What a command looks like.
const SHAPE: &str = "the program first, then its arguments: [\"program\", \"argument\"]";

impl Walk {
    /// A list of strings, or a list of lists of strings; every argument may name images.
    pub(super) fn commands(&mut self, value: &Spanned<DeValue<'_>>) {
        let Some(items) = value.get_ref().as_array() else { return };
        let lists: Vec<_> = items.iter().filter(|item| item.get_ref().is_array()).collect();
        if lists.is_empty() {
            return self.command(items, value.span());
        }
        for item in items {
            match item.get_ref().as_array() {
                Some(arguments) => self.command(arguments, item.span()),
                None => {
                    let message = format!("{} mixes lists and single values", self.here());
                    self.fault(
                        item.span(),
                        message,
                        "a command is a list of strings, several commands a list of such lists",
                    );
                }
            }
        }
    }

    fn command(&mut self, arguments: &DeArray<'_>, span: Range<usize>) {
        if arguments.is_empty() {
            let message = format!("{} is an empty command", self.here());
            self.fault(span, message, SHAPE);
        }
        for (index, argument) in arguments.iter().enumerate() {
            match argument.get_ref().as_str() {
                None => {
                    let message = format!(
                        "an argument of {} is {}, not a string",
                        self.here(),
                        noun(argument.get_ref())
                    );
                    self.fault(argument.span(), message, "write every argument in quotes");
                }
                Some("") if index == 0 => {
                    let message = format!("the program of {} is empty", self.here());
                    self.fault(argument.span(), message, SHAPE);
                }
                Some(text) if text.contains('\0') => {
                    let message = format!("an argument of {} has a NUL character in it", self.here());
                    self.fault(argument.span(), message, "no program can be given one");
                }
                Some(text) => {
                    formats::images_of(text).for_each(|name| self.mention("image", name, argument.span()));
                }
            }
        }
    }
}

/// A command line as the list that it should be, where no shell would be needed to read it.
pub(super) fn of_line(line: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " ./:=@_-{},".contains(c);
    if line.len() > 80 || line.trim().is_empty() || !line.chars().all(plain) {
        return "a command is a list, the program first: [\"program\", \"argument\"]; there is no shell"
            .into();
    }
    let words: Vec<_> = line.split_whitespace().map(|word| format!("\"{word}\"")).collect();
    format!("a command is a list, there is no shell: [{}]", words.join(", "))
}
