//! The client of one registry: finds out how to authenticate, keeps the tokens, and sends requests with the right one. The
//! first request finds out; the others wait for it instead of being rejected too.

use super::challenge::Challenge;
use super::credentials::{Credential, CredentialSearch, Credentials, ResolvedCredential};
use super::endpoint::{RegistryEndpoint, origin};
use super::manifest_request::{ManifestRequest, blob_request};
use super::response::Response;
use super::token::{self, Scopes, Token};
use super::transport::{HttpRequest, HttpTransport, RequestCounter, SendError, secret_header};
use crate::error::{Error, Result};
use crate::model::Reference;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use tokio::sync::{Mutex, Semaphore};

/// How many requests are sent to a registry at the same time.
const MAX_CONCURRENT: usize = 8;
/// The client of a registry, for all repositories that use the same credentials.
pub(super) struct RegistryClient<'w> {
    pub endpoint: RegistryEndpoint,
    pub transport: HttpTransport<'w>,
    credentials: Rc<Credentials<'w>>,
    /// What the credentials are looked up by.
    credential_scope: String,
    search: OnceCell<CredentialSearch>,
    /// `None` until the first response.
    auth: RefCell<Option<AuthState>>,
    /// Why all requests are refused from now on.
    denied: RefCell<Option<Error>>,
    /// Held by the request that finds out how to authenticate.
    discovery: Mutex<()>,
    /// Held by the request that fetches a token.
    token_fetch: Mutex<()>,
    permits: Semaphore,
    scopes: RefCell<Scopes>,
    /// By path of the repository.
    tokens: RefCell<HashMap<String, Rc<Token>>>,
    fetched_token: Cell<bool>,
}

/// How to authenticate.
#[derive(Clone)]
enum AuthState {
    /// Not at all.
    Anonymous,
    /// As the registry asked for.
    Challenged(Challenge),
}

impl<'w> RegistryClient<'w> {
    pub(super) fn new(
        endpoint: RegistryEndpoint,
        transport: HttpTransport<'w>,
        credentials: Rc<Credentials<'w>>,
        credential_scope: String,
    ) -> Self {
        RegistryClient {
            endpoint,
            transport,
            credentials,
            credential_scope,
            search: OnceCell::new(),
            auth: RefCell::new(None),
            denied: RefCell::new(None),
            discovery: Mutex::new(()),
            token_fetch: Mutex::new(()),
            permits: Semaphore::new(MAX_CONCURRENT),
            scopes: RefCell::default(),
            tokens: RefCell::default(),
            fetched_token: Cell::new(false),
        }
    }

    /// Declares what this run will do in a repository, so that one token is enough for everything.
    pub(super) fn declare_scope(&self, path: &str, writes: bool) {
        let mut scopes = self.scopes.borrow_mut();
        let declared = scopes.entry(path.to_owned()).or_default();
        if writes && !*declared {
            *declared = true;
            // A token for reading is not enough any more.
            self.tokens.borrow_mut().remove(path);
        }
    }

    /// Sends a request for a manifest.
    pub(super) async fn manifest(
        &self,
        path: &str,
        reference: &Reference,
        request: ManifestRequest<'_>,
        requests: &RequestCounter,
    ) -> std::result::Result<Response, SendError> {
        let request = request.into_http(&self.endpoint, path, reference).map_err(SendError::Certain)?;
        self.send(path, request, requests).await
    }

    /// Fetches a blob.
    pub(super) async fn blob(&self, path: &str, digest: &str, requests: &RequestCounter) -> Result<Response> {
        let request = blob_request(&self.endpoint, path, digest)?;
        self.send(path, request, requests).await.map_err(SendError::into_error)
    }

    /// Sends a request with the authorization that is known to be needed. After a 401 sends it once more, with what the
    /// challenge asks for or with a new token; a second 401 is an error.
    async fn send(
        &self,
        path: &str,
        mut request: HttpRequest,
        requests: &RequestCounter,
    ) -> std::result::Result<Response, SendError> {
        let known = self.auth.borrow().is_some();
        let discovery = if known { None } else { Some(self.discovery.lock().await) };
        // Those that waited for the lock have the result of the first.
        let discovery = discovery.filter(|_| self.auth.borrow().is_none());
        if let Some(error) = self.denied.borrow().clone() {
            return Err(SendError::Certain(error));
        }
        let authorization = self.authorization(path, requests).await.map_err(SendError::Certain)?;
        authorization.apply_to(&mut request, &self.endpoint);
        let mut response = match discovery {
            Some(_) => self.discover(&mut request, requests).await?,
            None => self.transmit(&request, requests).await?,
        };
        if response.status == 401 {
            self.accept_challenge(&response, path, &authorization).map_err(SendError::Certain)?;
            let next = self.authorization(path, requests).await;
            let next = next.map_err(|error| self.deny(SendError::Certain(error)))?;
            if next.header != authorization.header {
                next.apply_to(&mut request, &self.endpoint);
                response = self.transmit(&request, requests).await?;
            }
        } else if discovery.is_some() && response.status != 403 {
            self.auth.replace(Some(AuthState::Anonymous));
        }
        let denied = || SendError::Certain(self.access_denied(&response));
        match (response.status, &request.method) {
            // What a 403 for a `PUT` means depends on the digest that the tag has; the caller looks it up.
            (403, &Method::PUT) => Ok(response),
            (401, _) if discovery.is_some() && authorization.token.is_none() => Err(self.deny(denied())),
            (401 | 403, _) => Err(denied()),
            _ => Ok(response),
        }
    }

    /// Makes all further requests fail at once with the same error, so that they do not wait for the same again, or try a
    /// rejected password until the account is locked.
    fn deny(&self, failed: SendError) -> SendError {
        let (SendError::Certain(error) | SendError::Uncertain(error)) = &failed;
        self.denied.replace(Some(error.clone()));
        failed
    }

    /// Sends the first request to the registry. If it is not answered, that is about the registry, and not about the image
    /// that happens to be the first.
    async fn discover(
        &self,
        request: &mut HttpRequest,
        requests: &RequestCounter,
    ) -> std::result::Result<Response, SendError> {
        let label = std::mem::replace(&mut request.label, self.endpoint.name.clone());
        let answered = self.transmit(request, requests).await;
        request.label.clone_from(&label);
        let mut response = answered.map_err(|error| self.deny(error))?;
        response.request = label;
        Ok(response)
    }

    /// Returns the error that all requests get, if the registry denies access or does not answer.
    pub(super) fn denied(&self) -> Option<Error> {
        self.denied.borrow().clone()
    }

    async fn transmit(
        &self,
        request: &HttpRequest,
        requests: &RequestCounter,
    ) -> std::result::Result<Response, SendError> {
        // The semaphore is never closed, so this does not fail.
        let _permit = self.permits.acquire().await;
        let response = self.transport.send(request, requests).await?;
        self.check_origin(&response).map_err(SendError::Certain)?;
        Ok(response)
    }

    /// Returns the credential of this registry; looked up when it is first asked for.
    fn credential(&self) -> Result<Option<&ResolvedCredential>> {
        self.search().map(|search| search.found.as_ref())
    }

    fn search(&self) -> Result<&CredentialSearch> {
        if let Some(search) = self.search.get() {
            return Ok(search);
        }
        let search = self.credentials.find(&self.credential_scope)?;
        search.problems.iter().for_each(|problem| self.transport.ui.warning(problem));
        let source = search.found.as_ref().map_or("none", |found| found.source.as_str());
        self.transport.ui.detail(format!("credentials for {}: {source}", self.credential_scope));
        search.found.iter().for_each(|found| found.register(&self.transport.redactor));
        Ok(self.search.get_or_init(|| search))
    }

    /// Returns the error for a 401 or 403.
    pub(super) fn access_denied(&self, response: &Response) -> Error {
        token::access_denied(&self.endpoint, self.search.get(), response)
    }

    /// Refuses to answer a 401 or 403 of another host, to which the registry redirects: credentials stay with the registry,
    /// and whoever is there must not name a token service for them.
    fn check_origin(&self, response: &Response) -> Result<()> {
        if self.endpoint.is_origin_of(&response.url) || !matches!(response.status, 401 | 403) {
            return Ok(());
        }
        let (name, elsewhere) = (&self.endpoint.name, origin(&response.url));
        let message = format!("{}: {elsewhere}, to which {name} redirects, denies access", response.request);
        let error = Error::unreachable(message)
            .cause(format!("the credentials of {name} are not sent to another host"));
        let error = match response.challenge() {
            Some(Challenge::Bearer { realm, .. }) => {
                let service = reqwest::Url::parse(&realm).map(|url| origin(&url));
                error
                    .cause(format!("nor to the token service that it names: {}", service.unwrap_or_default()))
            }
            _ => error,
        };
        Err(error.hint(format!(
            "if the images moved there: name that host in [[image]] repository, and {name} in former"
        )))
    }

    /// Returns the authorization for a repository, as far as it is known to be needed.
    async fn authorization(&self, path: &str, requests: &RequestCounter) -> Result<Authorization> {
        let auth = self.auth.borrow().clone();
        let (header, token) = match auth {
            None | Some(AuthState::Anonymous) => (None, None),
            Some(AuthState::Challenged(Challenge::Basic)) => (self.basic_header(path)?, None),
            Some(AuthState::Challenged(Challenge::Bearer { realm, service, .. })) => {
                match self.credential()? {
                    Some(ResolvedCredential { credential: Credential::Bearer(secret), .. }) => {
                        (Some(secret_header(&format!("Bearer {}", secret.expose()))?), None)
                    }
                    _ => {
                        let _lock = self.token_fetch.lock().await;
                        let kept = self.tokens.borrow().get(path).filter(|token| token.is_valid()).cloned();
                        let service = (realm.as_str(), service.as_deref());
                        let token = match kept {
                            Some(token) => token,
                            None => self.fetch_token(path, service, requests).await?,
                        };
                        (Some(token.header.clone()), Some(token))
                    }
                }
            }
        };
        Ok(Authorization { header, token })
    }

    fn basic_header(&self, path: &str) -> Result<Option<HeaderValue>> {
        let Some(found) = self.credential()? else { return Ok(None) };
        if !self.endpoint.may_carry_credentials(&self.endpoint.url(path, "manifests", "x")?) {
            return Err(token::http_not_allowed(&self.endpoint.name, found));
        }
        match &found.credential {
            Credential::Password { user, password } => {
                secret_header(&format!("Basic {}", password.basic(user))).map(Some)
            }
            Credential::Refresh(_) | Credential::Bearer(_) => Err(Error::unreachable(format!(
                "{} requires a user name and password, but {} provides a token",
                self.endpoint.name, found.source
            ))),
        }
    }

    /// Fetches a token: the first one for all declared scopes, any later one for one repository.
    async fn fetch_token(
        &self,
        path: &str,
        service: (&str, Option<&str>),
        requests: &RequestCounter,
    ) -> Result<Rc<Token>> {
        let writes = self.scopes.borrow().get(path).copied().unwrap_or_default();
        let mut scopes = Scopes::from([(path.to_owned(), writes)]);
        if !self.fetched_token.replace(true) {
            scopes.extend(self.scopes.borrow().clone());
        }
        let search = self.search()?;
        let token = token::fetch(&self.transport, &self.endpoint, service, &scopes, search, requests).await?;
        let token = Rc::new(token);
        let mut tokens = self.tokens.borrow_mut();
        scopes.into_keys().for_each(|path| drop(tokens.insert(path, Rc::clone(&token))));
        Ok(token)
    }

    /// Remembers the challenge of a 401, and drops the token that was rejected. Other repositories with the same token find
    /// out themselves.
    fn accept_challenge(&self, response: &Response, path: &str, rejected: &Authorization) -> Result<()> {
        let Some(challenge) = response.challenge() else {
            self.search()?;
            return Err(self.access_denied(response));
        };
        self.auth.replace(Some(AuthState::Challenged(challenge)));
        let mut tokens = self.tokens.borrow_mut();
        let kept = tokens.get(path).zip(rejected.token.as_ref());
        // A token that another request has fetched meanwhile is kept.
        if kept.is_some_and(|(kept, rejected)| Rc::ptr_eq(kept, rejected)) {
            tokens.remove(path);
        }
        Ok(())
    }
}

/// The authorization of a request; both fields are `None` for an anonymous one.
struct Authorization {
    header: Option<HeaderValue>,
    token: Option<Rc<Token>>,
}

impl Authorization {
    /// Replaces the `Authorization` header of a request. URLs outside the registry get none.
    fn apply_to(&self, request: &mut HttpRequest, endpoint: &RegistryEndpoint) {
        request.headers.remove(AUTHORIZATION);
        if let Some(header) = self.header.clone().filter(|_| endpoint.is_origin_of(&request.url)) {
            request.headers.insert(AUTHORIZATION, header);
        }
    }
}
