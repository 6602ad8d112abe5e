//! Where a registry is: its address, whether it speaks http, and where its credentials may go. Leans on `config`.

use crate::config::RegistryRule;
use crate::error::{Error, Result};
use reqwest::Url;

/// A registry's place and what release.toml says of it.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// As repositories name it: `docker.io`.
    pub name: String,
    /// What release.toml says.
    pub rule: RegistryRule,
    base: Url,
}

impl Site {
    pub(super) fn new(name: &str, rule: RegistryRule) -> Result<Self> {
        // Docker Hub answers under another name than its images bear.
        let host = if name == "docker.io" { "registry-1.docker.io" } else { name };
        let http = rule.http.unwrap_or_else(|| is_loopback_name(host) && rule.ca.is_none());
        let scheme = if http { "http" } else { "https" };
        let base = Url::parse(&format!("{scheme}://{host}/v2/"));
        let base = base.map_err(|error| Error::usage(format!("{name} is no registry")).cause(error))?;
        Ok(Site { name: name.to_owned(), rule, base })
    }

    /// The address of a manifest or a blob.
    pub(super) fn url(&self, path: &str, kind: &str, name: &str) -> Result<Url> {
        let url = self.base.join(&format!("{path}/{kind}/{name}"));
        url.map_err(|error| Error::usage(format!("{path} is no path of {}", self.name)).cause(error))
    }

    /// Nothing but http is spoken there.
    pub(super) fn is_plain(&self) -> bool {
        self.base.scheme() == "http"
    }

    /// The registry itself: scheme, host and port agree.
    pub(super) fn holds(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Credentials of this registry may go to a URL of it or of its token realm.
    pub(super) fn may_carry_credentials(&self, url: &Url) -> bool {
        match url.scheme() {
            "https" => true,
            _ if is_loopback(url) => true,
            _ => self.rule.credentials_over_http && url.host_str() == self.base.host_str(),
        }
    }

    /// The token service that a registry names, where it may be asked at all: over https, but from a registry that is on
    /// this machine or itself speaks http. A registry elsewhere cannot send us to this machine.
    pub(super) fn realm(&self, text: &str) -> Result<Url> {
        let refuse = |why: &str| {
            Err(Error::unreachable(format!("{} names a token service that is not asked", self.name))
                .cause(why))
        };
        let Ok(url) = Url::parse(text) else { return refuse("its address cannot be read") };
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("its address holds credentials");
        }
        let here = is_loopback(&url);
        match url.scheme() {
            _ if here && !is_loopback(&self.base) => refuse("it is on this machine, the registry is not"),
            "https" => Ok(url),
            "http" if here => Ok(url),
            "http" if self.is_plain() && url.host_str() == self.base.host_str() => Ok(url),
            _ => refuse("it is not https"),
        }
    }
}

/// On this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(is_loopback_name)
}

/// `localhost`, `127.0.0.1:5000`, `[::1]:5000`.
fn is_loopback_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::Site;
    use crate::config::RegistryRule;
    use reqwest::Url;

    fn site(name: &str) -> Site {
        Site::new(name, RegistryRule::default()).unwrap()
    }

    fn plain(name: &str, credentials_over_http: bool) -> Site {
        Site::new(name, RegistryRule { http: Some(true), credentials_over_http, ..RegistryRule::default() })
            .unwrap()
    }

    #[test]
    fn http_is_for_this_machine_and_for_who_is_configured_so() {
        for (name, url) in [
            ("ghcr.io", "https://ghcr.io/v2/a/b/manifests/v1"),
            ("docker.io", "https://registry-1.docker.io/v2/a/b/manifests/v1"),
            ("127.0.0.1:5000", "http://127.0.0.1:5000/v2/a/b/manifests/v1"),
            ("[::1]:5000", "http://[::1]:5000/v2/a/b/manifests/v1"),
            ("localhost:5000", "http://localhost:5000/v2/a/b/manifests/v1"),
            ("127.0.0.1.evil.example", "https://127.0.0.1.evil.example/v2/a/b/manifests/v1"),
        ] {
            assert_eq!(site(name).url("a/b", "manifests", "v1").unwrap().as_str(), url);
        }
        assert!(plain("intern:5000", false).is_plain());
    }

    #[test]
    fn credentials_go_over_https_but_on_this_machine() {
        let carries = |site: &Site, url: &str| site.may_carry_credentials(&Url::parse(url).unwrap());
        assert!(carries(&site("ghcr.io"), "https://ghcr.io/v2/"));
        assert!(carries(&site("127.0.0.1:5000"), "http://127.0.0.1:5000/v2/"));
        assert!(!carries(&plain("intern:5000", false), "http://intern:5000/v2/"));
        assert!(carries(&plain("intern:5000", true), "http://intern:5000/v2/"));
        assert!(!carries(&plain("intern:5000", true), "http://elsewhere/token"));
    }

    #[test]
    fn token_services_that_are_asked() {
        let asked = |site: &Site, realm: &str| site.realm(realm).is_ok();
        assert!(asked(&site("ghcr.io"), "https://auth.example/token"));
        assert!(asked(&site("127.0.0.1:5000"), "http://127.0.0.1:5001/token"));
        assert!(asked(&plain("intern:5000", false), "http://intern:5001/token"));
        for realm in [
            "http://auth.example/token",
            "http://127.0.0.1:80/token",
            "https://localhost/token",
            "https://me:secret@auth.example/token",
            "file:///etc/passwd",
            "token",
        ] {
            assert!(!asked(&site("ghcr.io"), realm), "{realm}");
        }
    }
}
