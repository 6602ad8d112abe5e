//! The endpoint of a registry: its URL, whether it uses http, and where its credentials may be sent.

use crate::config::RegistryRule;
use crate::error::{Error, Result};
use crate::model::clean_line;
use reqwest::Url;

/// How much of a URL that cannot be parsed is quoted, in characters.
const MAX_QUOTE: usize = 200;

/// A registry, and what release.toml says about it.
#[derive(Clone, Debug)]
pub(super) struct RegistryEndpoint {
    /// Its host, as repositories name it: `docker.io`.
    pub name: String,
    /// Its table in release.toml.
    pub rule: RegistryRule,
    base: Url,
}

impl RegistryEndpoint {
    pub(super) fn new(name: &str, rule: RegistryRule) -> Result<Self> {
        // Docker Hub's API has another host than the names of its images.
        let host = if name == "docker.io" { "registry-1.docker.io" } else { name };
        let http = rule.http.unwrap_or_else(|| is_loopback_host(host) && rule.ca.is_none());
        let scheme = if http { "http" } else { "https" };
        let base = Url::parse(&format!("{scheme}://{host}/v2/"));
        let base =
            base.map_err(|error| Error::usage(format!("{name} is not a registry host")).cause(error))?;
        Ok(RegistryEndpoint { name: name.to_owned(), rule, base })
    }

    /// Returns the URL of a manifest or blob: `kind` is `manifests` or `blobs`.
    pub(super) fn url(&self, path: &str, kind: &str, name: &str) -> Result<Url> {
        let url = self.base.join(&format!("{path}/{kind}/{name}"));
        url.map_err(|error| {
            Error::usage(format!("{path} is not a valid repository of {}", self.name)).cause(error)
        })
    }

    /// Whether the registry uses http instead of https.
    pub(super) fn is_http(&self) -> bool {
        self.base.scheme() == "http"
    }

    /// Whether a URL belongs to the registry itself: same scheme, host and port.
    pub(super) fn is_origin_of(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Whether credentials of this registry may be sent to a URL of it or of its token service.
    pub(super) fn may_carry_credentials(&self, url: &Url) -> bool {
        match url.scheme() {
            // Over http, anyone on the network could name a token service.
            "https" => {
                !self.is_http()
                    || is_loopback(&self.base)
                    || self.rule.credentials_over_http
                    || url.host_str() == self.base.host_str()
            }
            _ if is_loopback(url) => true,
            _ => self.rule.credentials_over_http && url.host_str() == self.base.host_str(),
        }
    }

    /// Parses the URL of the token service that the registry names. Refuses one without https, unless the registry is on
    /// this machine or uses http itself, and one on this machine if the registry is elsewhere.
    pub(super) fn token_realm(&self, text: &str) -> Result<Url> {
        let refuse = |service: &str, why: &str| {
            let message = format!("{} names a token service that is not allowed: {service}", self.name);
            Err(Error::unreachable(message).cause(why))
        };
        let Ok(url) = Url::parse(text) else {
            let shown: String = clean_line(text).chars().take(MAX_QUOTE).collect();
            return refuse(&shown, "its URL is invalid");
        };
        let service = origin(&url);
        let refuse = |why: &str| refuse(&service, why);
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("its URL contains credentials");
        }
        let local = is_loopback(&url);
        match url.scheme() {
            _ if local && !is_loopback(&self.base) => {
                refuse("it is on this machine, but the registry is not")
            }
            "https" => Ok(url),
            "http" if local => Ok(url),
            "http" if self.is_http() && url.host_str() == self.base.host_str() => Ok(url),
            _ => refuse("it does not use https"),
        }
    }
}

/// Returns where a URL leads, as messages name it: `https://auth.example`. Neither account nor query are shown.
pub(super) fn origin(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

/// Whether a URL is on this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(is_loopback_host)
}

/// Whether a host is on this machine: `localhost`, `127.0.0.1:5000`, `[::1]:5000`.
fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::RegistryEndpoint;
    use crate::config::RegistryRule;
    use reqwest::Url;

    fn endpoint(name: &str) -> RegistryEndpoint {
        RegistryEndpoint::new(name, RegistryRule::default()).unwrap()
    }

    fn http_endpoint(name: &str, credentials_over_http: bool) -> RegistryEndpoint {
        RegistryEndpoint::new(
            name,
            RegistryRule { http: Some(true), credentials_over_http, ..RegistryRule::default() },
        )
        .unwrap()
    }

    #[test]
    fn http_is_used_for_this_machine_and_where_it_is_configured() {
        for (name, url) in [
            ("ghcr.io", "https://ghcr.io/v2/a/b/manifests/v1"),
            ("docker.io", "https://registry-1.docker.io/v2/a/b/manifests/v1"),
            ("127.0.0.1:5000", "http://127.0.0.1:5000/v2/a/b/manifests/v1"),
            ("[::1]:5000", "http://[::1]:5000/v2/a/b/manifests/v1"),
            ("localhost:5000", "http://localhost:5000/v2/a/b/manifests/v1"),
            ("127.0.0.1.evil.example", "https://127.0.0.1.evil.example/v2/a/b/manifests/v1"),
        ] {
            assert_eq!(endpoint(name).url("a/b", "manifests", "v1").unwrap().as_str(), url);
        }
        assert!(http_endpoint("intern:5000", false).is_http());
    }

    #[test]
    fn credentials_require_https_except_on_this_machine() {
        let carries = |endpoint: &RegistryEndpoint, url: &str| {
            endpoint.may_carry_credentials(&Url::parse(url).unwrap())
        };
        assert!(carries(&endpoint("ghcr.io"), "https://ghcr.io/v2/"));
        assert!(carries(&endpoint("127.0.0.1:5000"), "http://127.0.0.1:5000/v2/"));
        assert!(!carries(&http_endpoint("intern:5000", false), "http://intern:5000/v2/"));
        assert!(carries(&http_endpoint("intern:5000", true), "http://intern:5000/v2/"));
        assert!(!carries(&http_endpoint("intern:5000", true), "http://elsewhere/token"));
        // Whoever can answer for a registry without https can name a token service.
        assert!(!carries(&http_endpoint("intern:5000", false), "https://auth.example/token"));
        assert!(carries(&http_endpoint("intern:5000", false), "https://intern/token"));
        assert!(carries(&endpoint("127.0.0.1:5000"), "https://auth.example/token"));
    }

    #[test]
    fn token_services_that_are_allowed() {
        let allowed = |endpoint: &RegistryEndpoint, realm: &str| endpoint.token_realm(realm).is_ok();
        assert!(allowed(&endpoint("ghcr.io"), "https://auth.example/token"));
        assert!(allowed(&endpoint("127.0.0.1:5000"), "http://127.0.0.1:5001/token"));
        assert!(allowed(&http_endpoint("intern:5000", false), "http://intern:5001/token"));
        for realm in [
            "http://auth.example/token",
            "http://127.0.0.1:80/token",
            "https://localhost/token",
            "https://me:secret@auth.example/token",
            "file:///etc/passwd",
            "token",
        ] {
            assert!(!allowed(&endpoint("ghcr.io"), realm), "{realm}");
        }
        let error =
            endpoint("ghcr.io").token_realm("http://me:secret@auth.example:81/token?x=1").unwrap_err();
        assert!(error.message.ends_with("is not allowed: http://auth.example:81"), "{error}");
    }
}
