//! From the file as it is written to what the house works with. Everything was checked before, so a failure here is a
//! defect. Leans on `raw` and `model`.

use super::raw::{self, BumpWord, SquashWord, ZeroWord};
use super::{
    BranchRule, ChangelogRules, Config, CutRules, ImageRule, LedgerRules, PackageRule, RegistryRule,
    VersionFile, VersionRules,
};
use crate::error::{Error, Result};
use crate::model::{
    BranchName, Bump, Channel, Patterns, People, Repository, Squash, Version, VersionRange, Zero,
};

/// The file that keeps the notes, where none is named.
pub(super) const CHANGELOG: &str = "CHANGELOG.md";

/// The one template that is known by name.
const KEEP_A_CHANGELOG: &str = "keep-a-changelog";

/// Fills the checked types.
pub(super) fn config(file: &raw::File) -> Result<Config> {
    Ok(Config {
        name: file.name.as_deref().map(str::to_owned),
        version: file.version.as_ref().map(versions).transpose()?.unwrap_or_default(),
        branches: file.branch.iter().map(branch).collect::<Result<_>>()?,
        packages: file.package.iter().map(package).collect::<Result<_>>()?,
        files: file.file.iter().map(version_file).collect(),
        changelog: file.changelog.as_ref().map(changelog).unwrap_or_default(),
        images: file.image.iter().map(image).collect::<Result<_>>()?,
        registries: file.registry.iter().map(|(host, rule)| (host.clone(), registry(rule))).collect(),
        written: written(file),
        cut: file.cut.as_ref().map(cut).unwrap_or_default(),
        people: People::new(
            file.people.iter().map(|(name, ids)| (name.clone(), ids.iter().map(|id| id.0.clone()).collect())),
        ),
        notifies: !file.notify.is_empty(),
        secret_urls: file
            .notify
            .iter()
            .filter_map(|notify| notify.url_env.as_deref().map(str::to_owned))
            .collect(),
        environments: super::fill_environment::environments(&file.environment)?,
        ledger: file.ledger.as_ref().map(ledger).unwrap_or_default(),
    })
}

fn cut(cut: &raw::Cut) -> CutRules {
    let default = CutRules::default();
    CutRules {
        commit: cut.commit,
        message: cut.message.as_deref().map_or(default.message, str::to_owned),
        sign: sign(cut.sign),
        push: cut.push.unwrap_or(true),
        before: cut.before.iter().flat_map(raw::Commands::each).map(<[String]>::to_vec).collect(),
    }
}

fn sign(sign: Option<raw::Sign>) -> Option<bool> {
    match sign.unwrap_or_default() {
        raw::Sign::Auto => None,
        raw::Sign::Always => Some(true),
        raw::Sign::Never => Some(false),
    }
}

fn ledger(ledger: &raw::Ledger) -> LedgerRules {
    let default = LedgerRules::default();
    LedgerRules {
        remote: ledger.remote.as_deref().map(str::to_owned),
        branch: ledger.branch.as_deref().map_or(default.branch, BranchName::new),
        sign: sign(ledger.sign),
        allowed_signers: ledger.allowed_signers.as_deref().filter(|file| !file.is_empty()).map(plain),
    }
}

/// What passed the check and still does not parse.
pub(super) fn slipped(text: &str) -> Error {
    Error::defect(format!("`{text}` passed the check of release.toml"))
}

fn versions(versions: &raw::Versions) -> Result<VersionRules> {
    let version = |text: &str| Version::parse(text).ok_or_else(|| slipped(text));
    let mut rules = VersionRules {
        tag: versions.tag.as_deref().map(str::to_owned),
        legacy_tags: versions.legacy_tags.iter().flatten().map(|tag| tag.0.clone()).collect(),
        abandoned: versions.abandoned.iter().flatten().map(|core| version(core)).collect::<Result<_>>()?,
        ..VersionRules::default()
    };
    if let Some(initial) = &versions.initial {
        rules.initial = version(initial)?;
    }
    if let Some(zero) = versions.zero {
        rules.zero = match zero {
            ZeroWord::Minor => Zero::Minor,
            ZeroWord::Major => Zero::Major,
            ZeroWord::Cargo => Zero::Cargo,
        };
    }
    for (kind, word) in &versions.bump {
        rules.bump.set(kind, bump(*word));
    }
    rules.bump.otherwise = versions.otherwise.and_then(bump);
    if versions.squash == Some(SquashWord::Title) {
        rules.bump.squash = Squash::Title;
    }
    Ok(rules)
}

fn bump(word: BumpWord) -> Option<Bump> {
    match word {
        BumpWord::None => None,
        BumpWord::Patch => Some(Bump::Patch),
        BumpWord::Minor => Some(Bump::Minor),
        BumpWord::Major => Some(Bump::Major),
    }
}

fn changelog(raw: &raw::Changelog) -> ChangelogRules {
    let template = raw.template.as_deref().filter(|template| *template != KEEP_A_CHANGELOG);
    ChangelogRules {
        path: plain(raw.path.as_deref().unwrap_or(CHANGELOG)),
        groups: raw.groups.iter().map(|(kind, group)| (kind.to_lowercase(), group.0.clone())).collect(),
        template: template.map(plain),
    }
}

fn branch(branch: &raw::Branch) -> Result<BranchRule> {
    let name = branch.name.0.clone();
    Ok(BranchRule {
        matches: Patterns::parse([name.as_str()]).map_err(|_| slipped(&name))?,
        name,
        channel: branch
            .channel
            .as_deref()
            .map(Channel::parse)
            .transpose()
            .map_err(|fault| slipped(&fault))?,
        range: match branch.range.as_deref() {
            Some(text) => Some(VersionRange::parse(text).ok_or_else(|| slipped(text))?),
            None => None,
        },
        named: branch.version.is_some(),
    })
}

fn package((name, package): (&String, &raw::Package)) -> Result<PackageRule> {
    let globs = |globs: &[raw::PathGlob]| {
        Patterns::parse(globs.iter().map(|glob| &**glob)).map_err(|fault| slipped(&fault))
    };
    // A folder means all that is in it.
    let folders = |globs: &[raw::PathGlob]| {
        let whole = globs
            .iter()
            .filter(|glob| !glob.contains(['*', '?', '[', '{']))
            .map(|glob| format!("{}/**", glob.trim_end_matches('/')));
        let all: Vec<String> = globs.iter().map(|glob| glob.to_string()).chain(whole).collect();
        Patterns::parse(all.iter().map(String::as_str)).map_err(|fault| slipped(&fault))
    };
    Ok(PackageRule {
        name: name.clone(),
        paths: folders(&package.paths)?,
        exclude: globs(package.exclude.as_deref().unwrap_or_default())?,
    })
}

fn version_file(file: &raw::VersionFile) -> VersionFile {
    VersionFile {
        path: plain(&file.path),
        pattern: file.pattern.as_deref().map(str::to_owned),
        matches: file.matches,
    }
}

fn image(image: &raw::Image) -> Result<ImageRule> {
    Ok(ImageRule {
        name: image.name.0.clone(),
        repository: Repository::parse(&image.repository).ok_or_else(|| slipped(&image.repository))?,
        package: image.package.as_deref().map(str::to_owned),
        source: image.source.as_deref().unwrap_or("sha-{commit}").to_owned(),
        tag: image.tag.as_deref().unwrap_or("v{version}").to_owned(),
        also: image.also.iter().flatten().map(|tag| tag.0.clone()).collect(),
        built_after: image.when == Some(raw::When::After),
    })
}

fn registry(rule: &raw::Registry) -> RegistryRule {
    RegistryRule {
        http: rule.http,
        ca: rule.ca.as_deref().map(plain),
        credentials_over_http: rule.credentials_over_http.unwrap_or(false),
    }
}

/// The files that a release commit may touch, as git spells them, each once.
fn written(file: &raw::File) -> Vec<String> {
    let changelog =
        file.changelog.as_ref().and_then(|changelog| changelog.path.as_deref()).unwrap_or(CHANGELOG);
    let mut written = vec![plain(changelog)];
    for path in file.file.iter().map(|file| plain(&file.path)) {
        let (folder, name) =
            path.rsplit_once('/').map_or(("", path.as_str()), |(folder, name)| (folder, name));
        let beside: &[&str] = match name {
            "Cargo.toml" => &["Cargo.lock"],
            "package.json" => &["package-lock.json", "npm-shrinkwrap.json"],
            _ => &[],
        };
        let mut beside: Vec<_> = beside.iter().map(|name| plain(&format!("{folder}/{name}"))).collect();
        if name == "Cargo.toml" {
            // That of a workspace stands at its top.
            beside.push("Cargo.lock".to_owned());
        }
        written.push(path);
        written.extend(beside);
    }
    let mut seen = std::collections::HashSet::new();
    written.retain(|path| seen.insert(path.clone()));
    written
}

/// A path without empty parts and `.`.
fn plain(path: &str) -> String {
    path.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/")
}
