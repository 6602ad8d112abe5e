//! From what a person types to a release: a version, a tag, or a commit where that is taken. What the tag's trailers say
//! and what the ledger says are both told, because they must agree. Leans on `history`, `git` and `model`.

use super::{Ledger, active_config};
use crate::error::{Error, Result};
use crate::git::{RawTag, Target};
use crate::git_history::{self, HistoryOptions, Package, ReleaseContext, packages_of};
use crate::model::{CommitId, Image, Pin, Release, TagName, Version};
use crate::version::VersionTag;

/// What words name.
#[derive(Clone, Debug)]
pub struct Found {
    /// Whose release it is.
    pub package: String,
    /// The version; `None` for a bare commit.
    pub version: Option<Version>,
    /// Its tag.
    pub tag: Option<TagName>,
    /// What the tag itself records: the trailers that `rel` wrote into it.
    pub tagged: Option<Pin>,
    /// What the ledger knows under this name.
    pub known: Option<Release>,
    /// The build commit that the tag, or the commit, leads to, where neither says more.
    pub commit: Option<CommitId>,
}

impl Found {
    /// The release; where tag and ledger disagree, none.
    ///
    /// # Errors
    ///
    /// 5, with both digests, where tag and ledger disagree.
    pub fn release(&self) -> Result<Release> {
        if let (Some(tagged), Some(known)) = (&self.tagged, &self.known)
            && !agree(tagged, &known.pin)
        {
            return Err(self.disagree(tagged, &known.pin));
        }
        let pin = match (&self.tagged, &self.known, self.commit) {
            // An image that was built from the tag is only known to the ledger.
            (Some(pin), known, _) => match known {
                Some(known) if pin.images.len() < known.pin.images.len() => known.pin.clone(),
                _ => pin.clone(),
            },
            (None, Some(known), _) => known.pin.clone(),
            (None, None, Some(commit)) => Pin::new(commit, Vec::new()),
            (None, None, None) => return Err(Error::defect("nothing was found, and that was no error")),
        };
        Ok(match (&self.version, &self.tag, &self.known) {
            (Some(version), Some(tag), _) => Release::new(version.clone(), tag.clone(), pin),
            (_, _, Some(known)) => Release { pin, ..known.clone() },
            _ => Release::bare(pin),
        })
    }

    fn disagree(&self, tagged: &Pin, known: &Pin) -> Error {
        let name = self.tag.as_ref().map_or_else(String::new, ToString::to_string);
        let list = |pin: &Pin| {
            let images: Vec<String> = pin.images.iter().map(ToString::to_string).collect();
            if images.is_empty() { format!("build {}", pin.commit.short()) } else { images.join(", ") }
        };
        Error::conflict(format!("tag {name} and the ledger do not name the same build"))
            .cause(format!("the tag: {}", list(tagged)))
            .cause(format!("the ledger: {}", list(known)))
            .hint(format!("`rel verify {name}` says more; one of the two was changed"))
    }
}

/// Whether two pins may be of one release: the images that both name have the same digests; the build commits agree where
/// they share none.
fn agree(one: &Pin, other: &Pin) -> bool {
    let digest = |name: &str| other.images.iter().find(|image| image.name == name).map(|image| &image.digest);
    let shared: Vec<bool> =
        one.images.iter().filter_map(|image| Some(*digest(&image.name)? == image.digest)).collect();
    if shared.is_empty() { one.commit == other.commit } else { shared.into_iter().all(|same| same) }
}

impl Ledger<'_> {
    /// The packages of the configuration that decides: the named one, or all.
    pub fn packages(&self, named: Option<&str>) -> Result<Vec<Package>> {
        packages_of(self.context, self.config(), named)
    }

    /// The one package that a verb is about.
    ///
    /// # Errors
    ///
    /// 2 where there are several and none is named.
    pub fn package(&self, named: Option<&str>) -> Result<Package> {
        let mut packages = self.packages(named)?;
        if packages.len() > 1 {
            let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
            return Err(Error::usage("there are several packages, and none is named")
                .cause(format!("release.toml names {}", names.join(", ")))
                .hint(format!("--package {}", names.first().unwrap_or(&"NAME"))));
        }
        packages.pop().ok_or_else(|| Error::defect("a repository without a package"))
    }

    /// Finds what words name. `commits`: a commit is taken too.
    ///
    /// # Errors
    ///
    /// 7 where nothing bears that name, 5 where its tag does not hold what `rel` writes, 2 where the package is not clear.
    pub fn find(&self, named: Option<&str>, words: &str, commits: bool) -> Result<Found> {
        let packages = self.packages(named)?;
        let tagged = packages.iter().find_map(|package| {
            let format = package.formats.iter().find_map(|format| format.read(words));
            format.map(|version| (package.clone(), version)).filter(|_| Version::parse(words).is_none())
        });
        if let Some((package, version)) = tagged {
            return self.find_version(&package, &version, Some(TagName::new(words)));
        }
        match Version::parse(words) {
            Some(version) => self.find_version(&self.package(named)?, &version, None),
            None if commits => self.find_commit(&self.package(named)?, words),
            None => Err(self.neither(named, words)?),
        }
    }

    /// Why words that are taken for neither a version nor a tag of a package name nothing.
    fn neither(&self, named: Option<&str>, words: &str) -> Result<Error> {
        let others = self.packages(None)?;
        let reads = |package: &&Package| package.formats.iter().any(|format| format.read(words).is_some());
        if let (Some(named), Some(other)) = (named, others.iter().find(reads)) {
            let error = Error::usage(format!("{words} is a tag of {}, not of {named}", other.name));
            return Ok(error.hint(format!("--package {}", other.name)));
        }
        let error = Error::usage(format!("{words} is neither a version nor a tag"));
        let version = words.strip_prefix('v').and_then(Version::parse).filter(|_| others.len() > 1);
        let meant = version.and_then(|version| Some(others.first()?.formats.first()?.print(&version)));
        Ok(match meant {
            Some(tag) => error.hint(format!("a tag names its package, as in {tag}")),
            None => error.hint("a version is three numbers, as in 1.4.0; `git tag --list` has the tags"),
        })
    }

    fn find_version(&self, package: &Package, version: &Version, tag: Option<TagName>) -> Result<Found> {
        let known = self.known(&package.name, |release| release.version.as_ref() == Some(version))?;
        let names = match tag {
            Some(tag) => vec![tag],
            None => package.formats.iter().map(|format| format.print(version)).collect(),
        };
        let found = self.find_tag(&names)?;
        let mut result = Found {
            package: package.name.clone(),
            version: Some(version.clone()),
            tag: found.as_ref().map(|tag| tag.name.clone()).or_else(|| known.as_ref()?.tag.clone()),
            tagged: None,
            known,
            commit: None,
        };
        if let Some(RawTag { name, target: Target::Commit(commit) }) = found.clone() {
            let tag = VersionTag { name, version: version.clone(), commit, format: 0 };
            let release = self.release_context()?.release(package, tag)?;
            result.tagged = self.recorded_in(package, &release)?;
            result.commit = Some(release.build);
        }
        if found.is_none() && result.known.is_none() {
            let name = names.first().map_or_else(String::new, ToString::to_string);
            return Err(Error::missing(format!("{} has no release {version}", package.name))
                .cause(format!("there is no tag {name}, and the ledger knows none"))
                .hint("`git tag --list` has the tags; `rel history ENV` what was deployed"));
        }
        Ok(result)
    }

    fn find_commit(&self, package: &Package, words: &str) -> Result<Found> {
        let commit = self.release_context()?.built(self.context.repo()?.resolve(words)?)?;
        let known = self.known(&package.name, |release| release.pin.commit == commit)?;
        // Under the name of a commit, it is that commit: the name of a version is not borrowed.
        let known = known.map(|release| Release::bare(release.pin));
        let package = package.name.clone();
        Ok(Found { package, version: None, tag: None, tagged: None, known, commit: Some(commit) })
    }

    /// What the ledger knows of a release: it was healthy somewhere, or runs.
    pub fn known(&self, package: &str, is: impl Fn(&Release) -> bool) -> Result<Option<Release>> {
        for (_, environment) in self.snapshot.environments()?.iter().filter(|(name, _)| name == package) {
            let Some(state) = self.snapshot.environment(package, environment)? else { continue };
            let running = state.running.iter().map(|running| &running.release);
            let mut all = running.chain(state.healthy.iter().map(|healthy| &healthy.release));
            if let Some(release) = all.find(|release| is(release)) {
                return Ok(Some(release.clone()));
            }
        }
        let marks = self.snapshot.bad_marks(package)?;
        Ok(marks.into_iter().map(|mark| mark.release).find(|release| is(release)))
    }

    /// The first of these tags that is here, or on the remote.
    fn find_tag(&self, names: &[TagName]) -> Result<Option<RawTag>> {
        let repo = self.context.repo()?;
        let here = || -> Result<Option<RawTag>> {
            let tags = repo.tags()?;
            Ok(names.iter().find_map(|name| tags.iter().find(|tag| tag.name == *name).cloned()))
        };
        if let Some(tag) = here()? {
            return Ok(Some(tag));
        }
        let Some(remote) = active_config::remote(repo)? else { return Ok(None) };
        let full: Vec<String> = names.iter().map(|name| format!("refs/tags/{name}")).collect();
        let full: Vec<&str> = full.iter().map(String::as_str).collect();
        // Where it cannot be asked, what is here must do.
        let Ok(told) = repo.ask(&remote, &full) else { return Ok(None) };
        let Some(name) = full.iter().find(|name| told.refs.contains_key(**name)) else { return Ok(None) };
        let depth = repo.is_shallow().then_some(1);
        repo.bring(&remote, &format!("{name}:{name}"), depth)?;
        here()
    }

    /// What `rel` wrote into a tag. A repository of images is never taken from there: it must be one that is configured.
    fn recorded_in(&self, package: &Package, release: &git_history::TaggedRelease) -> Result<Option<Pin>> {
        let Some(trailers) = &release.trailers else { return Ok(None) };
        let configured = |image: &Image| {
            self.config().images_of(&package.name).any(|rule| rule.repository == image.repository)
        };
        match trailers.images.iter().find(|image| !configured(image)) {
            None => Ok(Some(Pin::new(trailers.build, trailers.images.clone()))),
            Some(image) => Err(Error::conflict(format!(
                "tag {} bears trailers that rel did not write",
                release.tag.name
            ))
            .cause(format!("{} is no repository that [[image]] names", image.repository))),
        }
    }

    /// The history as it is here: nothing is asked of a remote that may be away.
    fn release_context(&self) -> Result<ReleaseContext<'_>> {
        ReleaseContext::new(
            self.context,
            HistoryOptions { offline: true, initial: Some(None), ..HistoryOptions::default() },
        )
    }
}
