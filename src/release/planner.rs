//! Plans a release: decides the version of every package, computes its notes once, and collects the files that change.
//! Reads only.

use super::choices::{Choices, PackageChoice};
use super::file_changes::{FileChanges, NotesText};
use super::image_tags;
use super::notes::Notes;
use super::plan::{PlannedFile, PlannedRelease, ReleasePlan};
use super::preflight;
use super::push::{Push, PushedBranch};
use super::session::Session;
use crate::error::{Error, Result};
use crate::git::Sign;
use crate::git_history::Package;
use crate::version::{Next, VersionDecision};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Plans the releases of a session, again after each choice of a person. Decisions and notes are kept as long as the choice
/// of the version is the same.
pub struct Planner<'s, 'c> {
    session: &'s Session<'c>,
    candidates: BTreeMap<String, (PackageChoice, Rc<Candidate<'c>>)>,
}

/// What was decided for a package.
struct Candidate<'c> {
    decision: VersionDecision,
    /// The release to make; `None` where there is nothing to release.
    release: Option<(Next, Notes<'c>)>,
}

/// A package that has something to release.
struct PendingRelease<'a, 'c> {
    package: &'a Package,
    decision: &'a VersionDecision,
    next: &'a Next,
    notes: &'a Notes<'c>,
    /// The notes as a person edited them.
    edited: Option<&'a str>,
}

/// A plan before anything was checked.
pub struct ReleaseDraft {
    /// The decision for every package.
    pub decisions: Vec<VersionDecision>,
    /// What will happen; `None` where there is nothing to release, or where an error says why not.
    plan: Option<ReleasePlan>,
    errors: Vec<Error>,
}

impl ReleaseDraft {
    /// Returns whether there is nothing to release, and no error either.
    pub fn is_empty(&self) -> bool {
        self.plan.is_none() && self.errors.is_empty()
    }
}

impl<'s, 'c> Planner<'s, 'c> {
    /// Creates a planner.
    pub fn new(session: &'s Session<'c>) -> Self {
        Planner { session, candidates: BTreeMap::new() }
    }

    /// Decides for every package, and plans the releases of those that have something to release.
    pub fn draft(&mut self, choices: &Choices) -> Result<ReleaseDraft> {
        let session = self.session;
        let mut errors = Vec::new();
        let mut candidates = Vec::new();
        for package in &session.packages {
            match self.candidate(package, choices.get(&package.name))? {
                Ok(candidate) => candidates.push((package, candidate)),
                Err(error) if session.packages.len() > 1 => {
                    errors.push(error.of_package(&package.name));
                }
                Err(error) => errors.push(error),
            }
        }
        let pending = candidates.iter().filter_map(|(package, candidate)| {
            let (next, notes) = candidate.release.as_ref()?;
            let edited = choices.get(&package.name).and_then(|choice| choice.notes.as_deref());
            Some(PendingRelease { package, decision: &candidate.decision, next, notes, edited })
        });
        let pending: Vec<_> = pending.collect();
        let plan = if pending.is_empty() { None } else { Some(plan(session, &pending, &mut errors)?) };
        let decisions = candidates.iter().map(|(_, candidate)| candidate.decision.clone()).collect();
        Ok(ReleaseDraft { decisions, plan, errors })
    }

    /// Returns the plan where nothing prevents it, with the digests of its images.
    ///
    /// # Errors
    ///
    /// Everything that prevents it, at once.
    pub fn check(&self, draft: ReleaseDraft) -> Result<ReleasePlan> {
        let ReleaseDraft { mut plan, mut errors, .. } = draft;
        errors.extend(preflight::check_repository(self.session)?);
        if let Some(plan) = &mut plan {
            errors.extend(preflight::check_plan(self.session, plan)?);
            errors.extend(image_tags::find_builds(self.session, plan)?);
        }
        match (Error::combine("", errors), plan) {
            (Some(error), _) => Err(error),
            (None, Some(plan)) => Ok(plan),
            (None, None) => {
                Err(Error::refused("there is nothing to release any more").hint("run the command again"))
            }
        }
    }

    /// Returns what is decided for a package. The inner error says why it has no version; the outer one stops everything.
    fn candidate(
        &mut self,
        package: &Package,
        choice: Option<&PackageChoice>,
    ) -> Result<Result<Rc<Candidate<'c>>>> {
        let choice = choice.map(PackageChoice::without_notes).unwrap_or_default();
        if let Some((known, candidate)) = self.candidates.get(&package.name)
            && *known == choice
        {
            return Ok(Ok(Rc::clone(candidate)));
        }
        let chosen =
            choice.chooses_version().then(|| self.session.release_context_for(&choice)).transpose()?;
        let release_context = match &chosen {
            Some(chosen) => chosen,
            None => self.session.release_context()?,
        };
        let decision = match release_context.decide(package, false) {
            Ok(decision) => decision,
            Err(error) => return Ok(Err(error)),
        };
        let next = decision.next.clone().filter(|next| !next.already);
        let notes = next.map(|next| {
            Notes::of_next(self.session.context, release_context, package, &next).map(|notes| (next, notes))
        });
        let candidate = Rc::new(Candidate { decision, release: notes.transpose()? });
        self.candidates.insert(package.name.clone(), (choice, Rc::clone(&candidate)));
        Ok(Ok(candidate))
    }
}

fn plan(
    session: &Session<'_>,
    pending: &[PendingRelease<'_, '_>],
    errors: &mut Vec<Error>,
) -> Result<ReleasePlan> {
    let release_context = session.release_context()?;
    let rules = &session.context.config()?.cut;
    let wants_commit = if session.options.tag_only { Some(false) } else { rules.commit };
    let (files, texts) = files_and_notes(session, pending, wants_commit != Some(false), errors)?;
    let commit = wants_commit.unwrap_or(!files.is_empty());
    let releases: Vec<PlannedRelease> =
        pending.iter().zip(texts).map(|(pending, text)| pending.planned(text)).collect();
    let push = match (session.pushes()?, &session.remote) {
        (false, _) => None,
        (true, Some(remote)) => {
            let (line, _) = release_context.release_line()?;
            let branch =
                if commit { PushedBranch::find(session.repo, release_context, &line)? } else { None };
            Some(Push { remote: remote.clone(), branch, options: session.options.push_options.clone() })
        }
        (true, None) => {
            let error = Error::refused("there is no remote to push to");
            errors.push(error.hint("git remote add origin URL, or keep the release local with --no-push"));
            None
        }
    };
    let sign = match rules.sign {
        None => Sign::Auto,
        Some(true) => Sign::Always,
        Some(false) => Sign::Never,
    };
    Ok(ReleasePlan {
        head: release_context.head(),
        build: release_context.build_commit()?,
        stale_tags: session.leftovers.stale.clone(),
        before: rules.before.clone(),
        files,
        commit: commit.then(|| commit_message(&rules.message, &releases)),
        releases,
        sign,
        signed: session.repo.signs_tags(sign)?,
        push,
    })
}

/// Returns the files of the release commit, and the notes of each release. A changelog is updated where it exists;
/// `[cut] commit = true` creates one where there would be nothing to commit.
fn files_and_notes(
    session: &Session<'_>,
    pending: &[PendingRelease<'_, '_>],
    commits: bool,
    errors: &mut Vec<Error>,
) -> Result<(Vec<PlannedFile>, Vec<NotesText>)> {
    let config = session.context.config()?;
    let mut changes = FileChanges::new(session)?;
    let mut with_changelog = false;
    if commits {
        for PendingRelease { package, decision, next, .. } in pending {
            errors.extend(changes.update_versions(package, decision, &next.version).err());
        }
        let exists = session.repo.file_at(session.repo.head()?.commit, &config.changelog.path)?.is_some();
        with_changelog = exists || (config.cut.commit == Some(true) && config.files.is_empty());
    }
    let mut texts = Vec::new();
    for PendingRelease { notes, edited, .. } in pending {
        if !with_changelog {
            let text = edited.map_or_else(|| notes.body(), |edited| Ok(edited.to_owned()))?;
            texts.push(NotesText { editable: text.clone(), full: text });
            continue;
        }
        match changes.insert_notes(notes, *edited) {
            Ok(text) => texts.push(text),
            Err(error) => {
                errors.push(error);
                texts.push(NotesText::default());
            }
        }
    }
    Ok((changes.into_files(), texts))
}

impl PendingRelease<'_, '_> {
    fn planned(&self, text: NotesText) -> PlannedRelease {
        let PendingRelease { decision, next, .. } = self;
        let ignored = decision
            .commits
            .iter()
            .filter(|classified| classified.effect.bump.is_none() && !classified.commit.own);
        PlannedRelease {
            package: decision.package.clone(),
            previous: decision.current.as_ref().map(|tag| (tag.name.clone(), tag.version.clone())),
            base: decision.base.as_ref().map(|tag| tag.version.clone()),
            version: next.version.clone(),
            tag: next.tag.clone(),
            notes: text.full,
            editable_notes: text.editable,
            reason: decision.reason.clone(),
            ignored_commits: ignored.count(),
            images: Vec::new(),
        }
    }
}

/// Returns the message of the release commit, with the trailers by which `rel` recognises its own commits (V30).
fn commit_message(template: &str, releases: &[PlannedRelease]) -> String {
    let list =
        |get: &dyn Fn(&PlannedRelease) -> String| releases.iter().map(get).collect::<Vec<_>>().join(", ");
    let subject = template
        .replace("{tag}", &list(&|release| release.tag.to_string()))
        .replace("{version}", &list(&|release| release.version.to_string()))
        .replace("{package}", &list(&|release| release.package.clone()));
    let trailers: String = releases.iter().map(|release| format!("Rel-Release: {}\n", release.tag)).collect();
    format!("{}\n\n{trailers}", subject.trim_end())
}
