//! What a release will do, as data: shown before it is done, shown alone with `--dry-run`, and checked again by the
//! hand that does it. Pure. Leans on `model` and on the words of `git`.

use crate::git::{Remote, Sign};
use crate::model::{CommitId, Image, TagName, Trailers, Version};

/// All that a cut will do, in the order in which it is done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The commit that the release grows from.
    pub head: CommitId,
    /// The commit that was built: HEAD, or past `rel`'s own commits the one before.
    pub build: CommitId,
    /// Local tags, with their objects, that a run left which died before its push: they are taken away first.
    pub leftovers: Vec<(TagName, CommitId)>,
    /// Commands that must succeed first, an argument list each.
    pub before: Vec<Vec<String>>,
    /// What the release commit changes; empty where the tag alone is made.
    pub files: Vec<Change>,
    /// The message of the release commit; `None` where the tag alone is made.
    pub commit: Option<String>,
    /// The releases, one tag each.
    pub releases: Vec<Release>,
    /// Whether commit and tags are signed.
    pub sign: Sign,
    /// The tags will be.
    pub signed: bool,
    /// Where all of it goes in one push; `None` keeps it here.
    pub push: Option<Push>,
}

/// A file of the release commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Relative to the top of the repository.
    pub path: String,
    /// What it holds in HEAD; `None` where it is new.
    pub before: Option<String>,
    /// What it will hold.
    pub after: String,
    /// What changes in it, in a few words.
    pub what: String,
}

/// One package's release.
#[derive(Clone, Debug)]
pub struct Release {
    /// The package.
    pub package: String,
    /// What it stands on.
    pub previous: Option<(TagName, Version)>,
    /// The new version.
    pub version: Version,
    /// Its tag.
    pub tag: TagName,
    /// The notes below their heading, in Markdown; harmless.
    pub notes: String,
    /// Of these, what a person may edit here: all but what was written into the changelog by hand.
    pub editable: String,
    /// Why this version, in one sentence.
    pub reason: String,
    /// The images that get this version: those that are built before the tag.
    pub images: Vec<Versioned>,
}

/// An image that gets its version.
#[derive(Clone, Debug)]
pub struct Versioned {
    /// What was built.
    pub image: Image,
    /// The tags that it gets.
    pub tags: Vec<String>,
}

/// One atomic push.
#[derive(Clone, Debug)]
pub struct Push {
    /// The remote.
    pub remote: Remote,
    /// The branch that goes along with the tags; `None` where they go alone.
    pub branch: Option<Branch>,
    /// The user's own options for the remote's hooks.
    pub options: Vec<String>,
}

/// A branch of the remote.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The full ref, as `refs/heads/main`.
    pub reference: String,
    /// What it is expected to be on the remote; `None` where it is not there yet.
    pub expected: Option<CommitId>,
    /// How many commits below HEAD the remote does not have yet: they go along.
    pub ahead: usize,
}

impl Branch {
    /// Its name, as people say it.
    pub fn name(&self) -> &str {
        self.reference.trim_start_matches("refs/heads/")
    }
}

impl Plan {
    /// What will happen, one line a step: a verb, and what it is done to.
    pub fn steps(&self) -> Vec<(&'static str, String)> {
        let drop = |(name, _): &(TagName, CommitId)| {
            ("drop", format!("the local tag {name}, left by a run that died"))
        };
        let mut steps: Vec<(&'static str, String)> = self.leftovers.iter().map(drop).collect();
        steps.extend(self.before.iter().map(|words| ("run", command_line(words))));
        steps.extend(self.files.iter().map(|change| ("write", format!("{}: {}", change.path, change.what))));
        if let Some(message) = &self.commit {
            steps.push(("commit", message.lines().next().unwrap_or_default().to_owned()));
        }
        let of = match &self.commit {
            Some(_) => "that commit".to_owned(),
            None => self.head.short(),
        };
        let signed = if self.signed { ", signed" } else { "" };
        steps.extend(self.releases.iter().map(|release| ("tag", format!("{} on {of}{signed}", release.tag))));
        if let Some(push) = &self.push {
            let branch = push.branch.iter().map(|branch| match branch.ahead {
                0 => branch.name().to_owned(),
                1 => format!("{} with a commit that is not there yet", branch.name()),
                ahead => format!("{} with {ahead} commits that are not there yet", branch.name()),
            });
            let names: Vec<String> =
                branch.chain(self.releases.iter().map(|release| release.tag.to_string())).collect();
            let together = if names.len() > 1 { ", all or nothing" } else { "" };
            steps.push(("push", format!("{} to {}{together}", names.join(" and "), push.remote.name)));
            let images = self.releases.iter().flat_map(|release| &release.images);
            steps.extend(images.map(|Versioned { image, tags }| {
                let place = format!("{} {} in {}", image.name, image.digest.short(), image.repository);
                ("retag", format!("{place} as {}", tags.join(", ")))
            }));
        }
        steps
    }

    /// The message of a release's tag: its name, the notes, and the trailers that later commands read.
    pub fn tag_message(&self, release: &Release, run: &str) -> String {
        let trailers = Trailers {
            package: release.package.clone(),
            previous: release.previous.as_ref().map(|(tag, _)| tag.to_string()),
            build: self.build,
            run: Some(run.to_owned()),
            images: release.images.iter().map(|versioned| versioned.image.clone()).collect(),
        };
        let notes = release.notes.trim();
        let notes = if notes.is_empty() { String::new() } else { format!("{notes}\n\n") };
        format!("{}\n\n{notes}{trailers}\n", release.tag)
    }
}

/// A command as a person would type it in a shell.
pub fn command_line(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+,".contains(c);
    let quoted = |word: &String| match !word.is_empty() && word.chars().all(plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}
