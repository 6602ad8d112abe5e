//! One repository of a registry: what its answers mean, and which of them are believed. Digests are computed here, and
//! whatever the registry says of them is compared. Leans on `host`.

use super::answer::Answer;
use super::host::{Act, Host};
use super::manifest::{self, Manifest};
use super::order::RetagOutcome;
use super::patience::Patience;
use super::shelf::{Placing, Seen, moved, taken};
use super::token;
use super::wire::{Loss, Tally};
use crate::error::{Error, Result};
use crate::model::{Digest, Reference, Repository};
use std::rc::Rc;

/// A repository of a registry.
pub(super) struct Remote<'w> {
    pub host: Rc<Host<'w>>,
    pub repository: Repository,
    pub path: String,
}

impl Remote<'_> {
    /// What a name stands for. A registry that does not say is asked for the bytes.
    pub(super) async fn head(&self, reference: &Reference, tally: &Tally) -> Result<Option<Seen>> {
        let answer =
            self.host.manifest(&self.path, reference, Act::Head, tally).await.map_err(Loss::error)?;
        match answer.status {
            200 => {}
            404 => return Ok(None),
            _ => return Err(answer.refusal()),
        }
        let Some(digest) = answer.digest()? else {
            let found = self.get(reference, tally).await?;
            return Ok(found.map(|found| Seen { digest: found.digest, media_type: found.media_type }));
        };
        agrees(&answer, reference, &digest)?;
        Ok(Some(Seen { digest, media_type: answer.content_type().unwrap_or_default() }))
    }

    /// The manifest that a name stands for.
    pub(super) async fn get(&self, reference: &Reference, tally: &Tally) -> Result<Option<Manifest>> {
        let answer = self.host.manifest(&self.path, reference, Act::Get, tally).await.map_err(Loss::error)?;
        match answer.status {
            200 => {}
            404 => return Ok(None),
            _ => return Err(answer.refusal()),
        }
        let (said, media_type) = (answer.digest()?, answer.content_type());
        let computed = manifest::digest(&answer.body);
        if let Some(said) = said.filter(|said| *said != computed) {
            return Err(answer
                .strange(format!("it says it gave {said}"))
                .cause(format!("what came is  {computed}")));
        }
        agrees(&answer, reference, &computed)?;
        let place = format!("{}{}", self.repository, reference.suffix());
        Manifest::read(answer.body, media_type, &place).map(Some)
    }

    /// Fetches a blob.
    pub(super) async fn blob(&self, digest: &Digest, tally: &Tally) -> Result<Option<Vec<u8>>> {
        let answer = self.host.blob(&self.path, digest.as_str(), tally).await?;
        match answer.status {
            200 => {}
            404 => return Ok(None),
            _ => return Err(answer.refusal()),
        }
        agrees(&answer, &Reference::Digest(digest.clone()), &manifest::digest(&answer.body))?;
        Ok(Some(answer.body))
    }

    /// Puts a tag. Where it is not certain that a `PUT` arrived, or the registry refuses to change what stands there, is
    /// looked before anything is said or repeated.
    pub(super) async fn put(&self, placing: &Placing<'_>, tally: &Tally) -> Result<RetagOutcome> {
        let reference = Reference::tag(placing.tag);
        let (bytes, media_type) = (placing.manifest.bytes.as_slice(), placing.manifest.media_type.as_str());
        let wanted = &placing.manifest.digest;
        let mut patience = Patience::new(self.host.wire.deadline);
        loop {
            let act = Act::Put { bytes, media_type };
            let (error, asked, passing) = match self.host.manifest(&self.path, &reference, act, tally).await {
                Ok(answer) if answer.is_success() => {
                    self.confirm(&answer, &reference, wanted, tally).await?;
                    return Ok(RetagOutcome::Created);
                }
                Ok(answer) if answer.status == 403 => {
                    (token::refused(&self.host.site, self.host.known(), &answer), None, false)
                }
                Ok(answer) => (answer.refusal(), answer.retry_after(), answer.is_passing()),
                Err(Loss::Uncertain(error)) => (error, None, true),
                Err(Loss::Certain(error)) => return Err(error),
            };
            let there = match self.head(&reference, tally).await {
                Ok(there) => there,
                Err(late) => return Err(late.with_source(error)),
            };
            match there {
                // It arrived, or it stood there all the while and may not be put twice (ECR, Docker Hub, Harbor).
                Some(seen) if seen.digest == *wanted && passing => return Ok(RetagOutcome::Created),
                Some(seen) if seen.digest == *wanted => return Ok(RetagOutcome::Already),
                Some(seen) if placing.before.is_none() => {
                    return Err(taken(&self.repository, placing.tag, &seen.digest, wanted).with_source(error));
                }
                Some(seen) if placing.before != Some(&seen.digest) => {
                    return Err(moved(&self.repository, placing.tag, &seen.digest).with_source(error));
                }
                _ if !passing => return Err(error),
                _ => {}
            }
            match patience.pause(asked, &format!("PUT {}:{}", self.repository, placing.tag))? {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// What the registry took is what was sent; one that does not say so is asked.
    async fn confirm(
        &self,
        answer: &Answer,
        reference: &Reference,
        wanted: &Digest,
        tally: &Tally,
    ) -> Result<()> {
        let taken = match answer.digest()? {
            Some(taken) => Some(taken),
            None => self.head(reference, tally).await?.map(|seen| seen.digest),
        };
        match taken {
            Some(taken) if taken == *wanted => Ok(()),
            Some(taken) => Err(answer
                .strange(format!("it says it took {taken}"))
                .cause(format!("what was sent is {wanted}"))),
            None => Err(answer.strange("it took the tag, and the tag is not there")),
        }
    }
}

/// Whoever asks for a digest gets that one.
fn agrees(answer: &Answer, reference: &Reference, found: &Digest) -> Result<()> {
    match reference {
        Reference::Digest(wanted) if wanted != found => {
            let error: Error = answer.strange(format!("{wanted} was asked for"));
            Err(error.cause(format!("what came is {found}")))
        }
        _ => Ok(()),
    }
}
