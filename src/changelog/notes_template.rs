//! The template of notes: the built-in one, a git-cliff template, or the `[changelog]` of a cliff.toml. Templates that would
//! run a command or read the environment are refused.

use crate::error::{Error, Result};
use git_cliff_core::config::TextProcessor;
use serde::Deserialize;
use std::path::PathBuf;

/// A template that notes are rendered with.
#[derive(Clone, Debug)]
pub struct NotesTemplate {
    /// Its path, for messages.
    pub(super) name: String,
    pub(super) body: String,
    /// The text above and below the sections of a new file.
    pub(super) header: Option<String>,
    pub(super) footer: Option<String>,
    pub(super) trim: bool,
    pub(super) postprocessors: Vec<TextProcessor>,
    /// Whether it is the built-in one.
    pub(super) built_in: bool,
    /// The program that renders it in a process of its own; `None` renders it in this one.
    pub(super) renderer: Option<PathBuf>,
}

/// The part of a cliff.toml that is read.
#[derive(Debug, Deserialize)]
struct CliffToml {
    changelog: CliffChangelog,
}

/// Its `[changelog]`; keys that do not affect notes (`output`, `render_always`) are ignored.
#[derive(Debug, Deserialize)]
struct CliffChangelog {
    body: String,
    header: Option<String>,
    footer: Option<String>,
    #[serde(default = "yes")]
    trim: bool,
    #[serde(default)]
    postprocessors: Vec<TextProcessor>,
}

/// The default of git-cliff.
fn yes() -> bool {
    true
}

impl NotesTemplate {
    /// Returns the template for the format of Keep a Changelog.
    pub fn keep_a_changelog() -> NotesTemplate {
        NotesTemplate {
            name: "keep-a-changelog".to_owned(),
            body: include_str!("keep-a-changelog.tera").to_owned(),
            header: None,
            footer: None,
            trim: false,
            postprocessors: Vec::new(),
            built_in: true,
            renderer: None,
        }
    }

    /// Renders it in a process of `program`, which is `rel` itself: a template that calls itself, or loops for ever, ends that
    /// process and not this one.
    #[must_use]
    pub fn rendered_by(self, program: PathBuf) -> NotesTemplate {
        NotesTemplate { renderer: Some(program), ..self }
    }

    /// Parses a template. `name` is its path: a `.toml` is a cliff.toml, any other file is only the body.
    ///
    /// # Errors
    ///
    /// It is not valid, runs a command, or reads the environment (2).
    pub fn parse(name: &str, text: &str) -> Result<NotesTemplate> {
        let template = if name.ends_with(".toml") {
            cliff_toml(name, text)?
        } else {
            NotesTemplate {
                name: name.to_owned(),
                body: text.to_owned(),
                trim: true,
                built_in: false,
                ..NotesTemplate::keep_a_changelog()
            }
        };
        let parts = [Some(&template.body), template.header.as_ref(), template.footer.as_ref()];
        for part in parts.into_iter().flatten() {
            if let Some(function) = forbidden_function(part) {
                return Err(Error::usage(format!("{name} calls {function}(), which templates may not call"))
                    .hint(match function {
                        "now" => "use `timestamp`, the time of the release",
                        _ => "notes are rendered from commits only; see docs/changelog.md",
                    }));
            }
        }
        Ok(template)
    }
}

/// Parses a cliff.toml.
fn cliff_toml(name: &str, text: &str) -> Result<NotesTemplate> {
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        Error::usage(format!("{name} is not valid TOML")).cause(error.to_string().trim_end())
    })?;
    if let Some(key) = command_key(&toml::Value::Table(table), "") {
        return Err(Error::usage(format!("{name} would run a command: {key}"))
            .hint("use `replace` instead: rel runs no commands to render notes"));
    }
    let cliff: CliffToml = toml::from_str(text).map_err(|error| {
        Error::usage(format!("{name} has no valid [changelog] table")).cause(error.to_string().trim_end())
    })?;
    let CliffChangelog { body, header, footer, trim, postprocessors } = cliff.changelog;
    Ok(NotesTemplate {
        name: name.to_owned(),
        body,
        header,
        footer,
        trim,
        postprocessors,
        built_in: false,
        renderer: None,
    })
}

/// Returns the path of the first setting that runs a command.
fn command_key(value: &toml::Value, path: &str) -> Option<String> {
    match value {
        toml::Value::Table(table) => table.iter().find_map(|(key, value)| {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            if key == "replace_command" { Some(path) } else { command_key(value, &path) }
        }),
        toml::Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| command_key(item, &format!("{path}[{index}]")))
        }
        _ => None,
    }
}

/// Returns the forbidden function that a template calls. Tera has these built in, and git-cliff-core does not expose its
/// Tera, so they cannot be removed. Tera's grammar calls a function only by its name.
fn forbidden_function(template: &str) -> Option<&'static str> {
    ["get_env", "get_random", "now"].into_iter().find(|function| {
        template.match_indices(function).any(|(at, _)| {
            let part = |c: char| c.is_alphanumeric() || c == '_';
            let rest = &template[at + function.len()..];
            let whole = !template[..at].ends_with(part) && !rest.starts_with(part);
            whole && (*function != "now" || rest.trim_start().starts_with('('))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::NotesTemplate;

    #[test]
    fn a_template_cannot_read_the_environment_or_the_clock() {
        for body in [
            "{{ get_env(name=\"HOME\") }}",
            "{% set x = get_env (name='HOME', default='') %}",
            "{% if get_env(name=\"A\") == \"b\" %}{% endif %}",
            "{{ 'get_env' }}",
            "{{ now() | date(format='%Y') }}",
            "{{ now ( utc = true ) }}",
            "{{ get_random(end=10) }}",
        ] {
            assert_eq!(NotesTemplate::parse("notes.tera", body).unwrap_err().kind.code(), 2, "{body}");
        }
        for body in
            ["{{ version }} is out now", "{{ knowing }} (now known)", "nowhere()", "{{ my_get_envelope }}"]
        {
            assert!(NotesTemplate::parse("notes.tera", body).is_ok(), "{body}");
        }
    }

    #[test]
    fn a_cliff_toml_cannot_run_commands() {
        let plain = "[changelog]\nbody = 'x'\ntrim = true\nheader = 'h'\npostprocessors = [{ pattern = 'a', replace = 'b' }]\n[git]\nconventional_commits = true";
        let template = NotesTemplate::parse("cliff.toml", plain).unwrap();
        assert_eq!(
            (template.body.as_str(), template.trim, template.postprocessors.len(), template.built_in),
            ("x", true, 1, false)
        );
        for (add, key) in [
            (
                "[[changelog.postprocessors]]\npattern = 'a'\nreplace_command = 'sh'",
                "changelog.postprocessors[0].replace_command",
            ),
            (
                "[git]\ncommit_preprocessors = [{ pattern = '.*', replace_command = 'typos' }]",
                "git.commit_preprocessors[0].replace_command",
            ),
        ] {
            let error =
                NotesTemplate::parse("cliff.toml", &format!("[changelog]\nbody = 'x'\n{add}")).unwrap_err();
            assert_eq!(error.message, format!("cliff.toml would run a command: {key}"));
        }
        for text in ["", "[changelog]\n", "[changelog", "[changelog]\nbody = '{{ get_env(name=\"A\") }}'"] {
            assert!(NotesTemplate::parse("cliff.toml", text).is_err(), "{text}");
        }
    }
}
