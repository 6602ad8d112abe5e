//! What was found, for people, scripts and workflows. Leans on `ui`.

use super::judge::{Judged, Pass};
use super::source::What;
use crate::command::End;
use crate::command::view::github;
use crate::context::Context;
use crate::error::{Result, Snippet};
use crate::ui::{Format, Role, Text, Ui};
use serde_json::{Value, json};

/// Shows what was found, and says how the command ends.
pub(super) fn report(context: &Context, what: &What, judged: &[Judged]) -> Result<End> {
    let ui = context.ui();
    let clean = judged.iter().all(|judged| judged.faults.is_empty());
    match ui.format() {
        Format::Json => ui.json(&as_json(clean, judged)),
        Format::Text | Format::Github => {
            draw(ui, judged);
            if clean {
                praise(ui, what, judged);
            } else {
                blame(context, what, judged);
            }
        }
    }
    if ui.format() == Format::Github {
        github::output(context, &[("ok", clean.to_string())])?;
    }
    Ok(if clean { End::Done } else { End::Faults })
}

/// Every fault at its place.
fn draw(ui: &Ui, judged: &[Judged]) {
    for judged in judged {
        for fault in &judged.faults {
            let at = fault.text.char_indices().nth(fault.column.saturating_sub(1));
            ui.snippet(&Snippet {
                message: fault.what.clone(),
                source: judged.name.clone(),
                line: fault.line,
                column: fault.column,
                text: fault.text.clone(),
                span: at.map_or(fault.text.len()..fault.text.len(), |(at, c)| at..at + c.len_utf8()),
                help: fault.fixed.clone(),
            });
        }
    }
}

/// The last line where nothing is wrong.
fn praise(ui: &Ui, what: &What, judged: &[Judged]) {
    let passed = judged.iter().filter(|judged| judged.passed.is_some()).count();
    let commits = judged.len() - passed;
    match (what, judged.first().and_then(|judged| judged.passed)) {
        (What::Title, _) => ui.status("the title is conventional"),
        (What::File(..), None) => ui.status("the message is conventional"),
        (What::File(..), Some(Pass::Merge)) => ui.status("the message of a merge is not checked"),
        (What::File(..), Some(Pass::Fixup)) => {
            ui.status("git melts this commit into another one: not checked")
        }
        // git itself says that there is no message.
        (What::File(..), Some(Pass::Empty)) => {}
        (What::Commits(range), _) if judged.is_empty() => ui.status(format!("no commits {range}")),
        (What::Commits(_), _) => {
            let merges = match passed {
                0 => String::new(),
                passed => format!("; {} not checked", count(passed, "merge is", "merges are")),
            };
            ui.status(format!("{} conventional{merges}", count(commits, "commit is", "commits are")));
        }
    }
}

/// The last lines where something is.
fn blame(context: &Context, what: &What, judged: &[Judged]) {
    let ui = context.ui();
    let faults = judged.iter().map(|judged| judged.faults.len()).sum();
    let faults = count(faults, "fault", "faults");
    let bad: Vec<&Judged> = judged.iter().filter(|judged| !judged.faults.is_empty()).collect();
    let sentence = match what {
        What::Title => format!("{faults} in the title"),
        What::File(..) => format!("{faults} in the message"),
        What::Commits(range) => {
            format!("{faults} in {} of {} {range}", bad.len(), count(judged.len(), "commit", "commits"))
        }
    };
    ui.explain(Text::new().with(Role::Bad, "error: ").plain(sentence));
    match (what, bad.last()) {
        (What::File(name, path), _) if name.ends_with("COMMIT_EDITMSG") => {
            // A hook runs at the top of the work tree; where its commit was asked for, git says in GIT_PREFIX.
            let elsewhere = context.variable("GIT_PREFIX").is_some();
            let name = if elsewhere { path.display().to_string() } else { name.clone() };
            ui.hint(format!("the message is kept: git commit --edit --file={name}"));
        }
        (What::Commits(_), Some(oldest)) => {
            let onto = if oldest.parents == 0 { "--root".to_owned() } else { format!("{}^", oldest.name) };
            ui.hint(format!("`git rebase --interactive {onto}` rewords commits that nobody else has yet"));
        }
        _ => {}
    }
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The shape `rel.lint/1`.
fn as_json(clean: bool, judged: &[Judged]) -> Value {
    let message = |judged: &Judged| {
        let faults = judged.faults.iter().map(|fault| json!({ "line": fault.line, "column": fault.column, "what": fault.what, "fixed": fault.fixed }));
        json!({
            "id": judged.id,
            "subject": judged.subject,
            "ok": judged.faults.is_empty(),
            "checked": judged.passed.is_none(),
            "faults": faults.collect::<Vec<_>>(),
        })
    };
    let messages: Vec<Value> = judged.iter().map(message).collect();
    json!({ "schema": "rel.lint/1", "ok": clean, "messages": messages })
}
