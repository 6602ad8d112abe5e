//! Who we are for a registry: the sources of credentials in their order (docs/registries.md), and nothing of what they are
//! used for. Leans on `context` for variables.

mod file;
mod helper;

use super::secret::{Mask, Secret};
use crate::context::Context;
use crate::error::{Error, Result};
use file::{Entry, File};
use std::path::PathBuf;

/// What lets somebody in.
pub(super) enum Credential {
    /// User and password.
    Password { user: String, password: Secret },
    /// What a token service trades for tokens: an identity token.
    Refresh(Secret),
    /// A token that goes to the registry as it is.
    Bearer(Secret),
}

/// Credentials, and where they come from.
pub(super) struct Known {
    /// As messages name it: `REL_REGISTRY_PASSWORD`, `~/.docker/config.json`.
    pub source: String,
    pub credential: Credential,
}

impl Known {
    /// Makes the mask know what must not be said.
    pub(super) fn teach(&self, mask: &Mask) {
        match &self.credential {
            Credential::Password { user, password } => {
                mask.learn(password.expose());
                mask.learn(&password.basic(user));
            }
            Credential::Refresh(secret) | Credential::Bearer(secret) => mask.learn(secret.expose()),
        }
    }
}

/// User and password from the command line's `--registry-user` and `--password-stdin`.
#[derive(Clone)]
pub struct Login {
    /// The user.
    pub user: String,
    /// The password, read from stdin.
    pub password: Secret,
}

/// All sources of credentials of this machine.
pub(super) struct Credentials {
    /// What was given to `rel` itself, and for which registry.
    given: Option<(String, String, Login)>,
    files: Vec<File>,
}

/// What docker's own files call Docker Hub.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

impl Credentials {
    /// Finds the sources; `hosts` are the registries of the configuration.
    pub(super) fn new(context: &Context, login: Option<Login>, hosts: &[String]) -> Result<Self> {
        let given = match login {
            Some(login) => Some(("--registry-user", login)),
            None => variables(context)?.map(|login| ("REL_REGISTRY_PASSWORD", login)),
        };
        let given = match given {
            None => None,
            Some((source, login)) => Some((meant(context, source, hosts)?, source.to_owned(), login)),
        };
        Ok(Credentials { given, files: files(context)? })
    }

    /// What credentials are kept for: `ghcr.io`, or in podman's files also a part of it, `ghcr.io/acme`. Everything in one
    /// area goes in by the same credentials.
    pub(super) fn area(&self, host: &str, path: &str) -> String {
        if self.given.as_ref().is_some_and(|(meant, ..)| meant == host) {
            return host.to_owned();
        }
        let whole = format!("{host}/{path}");
        let mut parts = whole.match_indices('/').map(|(at, _)| &whole[..at]).chain([whole.as_str()]);
        let longest = parts.rfind(|part| self.files.iter().any(|file| file.has_area(part)));
        longest.unwrap_or(host).to_owned()
    }

    /// The credentials of an area, with what went wrong on the way to them. `None`: nobody in particular.
    pub(super) fn of(&self, area: &str) -> (Option<Known>, Vec<String>) {
        if let Some((host, source, login)) = &self.given
            && host == area
        {
            let password = Secret::new(login.password.expose());
            let credential = Credential::Password { user: login.user.clone(), password };
            return (Some(Known { source: source.clone(), credential }), Vec::new());
        }
        let mut troubles = Vec::new();
        let host = area.split('/').next().unwrap_or(area);
        for file in &self.files {
            let server = if host == "docker.io" { DOCKER_HUB } else { host };
            let helper = file.helper_of(host);
            let stored = file.entry(area).map(|entry| (file.source.clone(), Ok(Some(entry))));
            let asked = |name: &str| (format!("docker-credential-{name}"), helper::get(name, server));
            // A helper for this very registry, else what stands in the file, else the store of everything else.
            let found = match (helper, stored) {
                (Some(name), _) => Some(asked(name)),
                (None, Some(stored)) => Some(stored),
                (None, None) => file.store().map(asked),
            };
            if let Some((source, found)) = found {
                match found {
                    Ok(Some(Entry(credential))) => return (Some(Known { source, credential }), troubles),
                    Ok(None) => {}
                    Err(trouble) => troubles.push(trouble),
                }
            }
        }
        (None, troubles)
    }
}

/// `REL_REGISTRY_USER` and `REL_REGISTRY_PASSWORD`.
fn variables(context: &Context) -> Result<Option<Login>> {
    match (context.variable("REL_REGISTRY_USER"), context.variable("REL_REGISTRY_PASSWORD")) {
        (Some(user), Some(password)) => Ok(Some(Login { user, password: Secret::new(password) })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Error::usage("REL_REGISTRY_USER is set, but REL_REGISTRY_PASSWORD is not")),
        (None, Some(_)) => Err(Error::usage("REL_REGISTRY_PASSWORD is set, but REL_REGISTRY_USER is not")),
    }
}

/// The registry that given credentials are for: the named one, else the only one.
fn meant(context: &Context, source: &str, hosts: &[String]) -> Result<String> {
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
        .hint(format!(
            "REL_REGISTRY_HOST={} says which one is meant",
            several.first().map_or("", String::as_str)
        ))),
    }
}

/// The files that docker and podman keep, those that are there, in order.
fn files(context: &Context) -> Result<Vec<File>> {
    let path = |name: &str| context.variable(name).map(PathBuf::from);
    let home = path("HOME");
    let docker = path("DOCKER_CONFIG").or_else(|| home.as_ref().map(|home| home.join(".docker")));
    let podman = path("REGISTRY_AUTH_FILE")
        .or_else(|| path("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json")));
    let configured = path("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")));
    let places = [
        docker.map(|folder| folder.join("config.json")),
        podman,
        configured.map(|folder| folder.join("containers/auth.json")),
    ];
    let mut found = Vec::new();
    for place in places.into_iter().flatten() {
        found.extend(File::read(&place, home.as_deref())?);
    }
    Ok(found)
}
