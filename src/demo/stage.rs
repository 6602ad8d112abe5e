//! The scratch folder of the demo, and the shell in which its lines run. Leans on `error`.

use crate::error::{Error, Kind, Result, ResultExt};
use crate::process::{CommandEnvironment, CommandSpec, Stream};
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

/// The files of the shop: path, text, whether it is a program.
const FILES: [(&str, &str, bool); 10] = [
    (".gitignore", include_str!("shop/gitignore"), false),
    ("CHANGELOG.md", include_str!("shop/CHANGELOG.md"), false),
    ("release.toml", include_str!("shop/release.toml"), false),
    ("shop.sh", include_str!("shop/shop.sh"), false),
    ("total.sh", include_str!("shop/total.sh"), false),
    ("platform/build", include_str!("shop/platform/build"), true),
    ("platform/deploy", include_str!("shop/platform/deploy"), true),
    ("platform/answers", include_str!("shop/platform/answers"), true),
    ("platform/live", include_str!("shop/platform/live"), true),
    ("platform/stop", include_str!("shop/platform/stop"), true),
];

/// What is done before the curtain rises: a person, a remote, a first commit, customers.
const SET_UP: &str = "
set -e
git init -q --bare -b main ../origin.git
git init -q -b main .
git config user.name Ada
git config user.email ada@acme.example
git remote add origin ../origin.git
git add .
git commit -qm 'feat: a shop'
git push -qu origin main
mkdir -p run/staging run/prod
echo 3 40 >run/staging/cart
echo 3 40 10 >run/prod/cart
";

/// A scratch folder with a shop in it.
pub(super) struct Stage {
    shop: PathBuf,
    path: OsString,
}

impl Stage {
    /// Lays out the folder. `program` is this very binary, which the lines find as `rel`; `path` is the PATH of this process.
    pub(super) fn build(folder: &Path, program: PathBuf, path: Option<String>) -> Result<Self> {
        let (shop, bin) = (folder.join("shop"), folder.join("bin"));
        let fault = |place: &Path| format!("{} cannot be written", place.display());
        for (name, text, executable) in FILES {
            let file = shop.join(name);
            let parent = file.parent().unwrap_or(&shop);
            std::fs::create_dir_all(parent).context(Kind::Refused, fault(parent))?;
            std::fs::write(&file, text).context(Kind::Refused, fault(&file))?;
            let mode = if executable { 0o755 } else { 0o644 };
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode))
                .context(Kind::Refused, fault(&file))?;
        }
        std::fs::create_dir_all(&bin).context(Kind::Refused, fault(&bin))?;
        std::os::unix::fs::symlink(program, bin.join("rel")).context(Kind::Refused, fault(&bin))?;
        let mut whole = bin.into_os_string();
        whole.push(":");
        whole.push(path.unwrap_or_else(|| "/usr/bin:/bin".to_owned()));
        let stage = Stage { shop, path: whole };
        match stage.run(SET_UP)? {
            0 => Ok(stage),
            code => {
                Err(Error::refused(format!("git could not lay out the scratch folder (exit code {code})"))
                    .hint("git must be installed, at least 2.30"))
            }
        }
    }

    /// Where `rel` is found by this very name.
    pub(super) fn bin(&self) -> PathBuf {
        self.shop.with_file_name("bin")
    }

    /// The work clone.
    pub(super) fn shop(&self) -> &Path {
        &self.shop
    }

    /// Runs a line of shell with this terminal as its own; its exit code. The user's own git settings stay outside: no
    /// hook, signature or alias of theirs belongs to the story. One stream, so that a pipe shows what a terminal shows.
    pub(super) fn run(&self, line: &str) -> Result<i32> {
        let environment = CommandEnvironment::inherited()
            .with("PATH", &self.path)
            .with("GIT_CONFIG_GLOBAL", "/dev/null")
            .with("GIT_CONFIG_NOSYSTEM", "1");
        let spec = CommandSpec::new("sh", environment).folder(&self.shop);
        let status = spec
            .arguments(["-c", &format!("exec 2>&1\n{line}")])
            .attach(Stream::Null, Stream::Inherited)
            .context(Kind::Refused, "sh cannot be started")?;
        // As a shell has it: 128 and the signal that ended the line.
        Ok(status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1))
    }

    /// Ends what runs in the environments. What is not running needs no end.
    pub(super) fn stop(&self) {
        drop(self.run("for place in run/*; do platform/stop \"${place#run/}\"; done"));
    }
}
