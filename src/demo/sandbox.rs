//! The folder of the demo, and the shell that runs its commands.

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
    ("platform/verify", include_str!("shop/platform/verify"), true),
    ("platform/live", include_str!("shop/platform/live"), true),
    ("platform/stop", include_str!("shop/platform/stop"), true),
];

/// Sets up a user, a remote, a first commit, and what customers have in their carts.
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

/// A folder with a repository and two environments.
pub(super) struct Sandbox {
    shop: PathBuf,
    path: OsString,
}

impl Sandbox {
    /// Creates the folder. `program` is this binary, which commands find as `rel`; `path` is the PATH of this process.
    pub(super) fn create(folder: &Path, program: PathBuf, path: Option<String>) -> Result<Self> {
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
        let sandbox = Sandbox { shop, path: whole };
        match sandbox.run(SET_UP)? {
            0 => Ok(sandbox),
            code => Err(Error::refused(format!("cannot set up the demo folder (exit code {code})"))
                .hint("install git 2.30 or later")),
        }
    }

    /// Returns the folder in which `rel` is found.
    pub(super) fn bin(&self) -> PathBuf {
        self.shop.with_file_name("bin")
    }

    /// Returns the work clone.
    pub(super) fn shop(&self) -> &Path {
        &self.shop
    }

    /// Runs a line of shell, which prints to the terminal, and returns its exit code. The user's git settings do not apply:
    /// their hooks, signatures and aliases are not part of the demo. Both outputs are one stream, so that a pipe gets them in
    /// the order in which a terminal shows them.
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
        // Like a shell: 128 and the signal that ended the line.
        Ok(status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1))
    }

    /// Stops what runs in the environments.
    pub(super) fn stop(&self) {
        drop(self.run("for place in run/*; do platform/stop \"${place#run/}\"; done"));
    }
}
