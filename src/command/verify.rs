//! `rel verify`: proves that tag, commit, image digest, revision label and ledger agree for a release. Looks and changes
//! nothing. Leans on `registry`, `ledger` and `history`.

use super::End;
use super::registry_access::Access;
use crate::config::ImageRule;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::ledger::Ledger;
use crate::model::{Digest, Image, Reference, image};
use crate::registry::{Detail, ImageReference, Registries, Resolution, ResolvedImage};
use crate::resolve::{self, BuiltRelease};
use crate::ui::{Format, Role, Table, Text};
use clap::Args;
use serde::Serialize;
use serde_json::json;

/// Proves that the tag, its commit, the images, what they say of themselves, and the ledger agree for a release.
///
/// Ends with 5 where two of them disagree, with 7 where one is missing, and with 6 where a registry or the remote cannot be
/// asked.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A version, or the tag of one.
    version: String,
    /// Whose release it is, where there are several packages.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    access: Access,
}

/// One thing that was looked at. Serializes as a check of `rel.verify/1`.
#[derive(Serialize)]
struct Check {
    name: String,
    ok: bool,
    detail: String,
    /// What should be there.
    expected: Option<String>,
    /// What is there.
    found: Option<String>,
    /// How the command ends for it.
    #[serde(skip)]
    kind: Kind,
}

impl Check {
    /// What is there is what should be.
    fn compares(name: impl Into<String>, expected: impl ToString, found: impl ToString) -> Self {
        let (expected, found) = (expected.to_string(), found.to_string());
        let ok = expected == found;
        let detail = if ok { found.clone() } else { format!("expected {expected}, found {found}") };
        Check {
            name: name.into(),
            ok,
            detail,
            expected: Some(expected),
            found: Some(found),
            kind: Kind::Conflict,
        }
    }

    /// It could not be compared.
    fn fails(name: impl Into<String>, error: &Error) -> Self {
        let causes = error.causes.iter().map(|cause| format!(": {cause}"));
        let detail = error.message.clone() + &causes.collect::<String>();
        Check { name: name.into(), ok: false, detail, expected: None, found: None, kind: error.kind }
    }
}

/// Shows every check, and ends with what the gravest of those that failed says.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    let named = BuiltRelease::find(context, &arguments.version, arguments.package.as_deref(), None)?;
    let registries = Registries::open(context, arguments.access.deadline, arguments.access.login()?)?;
    let checks: Vec<Check> = [git(context, &named), images(&named, &registries), ledger(context, &named)]
        .into_iter()
        .flatten()
        .collect();
    let ui = context.ui();
    let failed: Vec<&Check> = checks.iter().filter(|check| !check.ok).collect();
    match ui.format() {
        Format::Json => ui.json(&json!({
            "schema": "rel.verify/1",
            "package": named.package.name,
            "version": named.version,
            "tag": named.tag(),
            "ok": failed.is_empty(),
            "checks": checks,
        })),
        Format::Text | Format::Github => show_text(context, &checks),
    }
    let errors = failed.iter().map(|check| Error::new(check.kind, &check.name)).collect();
    let Some(gravest) = Error::all(errors) else { return Ok(End::Done) };
    let what = format!("{} of {} checks of {} failed", failed.len(), checks.len(), named.tag());
    if ui.format() == Format::Json {
        // The answer is the object above; a second one on stdout would be none.
        ui.status(format!("error: {what}"));
        return Ok(End::Failed(gravest.kind));
    }
    Err(Error::new(gravest.kind, what))
}

/// The tag, here and on the remote.
fn git(context: &Context, named: &BuiltRelease<'_>) -> Vec<Check> {
    let Some(release) = &named.release else { return Vec::new() };
    let mut checks = Vec::new();
    let name = format!("{} on the remote", release.tag.name);
    match resolve::remote_tags(context) {
        Ok(None) => {}
        Ok(Some(tags)) => checks.push(match resolve::remote_tag_commit(&tags, &release.tag.name) {
            Some(there) => Check::compares(name, release.tag.commit, there),
            None => Check::fails(name, &Error::missing("the remote has no such tag")),
        }),
        Err(error) => checks.push(Check::fails(name, &error)),
    }
    if release.trailers.is_some() {
        checks.push(match named.release_context.built_before(release) {
            Ok(built) => Check::compares("build commit", release.build, built),
            Err(error) => Check::fails("build commit", &error),
        });
    }
    checks
}

/// What the ledger knows under this name: the same digests, or the same build where there are none. A repository without
/// environments has no ledger.
fn ledger(context: &Context, named: &BuiltRelease<'_>) -> Vec<Check> {
    if context.config().is_ok_and(|config| config.environments.names().next().is_none()) {
        return Vec::new();
    }
    let package = &named.package.name;
    let opened = Ledger::open(context);
    let found = opened.and_then(|ledger| {
        ledger.readable()?;
        ledger.snapshot().find_release(package, |release| release.version.as_ref() == Some(&named.version))
    });
    let pin = match found {
        Ok(Some(release)) => release.pin,
        // It was never deployed.
        Ok(None) => return Vec::new(),
        Err(error) => return vec![Check::fails("ledger", &error)],
    };
    let recorded = |image: &Image| {
        let rule = named.images.iter().find(|rule| rule.name == image.name)?;
        named.recorded(rule).ok().flatten()
    };
    let mut checks = vec![Check::compares("ledger: build commit", named.build, pin.commit)];
    let images = pin.images.iter().filter_map(|image| Some((image, recorded(image)?)));
    checks.extend(
        images.map(|(image, tag)| Check::compares(format!("ledger: {}", image.name), tag, &image.digest)),
    );
    checks
}

/// Every image: the digest that was recorded, those of both tags, and the commit that every platform names.
fn images(named: &BuiltRelease<'_>, registries: &Registries<'_>) -> Vec<Check> {
    let wanted = |image: &&ImageRule, tag: String| ImageReference {
        repository: image.repository.clone(),
        reference: Reference::Tag(tag),
    };
    let versions: Vec<ImageReference> =
        named.images.iter().map(|rule| wanted(rule, image::version_tag(&rule.tag, &named.version))).collect();
    let sources: Vec<ImageReference> =
        named.images.iter().map(|rule| wanted(rule, image::source_tag(&rule.source, named.build))).collect();
    let versions = versions.iter().zip(registries.resolve(&versions, Detail::Platforms));
    let sources = registries.resolve(&sources, Detail::Digest);
    let mut checks = Vec::new();
    for ((rule, (version, finding)), built) in named.images.iter().zip(versions).zip(sources) {
        let name = |what: &str| format!("{}: {what}", rule.name);
        let tag = name(&version.reference.to_string());
        let Some(found) = there(finding, &tag, &mut checks) else { continue };
        match named.recorded(rule) {
            Ok(Some(recorded)) => checks.push(Check::compares(tag, recorded, &found.digest)),
            Ok(None) => checks.push(Check::compares(tag, &found.digest, &found.digest)),
            Err(error) => checks.push(Check::fails(tag, &error)),
        }
        let source = name(&image::source_tag(&rule.source, named.build));
        match built {
            // Builds may be cleaned away once the version bears the digest, where the tag recorded it.
            Resolution::Missing(_) if matches!(named.recorded(rule), Ok(Some(_))) => {}
            built => {
                if let Some(built) = there(built, &source, &mut checks) {
                    checks.push(Check::compares(source, &found.digest, built.digest));
                }
            }
        }
        checks.extend(revisions(named, registries, rule, &found.digest));
    }
    checks
}

/// What was found; where nothing was, a check that says so.
fn there(finding: Resolution, name: &str, checks: &mut Vec<Check>) -> Option<ResolvedImage> {
    match finding {
        Resolution::Found(found) => return Some(found),
        Resolution::Missing(what) => checks.push(Check::fails(name, &Error::missing(what))),
        Resolution::Unknown(error) => checks.push(Check::fails(name, &error)),
    }
    None
}

/// The commit that every platform says it was built from. One that says nothing contradicts nothing.
fn revisions(
    named: &BuiltRelease<'_>,
    registries: &Registries<'_>,
    rule: &ImageRule,
    digest: &Digest,
) -> Vec<Check> {
    let name = format!("{}: revision", rule.name);
    match registries.revisions(&rule.repository, digest) {
        Err(error) => vec![Check::fails(name, &error)],
        Ok(platforms) => platforms
            .into_iter()
            .map(|(platform, revision)| {
                let name = format!("{name} of {platform}");
                match revision {
                    Some(revision) => Check::compares(name, named.build, revision),
                    None => Check {
                        name,
                        ok: true,
                        detail: "it names no commit".to_owned(),
                        expected: Some(named.build.to_string()),
                        found: None,
                        kind: Kind::Conflict,
                    },
                }
            })
            .collect(),
    }
}

fn show_text(context: &Context, checks: &[Check]) {
    let mut table = Table::new(0);
    for check in checks {
        let (role, word) = if check.ok { (Role::Good, "ok") } else { (Role::Bad, "FAILED") };
        table.row(vec![
            Text::new().with(role, word),
            Text::new().plain(short(&check.name)),
            // What went wrong is shown in full, to be searched for.
            Text::new().plain(if check.ok { short(&check.detail) } else { check.detail.clone() }),
        ]);
    }
    table.lines(context.ui().width()).into_iter().for_each(|line| context.ui().data(line));
}

/// A text whose commits and digests are cut to twelve digits, as people quote them.
fn short(text: &str) -> String {
    let mut cut = String::new();
    let mut run = 0;
    for letter in text.chars() {
        run = if letter.is_ascii_hexdigit() { run + 1 } else { 0 };
        cut.push(letter);
        if run > 12 {
            cut.pop();
        }
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn only_long_names_are_cut() {
        let commit = "ab".repeat(20);
        assert_eq!(short(&format!("api: sha-{commit} here")), "api: sha-abababababab here");
        assert_eq!(short("revision of linux/arm64/v8"), "revision of linux/arm64/v8");
    }
}
