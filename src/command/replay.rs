//! `rel replay`: past releases, computed again and compared with what was tagged.

use super::End;
use super::view::github;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git_history::{
    HistoryOptions, Package, Proposal, ReleaseContext, Replay, Replayed, match_count, packages, replay,
};
use crate::ui::{Format, Role, Table, Text, Ui};
use clap::Args;
use serde_json::{Value, json};

/// Recompute the latest releases and compare them with what was tagged.
///
/// Also finds the settings that explain the history best (tag formats, `zero`, `squash`, `bump`, `otherwise`) and prints
/// the lines to add to release.toml. Nothing is written.
#[derive(Debug, Args)]
pub struct Arguments {
    /// How many releases to recompute, counting down from the highest version reachable from HEAD.
    #[arg(short = 'n', long = "last", value_name = "N", default_value_t = 15)]
    limit: usize,
    /// Package to act on (monorepos).
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Do not use the network.
    #[arg(long)]
    offline: bool,
}

/// Shows the replay.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    let packages = packages(context, arguments.package.as_deref())?;
    // A history without a known version tag is not refused: its tag format may be what is searched for.
    let release_context = ReleaseContext::new(
        context,
        HistoryOptions {
            offline: arguments.offline,
            initial: arguments.offline.then_some(None),
            ..HistoryOptions::default()
        },
    )?;
    let ui = context.ui();
    let mut list: Vec<Value> = Vec::new();
    let mut any = false;
    for package in &packages {
        let replayed = {
            let progress = ui.progress();
            replay(&release_context, package, arguments.limit, &mut |tag| progress.message(tag))?
        };
        any |= !replayed.releases.is_empty() || replayed.proposal.is_some();
        match ui.format() {
            Format::Text => text(ui, package, &replayed, packages.len() > 1),
            Format::Json | Format::Github => list.push(as_json(package, &replayed)),
        }
    }
    match ui.format() {
        Format::Text => {}
        Format::Json => {
            let first = (packages.len() == 1).then(|| list.pop()).flatten();
            let whole = first.unwrap_or_else(|| json!({ "packages": list }));
            let mut object = serde_json::Map::from_iter([("schema".to_owned(), json!("rel.replay/1"))]);
            object.extend(whole.as_object().cloned().unwrap_or_default());
            ui.json(&Value::Object(object));
        }
        Format::Github => {
            let counts = list
                .iter()
                .flat_map(|value| [("agreed", value["agreed"].to_string()), ("of", value["of"].to_string())]);
            github::output(context, &counts.collect::<Vec<_>>())?;
        }
    }
    if any {
        return Ok(End::Done);
    }
    Err(Error::refused("no release to replay: no tag with a version is reachable from HEAD")
        .hint("`git tag --merged` lists the tags reachable from HEAD"))
}

fn text(ui: &Ui, package: &Package, replayed: &Replay, several: bool) {
    if several {
        ui.data(Text::new().with(Role::Heading, &package.name));
    }
    releases(ui, &replayed.releases);
    ui.data(summary(&replayed.releases));
    if let Some(proposal) = &replayed.proposal {
        proposed(ui, proposal, &replayed.releases);
    } else if match_count(&replayed.releases) < replayed.releases.len() {
        ui.data("no other settings would match more of these releases");
    }
}

fn releases(ui: &Ui, releases: &[Replayed]) {
    if releases.is_empty() {
        return;
    }
    let mut table = Table::new(0);
    table.heading(&["tag", "computed", "", ""]);
    for release in releases {
        let computed = release.computed.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
        let (role, word) = if release.agrees { (Role::Good, "agrees") } else { (Role::Warning, "differs") };
        table.row(vec![
            Text::new().with(Role::Name, release.tag.name.as_str()),
            computed.into(),
            Text::new().with(role, word),
            Text::new().with(Role::Faint, &release.why),
        ]);
    }
    for line in table.lines(ui.width()) {
        ui.data(line);
    }
    ui.data("");
}

/// Sums up how many releases agree, and how the others differ.
fn summary(releases: &[Replayed]) -> Text {
    if releases.is_empty() {
        return Text::new().plain("the current configuration matches no tag with a version");
    }
    let (agreed, all) = (match_count(releases), releases.len());
    let line = Text::new()
        .plain("rel agrees with ")
        .with(Role::Answer, format!("{agreed} of the last {all}"))
        .plain(" releases");
    let above = releases
        .iter()
        .filter(|release| release.computed.as_ref().is_some_and(|computed| *computed > release.tag.version))
        .count();
    let none = releases.iter().filter(|release| release.computed.is_none()).count();
    let below = all - agreed - above - none;
    let parts = [
        (above, "would be higher, as the commits require"),
        (below, "would be lower"),
        (none, "would not have been made"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if parts.is_empty() { line.plain(".") } else { line.plain(format!("; {}.", parts.join(", "))) }
}

fn proposed(ui: &Ui, proposal: &Proposal, before: &[Replayed]) {
    let (found, all) = (match_count(&proposal.releases), proposal.releases.len());
    ui.data("");
    ui.data(format!("With these lines in release.toml, rel would agree with {found} of {all}:"));
    ui.data("");
    ui.data("  [version]");
    for line in &proposal.lines {
        ui.data(Text::new().plain("  ").with(Role::Name, line));
    }
    if before.is_empty() && found < all {
        ui.data("");
        releases(ui, &proposal.releases);
    }
}

fn as_json(package: &Package, replayed: &Replay) -> Value {
    let list = |releases: &[Replayed]| -> Vec<Value> {
        let one = |release: &Replayed| json!({ "tag": release.tag.name, "version": release.tag.version, "commit": release.tag.commit, "computed": release.computed, "agrees": release.agrees, "why": (!release.agrees).then_some(&release.why) });
        releases.iter().map(one).collect()
    };
    let proposal = replayed.proposal.as_ref().map(|proposal| json!({ "version": proposal.lines, "agreed": match_count(&proposal.releases), "of": proposal.releases.len(), "releases": list(&proposal.releases) }));
    json!({ "package": package.name, "agreed": match_count(&replayed.releases), "of": replayed.releases.len(), "releases": list(&replayed.releases), "proposal": proposal })
}
