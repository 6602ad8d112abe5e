//! Tokens: fetched from the token service that a registry names, with one request for everything that this run will do
//! there (distribution specification, token authentication).

use super::credentials::{Credential, CredentialSearch, ResolvedCredential};
use super::endpoint::{RegistryEndpoint, origin};
use super::response::Response;
use super::secret::Secret;
use super::transport::{HttpRequest, HttpTransport, RequestCounter, SendError, secret_header};
use crate::error::{Error, Result};
use crate::model::Redactor;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The client name that is sent to token services.
const CLIENT_ID: &str = "rel";
/// The size limit of a response in bytes.
const MAX_RESPONSE: usize = 1 << 20;
/// How long a token is valid if the response does not say (distribution specification).
const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);

/// A token, as the header that it is sent in.
pub(super) struct Token {
    pub header: HeaderValue,
    expires: Instant,
}

impl Token {
    /// Whether it is still valid for long enough to send a request.
    pub(super) fn is_valid(&self) -> bool {
        Instant::now() + Duration::from_secs(2) < self.expires
    }
}

/// What a token is for: repositories by path, and whether they are written to.
pub(super) type Scopes = BTreeMap<String, bool>;

/// Returns the scope of a repository: `repository:acme/shop:pull,push`.
fn scope(path: &str, writes: bool) -> String {
    format!("repository:{path}:{}", if writes { "pull,push" } else { "pull" })
}

/// Fetches one token for all of `scopes`. `realm` is the URL of the token service, `service` the name of the registry there.
pub(super) async fn fetch(
    transport: &HttpTransport<'_>,
    endpoint: &RegistryEndpoint,
    (realm, service): (&str, Option<&str>),
    scopes: &Scopes,
    search: &CredentialSearch,
    requests: &RequestCounter,
) -> Result<Token> {
    let realm = endpoint.token_realm(realm)?;
    let credential = search.found.as_ref();
    if let Some(found) = credential.filter(|_| !endpoint.may_carry_credentials(&realm)) {
        return Err(match realm.scheme() {
            "https" => unproven_realm(&endpoint.name, &realm, found),
            _ => http_not_allowed(&endpoint.name, found),
        });
    }
    let scopes: Vec<String> = scopes.iter().map(|(path, writes)| scope(path, *writes)).collect();
    let label = format!("token for {}", endpoint.name);
    let request = match credential.map(|found| &found.credential) {
        Some(Credential::Refresh(secret)) => {
            refresh_request(label, realm, service.unwrap_or(&endpoint.name), &scopes, secret)
        }
        Some(Credential::Password { user, password }) => {
            basic_request(label, realm, service, &scopes, Some((user, password)))?
        }
        Some(Credential::Bearer(_)) | None => basic_request(label, realm, service, &scopes, None)?,
    };
    let response = transport.send(&request, requests).await.map_err(SendError::into_error)?;
    if !response.is_success() {
        return Err(access_denied(endpoint, Some(search), &response));
    }
    parse(&transport.redactor, &response)
}

/// Returns the request that exchanges a refresh token (an identity token) for an access token.
fn refresh_request(
    label: String,
    realm: Url,
    service: &str,
    scopes: &[String],
    secret: &Secret,
) -> HttpRequest {
    let mut form = realm.clone();
    form.query_pairs_mut()
        .clear()
        .append_pair("grant_type", "refresh_token")
        .append_pair("service", service)
        .append_pair("client_id", CLIENT_ID)
        .append_pair("scope", &scopes.join(" "))
        .append_pair("refresh_token", secret.expose());
    let body = Some(form.query().unwrap_or_default().as_bytes().to_vec());
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    HttpRequest { label, method: Method::POST, url: realm, headers, body, max_bytes: MAX_RESPONSE }
}

/// Returns the request for a token with user and password, or with neither.
fn basic_request(
    label: String,
    realm: Url,
    service: Option<&str>,
    scopes: &[String],
    login: Option<(&String, &Secret)>,
) -> Result<HttpRequest> {
    let mut url = realm;
    {
        let mut query = url.query_pairs_mut();
        query.extend_pairs(service.map(|service| ("service", service)));
        query.extend_pairs(scopes.iter().map(|scope| ("scope", scope)));
        if let Some((user, _)) = login {
            query.append_pair("account", user);
        }
        query.append_pair("client_id", CLIENT_ID);
    }
    let mut headers = HeaderMap::new();
    if let Some((user, password)) = login {
        headers.insert(AUTHORIZATION, secret_header(&format!("Basic {}", password.basic(user)))?);
    }
    Ok(HttpRequest { label, method: Method::GET, url, headers, body: None, max_bytes: MAX_RESPONSE })
}

/// Parses the answer of a token service. The redactor learns the token.
pub(super) fn parse(redactor: &Redactor, response: &Response) -> Result<Token> {
    let json: Option<Value> = serde_json::from_slice(&response.body).ok();
    let text = |key: &str| json.as_ref()?.get(key)?.as_str().filter(|text| !text.is_empty());
    let Some(token) = text("token").or_else(|| text("access_token")) else {
        let media_type = response.content_type().unwrap_or_else(|| "no media type".to_owned());
        let why = format!("the answer has no token ({} bytes, {media_type})", response.body.len());
        return Err(response.invalid(why));
    };
    let token = Secret::new(token);
    redactor.register(token.expose());
    let lifetime = json.as_ref().and_then(|json| json.get("expires_in")).and_then(Value::as_u64);
    let lifetime = lifetime
        .filter(|seconds| *seconds > 0)
        .map_or(DEFAULT_LIFETIME, |seconds| Duration::from_secs(seconds.min(86_400)));
    let header = secret_header(&format!("Bearer {}", token.expose()))
        .map_err(|_| response.invalid("its token contains characters that are not allowed in a header"))?;
    Ok(Token { header, expires: Instant::now() + lifetime })
}

/// Returns the error for a 401 or 403 of a registry or its token service: says where the credentials come from, never what
/// they are. `search` is `None` if no credentials were looked up.
pub(super) fn access_denied(
    endpoint: &RegistryEndpoint,
    search: Option<&CredentialSearch>,
    response: &Response,
) -> Error {
    let (name, request) = (&endpoint.name, &response.request);
    let problems = search.into_iter().flat_map(|search| &search.problems);
    let error = match (search.and_then(|search| search.found.as_ref()), response.status) {
        (Some(found), 401) => {
            Error::unreachable(format!("{name} does not accept the credentials from {}", found.source))
                .hint(format!("log in again: docker login {name}"))
        }
        (None, 401) => problems
            .fold(
                Error::unreachable(format!("{name} requires credentials, and none were found")),
                Error::cause,
            )
            .hint(format!("docker login {name}"))
            .hint("or set REL_REGISTRY_USER and REL_REGISTRY_PASSWORD"),
        (Some(found), 403) => {
            Error::unreachable(format!("{request} is not allowed with the credentials from {}", found.source))
                .hint("give this account read and write access to the repository")
        }
        (None, 403) => Error::unreachable(format!("{request} is not allowed without credentials"))
            .hint(format!("docker login {name}")),
        // Says what the response says itself.
        _ => return response.failure(),
    };
    match response.message() {
        Some(message) => error.cause(message),
        None => error,
    }
}

/// Returns the error for a token service on another host than a registry that is reached over http.
fn unproven_realm(name: &str, realm: &Url, credential: &ResolvedCredential) -> Error {
    let service = origin(realm);
    Error::unreachable(format!(
        "{name} names the token service {service}, and the credentials from {} are not sent there",
        credential.source
    ))
    .cause(format!("{name} is reached over http: anyone on the network could name another token service"))
    .hint(format!("use https for {name}: remove http = true from [registry.\"{name}\"]"))
}

/// Returns the error for credentials that would have to be sent unencrypted.
pub(super) fn http_not_allowed(name: &str, credential: &ResolvedCredential) -> Error {
    let message =
        format!("{name} requires credentials over http, and those from {} are not sent", credential.source);
    Error::unreachable(message)
        .cause("http is not encrypted: anyone on the network could read them")
        .hint(format!("to send them anyway: [registry.\"{name}\"] credentials_over_http = true"))
}
