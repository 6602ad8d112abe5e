//! The commit-msg hook: the state of the hooks folder, the steps that install or remove the hook as data, and the one
//! function that performs a step.

use crate::error::{Error, Kind, Result, ResultExt};
use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The text of the hook.
const SCRIPT: &str = include_str!("commit-msg.sh");
/// The start of the line that identifies a hook of any version of `rel`.
const MARK: &str = "# The commit-msg hook of rel:";

/// Which hook is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HookState {
    /// None.
    Absent,
    /// The hook of this version of `rel`.
    Current,
    /// The hook of another version of `rel`.
    Outdated,
    /// A hook that `rel` did not write.
    Foreign,
}

/// The hook files of a repository.
#[derive(Debug)]
pub(super) struct Hook {
    /// `commit-msg`.
    pub file: PathBuf,
    /// `commit-msg.local`: the hook that existed before.
    pub earlier: PathBuf,
    /// Which hook `file` is.
    pub state: HookState,
    /// `earlier` exists, and is not a copy of `file`.
    pub has_earlier: bool,
}

/// One step of an installation or a removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HookStep {
    /// Creates the hooks folder.
    Folder(PathBuf),
    /// Keeps the existing hook under another name.
    Keep { from: PathBuf, to: PathBuf },
    /// Writes the hook, replacing an existing file.
    Write(PathBuf),
    /// Restores the earlier hook, replacing that of `rel`.
    Restore { from: PathBuf, to: PathBuf },
    /// Removes the hook.
    Remove(PathBuf),
}

impl Hook {
    /// Reads a hooks folder.
    pub(super) fn read(folder: &Path) -> Result<Hook> {
        let (file, earlier) = (folder.join("commit-msg"), folder.join("commit-msg.local"));
        let state = match bytes(&file)? {
            None => HookState::Absent,
            Some(text) if text == SCRIPT.as_bytes() && is_executable(&file) => HookState::Current,
            Some(text) if String::from_utf8_lossy(&text).lines().any(|line| line.starts_with(MARK)) => {
                HookState::Outdated
            }
            Some(_) => HookState::Foreign,
        };
        let kept = bytes(&earlier)?;
        // An installation that was interrupted between its steps leaves the same hook under both names.
        let duplicate = state == HookState::Foreign && kept == bytes(&file)?;
        Ok(Hook { file, earlier, state, has_earlier: kept.is_some() && !duplicate })
    }

    /// Returns the steps of an installation; none if the hook is installed.
    ///
    /// # Errors
    ///
    /// The existing hook cannot be kept, because another file has that name (4).
    pub(super) fn install(&self) -> Result<Vec<HookStep>> {
        let write = HookStep::Write(self.file.clone());
        Ok(match self.state {
            HookState::Current => Vec::new(),
            HookState::Foreign if self.has_earlier => {
                return Err(Error::refused(format!(
                    "{} is another hook and cannot be moved aside, because {} already exists",
                    self.file.display(),
                    self.earlier.display()
                ))
                .hint("merge the two hooks into one file, then run `rel lint --install` again"));
            }
            HookState::Foreign => {
                vec![HookStep::Keep { from: self.file.clone(), to: self.earlier.clone() }, write]
            }
            HookState::Outdated => vec![write],
            HookState::Absent => {
                let folder = self.file.parent().filter(|folder| !folder.exists()).map(Path::to_owned);
                folder.map(HookStep::Folder).into_iter().chain([write]).collect()
            }
        })
    }

    /// Returns the steps of a removal; none if the hook is not installed.
    pub(super) fn uninstall(&self) -> Vec<HookStep> {
        match self.state {
            HookState::Absent | HookState::Foreign => Vec::new(),
            HookState::Current | HookState::Outdated if self.has_earlier => {
                vec![HookStep::Restore { from: self.earlier.clone(), to: self.file.clone() }]
            }
            HookState::Current | HookState::Outdated => vec![HookStep::Remove(self.file.clone())],
        }
    }
}

impl HookStep {
    /// Describes the step, done or to be done.
    pub(super) fn words(&self, done: bool, show: impl Fn(&Path) -> String) -> String {
        let verb =
            |past: &str, present: &str| if done { past.to_owned() } else { format!("would {present}") };
        match self {
            HookStep::Folder(folder) => format!("{} the folder {}", verb("created", "create"), show(folder)),
            HookStep::Keep { from, to } => format!(
                "{} the existing hook as {}; it runs before {}",
                verb("kept", "keep"),
                show(to),
                show(from)
            ),
            HookStep::Write(file) => format!("{} {}", verb("wrote", "write"), show(file)),
            HookStep::Restore { from, to } => {
                format!("{} {} as {}", verb("restored", "restore"), show(from), show(to))
            }
            HookStep::Remove(file) => format!("{} {}", verb("removed", "remove"), show(file)),
        }
    }
}

/// Performs one step. This is the only function here that writes; an existing hook is present under one of its names at any
/// time.
pub(super) fn apply(step: &HookStep) -> Result<()> {
    let (done, what) = match step {
        HookStep::Folder(folder) => (fs::create_dir_all(folder), folder),
        HookStep::Keep { from, to } => (keep(from, to)?, to),
        HookStep::Write(file) => (write(file), file),
        HookStep::Restore { from, to } => (fs::rename(from, to), to),
        HookStep::Remove(file) => (fs::remove_file(file), file),
    };
    done.context(Kind::Refused, format!("{} cannot be written", what.display()))
}

/// Keeps a hook under a second name by a hard link, or by renaming it if the file system has no hard links.
fn keep(from: &Path, to: &Path) -> Result<std::io::Result<()>> {
    match fs::hard_link(from, to) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let same = bytes(from)? == bytes(to)?;
            Ok(if same { Ok(()) } else { Err(error) })
        }
        Err(_) if fs::symlink_metadata(to).is_err() => Ok(fs::rename(from, to)),
        done => Ok(done),
    }
}

/// Writes the hook to a temporary file, and renames that to its place.
fn write(file: &Path) -> std::io::Result<()> {
    let draft = file.with_file_name(format!("commit-msg.{}.new", std::process::id()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o755)
        .open(&draft)
        .and_then(|mut out| {
            out.write_all(SCRIPT.as_bytes())?;
            out.set_permissions(fs::Permissions::from_mode(0o755))?;
            out.sync_all()
        })
        .and_then(|()| fs::rename(&draft, file));
    if written.is_err() {
        // The error that is returned is that of writing, not of removing.
        drop(fs::remove_file(&draft));
    }
    written
}

/// Returns the bytes of a hook; `None` if it does not exist. A dangling link is a hook, and is kept like any other.
fn bytes(file: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(fs::symlink_metadata(file).is_ok().then(Vec::new))
        }
        Err(error) => Err(Error::refused(format!("{} cannot be read", file.display())).cause(error)),
    }
}

fn is_executable(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|data| data.permissions().mode() & 0o111 == 0o111)
}
