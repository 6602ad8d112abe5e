//! The credentials for a registry: looked up in all sources, in the order of docs/registries.md.

mod file;
mod helper;

use super::secret::Secret;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::Redactor;
use file::CredentialFile;
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

/// All sources of credentials of this machine.
pub(super) struct Credentials {
    /// What was given to `rel` itself.
    given: Option<GivenLogin>,
    files: Vec<CredentialFile>,
}

/// A login that was given to `rel` itself.
struct GivenLogin {
    /// The registry that it is for.
    host: String,
    /// The option or variable, as messages name it.
    source: String,
    login: Login,
}

/// The name of Docker Hub in docker's files.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

impl Credentials {
    /// Reads all sources. `hosts` are the registries of the configuration.
    ///
    /// # Errors
    ///
    /// It is not clear which registry a given login is for (2); a credential file cannot be read (4).
    pub(super) fn new(context: &Context, login: Option<Login>, hosts: &[String]) -> Result<Self> {
        let given = match login {
            Some(login) => Some(("--registry-user", login)),
            None => login_from_variables(context)?.map(|login| ("REL_REGISTRY_PASSWORD", login)),
        };
        let given = match given {
            None => None,
            Some((source, login)) => {
                let host = given_host(context, source, hosts)?;
                Some(GivenLogin { host, source: source.to_owned(), login })
            }
        };
        Ok(Credentials { given, files: credential_files(context)? })
    }

    /// Returns the scope whose credentials apply to a repository: the host, `ghcr.io`, or the longest part of the path that
    /// podman's files name, `ghcr.io/acme`.
    pub(super) fn credential_scope(&self, host: &str, path: &str) -> String {
        if self.given.as_ref().is_some_and(|given| given.host == host) {
            return host.to_owned();
        }
        let name = format!("{host}/{path}");
        let mut prefixes = name.match_indices('/').map(|(at, _)| &name[..at]).chain([name.as_str()]);
        let longest = prefixes.rfind(|prefix| self.files.iter().any(|file| file.has_scope(prefix)));
        longest.unwrap_or(host).to_owned()
    }

    /// Finds the credential of a scope, with the problems on the way. `None`: the registry is used anonymously.
    pub(super) fn find(&self, scope: &str) -> (Option<ResolvedCredential>, Vec<String>) {
        if let Some(GivenLogin { source, login, .. }) =
            self.given.as_ref().filter(|given| given.host == scope)
        {
            let password = Secret::new(login.password.expose());
            let credential = Credential::Password { user: login.user.clone(), password };
            return (Some(ResolvedCredential { source: source.clone(), credential }), Vec::new());
        }
        let mut problems = Vec::new();
        let host = scope.split('/').next().unwrap_or(scope);
        for file in &self.files {
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
                    return (Some(ResolvedCredential { source, credential }), problems);
                }
                Some((_, Err(problem))) => problems.push(problem),
                Some((_, Ok(None))) | None => {}
            }
        }
        (None, problems)
    }
}

/// Returns the login of `REL_REGISTRY_USER` and `REL_REGISTRY_PASSWORD`; refuses one without the other.
fn login_from_variables(context: &Context) -> Result<Option<Login>> {
    match (context.variable("REL_REGISTRY_USER"), context.variable("REL_REGISTRY_PASSWORD")) {
        (Some(user), Some(password)) => Ok(Some(Login { user, password: Secret::new(password) })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Error::usage("REL_REGISTRY_USER is set, but REL_REGISTRY_PASSWORD is not")),
        (None, Some(_)) => Err(Error::usage("REL_REGISTRY_PASSWORD is set, but REL_REGISTRY_USER is not")),
    }
}

/// Returns the registry that a given login is for: `REL_REGISTRY_HOST`, else the only one of the configuration.
fn given_host(context: &Context, source: &str, hosts: &[String]) -> Result<String> {
    if let Some(host) = context.variable("REL_REGISTRY_HOST") {
        return Ok(host);
    }
    match hosts {
        [only] => Ok(only.clone()),
        [] => Err(Error::usage(format!("{source} is given, but release.toml names no registry"))),
        several => Err(Error::usage(format!(
            "{source} is given, but release.toml names several registries: {}",
            several.join(", ")
        ))
        .hint(format!("choose one with REL_REGISTRY_HOST={}", several.first().map_or("", String::as_str)))),
    }
}

/// Reads the credential files of docker and podman that exist, in their order.
fn credential_files(context: &Context) -> Result<Vec<CredentialFile>> {
    let path = |name: &str| context.variable(name).map(PathBuf::from);
    let home = path("HOME");
    let docker = path("DOCKER_CONFIG").or_else(|| home.as_ref().map(|home| home.join(".docker")));
    let podman = path("REGISTRY_AUTH_FILE")
        .or_else(|| path("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json")));
    let configured = path("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")));
    let paths = [
        docker.map(|folder| folder.join("config.json")),
        podman,
        configured.map(|folder| folder.join("containers/auth.json")),
    ];
    let mut found = Vec::new();
    for path in paths.into_iter().flatten() {
        found.extend(CredentialFile::read(&path, home.as_deref())?);
    }
    Ok(found)
}
