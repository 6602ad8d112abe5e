//! The credentials for a registry: looked up in all sources, in the order of docs/registries.md.

mod file;
mod helper;

use super::secret::Secret;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::Redactor;
use file::CredentialFile;
use std::cell::OnceCell;
use std::path::PathBuf;

/// A credential.
pub(super) enum Credential {
    /// User and password.
    Password { user: String, password: Secret },
    /// A refresh token (docker's `identitytoken`), which a token service exchanges for access tokens.
    Refresh(Secret),
    /// An access token for the registry itself.
    Bearer(Secret),
}

/// A credential, and where it was found.
pub(super) struct ResolvedCredential {
    /// As messages name it: `REL_REGISTRY_PASSWORD`, `~/.docker/config.json`.
    pub source: String,
    pub credential: Credential,
}

impl ResolvedCredential {
    /// Registers the secrets, so that no output contains them.
    pub(super) fn register(&self, redactor: &Redactor) {
        match &self.credential {
            Credential::Password { user, password } => {
                redactor.register(password.expose());
                redactor.register(&password.basic(user));
            }
            Credential::Refresh(secret) | Credential::Bearer(secret) => redactor.register(secret.expose()),
        }
    }
}

/// User and password, given on the command line or in environment variables.
#[derive(Clone)]
pub struct Login {
    /// The user.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// What was found when the credential of a registry was looked up.
#[derive(Default)]
pub(super) struct CredentialSearch {
    /// The credential; `None`: the registry is used anonymously.
    pub found: Option<ResolvedCredential>,
    /// Sources that could not be read, and why, as sentences.
    pub problems: Vec<String>,
}

/// All sources of credentials of this machine. They are read when a registry asks for credentials, and only then can they
/// be wrong: a command that needs none is not stopped by a file that it does not use.
pub(super) struct Credentials<'w> {
    context: &'w Context,
    /// `--registry-user` with its password.
    login: Option<Login>,
    /// The registries of the configuration.
    hosts: Vec<String>,
    files: OnceCell<CredentialFiles>,
}

/// The credential files that exist, in their order.
#[derive(Default)]
struct CredentialFiles {
    files: Vec<CredentialFile>,
    /// Those that cannot be read, as sentences.
    problems: Vec<String>,
}

/// The name of Docker Hub in docker's files.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

impl<'w> Credentials<'w> {
    /// Reads nothing yet. `hosts` are the registries of the configuration.
    pub(super) fn new(context: &'w Context, login: Option<Login>, hosts: Vec<String>) -> Self {
        Credentials { context, login, hosts, files: OnceCell::new() }
    }

    /// Returns the scope whose credentials apply to a repository: the host, `ghcr.io`, or the longest part of the path that
    /// podman's files name, `ghcr.io/acme`.
    pub(super) fn credential_scope(&self, host: &str, path: &str) -> String {
        if !matches!(self.given(host), Ok(None)) {
            return host.to_owned();
        }
        let files = &self.files().files;
        let name = format!("{host}/{path}");
        let mut prefixes = name.match_indices('/').map(|(at, _)| &name[..at]).chain([name.as_str()]);
        let longest = prefixes.rfind(|prefix| files.iter().any(|file| file.has_scope(prefix)));
        longest.unwrap_or(host).to_owned()
    }

    /// Finds the credential of a scope. A file or helper that cannot be used is a problem, and the next source is used.
    ///
    /// # Errors
    ///
    /// A login was given to `rel` itself, but only half of it, or it is not clear for which registry (2).
    pub(super) fn find(&self, scope: &str) -> Result<CredentialSearch> {
        let host = scope.split('/').next().unwrap_or(scope);
        if let Some((source, Login { user, password })) = self.given(host)? {
            let credential = Credential::Password { user, password };
            let found = Some(ResolvedCredential { source: source.to_owned(), credential });
            return Ok(CredentialSearch { found, problems: Vec::new() });
        }
        let CredentialFiles { files, problems } = self.files();
        let mut problems = problems.clone();
        for file in files {
            let server = if host == "docker.io" { DOCKER_HUB } else { host };
            let run = |helper: &str| (format!("docker-credential-{helper}"), helper::get(helper, server));
            // The helper for this registry, else the entry in the file, else the helper for all registries.
            let found = match (file.helper_of(host), file.credential(scope)) {
                (Some(helper), _) => Some(run(helper)),
                (None, Some(credential)) => Some((file.source.clone(), Ok(Some(credential)))),
                (None, None) => file.default_helper().map(run),
            };
            match found {
                Some((source, Ok(Some(credential)))) => {
                    let found = Some(ResolvedCredential { source, credential });
                    return Ok(CredentialSearch { found, problems });
                }
                Some((_, Err(problem))) => problems.push(problem),
                Some((_, Ok(None))) | None => {}
            }
        }
        Ok(CredentialSearch { found: None, problems })
    }

    /// Returns the login that was given to `rel` itself if it is for this registry, and the option or variable that it comes
    /// from.
    fn given(&self, host: &str) -> Result<Option<(&'static str, Login)>> {
        let (user, password) =
            (self.context.variable("REL_REGISTRY_USER"), self.context.variable("REL_REGISTRY_PASSWORD"));
        let source = match (&self.login, &user, &password) {
            (Some(_), ..) => "--registry-user",
            (None, None, None) => return Ok(None),
            (None, Some(_), None) => "REL_REGISTRY_USER",
            (None, _, Some(_)) => "REL_REGISTRY_PASSWORD",
        };
        if !self.is_given_for(host, source)? {
            return Ok(None);
        }
        let login = match (self.login.clone(), user, password) {
            (Some(login), ..) => login,
            (None, Some(user), Some(password)) => Login { user, password: Secret::new(password) },
            (None, Some(_), None) => return Err(half_login("REL_REGISTRY_USER", "REL_REGISTRY_PASSWORD")),
            (None, None, _) => return Err(half_login("REL_REGISTRY_PASSWORD", "REL_REGISTRY_USER")),
        };
        Ok(Some((source, login)))
    }

    /// Returns whether a given login is for this registry: that of `REL_REGISTRY_HOST`, else the only one of the
    /// configuration.
    fn is_given_for(&self, host: &str, source: &str) -> Result<bool> {
        if let Some(named) = self.context.variable("REL_REGISTRY_HOST") {
            return Ok(named == host);
        }
        match self.hosts.as_slice() {
            [] => Ok(false),
            [only] => Ok(only == host),
            [first, ..] => Err(Error::usage(format!(
                "{source} is given, but release.toml names several registries: {}",
                self.hosts.join(", ")
            ))
            .hint(format!("choose one with REL_REGISTRY_HOST={first}"))),
        }
    }

    /// Returns the credential files of docker and podman that exist, in their order; read on first use.
    fn files(&self) -> &CredentialFiles {
        self.files.get_or_init(|| {
            let path = |name: &str| self.context.variable(name).map(PathBuf::from);
            let home = path("HOME");
            let docker = path("DOCKER_CONFIG").or_else(|| home.as_ref().map(|home| home.join(".docker")));
            let podman = path("REGISTRY_AUTH_FILE")
                .or_else(|| path("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json")));
            let configured =
                path("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")));
            let paths = [
                docker.map(|folder| folder.join("config.json")),
                podman,
                configured.map(|folder| folder.join("containers/auth.json")),
            ];
            let mut read = CredentialFiles::default();
            for path in paths.into_iter().flatten() {
                match CredentialFile::read(&path, home.as_deref()) {
                    Ok(file) => read.files.extend(file),
                    Err(problem) => read.problems.push(problem),
                }
            }
            read
        })
    }
}

/// The error for a user without a password, or a password without a user.
fn half_login(set: &str, missing: &str) -> Error {
    Error::usage(format!("{set} is set, but {missing} is not"))
        .hint(format!("set {missing} as well, or unset {set}"))
}
