//! Converts the file as it is written into `Config`: defaults are filled in, and nothing can fail, because every string
//! was parsed when the file was read.

mod environments;

use super::raw::{
    RawBranch, RawBump, RawChangelog, RawCommands, RawCut, RawFile, RawImage, RawImageBuild, RawLedger,
    RawPackage, RawRegistry, RawSign, RawSquash, RawVersionFile, RawVersions, RawZero,
};
use super::{
    BranchRule, ChangelogRules, CommandLine, Config, CutRules, ImageRule, LedgerRules, PackageRule,
    RegistryRule, VersionFile, VersionRules,
};
use crate::model::{Bump, Patterns, People, Squash, Zero};

/// Converts the whole file.
pub(super) fn config(file: RawFile) -> Config {
    let changelog = file.changelog.map(changelog).unwrap_or_default();
    let files: Vec<VersionFile> = file.file.into_iter().flatten().map(version_file).collect();
    let notify = file.notify.unwrap_or_default();
    let people = file.people.into_iter();
    Config {
        name: file.name.map(|name| name.0),
        version: file.version.map(versions).unwrap_or_default(),
        branches: file.branch.into_iter().flatten().map(branch).collect(),
        packages: file.package.into_iter().map(|(name, rule)| package(name, rule)).collect(),
        written: written(&changelog.path, &files),
        files,
        changelog,
        images: file.image.into_iter().flatten().map(image).collect(),
        registries: file.registry.into_iter().map(|(host, rule)| (host, registry(rule))).collect(),
        cut: file.cut.map(cut).unwrap_or_default(),
        people: People::new(
            people.map(|(name, identities)| (name, identities.into_iter().map(|one| one.0).collect())),
        ),
        notifies: !notify.is_empty(),
        secret_urls: notify.into_iter().filter_map(|notify| notify.url_env).map(|name| name.0).collect(),
        environments: environments::environments(file.environment),
        ledger: file.ledger.map(ledger).unwrap_or_default(),
    }
}

fn cut(cut: RawCut) -> CutRules {
    let default = CutRules::default();
    CutRules {
        commit: cut.commit,
        message: cut.message.map_or(default.message, |message| message.0),
        sign: sign(cut.sign),
        push: cut.push.unwrap_or(default.push),
        before: cut.before.map(commands).unwrap_or_default(),
    }
}

fn sign(sign: Option<RawSign>) -> Option<bool> {
    match sign.unwrap_or_default() {
        RawSign::Auto => None,
        RawSign::Always => Some(true),
        RawSign::Never => Some(false),
    }
}

fn commands(commands: RawCommands) -> Vec<CommandLine> {
    match commands {
        RawCommands::One(command) => vec![command],
        RawCommands::Many(commands) => commands,
    }
}

fn ledger(ledger: RawLedger) -> LedgerRules {
    let default = LedgerRules::default();
    LedgerRules {
        remote: ledger.remote.map(|remote| remote.0),
        branch: ledger.branch.map_or(default.branch, |branch| branch.0),
        sign: sign(ledger.sign),
        allowed_signers: ledger.allowed_signers.and_then(|path| path.0),
    }
}

fn versions(versions: RawVersions) -> VersionRules {
    let default = VersionRules::default();
    let mut bumps = default.bump;
    for (kind, bump) in versions.bump {
        bumps.set(&kind, self::bump(bump));
    }
    bumps.otherwise = versions.otherwise.and_then(bump);
    if versions.squash == Some(RawSquash::Title) {
        bumps.squash = Squash::Title;
    }
    VersionRules {
        tag: versions.tag.map(|tag| tag.0),
        legacy_tags: versions.legacy_tags.into_iter().flatten().map(|tag| tag.0).collect(),
        initial: versions.initial.map_or(default.initial, |version| version.0),
        zero: versions.zero.map_or(default.zero, |zero| match zero {
            RawZero::Minor => Zero::Minor,
            RawZero::Major => Zero::Major,
            RawZero::Cargo => Zero::Cargo,
        }),
        bump: bumps,
        abandoned: versions.abandoned.into_iter().flatten().map(|version| version.0).collect(),
    }
}

fn bump(bump: RawBump) -> Option<Bump> {
    match bump {
        RawBump::None => None,
        RawBump::Patch => Some(Bump::Patch),
        RawBump::Minor => Some(Bump::Minor),
        RawBump::Major => Some(Bump::Major),
    }
}

fn changelog(changelog: RawChangelog) -> ChangelogRules {
    let default = ChangelogRules::default();
    let groups = changelog.groups.into_iter();
    ChangelogRules {
        path: changelog.path.map_or(default.path, |path| path.0),
        groups: groups.map(|(kind, group)| (kind.to_lowercase(), group.0)).collect(),
        template: changelog.template.and_then(|template| template.0),
    }
}

fn branch(branch: RawBranch) -> BranchRule {
    BranchRule {
        name: branch.name.0.name,
        matches: branch.name.0.matches,
        channel: branch.channel.map(|channel| channel.0),
        range: branch.range.map(|range| range.0),
        named: branch.version.is_some(),
    }
}

/// Converts a package. A path that names a folder means everything below it too.
fn package(name: String, package: RawPackage) -> PackageRule {
    let (matches, below): (Vec<_>, Vec<_>) =
        package.paths.into_iter().map(|glob| (glob.0.matches, glob.0.below)).unzip();
    PackageRule {
        name,
        paths: Patterns::concat(matches.into_iter().chain(below)),
        exclude: Patterns::concat(package.exclude.into_iter().flatten().map(|glob| glob.0.matches)),
    }
}

fn version_file(file: RawVersionFile) -> VersionFile {
    VersionFile {
        path: file.path.0,
        pattern: file.pattern.map(|pattern| pattern.0),
        matches: file.matches.map(|count| count.0),
    }
}

fn image(image: RawImage) -> ImageRule {
    ImageRule {
        name: image.name.0,
        repository: image.repository.0,
        package: image.package.map(|package| package.0),
        source: image.source.map_or_else(|| "sha-{commit}".to_owned(), |tag| tag.0),
        tag: image.tag.map_or_else(|| "v{version}".to_owned(), |tag| tag.0),
        also: image.also.into_iter().flatten().map(|tag| tag.0).collect(),
        built_after: image.when == Some(RawImageBuild::After),
        former: image.former.into_iter().flatten().map(|repository| repository.0).collect(),
        retired: image.retired.unwrap_or(false),
    }
}

fn registry(rule: RawRegistry) -> RegistryRule {
    RegistryRule {
        http: rule.http,
        ca: rule.ca.map(|path| path.0),
        credentials_over_http: rule.credentials_over_http.unwrap_or(false),
    }
}

/// Lists the files that a release commit may change, as git spells them, each once.
fn written(changelog: &str, files: &[VersionFile]) -> Vec<String> {
    let mut written = vec![changelog.to_owned()];
    for file in files {
        let (folder, name) = match file.path.rfind('/') {
            Some(end) => file.path.split_at(end + 1),
            None => ("", file.path.as_str()),
        };
        let locks: &[&str] = match name {
            "Cargo.toml" => &["Cargo.lock"],
            "package.json" => &["package-lock.json", "npm-shrinkwrap.json"],
            _ => &[],
        };
        written.push(file.path.clone());
        written.extend(locks.iter().map(|lock| format!("{folder}{lock}")));
        if name == "Cargo.toml" {
            // The lock file of a workspace is at its top.
            written.push("Cargo.lock".to_owned());
        }
    }
    let mut seen = std::collections::HashSet::new();
    written.retain(|path| seen.insert(path.clone()));
    written
}
