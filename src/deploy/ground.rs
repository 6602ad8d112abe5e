//! Where commands run and what they may see: a clean checkout that is taken away again, and an environment that holds
//! nothing by accident. Leans on `git` and `tempfile`.

use super::mask::Mask;
use crate::config::Tree;
use crate::error::{Kind, Result, ResultExt};
use crate::git::{Checkout, Repo};
use crate::model::CommitId;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What every command may see; everything else is named in `pass_env`.
const ALWAYS: [&str; 34] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "TZ",
    "TMPDIR",
    "TERM",
    "COLUMNS",
    "NO_COLOR",
    "CI",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "SYSTEMROOT",
    "HOSTNAME",
    "PWD",
];

/// The environment of commands, and the secrets in it.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Names and values.
    pub variables: Vec<(String, String)>,
    /// Hides the values of `pass_env`.
    pub mask: Mask,
}

impl Surroundings {
    /// What commands see of this environment: `pass_env` beside what every program needs, but never credentials of a
    /// registry or the URL of a notification.
    pub fn new(get: &dyn Fn(&str) -> Option<String>, pass_env: &[String], never: &[String]) -> Self {
        let forbidden =
            |name: &str| name.starts_with("REL_REGISTRY_") || never.iter().any(|other| other == name);
        let read = |name: &str| get(name).map(|value| (name.to_owned(), value));
        let passed: Vec<(String, String)> =
            pass_env.iter().filter(|name| !forbidden(name)).filter_map(|name| read(name)).collect();
        let mut variables: Vec<(String, String)> = ALWAYS.iter().filter_map(|name| read(name)).collect();
        variables.retain(|(name, _)| !forbidden(name) && !pass_env.contains(name));
        let secrets = passed.iter().filter(|(name, _)| !ALWAYS.contains(&name.as_str()));
        let mask = Mask::new(secrets.map(|(_, value)| value.clone()));
        variables.extend(passed);
        Surroundings { variables, mask }
    }
}

/// The folder that commands run in.
pub struct Ground<'r> {
    folder: PathBuf,
    // Taken away in this order: the checkout lies in the scratch folder.
    checkout: Option<Checkout<'r>>,
    scratch: TempDir,
}

impl<'r> Ground<'r> {
    /// Prepares it: a checkout of `commit`, in place where HEAD is that very commit and clean.
    pub fn prepare(repo: &'r Repo, tree: Tree, commit: CommitId, here: &Path) -> Result<Self> {
        let scratch = tempfile::Builder::new().prefix("rel-").tempdir();
        let scratch = scratch.context(Kind::Refused, "no temporary folder can be made")?;
        if tree == Tree::Here {
            return Ok(Ground { folder: here.to_owned(), scratch, checkout: None });
        }
        let in_place = repo.head().is_ok_and(|head| head.commit == commit) && repo.dirty(1)?.1 == 0;
        if let Some(top) = repo.work_tree().filter(|_| in_place) {
            return Ok(Ground { folder: top, scratch, checkout: None });
        }
        let folder = scratch.path().join("tree");
        let checkout = repo.checkout(commit, &folder)?;
        Ok(Ground { folder, scratch, checkout: Some(checkout) })
    }

    /// Where commands run.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// `$REL_RESULT`.
    pub(super) fn result(&self) -> PathBuf {
        self.scratch.path().join("result.json")
    }

    /// Takes it away again.
    pub fn clear(self) -> Result<()> {
        if let Some(checkout) = self.checkout {
            checkout.remove()?;
        }
        self.scratch.close().context(Kind::Refused, "a temporary folder cannot be removed")
    }
}

#[cfg(test)]
mod tests {
    use super::Surroundings;

    #[test]
    fn commands_see_what_they_need_and_no_more() {
        let outside = |name: &str| Some(format!("value-of-{name}"));
        let pass = ["KUBECONFIG", "REL_REGISTRY_PASSWORD", "SLACK_URL"].map(str::to_owned);
        let seen = Surroundings::new(&outside, &pass, &["SLACK_URL".to_owned()]);
        let has = |name: &str| seen.variables.iter().any(|(known, _)| known == name);
        assert!(has("PATH") && has("HOME") && has("KUBECONFIG"));
        assert!(!has("REL_REGISTRY_PASSWORD") && !has("SLACK_URL") && !has("AWS_SECRET_ACCESS_KEY"));
        assert_eq!(seen.mask.hide("value-of-KUBECONFIG of value-of-HOME"), "*** of value-of-HOME");
    }
}
