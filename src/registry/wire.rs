//! One HTTP exchange: sent, tried again where that can help, its redirects followed, counted. Knows nothing of images or
//! of who may come in. Leans on `answer`, `patience`, `site`.

use super::answer::Answer;
use super::patience::{Deadline, Patience};
use super::secret::Mask;
use super::site;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::ui::Ui;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, Method, Url};
use std::cell::{Cell, OnceCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// How many requests something took.
#[derive(Debug, Default)]
pub(super) struct Tally(Cell<u32>);

impl Tally {
    pub(super) fn count(&self) -> u32 {
        self.0.get()
    }

    fn add(&self) {
        self.0.set(self.0.get() + 1);
    }
}

/// A request.
pub(super) struct Request {
    /// As messages name it.
    pub name: String,
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Vec<u8>>,
    /// The most bytes that its answer may have.
    pub largest: usize,
}

/// How a request went that got no answer.
pub(super) enum Loss {
    /// It may have arrived.
    Uncertain(Error),
    /// It certainly did nothing, or the whole command is at its end.
    Certain(Error),
}

impl Loss {
    pub(super) fn error(self) -> Error {
        match self {
            Loss::Uncertain(error) | Loss::Certain(error) => error,
        }
    }
}

/// The lines to one registry, to its token service and to where it redirects.
pub(super) struct Wire<'w> {
    pub ui: &'w Ui,
    pub mask: Rc<Mask>,
    pub deadline: Deadline,
    /// A PEM file with more roots.
    ca: Option<PathBuf>,
    plain: OnceCell<Client>,
    secure: OnceCell<Client>,
}

impl<'w> Wire<'w> {
    pub(super) fn new(ui: &'w Ui, mask: Rc<Mask>, deadline: Deadline, ca: Option<PathBuf>) -> Self {
        Wire { ui, mask, deadline, ca, plain: OnceCell::new(), secure: OnceCell::new() }
    }

    /// Sends a request until it is answered: cut connections, 429 and 5xx are tried again. Only what does no harm twice is
    /// repeated blindly; a `PUT` comes back as `Loss::Uncertain`, or with its 5xx.
    pub(super) async fn send(&self, request: &Request, tally: &Tally) -> std::result::Result<Answer, Loss> {
        let mut patience = Patience::new(self.deadline);
        let repeatable = request.method != Method::PUT;
        loop {
            let (asked, error) = match self.once(request, tally).await {
                Ok(answer) if !answer.is_passing() || (!repeatable && answer.status >= 500) => {
                    return Ok(answer);
                }
                Ok(answer) => (answer.retry_after(), answer.refusal()),
                Err(Loss::Uncertain(error)) if repeatable => (None, error),
                Err(loss) => return Err(loss),
            };
            match patience.pause(asked, &request.name) {
                Ok(Some(pause)) => {
                    self.ui.detail(format!("{error}: again in {} ms", pause.as_millis()));
                    tokio::time::sleep(pause).await;
                }
                Ok(None) if self.deadline.left().is_zero() => {
                    return Err(Loss::Certain(self.deadline.passed(&request.name).with_source(error)));
                }
                Ok(None) => return Err(Loss::Certain(error)),
                Err(late) => return Err(Loss::Certain(late.with_source(error))),
            }
        }
    }

    /// Sends a request once, and follows where it is led: credentials stay behind at the border of the origin.
    async fn once(&self, request: &Request, tally: &Tally) -> std::result::Result<Answer, Loss> {
        let (mut url, mut headers) = (request.url.clone(), request.headers.clone());
        for _ in 0..=REDIRECTS {
            let answer = self.answer(request, &url, &headers, tally).await?;
            let reading = matches!(request.method, Method::GET | Method::HEAD);
            let Some(location) = answer.location().filter(|_| reading) else { return Ok(answer) };
            let certain = |error: Error| Loss::Certain(error);
            let next = url.join(location).map_err(|_| certain(answer.strange("it redirects to nowhere")))?;
            let safe = next.scheme() == "https" || (next.scheme() == "http" && url.scheme() == "http");
            if !safe || (site::is_loopback(&next) && !site::is_loopback(&url)) {
                let to = next.host_str().unwrap_or_default();
                return Err(certain(answer.strange(format!("it redirects to {}://{to}", next.scheme()))));
            }
            if next.origin() != url.origin() {
                headers.remove(AUTHORIZATION);
            }
            url = next;
        }
        let what = format!("more than {REDIRECTS} redirects");
        Err(Loss::Certain(Error::unreachable(format!("{}: no end of redirects", request.name)).cause(what)))
    }

    async fn answer(
        &self,
        request: &Request,
        url: &Url,
        headers: &HeaderMap,
        tally: &Tally,
    ) -> std::result::Result<Answer, Loss> {
        let time = self.deadline.request();
        if time.is_zero() {
            return Err(Loss::Certain(self.deadline.passed(&request.name)));
        }
        let client = self.client(url).map_err(Loss::Certain)?;
        let mut sent =
            client.request(request.method.clone(), url.clone()).headers(headers.clone()).timeout(time);
        if let Some(body) = &request.body {
            sent = sent.body(body.clone());
        }
        tally.add();
        let begun = Instant::now();
        let result = match sent.send().await {
            Ok(response) => Answer::read(&request.name, response, request.largest, &self.mask)
                .await
                .map_err(Loss::Certain)?,
            Err(error) => Err(error),
        };
        let ms = begun.elapsed().as_millis();
        // The query of a redirect may be a signature, and that of a token service may name the account.
        let place = format!("{}{}", url.host_str().unwrap_or_default(), url.path());
        let outcome = result.as_ref().map_or("no answer".to_owned(), |answer| answer.status.to_string());
        self.ui.detail(self.mask.hide(&format!("{} {place} → {outcome} ({ms} ms)", request.method)));
        result.map_err(|error| self.loss(request, url, error))
    }

    /// What a failure of the line means.
    fn loss(&self, request: &Request, url: &Url, error: reqwest::Error) -> Loss {
        let host = url.host_str().unwrap_or_default();
        let place = url.port().map_or(host.to_owned(), |port| format!("{host}:{port}"));
        let (connects, late) = (error.is_connect(), error.is_timeout());
        if late && self.deadline.left().is_zero() {
            return Loss::Uncertain(self.deadline.passed(&request.name));
        }
        let causes = causes(&error.without_url());
        let certificate = causes.iter().any(|cause| cause.contains("certificate"));
        let message = match (connects, late) {
            (_, true) => format!("{}: {place} did not answer", request.name),
            (true, _) => format!("{}: {place} cannot be reached", request.name),
            _ => format!("{}: the connection to {place} was cut", request.name),
        };
        let told = causes.into_iter().fold(Error::unreachable(message), Error::cause);
        if certificate {
            let line =
                format!("[registry.\"{place}\"] ca = \"roots.pem\" trusts more roots, as does SSL_CERT_FILE");
            return Loss::Certain(told.hint(line));
        }
        Loss::Uncertain(told)
    }

    /// A client for a URL: plain ones know no roots, which take milliseconds to read.
    fn client(&self, url: &Url) -> Result<&Client> {
        let secure = url.scheme() == "https";
        let slot = if secure { &self.secure } else { &self.plain };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        // Whoever was first wins; both are the same provider.
        drop(rustls::crypto::ring::default_provider().install_default());
        let builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(std::time::Duration::from_secs(10))
            .user_agent(concat!("rel/", env!("CARGO_PKG_VERSION")));
        let builder = if site::is_loopback(url) { builder.no_proxy() } else { builder };
        let builder = match (&self.ca, secure) {
            (_, false) => builder.tls_certs_only([]),
            (None, true) => builder,
            (Some(ca), true) => builder.tls_certs_merge(roots(ca)?),
        };
        let client = builder.build().map_err(|error| {
            let told = Error::unreachable("no client for https can be made");
            causes(&error).into_iter().fold(told, Error::cause).hint(
                "SSL_CERT_FILE names a file with the roots that are trusted; Debian's package is ca-certificates",
            )
        })?;
        Ok(slot.get_or_init(|| client))
    }
}

/// The certificates of a PEM file.
fn roots(ca: &PathBuf) -> Result<Vec<reqwest::Certificate>> {
    let name = ca.display();
    let bytes = std::fs::read(ca).context(Kind::Usage, format!("the roots in {name} cannot be read"))?;
    let found = reqwest::Certificate::from_pem_bundle(&bytes);
    let found = found.context(Kind::Usage, format!("{name} is no PEM file with certificates"))?;
    if found.is_empty() {
        return Err(Error::usage(format!("{name} holds no certificate")));
    }
    Ok(found)
}

/// What lies with_source an error, outermost first, without repetition.
fn causes(error: &reqwest::Error) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        if !told.iter().any(|other| other.contains(&text)) {
            told.push(text);
        }
        next = cause.source();
    }
    told
}

/// A header whose value is a secret.
pub(super) fn secret_header(text: &str) -> Result<HeaderValue> {
    // The value is not quoted: it is the secret.
    let value = HeaderValue::from_str(text);
    let mut value =
        value.map_err(|_| Error::refused("the credentials have characters that no header takes"))?;
    value.set_sensitive(true);
    Ok(value)
}
