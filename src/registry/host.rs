//! One registry as this run knows it: how one gets in, the tokens that were given, requests with the right one. Whoever
//! comes first learns how; all others wait for that instead of being turned away too. Leans on `wire`, `token`.

use super::answer::Answer;
use super::challenge::Challenge;
use super::credentials::{Credential, Credentials, Known};
use super::site::Site;
use super::token::{self, Scopes, Token};
use super::wire::{Loss, Request, Tally, Wire, secret_header};
use crate::error::{Error, Result};
use crate::model::Reference;
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use tokio::sync::{Mutex, Semaphore};

/// How many requests are under way at once.
const AT_ONCE: usize = 8;
/// The most bytes of a manifest: what registries take (distribution specification: at least 4 MiB).
const LARGEST_MANIFEST: usize = 4 << 20;
/// The most bytes of an image's configuration.
const LARGEST_CONFIG: usize = 8 << 20;
/// What is asked for: an index or a manifest, of OCI or of Docker's schema 2; all in one header, as some registries only
/// read the first.
const ACCEPTED: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";

/// A registry.
pub(super) struct Host<'w> {
    pub site: Site,
    pub wire: Wire<'w>,
    credentials: Rc<Credentials>,
    /// What its credentials are kept for.
    area: String,
    known: OnceCell<Option<Known>>,
    way: RefCell<Option<Way>>,
    /// Why nobody gets in.
    shut: RefCell<Option<Error>>,
    opening: Mutex<()>,
    renewing: Mutex<()>,
    permits: Semaphore,
    scopes: RefCell<Scopes>,
    tokens: RefCell<HashMap<String, Rc<Token>>>,
    /// A token was asked for already.
    asked: Cell<bool>,
}

/// How one gets in.
#[derive(Clone)]
enum Way {
    /// Nothing was asked for.
    Open,
    /// Something is asked for.
    Asked(Challenge),
}

/// What is to be done with a manifest.
pub(super) enum Act<'a> {
    Head,
    Get,
    Put { bytes: &'a [u8], media_type: &'a str },
}

impl<'w> Host<'w> {
    pub(super) fn new(site: Site, wire: Wire<'w>, credentials: Rc<Credentials>, area: String) -> Self {
        Host {
            site,
            wire,
            credentials,
            area,
            known: OnceCell::new(),
            way: RefCell::new(None),
            shut: RefCell::new(None),
            opening: Mutex::new(()),
            renewing: Mutex::new(()),
            permits: Semaphore::new(AT_ONCE),
            scopes: RefCell::default(),
            tokens: RefCell::default(),
            asked: Cell::new(false),
        }
    }

    /// Says what this run will do here, so that one token serves all of it.
    pub(super) fn announce(&self, path: &str, writes: bool) {
        let mut scopes = self.scopes.borrow_mut();
        let before = scopes.entry(path.to_owned()).or_default();
        if writes && !*before {
            *before = true;
            // What was given for reading does not serve any more.
            self.tokens.borrow_mut().remove(path);
        }
    }

    /// Asks for a manifest, or puts one.
    pub(super) async fn manifest(
        &self,
        path: &str,
        reference: &Reference,
        act: Act<'_>,
        tally: &Tally,
    ) -> std::result::Result<Answer, Loss> {
        let url = self.site.url(path, "manifests", &reference.to_string()).map_err(Loss::Certain)?;
        let mut headers = HeaderMap::new();
        let (method, body) = match act {
            Act::Head => (Method::HEAD, None),
            Act::Get => (Method::GET, None),
            Act::Put { bytes, media_type } => {
                let value = HeaderValue::from_str(media_type);
                let value = value.map_err(|_| {
                    Loss::Certain(Error::unreachable(format!("{media_type} is no media type")))
                })?;
                headers.insert(CONTENT_TYPE, value);
                (Method::PUT, Some(bytes.to_vec()))
            }
        };
        if body.is_none() {
            headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        }
        let name = format!("{method} {}/{path}{}", self.site.name, reference.suffix());
        let request = Request { name, method, url, headers, body, largest: LARGEST_MANIFEST };
        self.send(path, request, tally).await
    }

    /// Fetches a blob.
    pub(super) async fn blob(&self, path: &str, digest: &str, tally: &Tally) -> Result<Answer> {
        let url = self.site.url(path, "blobs", digest)?;
        let name = format!("GET {}/{path}@{digest}", self.site.name);
        let (method, headers) = (Method::GET, HeaderMap::new());
        let request = Request { name, method, url, headers, body: None, largest: LARGEST_CONFIG };
        self.send(path, request, tally).await.map_err(Loss::error)
    }

    /// Sends a request with what is known of how to get in, and learns it where it is not. A 401 is answered once, with
    /// what it asks for or with a new token; a second one is a refusal.
    async fn send(
        &self,
        path: &str,
        mut request: Request,
        tally: &Tally,
    ) -> std::result::Result<Answer, Loss> {
        let known = self.way.borrow().is_some();
        let opening = if known { None } else { Some(self.opening.lock().await) };
        // Whoever waited has learned it from the one before.
        let opening = opening.filter(|_| self.way.borrow().is_none());
        if let Some(why) = self.shut.borrow().clone() {
            return Err(Loss::Certain(why));
        }
        let pass = self.pass(path, tally).await.map_err(Loss::Certain)?;
        pass.sign(&self.site, &mut request);
        let first = self.transmit(&request, tally).await;
        let mut answer = first.map_err(|loss| if opening.is_some() { self.shut(loss) } else { loss })?;
        if answer.status == 401 {
            self.learn(&answer, path, &pass).map_err(Loss::Certain)?;
            let next = self.pass(path, tally).await.map_err(|error| self.shut(Loss::Certain(error)))?;
            if next.header != pass.header {
                next.sign(&self.site, &mut request);
                answer = self.transmit(&request, tally).await?;
            }
        } else if opening.is_some() && answer.status != 403 {
            self.way.replace(Some(Way::Open));
        }
        let refused = || Loss::Certain(token::refused(&self.site, self.known(), &answer));
        match (answer.status, &request.method) {
            // What a registry means that forbids a `PUT` depends on what stands there already.
            (403, &Method::PUT) => Ok(answer),
            (401, _) if opening.is_some() && pass.token.is_none() => Err(self.shut(refused())),
            (401 | 403, _) => Err(refused()),
            _ => Ok(answer),
        }
    }

    /// Nobody gets in: whoever comes later is told so at once, instead of waiting for the same again, or of trying a
    /// password that was refused until the account is locked.
    fn shut(&self, loss: Loss) -> Loss {
        let (Loss::Certain(error) | Loss::Uncertain(error)) = &loss;
        self.shut.replace(Some(error.clone()));
        loss
    }

    async fn transmit(&self, request: &Request, tally: &Tally) -> std::result::Result<Answer, Loss> {
        // Closed only when the host is dropped, and then nobody asks any more.
        let _permit = self.permits.acquire().await;
        self.wire.send(request, tally).await
    }

    /// The credentials of this registry; looked for when they are first asked for.
    pub(super) fn known(&self) -> Option<&Known> {
        let find = || {
            let (known, troubles) = self.credentials.of(&self.area);
            troubles.iter().for_each(|trouble| self.wire.ui.warning(trouble));
            let source = known.as_ref().map_or("none", |known| known.source.as_str());
            self.wire.ui.detail(format!("credentials for {}: {source}", self.area));
            known.iter().for_each(|known| known.teach(&self.wire.mask));
            known
        };
        self.known.get_or_init(find).as_ref()
    }

    /// What lets a request in, as far as is known.
    async fn pass(&self, path: &str, tally: &Tally) -> Result<Pass> {
        let way = self.way.borrow().clone();
        let (header, token) = match way {
            None | Some(Way::Open) => (None, None),
            Some(Way::Asked(Challenge::Basic)) => (self.basic(path)?, None),
            Some(Way::Asked(Challenge::Bearer { realm, service, .. })) => match self.known() {
                Some(Known { credential: Credential::Bearer(secret), .. }) => {
                    (Some(secret_header(&format!("Bearer {}", secret.expose()))?), None)
                }
                known => {
                    let _one = self.renewing.lock().await;
                    let held = self.tokens.borrow().get(path).filter(|token| token.holds()).cloned();
                    let token = match held {
                        Some(token) => token,
                        None => self.renew(path, (&realm, service.as_deref()), known, tally).await?,
                    };
                    (Some(token.header.clone()), Some(token))
                }
            },
        };
        Ok(Pass { header, token })
    }

    fn basic(&self, path: &str) -> Result<Option<HeaderValue>> {
        let Some(known) = self.known() else { return Ok(None) };
        if !self.site.may_carry_credentials(&self.site.url(path, "manifests", "x")?) {
            return Err(token::no_http(&self.site.name, known));
        }
        match &known.credential {
            Credential::Password { user, password } => {
                secret_header(&format!("Basic {}", password.basic(user))).map(Some)
            }
            Credential::Refresh(_) | Credential::Bearer(_) => Err(Error::unreachable(format!(
                "{} wants user and password, and {} holds a token",
                self.site.name, known.source
            ))),
        }
    }

    /// Fetches a token: the first one for everything that was announced, any later one for a repository alone.
    async fn renew(
        &self,
        path: &str,
        service: (&str, Option<&str>),
        known: Option<&Known>,
        tally: &Tally,
    ) -> Result<Rc<Token>> {
        let writes = self.scopes.borrow().get(path).copied().unwrap_or_default();
        let mut scopes = Scopes::from([(path.to_owned(), writes)]);
        if !self.asked.replace(true) {
            scopes.extend(self.scopes.borrow().clone());
        }
        let token = token::ask(&self.wire, &self.site, service, &scopes, known, tally).await?;
        let token = Rc::new(token);
        let mut tokens = self.tokens.borrow_mut();
        scopes.into_keys().for_each(|path| drop(tokens.insert(path, Rc::clone(&token))));
        Ok(token)
    }

    /// Takes in what a 401 says, and forgets the token that it turned away; others that it served find out themselves.
    fn learn(&self, answer: &Answer, path: &str, pass: &Pass) -> Result<()> {
        let Some(challenge) = answer.challenge() else {
            return Err(token::refused(&self.site, self.known(), answer));
        };
        self.way.replace(Some(Way::Asked(challenge)));
        let mut tokens = self.tokens.borrow_mut();
        let held = tokens.get(path).zip(pass.token.as_ref());
        // One that somebody else renewed meanwhile is kept.
        if held.is_some_and(|(held, refused)| Rc::ptr_eq(held, refused)) {
            tokens.remove(path);
        }
        Ok(())
    }
}

/// What a request shows at the door.
struct Pass {
    header: Option<HeaderValue>,
    token: Option<Rc<Token>>,
}

impl Pass {
    /// Puts it into a request, in the place of what stood there.
    fn sign(&self, site: &Site, request: &mut Request) {
        request.headers.remove(AUTHORIZATION);
        if let Some(header) = self.header.clone().filter(|_| site.holds(&request.url)) {
            request.headers.insert(AUTHORIZATION, header);
        }
    }
}
