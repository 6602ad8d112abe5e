//! The requests for manifests and blobs (OCI distribution specification).

use super::endpoint::RegistryEndpoint;
use super::transport::HttpRequest;
use crate::error::{Error, Result};
use crate::model::Reference;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};

/// The size limit of a manifest in bytes: that of registries (OCI distribution specification: at least 4 MiB).
const MAX_MANIFEST: usize = 4 << 20;
/// The size limit of an image's configuration in bytes.
const MAX_CONFIG: usize = 8 << 20;
/// The accepted media types: index and manifest, of OCI and of Docker's schema 2. One header, because some registries read
/// only the first.
const ACCEPTED: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";

/// A request for a manifest.
pub(super) enum ManifestRequest<'a> {
    Head,
    Get,
    Put { bytes: &'a [u8], media_type: &'a str },
}

impl ManifestRequest<'_> {
    /// Returns the HTTP request for a tag or digest of a repository.
    pub(super) fn into_http(
        self,
        endpoint: &RegistryEndpoint,
        path: &str,
        reference: &Reference,
    ) -> Result<HttpRequest> {
        let url = endpoint.url(path, "manifests", &reference.to_string())?;
        let mut headers = HeaderMap::new();
        let (method, body) = match self {
            ManifestRequest::Head => (Method::HEAD, None),
            ManifestRequest::Get => (Method::GET, None),
            ManifestRequest::Put { bytes, media_type } => {
                let value = HeaderValue::from_str(media_type);
                let value =
                    value.map_err(|_| Error::unreachable(format!("{media_type} is not a media type")))?;
                headers.insert(CONTENT_TYPE, value);
                (Method::PUT, Some(bytes.to_vec()))
            }
        };
        if body.is_none() {
            headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        }
        let label = format!("{method} {}/{path}{}", endpoint.name, reference.suffix());
        Ok(HttpRequest { label, method, url, headers, body, max_bytes: MAX_MANIFEST })
    }
}

/// Returns the HTTP request for an image's configuration.
pub(super) fn blob_request(endpoint: &RegistryEndpoint, path: &str, digest: &str) -> Result<HttpRequest> {
    let url = endpoint.url(path, "blobs", digest)?;
    let label = format!("GET {}/{path}@{digest}", endpoint.name);
    let (method, headers) = (Method::GET, HeaderMap::new());
    Ok(HttpRequest { label, method, url, headers, body: None, max_bytes: MAX_CONFIG })
}
