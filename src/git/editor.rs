//! Starts the user's editor, chosen as git does it (git-var(1), `GIT_EDITOR`).

use super::repo::Repo;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::process::{CommandEnvironment, CommandSpec, Stream};

/// Lets a person edit a text, in a file of this name in the repository. Returns `None` where nothing was changed.
pub fn edit_text(repo: &Repo, name: &str, text: &str) -> Result<Option<String>> {
    let chosen = repo.program.command("var").option("GIT_EDITOR").run()?;
    let editor = chosen.stdout.trim_end_matches('\n');
    if !chosen.ok || editor.is_empty() {
        let error = Error::refused("no editor is configured");
        let error = if chosen.message.is_empty() { error } else { error.cause(chosen.message) };
        return Err(error.hint("set $VISUAL or $EDITOR, or `git config core.editor`"));
    }
    let file = repo.git.path().join(name);
    std::fs::write(&file, text).context(Kind::Refused, format!("{} cannot be written", file.display()))?;
    // Like git's launch_editor: the editor may come with arguments, and the file is one more.
    let script = format!("{editor} \"$@\"");
    let arguments = ["-c".as_ref(), script.as_ref(), editor.as_ref(), file.as_os_str()];
    let spec = CommandSpec::new("sh", CommandEnvironment::inherited()).arguments(arguments);
    let ended = spec
        .attach(Stream::Inherited, Stream::Stderr)
        .context(Kind::Refused, format!("the editor {editor} cannot be started"))?;
    if !ended.success() {
        return Err(Error::refused(format!("the editor {editor} failed"))
            .cause(ended)
            .hint("the notes were not changed"));
    }
    let edited = std::fs::read_to_string(&file)
        .context(Kind::Refused, format!("{} cannot be read", file.display()))?;
    // A file that cannot be removed does no harm.
    drop(std::fs::remove_file(&file));
    Ok((edited != text).then_some(edited))
}
