//! Shows the problems that were found: for people, in JSON (`rel.lint/1`) and for GitHub.

use super::check::{CheckedMessage, SkipReason};
use super::source::Source;
use crate::command::End;
use crate::command::view::github;
use crate::context::Context;
use crate::error::{Result, Snippet};
use crate::ui::{Format, Role, Text, Ui};
use serde_json::{Value, json};

/// Shows the problems, and returns how the command ends.
pub(super) fn report(context: &Context, source: &Source, checked: &[CheckedMessage]) -> Result<End> {
    let ui = context.ui();
    let clean = checked.iter().all(|message| message.problems.is_empty());
    match ui.format() {
        Format::Json => ui.json(&as_json(clean, checked)),
        Format::Text | Format::Github => {
            problems(ui, checked);
            if clean {
                clean_summary(ui, source, checked);
            } else {
                problem_summary(context, source, checked);
            }
        }
    }
    if ui.format() == Format::Github {
        github::output(context, &[("ok", clean.to_string())])?;
    }
    Ok(if clean { End::Done } else { End::Faults })
}

/// Shows every problem with its line.
fn problems(ui: &Ui, checked: &[CheckedMessage]) {
    for message in checked {
        for problem in &message.problems {
            let at = problem.text.char_indices().nth(problem.column.saturating_sub(1));
            ui.snippet(&Snippet {
                message: problem.what.clone(),
                source: message.name.clone(),
                line: problem.line,
                column: problem.column,
                text: problem.text.clone(),
                span: at.map_or(problem.text.len()..problem.text.len(), |(at, c)| at..at + c.len_utf8()),
                help: problem.fixed.clone(),
            });
        }
    }
}

/// The last line if there is no problem.
fn clean_summary(ui: &Ui, source: &Source, checked: &[CheckedMessage]) {
    let skipped = checked.iter().filter(|message| message.skipped.is_some()).count();
    let commits = checked.len() - skipped;
    match (source, checked.first().and_then(|message| message.skipped)) {
        (Source::Title, _) => ui.status("the title follows Conventional Commits"),
        (Source::File(..), None) => ui.status("the message follows Conventional Commits"),
        (Source::File(..), Some(SkipReason::Merge)) => ui.status("merge commit: not checked"),
        (Source::File(..), Some(SkipReason::Fixup)) => ui.status("fixup or squash commit: not checked"),
        // git itself reports an empty message.
        (Source::File(..), Some(SkipReason::Empty)) => {}
        (Source::Commits(range), _) if checked.is_empty() => ui.status(format!("no commits {range}")),
        (Source::Commits(_), _) => {
            let unchecked = match skipped {
                0 => String::new(),
                skipped => format!("; {} not checked", count(skipped, "commit is", "commits are")),
            };
            ui.status(format!("{} conventional{unchecked}", count(commits, "commit is", "commits are")));
        }
    }
}

/// The last lines if there are problems.
fn problem_summary(context: &Context, source: &Source, checked: &[CheckedMessage]) {
    let ui = context.ui();
    let problems = checked.iter().map(|message| message.problems.len()).sum();
    let problems = count(problems, "problem", "problems");
    let bad: Vec<&CheckedMessage> = checked.iter().filter(|message| !message.problems.is_empty()).collect();
    let sentence = match source {
        Source::Title => format!("{problems} in the title"),
        Source::File(..) => format!("{problems} in the message"),
        Source::Commits(range) => {
            let commits = count(checked.len(), "commit", "commits");
            format!("{problems} in {} of {commits} {range}", bad.len())
        }
    };
    ui.explain(Text::new().with(Role::Bad, "error: ").plain(sentence));
    match (source, bad.last()) {
        (Source::File(name, path), _) if name.ends_with("COMMIT_EDITMSG") => {
            // A hook runs at the top of the work tree; GIT_PREFIX is set if the commit was started elsewhere.
            let elsewhere = context.variable("GIT_PREFIX").is_some();
            let name = if elsewhere { path.display().to_string() } else { name.clone() };
            ui.hint(format!("edit the message again: git commit --edit --file={name}"));
        }
        (Source::Commits(_), Some(oldest)) => {
            let onto = if oldest.parents == 0 { "--root".to_owned() } else { format!("{}^", oldest.name) };
            ui.hint(format!("reword commits that are not pushed yet: `git rebase --interactive {onto}`"));
        }
        _ => {}
    }
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn as_json(clean: bool, checked: &[CheckedMessage]) -> Value {
    let message = |message: &CheckedMessage| {
        let faults = message.problems.iter().map(|problem| json!({ "line": problem.line, "column": problem.column, "what": problem.what, "fixed": problem.fixed }));
        json!({
            "id": message.id,
            "subject": message.subject,
            "ok": message.problems.is_empty(),
            "checked": message.skipped.is_none(),
            "faults": faults.collect::<Vec<_>>(),
        })
    };
    let messages: Vec<Value> = checked.iter().map(message).collect();
    json!({ "schema": "rel.lint/1", "ok": clean, "messages": messages })
}
