//! `rel verify`: whether git tag, commit, images and ledger agree for a release.

use super::End;
use super::arguments::RegistryAccess;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::registry::Registries;
use crate::resolve::BuiltRelease;
use crate::ui::{Format, Role, Table, Text};
use crate::verification::{Check, ReleaseVerification, verify};
use clap::Args;
use serde_json::json;

/// Verify that the tag, commit and images of a release agree with each other and with the ledger
///
/// Checks that the remote has the tag, that the version tag of every image has the recorded digest, that the image for
/// every platform names the build commit as its revision, and that the ledger records the same. Exit code 5 if two of them disagree, 7 if
/// something is missing, 6 if a registry or the remote cannot be reached.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Version or tag to verify
    version: String,
    /// Package to act on (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    access: RegistryAccess,
}

/// Shows every check. The most severe failure decides the exit code.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    let release = BuiltRelease::find(context, &arguments.version, arguments.package.as_deref(), None)?;
    let registries = Registries::open(context, arguments.access.deadline, arguments.access.login()?)?;
    let verification = verify(context, release, &registries);
    let ui = context.ui();
    match ui.format() {
        Format::Json => ui.json(&as_json(&verification)),
        Format::Text | Format::Github => show_text(context, &verification.checks),
    }
    let Some(kind) = verification.failure() else { return Ok(End::Done) };
    let (failed, all) = (verification.failed().count(), verification.checks.len());
    let message = format!("{failed} of {all} checks for {} failed", verification.release.tag());
    if ui.format() == Format::Json {
        // Stdout has one object already.
        ui.status(format!("error: {message}"));
        return Ok(End::Failed(kind));
    }
    Err(Error::new(kind, message))
}

fn as_json(verification: &ReleaseVerification<'_>) -> serde_json::Value {
    let release = &verification.release;
    json!({
        "schema": "rel.verify/1",
        "package": release.package.name,
        "version": release.version,
        "tag": release.tag(),
        "ok": verification.failure().is_none(),
        "checks": verification.checks,
    })
}

fn show_text(context: &Context, checks: &[Check]) {
    let mut table = Table::new(0);
    for check in checks {
        let (role, word) = match check.ok {
            Some(true) => (Role::Good, "ok"),
            Some(false) => (Role::Bad, "FAILED"),
            None => (Role::Warning, "not checked"),
        };
        table.row(vec![
            Text::new().with(role, word),
            Text::new().plain(abbreviate(&check.name)),
            // What is wrong is shown in full, so that it can be searched for.
            Text::new().plain(if check.ok == Some(true) {
                abbreviate(&check.detail)
            } else {
                check.detail.clone()
            }),
        ]);
    }
    table.lines(context.ui().width()).into_iter().for_each(|line| context.ui().data(line));
}

/// Abbreviates the commits and digests in a text to twelve digits.
fn abbreviate(text: &str) -> String {
    let mut short = String::new();
    let mut digits = 0;
    for letter in text.chars() {
        digits = if letter.is_ascii_hexdigit() { digits + 1 } else { 0 };
        if digits <= 12 {
            short.push(letter);
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::abbreviate;

    #[test]
    fn only_commits_and_digests_are_abbreviated() {
        let commit = "ab".repeat(20);
        assert_eq!(abbreviate(&format!("api: sha-{commit} here")), "api: sha-abababababab here");
        assert_eq!(abbreviate("revision of linux/arm64/v8"), "revision of linux/arm64/v8");
    }
}
