//! The commit-msg hook: what stands in the hooks folder, what would be done to it as data, and the one function that
//! does it. Leans on the file system alone.

use crate::error::{Error, Kind, Result, ResultExt};
use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The hook, as it is written.
const SCRIPT: &str = include_str!("commit-msg.sh");
/// How a hook of `rel` is known, whatever version wrote it.
const MARK: &str = "# The commit-msg hook of rel:";

/// What stands at the place of the hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing.
    Nothing,
    /// The hook of this `rel`.
    Ours,
    /// The hook of another version of `rel`.
    Older,
    /// Somebody else's.
    Foreign,
}

/// The places, and what stands there.
#[derive(Debug)]
pub(super) struct Hook {
    /// `commit-msg`.
    pub file: PathBuf,
    /// `commit-msg.local`: the hook that was there before.
    pub earlier: PathBuf,
    /// What stands at `file`.
    pub standing: Standing,
    /// `earlier` is there, and is not `file` once more.
    pub has_earlier: bool,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Makes the hooks folder.
    Folder(PathBuf),
    /// Gives a hook another name, at which it is kept.
    Keep { from: PathBuf, to: PathBuf },
    /// Writes the hook, in place of what stands there.
    Write(PathBuf),
    /// Puts the earlier hook back, in place of ours.
    Restore { from: PathBuf, to: PathBuf },
    /// Takes the hook away.
    Remove(PathBuf),
}

impl Hook {
    /// Looks at a hooks folder.
    pub(super) fn look(folder: &Path) -> Result<Hook> {
        let (file, earlier) = (folder.join("commit-msg"), folder.join("commit-msg.local"));
        let standing = match bytes(&file)? {
            None => Standing::Nothing,
            Some(text) if text == SCRIPT.as_bytes() && is_executable(&file) => Standing::Ours,
            Some(text) if String::from_utf8_lossy(&text).lines().any(|line| line.starts_with(MARK)) => {
                Standing::Older
            }
            Some(_) => Standing::Foreign,
        };
        let kept = bytes(&earlier)?;
        // A run that died between its steps leaves the same hook under both names.
        let twice = standing == Standing::Foreign && kept == bytes(&file)?;
        Ok(Hook { file, earlier, standing, has_earlier: kept.is_some() && !twice })
    }

    /// What an installation does; nothing where it is done.
    pub(super) fn install(&self) -> Result<Vec<Step>> {
        let write = Step::Write(self.file.clone());
        Ok(match self.standing {
            Standing::Ours => Vec::new(),
            Standing::Foreign if self.has_earlier => {
                return Err(Error::refused(format!(
                    "there is a hook at {} and another one at {}, where it would be kept",
                    self.file.display(),
                    self.earlier.display()
                ))
                .hint("join the two, or remove the one that is not needed, then ask again"));
            }
            Standing::Foreign => {
                vec![Step::Keep { from: self.file.clone(), to: self.earlier.clone() }, write]
            }
            Standing::Older => vec![write],
            Standing::Nothing => {
                let folder = self.file.parent().filter(|folder| !folder.exists()).map(Path::to_owned);
                folder.map(Step::Folder).into_iter().chain([write]).collect()
            }
        })
    }

    /// What takes the installation back; nothing where there is none.
    pub(super) fn uninstall(&self) -> Vec<Step> {
        match self.standing {
            Standing::Nothing | Standing::Foreign => Vec::new(),
            Standing::Ours | Standing::Older if self.has_earlier => {
                vec![Step::Restore { from: self.earlier.clone(), to: self.file.clone() }]
            }
            Standing::Ours | Standing::Older => vec![Step::Remove(self.file.clone())],
        }
    }
}

impl Step {
    /// The step in words, done or to be done.
    pub(super) fn words(&self, done: bool, show: impl Fn(&Path) -> String) -> String {
        let word = |past: &str, future: &str| if done { past.to_owned() } else { format!("would {future}") };
        match self {
            Step::Folder(folder) => format!("{} the folder {}", word("made", "make"), show(folder)),
            Step::Keep { from, to } => format!(
                "{} there as {}; it runs before {}",
                word("kept the hook that was", "keep the hook that is"),
                show(to),
                show(from)
            ),
            Step::Write(file) => format!("{} {}", word("wrote", "write"), show(file)),
            Step::Restore { from, to } => {
                format!("{} {} as {}", word("put back", "put back"), show(from), show(to))
            }
            Step::Remove(file) => format!("{} {}", word("removed", "remove"), show(file)),
        }
    }
}

/// Does one step: the only function here that writes. At no timestamp is a hook that somebody relies on gone.
pub(super) fn apply(step: &Step) -> Result<()> {
    let (done, what) = match step {
        Step::Folder(folder) => (fs::create_dir_all(folder), folder),
        Step::Keep { from, to } => (keep(from, to)?, to),
        Step::Write(file) => (write(file), file),
        Step::Restore { from, to } => (fs::rename(from, to), to),
        Step::Remove(file) => (fs::remove_file(file), file),
    };
    done.context(Kind::Refused, format!("{} cannot be written", what.display()))
}

/// Gives a hook a second name first, so that it is never gone; where the file system has none, another name.
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

/// Writes the hook beside its place, and moves it there in one go.
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
        // What is told is why it could not be written.
        drop(fs::remove_file(&draft));
    }
    written
}

/// The bytes of a hook; `None` where there is none. A link into nowhere is one, and is kept like any other.
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
