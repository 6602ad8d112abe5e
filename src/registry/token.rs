//! Tokens: asked of the service that a registry names, for everything that this run will do there, with one request.
//! Leans on `wire` and `credentials`.

use super::answer::Answer;
use super::credentials::{Credential, Known};
use super::secret::Secret;
use super::site::Site;
use super::wire::{Request, Tally, Wire, secret_header};
use crate::error::{Error, Result};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The name that token services know this program by.
const CLIENT: &str = "rel";
/// The most bytes of an answer.
const LARGEST: usize = 1 << 20;
/// How long a token holds that does not say so (distribution specification).
const LIFE: Duration = Duration::from_secs(60);

/// A token and what it is for.
pub(super) struct Token {
    pub header: HeaderValue,
    until: Instant,
}

impl Token {
    /// It still holds long enough for a request.
    pub(super) fn holds(&self) -> bool {
        Instant::now() + Duration::from_secs(2) < self.until
    }
}

/// What is to be done where: the repository, and whether something is written.
pub(super) type Scopes = BTreeMap<String, bool>;

/// `repository:acme/shop:pull,push`.
fn scope(path: &str, writes: bool) -> String {
    format!("repository:{path}:{}", if writes { "pull,push" } else { "pull" })
}

/// Asks a service for one token that serves all of `scopes`.
pub(super) async fn ask(
    wire: &Wire<'_>,
    site: &Site,
    (realm, service): (&str, Option<&str>),
    scopes: &Scopes,
    known: Option<&Known>,
    tally: &Tally,
) -> Result<Token> {
    let realm = site.realm(realm)?;
    if let Some(known) = known
        && !site.may_carry_credentials(&realm)
    {
        return Err(no_http(&site.name, known));
    }
    let scopes: Vec<String> = scopes.iter().map(|(path, writes)| scope(path, *writes)).collect();
    let name = format!("token for {}", site.name);
    let mut headers = HeaderMap::new();
    let (method, url, body) = match known.map(|known| &known.credential) {
        // OAuth2: the refresh token is traded for one that does the work.
        Some(Credential::Refresh(secret)) => {
            let mut form = realm.clone();
            form.query_pairs_mut()
                .clear()
                .append_pair("grant_type", "refresh_token")
                .append_pair("service", service.unwrap_or(&site.name))
                .append_pair("client_id", CLIENT)
                .append_pair("scope", &scopes.join(" "))
                .append_pair("refresh_token", secret.expose());
            let body = form.query().unwrap_or_default().as_bytes().to_vec();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            (Method::POST, realm, Some(body))
        }
        other => {
            let mut url = realm;
            {
                let mut query = url.query_pairs_mut();
                query.extend_pairs(service.map(|service| ("service", service)));
                query.extend_pairs(scopes.iter().map(|scope| ("scope", scope)));
                if let Some(Credential::Password { user, .. }) = other {
                    query.append_pair("account", user);
                }
                query.append_pair("client_id", CLIENT);
            }
            if let Some(Credential::Password { user, password }) = other {
                let value = secret_header(&format!("Basic {}", password.basic(user)))?;
                headers.insert(AUTHORIZATION, value);
            }
            (Method::GET, url, None)
        }
    };
    let request = Request { name, method, url, headers, body, largest: LARGEST };
    let answer = wire.send(&request, tally).await.map_err(super::wire::Loss::error)?;
    read(wire, &answer, site, known)
}

fn read(wire: &Wire<'_>, answer: &Answer, site: &Site, known: Option<&Known>) -> Result<Token> {
    if !answer.is_success() {
        return Err(refused(site, known, answer));
    }
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let text = |key: &str| json.as_ref()?.get(key)?.as_str().filter(|text| !text.is_empty());
    let Some(token) = text("token").or_else(|| text("access_token")) else {
        let kind = answer.content_type().unwrap_or_else(|| "no type".to_owned());
        let what = format!("{} bytes of {kind} without a token", answer.body.len());
        return Err(answer.strange(what));
    };
    let token = Secret::new(token);
    wire.mask.learn(token.expose());
    let life = json.as_ref().and_then(|json| json.get("expires_in")).and_then(Value::as_u64);
    let life = life.filter(|life| *life > 0).map_or(LIFE, |life| Duration::from_secs(life.min(86_400)));
    Ok(Token { header: secret_header(&format!("Bearer {}", token.expose()))?, until: Instant::now() + life })
}

/// A registry or its token service does not let us in; says with whose credentials, never with which.
pub(super) fn refused(site: &Site, known: Option<&Known>, answer: &Answer) -> Error {
    let error = match (known, answer.status) {
        (Some(known), 401) => {
            Error::unreachable(format!("{} does not accept the credentials from {}", site.name, known.source))
                .hint(format!("log in again: docker login {}", site.name))
        }
        (None, 401) => Error::unreachable(format!("{} wants credentials, and there are none", site.name))
            .hint(format!("docker login {}", site.name))
            .hint("or set REL_REGISTRY_USER and REL_REGISTRY_PASSWORD"),
        (Some(known), 403) => Error::unreachable(format!(
            "{} is not allowed with the credentials from {}",
            answer.request, known.source
        ))
        .hint("the account needs the right to read and to write this repository"),
        (None, 403) => Error::unreachable(format!("{} is not allowed without credentials", answer.request))
            .hint(format!("docker login {}", site.name)),
        _ => answer.refusal(),
    };
    let told = answer.status == 401 || answer.status == 403;
    match answer.says().filter(|_| told) {
        Some(said) => error.cause(said),
        None => error,
    }
}

/// Credentials are there, but must not leave the machine unencrypted.
pub(super) fn no_http(name: &str, known: &Known) -> Error {
    Error::unreachable(format!(
        "{name} wants credentials over http, and those from {} are not sent",
        known.source
    ))
    .cause("everybody on the way could read them")
    .hint(format!("[registry.\"{name}\"] credentials_over_http = true allows it"))
}
