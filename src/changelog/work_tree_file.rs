//! A file of the work tree that is read and replaced as a whole: never outside the tree and never inside `.git`, even
//! through symbolic links.

use crate::error::{Error, Kind, Result, ResultExt};
use std::io::Write;
use std::path::{Component, Path, PathBuf};

/// The largest file that is read, in bytes; a larger changelog is a mistake.
const MAX_SIZE: u64 = 64 << 20;

/// A file inside a work tree, which may not exist yet.
#[derive(Clone, Debug)]
pub struct WorkTreeFile {
    /// The path as it was given.
    name: String,
    /// The absolute path, with links resolved.
    file: PathBuf,
}

impl WorkTreeFile {
    /// Finds a file by its path from the top of a work tree. If the file does not exist, its directory must.
    ///
    /// # Errors
    ///
    /// The path leads out of the work tree or into `.git`, or is a directory (4).
    pub fn find(top: &Path, path: &str) -> Result<WorkTreeFile> {
        let relative = Path::new(path);
        let refused = |why: &str| Error::refused(format!("{path} cannot be used: {why}"));
        if relative.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(refused("it is outside the work tree"));
        }
        let top = top.canonicalize().context(Kind::Refused, "the work tree cannot be read")?;
        let whole = top.join(relative);
        let linked = std::fs::symlink_metadata(&whole).is_ok();
        let file = if linked {
            whole.canonicalize().context(Kind::Refused, format!("{path} is a broken symbolic link"))?
        } else {
            let (directory, name) =
                whole.parent().zip(whole.file_name()).ok_or_else(|| refused("it does not name a file"))?;
            let directory = directory
                .canonicalize()
                .context(Kind::Refused, format!("the folder of {path} does not exist"))?;
            directory.join(name)
        };
        let inside = file.strip_prefix(&top).map_err(|_| refused("it is outside the work tree"))?;
        let is_git = |part: Component<'_>| part.as_os_str().eq_ignore_ascii_case(".git");
        if inside.components().any(is_git) {
            return Err(refused("it is inside .git"));
        }
        if file.is_dir() {
            return Err(refused("it is a folder"));
        }
        Ok(WorkTreeFile { name: path.to_owned(), file })
    }

    /// Returns the path as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads the text; `None` where the file does not exist.
    pub fn read(&self) -> Result<Option<String>> {
        let fault = || format!("{} cannot be read", self.name);
        match std::fs::metadata(&self.file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::refused(fault()).cause(error)),
            Ok(found) if found.len() > MAX_SIZE => {
                return Err(Error::refused(fault()).cause(format!("it has {} bytes", found.len())));
            }
            Ok(_) => {}
        }
        let bytes = std::fs::read(&self.file).context(Kind::Refused, fault())?;
        String::from_utf8(bytes).map(Some).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Error::refused(fault()).cause(format!("it is not UTF-8: byte {at} is invalid"))
        })
    }

    /// Replaces the whole text. It is written to a temporary file with the same permissions and renamed, so that readers never
    /// see a part of it.
    pub fn write(&self, text: &str) -> Result<()> {
        let fault = || format!("{} cannot be written", self.name);
        let directory = self.file.parent().ok_or_else(|| Error::refused(fault()))?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let temporary = directory.join(format!(".{name}.{}.rel", std::process::id()));
        let replace = || -> std::io::Result<()> {
            let mut file = std::fs::File::create_new(&temporary)?;
            file.write_all(text.as_bytes())?;
            if let Ok(before) = std::fs::metadata(&self.file) {
                file.set_permissions(before.permissions())?;
            }
            file.sync_all()?;
            std::fs::rename(&temporary, &self.file)
        };
        replace().map_err(|error| {
            // If the temporary file cannot be removed either, the first error says enough.
            drop(std::fs::remove_file(&temporary));
            Error::refused(fault()).cause(error)
        })
    }
}
