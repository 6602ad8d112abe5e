//! A file of the work tree that is read and written as a whole: never outside the tree, never inside `.git`, whatever
//! links lie on the way. Leans on `error`.

use crate::error::{Error, Kind, Result, ResultExt};
use std::io::Write;
use std::path::{Component, Path, PathBuf};

/// Changelogs beyond this are a mistake.
const LARGEST: u64 = 64 << 20;

/// A file inside a work tree, which may not be there yet.
#[derive(Clone, Debug)]
pub struct Place {
    /// As it was named.
    name: String,
    /// Where it is, links resolved.
    file: PathBuf,
}

impl Place {
    /// Finds a file by its path from the top of a work tree; where it is not there, its folder must be.
    pub fn find(top: &Path, path: &str) -> Result<Place> {
        let relative = Path::new(path);
        let outside = |what: &str| Error::refused(format!("{path} {what}, so it is left alone"));
        if relative.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(outside("leads out of the work tree"));
        }
        let top = top.canonicalize().context(Kind::Refused, "the work tree cannot be read")?;
        let whole = top.join(relative);
        let linked = std::fs::symlink_metadata(&whole).is_ok();
        let file = if linked {
            whole.canonicalize().context(Kind::Refused, format!("{path} leads nowhere"))?
        } else {
            let (folder, name) =
                whole.parent().zip(whole.file_name()).ok_or_else(|| outside("names no file"))?;
            let folder =
                folder.canonicalize().context(Kind::Refused, format!("the folder of {path} is not there"))?;
            folder.join(name)
        };
        let inside = file.strip_prefix(&top).map_err(|_| outside("leads out of the work tree"))?;
        let is_git = |part: Component<'_>| part.as_os_str().eq_ignore_ascii_case(".git");
        if inside.components().any(is_git) {
            return Err(outside("lies inside .git"));
        }
        if file.is_dir() {
            return Err(outside("is a folder"));
        }
        Ok(Place { name: path.to_owned(), file })
    }

    /// The path as it was named.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its text; `None` where there is no file.
    pub fn read(&self) -> Result<Option<String>> {
        let fault = || format!("{} cannot be read", self.name);
        match std::fs::metadata(&self.file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::refused(fault()).cause(error)),
            Ok(found) if found.len() > LARGEST => {
                return Err(Error::refused(fault()).cause(format!("it has {} bytes", found.len())));
            }
            Ok(_) => {}
        }
        let bytes = std::fs::read(&self.file).context(Kind::Refused, fault())?;
        String::from_utf8(bytes).map(Some).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Error::refused(fault()).cause(format!("it is not UTF-8: byte {at} is not"))
        })
    }

    /// Writes the whole text: into a file beside it, which then takes its name and permissions, so that nobody ever sees
    /// half of it.
    pub fn write(&self, text: &str) -> Result<()> {
        let fault = || format!("{} cannot be written", self.name);
        let folder = self.file.parent().ok_or_else(|| Error::refused(fault()))?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let beside = folder.join(format!(".{name}.{}.rel", std::process::id()));
        let fill = || -> std::io::Result<()> {
            let mut file = std::fs::File::create_new(&beside)?;
            file.write_all(text.as_bytes())?;
            if let Ok(before) = std::fs::metadata(&self.file) {
                file.set_permissions(before.permissions())?;
            }
            file.sync_all()?;
            std::fs::rename(&beside, &self.file)
        };
        fill().map_err(|error| {
            // What was begun is of no use to anybody; where it cannot be removed, the error says enough.
            drop(std::fs::remove_file(&beside));
            Error::refused(fault()).cause(error)
        })
    }
}
