//! Reads an answer in every way in which this module reads answers, without a connection: the fuzz targets use it.

use super::challenge::Challenge;
use super::endpoint::RegistryEndpoint;
use super::manifest::{self, Manifest, REVISION};
use super::response::Response;
use super::token;
use crate::config::RegistryRule;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::Digest;
use futures_util::FutureExt;
use std::rc::Rc;
use std::time::Duration;

/// The size limit of the bodies that are read.
const MAX_BYTES: usize = 1 << 16;

/// What an answer of a registry or of a token service says.
#[derive(Debug)]
pub struct RegistryAnswer {
    /// The digests of the platforms of the manifest or index in its body.
    pub platforms: Result<Vec<Digest>>,
    /// The digest of the body, and the one in its headers.
    pub digests: (Digest, Result<Option<Digest>>),
    /// The URL of the token service that it names, if credentials may be sent there.
    pub token_service: Option<Result<String>>,
    /// Whether the body has a token.
    pub token: Result<()>,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
    /// Its error message, as it is quoted.
    pub message: Option<String>,
}

/// Reads an answer that a registry at `host` gave.
///
/// # Errors
///
/// The body is too large, or the host is not one.
pub fn read_answer(host: &str, response: impl Into<reqwest::Response>) -> Result<RegistryAnswer> {
    let redactor = Rc::default();
    let endpoint = RegistryEndpoint::new(host, RegistryRule::default())?;
    let read = Response::read("GET", response.into(), MAX_BYTES, &redactor).now_or_never();
    let lost = "the body does not arrive at once";
    let response = read.ok_or_else(|| Error::unreachable(lost))??.context(Kind::Unreachable, lost)?;
    let manifest = Manifest::parse(response.body.clone(), response.content_type(), "GET");
    let platforms = manifest.and_then(|manifest| {
        let _ = (manifest.annotation(REVISION), manifest.config());
        Ok(manifest.platforms()?.into_iter().map(|platform| platform.digest).collect())
    });
    let _ = (manifest::label(&response.body, REVISION), response.location(), response.failure());
    let token_service = match response.challenge() {
        Some(Challenge::Bearer { realm, .. }) => {
            Some(endpoint.token_realm(&realm).map(|url| url.to_string()))
        }
        Some(Challenge::Basic) | None => None,
    };
    Ok(RegistryAnswer {
        platforms,
        digests: (manifest::digest(&response.body), response.digest()),
        token_service,
        token: token::parse(&redactor, &response).map(drop),
        retry_after: response.retry_after(),
        message: response.message(),
    })
}
