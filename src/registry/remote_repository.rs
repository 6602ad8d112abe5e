//! A repository of a registry: what the responses mean, and which of them are trusted. Digests are computed here and
//! compared with whatever the registry says.

use super::client::RegistryClient;
use super::manifest::{self, Manifest};
use super::manifest_request::ManifestRequest;
use super::response::Response;
use super::retag_request::RetagOutcome;
use super::retry::Retry;
use super::tag_put::{Descriptor, TagPut, tag_changed, tag_in_use};
use super::transport::{RequestCounter, SendError};
use crate::error::{Error, Result};
use crate::model::{Digest, Reference, Repository};
use std::rc::Rc;
use std::time::Duration;

/// A repository of a registry.
pub(super) struct RemoteRepository<'w> {
    pub client: Rc<RegistryClient<'w>>,
    pub repository: Repository,
    pub path: String,
}

/// A `PUT` of a tag that did not succeed.
struct FailedPut {
    error: Error,
    retry_after: Option<Duration>,
    /// Whether the same `PUT` may succeed later.
    transient: bool,
}

impl RemoteRepository<'_> {
    /// Returns the descriptor of a tag or digest; `None` for a 404. If the response has no digest, fetches the manifest.
    pub(super) async fn head(
        &self,
        reference: &Reference,
        requests: &RequestCounter,
    ) -> Result<Option<Descriptor>> {
        let response = self.client.manifest(&self.path, reference, ManifestRequest::Head, requests).await;
        let response = response.map_err(SendError::into_error)?;
        match response.status {
            200 => {}
            404 => return Ok(None),
            _ => return Err(response.failure()),
        }
        let Some(digest) = response.digest()? else {
            let found = self.get(reference, requests).await?;
            return Ok(found.map(|found| Descriptor { digest: found.digest, media_type: found.media_type }));
        };
        check_digest(&response, reference, &digest)?;
        Ok(Some(Descriptor { digest, media_type: response.content_type().unwrap_or_default() }))
    }

    /// Returns the manifest of a tag or digest; `None` for a 404.
    pub(super) async fn get(
        &self,
        reference: &Reference,
        requests: &RequestCounter,
    ) -> Result<Option<Manifest>> {
        let response = self.client.manifest(&self.path, reference, ManifestRequest::Get, requests).await;
        let response = response.map_err(SendError::into_error)?;
        match response.status {
            200 => {}
            404 => return Ok(None),
            _ => return Err(response.failure()),
        }
        let (declared, media_type) = (response.digest()?, response.content_type());
        let computed = manifest::digest(&response.body);
        if let Some(declared) = declared.filter(|declared| *declared != computed) {
            return Err(response
                .invalid(format!("its digest header is {declared}"))
                .cause(format!("its body has digest {computed}")));
        }
        check_digest(&response, reference, &computed)?;
        let name = format!("{}{}", self.repository, reference.suffix());
        Manifest::parse(response.body, media_type, &name).map(Some)
    }

    /// Returns the bytes of a blob, checked against the digest; `None` for a 404.
    pub(super) async fn blob(&self, digest: &Digest, requests: &RequestCounter) -> Result<Option<Vec<u8>>> {
        let response = self.client.blob(&self.path, digest.as_str(), requests).await?;
        match response.status {
            200 => {}
            404 => return Ok(None),
            _ => return Err(response.failure()),
        }
        check_digest(&response, &Reference::Digest(digest.clone()), &manifest::digest(&response.body))?;
        Ok(Some(response.body))
    }

    /// Puts a tag. After a `PUT` that may have arrived, or that the registry refuses, looks up the tag before it reports or
    /// repeats anything.
    pub(super) async fn put(&self, put: &TagPut<'_>, requests: &RequestCounter) -> Result<RetagOutcome> {
        let reference = Reference::tag(put.tag);
        let wanted = &put.manifest.digest;
        let mut retry = Retry::new(self.client.transport.deadline);
        loop {
            let Some(FailedPut { error, retry_after, transient }) =
                self.try_put(put, &reference, requests).await?
            else {
                return Ok(RetagOutcome::Created);
            };
            // Its bytes decide, not what a header says.
            let current = match self.get(&reference, requests).await {
                Ok(current) => current,
                Err(lookup) => return Err(lookup.with_source(error)),
            };
            match current {
                // The `PUT` arrived; or the tag had the digest before, and is immutable (ECR, Docker Hub, Harbor).
                Some(found) if found.digest == *wanted && transient => return Ok(RetagOutcome::Created),
                Some(found) if found.digest == *wanted => return Ok(RetagOutcome::Unchanged),
                Some(found) if put.before.is_none() => {
                    let conflict = tag_in_use(&self.repository, put.tag, &found.digest, wanted);
                    return Err(conflict.with_source(error));
                }
                Some(found) if put.before != Some(&found.digest) => {
                    return Err(tag_changed(&self.repository, put.tag, &found.digest).with_source(error));
                }
                _ if !transient => return Err(error),
                _ => {}
            }
            let request = format!("PUT {}:{}", self.repository, put.tag);
            match retry.next_pause(retry_after, &request)? {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// Sends one `PUT`; `None` if it succeeded and the registry has the right digest.
    async fn try_put(
        &self,
        put: &TagPut<'_>,
        reference: &Reference,
        requests: &RequestCounter,
    ) -> Result<Option<FailedPut>> {
        let Manifest { bytes, media_type, digest, .. } = put.manifest;
        let request = ManifestRequest::Put { bytes, media_type };
        let failed = match self.client.manifest(&self.path, reference, request, requests).await {
            Ok(response) if response.is_success() => {
                self.confirm(&response, reference, digest, requests).await?;
                return Ok(None);
            }
            Ok(response) if response.status == 403 => {
                FailedPut { error: self.client.access_denied(&response), retry_after: None, transient: false }
            }
            Ok(response) => FailedPut {
                error: response.failure(),
                retry_after: response.retry_after(),
                transient: response.is_transient(),
            },
            Err(SendError::Uncertain(error)) => FailedPut { error, retry_after: None, transient: true },
            Err(SendError::Certain(error)) => return Err(error),
        };
        Ok(Some(failed))
    }

    /// Checks that the registry received the digest that was sent. If the response does not say, looks up the tag.
    async fn confirm(
        &self,
        response: &Response,
        reference: &Reference,
        sent: &Digest,
        requests: &RequestCounter,
    ) -> Result<()> {
        let received = match response.digest()? {
            Some(received) => Some(received),
            None => self.head(reference, requests).await?.map(|found| found.digest),
        };
        match received {
            Some(received) if received == *sent => Ok(()),
            Some(received) => Err(response
                .invalid(format!("the registry received {received}"))
                .cause(format!("rel sent {sent}"))),
            None => Err(response.invalid("the PUT succeeded, but the tag does not exist")),
        }
    }
}

/// Refuses another digest than the requested one. A tag may have any.
fn check_digest(response: &Response, requested: &Reference, found: &Digest) -> Result<()> {
    match requested {
        Reference::Digest(wanted) if wanted != found => {
            let error: Error = response.invalid(format!("requested {wanted}"));
            Err(error.cause(format!("received {found}")))
        }
        _ => Ok(()),
    }
}
