//! Commands: a list with the program first, or a list of such lists. Never a shell.

use crate::config::reader::{Definition, FromToml, Reader, Reported, ValueKind, noun};
use schemars::JsonSchema;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeValue};

/// What a command looks like, for help.
pub(in crate::config) const COMMAND_SHAPE: &str =
    "write the program first, then its arguments: [\"program\", \"argument\"]";

/// A command, the program first: a list of strings, or a list of such lists that run one after the other. Never a shell.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Commands", untagged, extend("format" = "command"))]
pub(in crate::config) enum RawCommands {
    /// One command.
    One(Vec<String>),
    /// Several commands, one after the other.
    Many(Vec<Vec<String>>),
}

impl FromToml for RawCommands {
    const KINDS: &'static [ValueKind] = &[ValueKind::Command];

    fn from_toml(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Result<Self, Reported> {
        let Some(items) = value.get_ref().as_array() else {
            return Err(reader.wrong_kind(Self::KINDS, value));
        };
        if !items.iter().any(|item| item.get_ref().is_array()) {
            return command(reader, items, value.span()).map(RawCommands::One);
        }
        let commands: Vec<_> = items
            .iter()
            .map(|item| match item.get_ref().as_array() {
                Some(arguments) => command(reader, arguments, item.span()),
                None => {
                    let message = format!("{} mixes lists and single values", reader.key());
                    let help = "a command is a list of strings; several commands are a list of such lists";
                    Err(reader.fault(item.span(), message, help))
                }
            })
            .collect();
        commands.into_iter().collect::<Result<_, _>>().map(RawCommands::Many)
    }
}

/// Reads one command, and notes the images that its arguments name.
fn command(
    reader: &mut Reader,
    arguments: &DeArray<'_>,
    span: Range<usize>,
) -> Result<Vec<String>, Reported> {
    if arguments.is_empty() {
        let message = format!("{} is an empty command", reader.key());
        return Err(reader.fault(span, message, COMMAND_SHAPE));
    }
    let words: Vec<_> = arguments
        .iter()
        .enumerate()
        .map(|(index, argument)| match argument.get_ref().as_str() {
            None => {
                let message =
                    format!("an argument of {} is {}, not a string", reader.key(), noun(argument.get_ref()));
                Err(reader.fault(argument.span(), message, "write every argument in quotes"))
            }
            Some("") if index == 0 => {
                let message = format!("the program of {} is empty", reader.key());
                Err(reader.fault(argument.span(), message, COMMAND_SHAPE))
            }
            Some(text) if text.contains('\0') => {
                let message = format!("an argument of {} contains a NUL character", reader.key());
                Err(reader.fault(argument.span(), message, "remove it: no program can receive one"))
            }
            Some(text) => {
                images_named(text)
                    .for_each(|name| reader.reference(Definition::Image, name, argument.span()));
                Ok(text.to_owned())
            }
        })
        .collect();
    words.into_iter().collect()
}

/// Returns the names in `{image.NAME}` of an argument; other braces are literal.
fn images_named(argument: &str) -> impl Iterator<Item = &str> {
    argument
        .split("{image.")
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)))
}

/// Shows a command line as the list that it should be, where it needs no shell to be read.
pub(in crate::config) fn command_help(line: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " ./:=@_-{},".contains(c);
    if line.len() > 80 || line.trim().is_empty() || !line.chars().all(plain) {
        return "a command is a list with the program first: [\"program\", \"argument\"]; no shell is used"
            .into();
    }
    let words: Vec<_> = line.split_whitespace().map(|word| format!("\"{word}\"")).collect();
    format!("write the command as a list (no shell is used): [{}]", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::images_named;

    #[test]
    fn only_names_in_braces_are_images() {
        let found: Vec<_> =
            images_named("a={image.api},{image.w-1} {image. | x} {imag.y} {image.z").collect();
        assert_eq!(found, ["api", "w-1"]);
    }
}
