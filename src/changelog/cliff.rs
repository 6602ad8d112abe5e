//! The form of notes: the one that is built in, a git-cliff template, or the `[changelog]` of a whole cliff.toml. What
//! would run a command or read the context is refused by name. Leans on `git-cliff-core` and `toml`.

use crate::error::{Error, Result};
use git_cliff_core::config::TextProcessor;
use serde::Deserialize;

/// How notes are rendered.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it came from, for messages.
    pub(super) name: String,
    pub(super) body: String,
    /// What stands above and below the sections of a new file.
    pub(super) header: Option<String>,
    pub(super) footer: Option<String>,
    pub(super) trim: bool,
    pub(super) postprocessors: Vec<TextProcessor>,
    /// It is the one that is built in.
    pub(super) own: bool,
}

/// What is read of a cliff.toml.
#[derive(Debug, Deserialize)]
struct Cliff {
    changelog: Settings,
}

/// Its `[changelog]`; keys that say nothing about notes (`output`, `render_always`) are passed over.
#[derive(Debug, Deserialize)]
struct Settings {
    body: String,
    header: Option<String>,
    footer: Option<String>,
    #[serde(default = "yes")]
    trim: bool,
    #[serde(default)]
    postprocessors: Vec<TextProcessor>,
}

/// git-cliff trims the lines of a template where nothing else is said.
fn yes() -> bool {
    true
}

impl Form {
    /// The form of Keep a Changelog.
    pub fn keep_a_changelog() -> Form {
        Form {
            name: "keep-a-changelog".to_owned(),
            body: include_str!("keep-a-changelog.tera").to_owned(),
            header: None,
            footer: None,
            trim: false,
            postprocessors: Vec::new(),
            own: true,
        }
    }

    /// Reads a template. `name` is its path: a `.toml` is a whole cliff.toml, anything else the body alone.
    pub fn read(name: &str, text: &str) -> Result<Form> {
        let form = if name.ends_with(".toml") {
            whole(name, text)?
        } else {
            Form {
                name: name.to_owned(),
                body: text.to_owned(),
                trim: true,
                own: false,
                ..Form::keep_a_changelog()
            }
        };
        for template in [Some(&form.body), form.header.as_ref(), form.footer.as_ref()].into_iter().flatten() {
            if let Some(function) = forbidden(template) {
                return Err(Error::usage(format!(
                    "{name} calls {function}(), and a template is given no context to read"
                ))
                .hint(match function {
                    "now" => "`timestamp` is the time of the release",
                    _ => "what notes need stands in the commits; see docs/changelog.md",
                }));
            }
        }
        Ok(form)
    }
}

fn whole(name: &str, text: &str) -> Result<Form> {
    let table: toml::Table = toml::from_str(text)
        .map_err(|error| Error::usage(format!("{name} is no TOML")).cause(error.to_string().trim_end()))?;
    if let Some(place) = command(&toml::Value::Table(table), "") {
        return Err(Error::usage(format!("{name} would run a command: {place}"))
            .hint("`replace` does without one; rel runs nothing to render notes"));
    }
    let cliff: Cliff = toml::from_str(text).map_err(|error| {
        Error::usage(format!("{name} has no [changelog] that can be used"))
            .cause(error.to_string().trim_end())
    })?;
    let Settings { body, header, footer, trim, postprocessors } = cliff.changelog;
    Ok(Form { name: name.to_owned(), body, header, footer, trim, postprocessors, own: false })
}

/// The place of a setting that runs a command, wherever it stands.
fn command(value: &toml::Value, place: &str) -> Option<String> {
    match value {
        toml::Value::Table(table) => table.iter().find_map(|(key, value)| {
            let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
            if key == "replace_command" { Some(place) } else { command(value, &place) }
        }),
        toml::Value::Array(items) => {
            items.iter().enumerate().find_map(|(number, item)| command(item, &format!("{place}[{number}]")))
        }
        _ => None,
    }
}

/// Tera has these built in, and git-cliff-core keeps its Tera to itself, so that they cannot be taken out: a template that
/// names one is refused as it is written. The grammar knows no other way to call a function than by its name.
fn forbidden(template: &str) -> Option<&'static str> {
    ["get_env", "get_random", "now"].into_iter().find(|function| {
        template.match_indices(function).any(|(at, _)| {
            let part = |c: char| c.is_alphanumeric() || c == '_';
            let behind = &template[at + function.len()..];
            let whole = !template[..at].ends_with(part) && !behind.starts_with(part);
            whole && (*function != "now" || behind.trim_start().starts_with('('))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn a_template_reads_no_world() {
        for body in [
            "{{ get_env(name=\"HOME\") }}",
            "{% set x = get_env (name='HOME', default='') %}",
            "{% if get_env(name=\"A\") == \"b\" %}{% endif %}",
            "{{ 'get_env' }}",
            "{{ now() | date(format='%Y') }}",
            "{{ now ( utc = true ) }}",
            "{{ get_random(end=10) }}",
        ] {
            assert_eq!(Form::read("notes.tera", body).unwrap_err().kind.code(), 2, "{body}");
        }
        for body in
            ["{{ version }} is out now", "{{ knowing }} (now known)", "nowhere()", "{{ my_get_envelope }}"]
        {
            assert!(Form::read("notes.tera", body).is_ok(), "{body}");
        }
    }

    #[test]
    fn a_cliff_toml_runs_nothing() {
        let plain = "[changelog]\nbody = 'x'\ntrim = true\nheader = 'h'\npostprocessors = [{ pattern = 'a', replace = 'b' }]\n[git]\nconventional_commits = true";
        let form = Form::read("cliff.toml", plain).unwrap();
        assert_eq!(
            (form.body.as_str(), form.trim, form.postprocessors.len(), form.own),
            ("x", true, 1, false)
        );
        for (add, place) in [
            (
                "[[changelog.postprocessors]]\npattern = 'a'\nreplace_command = 'sh'",
                "changelog.postprocessors[0].replace_command",
            ),
            (
                "[git]\ncommit_preprocessors = [{ pattern = '.*', replace_command = 'typos' }]",
                "git.commit_preprocessors[0].replace_command",
            ),
        ] {
            let error = Form::read("cliff.toml", &format!("[changelog]\nbody = 'x'\n{add}")).unwrap_err();
            assert_eq!(error.message, format!("cliff.toml would run a command: {place}"));
        }
        for text in ["", "[changelog]\n", "[changelog", "[changelog]\nbody = '{{ get_env(name=\"A\") }}'"] {
            assert!(Form::read("cliff.toml", text).is_err(), "{text}");
        }
    }
}
