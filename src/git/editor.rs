//! The user's editor, chosen and started as git does it (git-var(1), `GIT_EDITOR`). Leans on `program`.

use super::repo::Repo;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::process::{CommandEnvironment, CommandSpec, Stream};

impl Repo {
    /// Lets a person edit a text. `None` where nothing was changed.
    pub fn edit(&self, name: &str, text: &str) -> Result<Option<String>> {
        let chosen = self.program.command("var").option("GIT_EDITOR").run()?;
        let editor = chosen.stdout.trim_end_matches('\n');
        if !chosen.ok || editor.is_empty() {
            return Err(Error::refused("there is no editor to edit the notes with")
                .cause(chosen.message)
                .hint("set $VISUAL or $EDITOR, or `git config core.editor`"));
        }
        let file = self.git.path().join(name);
        std::fs::write(&file, text)
            .context(Kind::Refused, format!("{} cannot be written", file.display()))?;
        // As git's launch_editor does it: the editor may have arguments of its own, and the file is one more.
        let script = format!("{editor} \"$@\"");
        let arguments = ["-c".as_ref(), script.as_ref(), editor.as_ref(), file.as_os_str()];
        let spec = CommandSpec::new("sh", CommandEnvironment::inherited()).arguments(arguments);
        let ended = spec
            .attach(Stream::Inherited, Stream::Stderr)
            .context(Kind::Refused, format!("the editor {editor} cannot be started"))?;
        if !ended.success() {
            return Err(Error::refused(format!("the editor {editor} failed"))
                .cause(ended)
                .hint("the notes are as they were"));
        }
        let edited = std::fs::read_to_string(&file)
            .context(Kind::Refused, format!("{} cannot be read", file.display()))?;
        // The file is of no further use; one that stays does no harm.
        drop(std::fs::remove_file(&file));
        Ok((edited != text).then_some(edited))
    }
}
