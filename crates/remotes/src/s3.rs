//! A prefix of an S3 bucket, at AWS or any server that speaks its protocol.
//!
//! Objects are created under the condition that there is none of their name. A server may take
//! one's own repeated request for another's, so that "already there" is settled by reading back
//! (threat 66); and one that ignores the condition is found out once, by a second create of the
//! first object; every create there looks before it writes and reads back after.

mod answers;
mod credentials;
mod http;
mod profile;

use std::sync::{Arc, OnceLock};

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::aws::{AmazonS3, AmazonS3ConfigKey};
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload};

use crate::counts::Counter;
use crate::listing::PAGE;
use crate::location::s3::{check_encrypted, check_endpoint};
use crate::remote::Budget;
use crate::{
    Creation, Fetched, Listing, ObjectName, Prefix, RemoteError, S3Location, Surroundings,
};

/// Requests under way at a time.
const AT_ONCE: usize = 8;
/// How often a name that is neither free nor there is tried: another's write is under way.
const ATTEMPTS: usize = 5;
/// Most pages of the server that are asked for to fill one of ours: it may hold only strays.
const MAX_PAGES: usize = 20 * PAGE / 1000;

#[derive(Debug)]
pub(crate) struct S3 {
    store: AmazonS3,
    prefix: String,
    /// Whether the server honours conditions; known after the first create.
    conditional: OnceLock<bool>,
}

impl S3 {
    pub fn new(
        location: &S3Location,
        surroundings: &Surroundings,
        counter: Arc<Counter>,
    ) -> Result<Self, RemoteError> {
        let environment = &surroundings.environment;
        let profile = profile::Profile::find(location.profile(), environment)?;
        let endpoint = location.endpoint().map(str::to_owned);
        let endpoint = endpoint.or_else(|| profile.endpoint(environment));
        if let Some(endpoint) = &endpoint {
            let valid = check_endpoint(endpoint).is_ok();
            if !valid || (!location.plain_http() && check_encrypted(endpoint).is_err()) {
                return Err(RemoteError::PlainText);
            }
        }
        let region = location.region().map(str::to_owned);
        let region = region.or_else(|| profile.region(environment));
        let mut builder = credentials::builder(location, profile, environment)?
            .with_http_connector(http::Connector::new(environment, counter)?)
            .with_retry(http::retries())
            .with_bucket_name(location.bucket())
            .with_region(region.unwrap_or_else(|| "us-east-1".into()))
            .with_allow_http(true);
        builder = match endpoint {
            // Servers other than AWS seldom have a name per bucket.
            Some(endpoint) => builder.with_endpoint(endpoint),
            // A bucket with a dot in its name does not match AWS' certificate.
            None => {
                let own_host = !location.bucket().contains('.');
                builder.with_config(
                    AmazonS3ConfigKey::VirtualHostedStyleRequest,
                    own_host.to_string(),
                )
            }
        };
        Ok(Self {
            store: builder.build().map_err(answers::judge)?,
            prefix: location.prefix().to_owned(),
            conditional: OnceLock::new(),
        })
    }

    /// Asks for pages until there are `enough` objects.
    pub async fn list(
        &self,
        prefix: &Prefix,
        after: Option<&str>,
        enough: usize,
    ) -> Result<Listing, RemoteError> {
        let full = format!("{}{}", self.prefix, prefix.as_str());
        let full = (!full.is_empty()).then_some(full);
        let mut listing = Listing::default();
        let mut token = None;
        for _ in 0..MAX_PAGES {
            let options = PaginatedListOptions {
                offset: after.map(|it| format!("{}{it}", self.prefix)),
                page_token: token,
                ..PaginatedListOptions::default()
            };
            let page = self.store.list_paginated(full.as_deref(), options).await;
            let page = page.map_err(answers::judge)?;
            let mut last = None;
            for object in page.result.objects {
                if let Some(name) = object.location.as_ref().strip_prefix(&self.prefix) {
                    listing.add(prefix, after, name.as_bytes(), object.size);
                    last = last.max(Some(name.to_owned()));
                }
            }
            token = page.page_token;
            listing.next = token.as_ref().and(last);
            if token.is_none() || listing.objects.len() >= enough {
                break;
            }
        }
        // Servers are not all in order, and may say a thing twice.
        listing.objects.sort_by(|a, b| a.name.cmp(&b.name));
        listing.objects.dedup_by(|a, b| a.name == b.name);
        Ok(listing)
    }

    pub async fn get_many(
        &self,
        names: &[ObjectName],
        each: u64,
        all: u64,
    ) -> Result<Vec<Fetched>, RemoteError> {
        let gets = names.iter().map(|name| self.get(name, each));
        let mut answers = stream::iter(gets).buffered(AT_ONCE);
        let mut budget = Budget::new(all);
        let mut fetched = Vec::new();
        while let Some(one) = answers.try_next().await? {
            let size = match &one {
                Fetched::Whole(bytes) => bytes.len() as u64,
                _ => 0,
            };
            if !budget.takes(size) {
                break;
            }
            fetched.push(one);
        }
        Ok(fetched)
    }

    pub async fn create_many(
        &self,
        objects: &[(ObjectName, Vec<u8>)],
    ) -> Result<Vec<Creation>, RemoteError> {
        let (mut created, mut rest) = (Vec::with_capacity(objects.len()), objects);
        // One at a time until it is known how.
        while let ([(name, bytes), more @ ..], None) = (rest, self.conditional.get()) {
            created.push(self.create_and_learn(name, bytes).await?);
            rest = more;
        }
        let creates = rest.iter().map(|(name, bytes)| self.create(name, bytes));
        let others: Vec<_> = stream::iter(creates)
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        created.extend(others);
        Ok(created)
    }

    async fn create(&self, name: &ObjectName, bytes: &[u8]) -> Result<Creation, RemoteError> {
        match self.conditional.get() {
            Some(true) => self.create_if_absent(name, bytes).await,
            Some(false) | None => self.look_and_create(name, bytes).await,
        }
    }

    /// Creates an object in the way that is safe with every server; then once more, to see
    /// whether this one minds.
    async fn create_and_learn(
        &self,
        name: &ObjectName,
        bytes: &[u8],
    ) -> Result<Creation, RemoteError> {
        let creation = self.look_and_create(name, bytes).await?;
        if creation != Creation::DifferentAlready {
            let again = self.put(name, bytes).await?;
            // Another task may have found out meanwhile; it is the same answer.
            let _ = self.conditional.set(again == Put::Taken);
        }
        Ok(creation)
    }

    /// For servers that honour the condition.
    async fn create_if_absent(
        &self,
        name: &ObjectName,
        bytes: &[u8],
    ) -> Result<Creation, RemoteError> {
        for _ in 0..ATTEMPTS {
            match self.put(name, bytes).await? {
                Put::Stored => return Ok(Creation::Created),
                // Another's object, or one's own from a request that was repeated.
                Put::Taken => {
                    if let Some(creation) = self.compare(name, bytes).await? {
                        return Ok(creation);
                    }
                }
            }
        }
        Err(RemoteError::Contended)
    }

    /// For any server. Where conditions are ignored, two writers of one name may still overwrite
    /// each other between a look and a put; both are told what is there in the end.
    async fn look_and_create(
        &self,
        name: &ObjectName,
        bytes: &[u8],
    ) -> Result<Creation, RemoteError> {
        for _ in 0..ATTEMPTS {
            if let Some(creation) = self.compare(name, bytes).await? {
                return Ok(creation);
            }
            let put = self.put(name, bytes).await?;
            match (self.compare(name, bytes).await?, put) {
                (Some(Creation::SameAlready), Put::Stored) => return Ok(Creation::Created),
                (Some(creation), _) => return Ok(creation),
                (None, _) => {}
            }
        }
        Err(RemoteError::Contended)
    }

    /// Whether what is there is the same; none where nothing is.
    async fn compare(
        &self,
        name: &ObjectName,
        bytes: &[u8],
    ) -> Result<Option<Creation>, RemoteError> {
        Ok(match self.get(name, bytes.len() as u64).await? {
            Fetched::Absent => None,
            Fetched::Whole(there) if there == bytes => Some(Creation::SameAlready),
            _ => Some(Creation::DifferentAlready),
        })
    }

    async fn put(&self, name: &ObjectName, bytes: &[u8]) -> Result<Put, RemoteError> {
        let payload = PutPayload::from(bytes.to_vec());
        let path = self.path(name)?;
        let put = self.store.put_opts(&path, payload, PutMode::Create.into());
        match put.await {
            Ok(_) => Ok(Put::Stored),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(Put::Taken),
            Err(error) => Err(answers::judge(error)),
        }
    }

    async fn get(&self, name: &ObjectName, max: u64) -> Result<Fetched, RemoteError> {
        let answer = match self.store.get(&self.path(name)?).await {
            Ok(answer) => answer,
            Err(error) => {
                return match answers::judge(error) {
                    RemoteError::NotFound => Ok(Fetched::Absent),
                    error => Err(error),
                };
            }
        };
        let mut bytes = Vec::new();
        let mut chunks = answer.into_stream();
        // What the server says about the size is not relied on.
        while let Some(chunk) = chunks.try_next().await.map_err(answers::judge)? {
            if bytes.len() as u64 + chunk.len() as u64 > max {
                return Ok(Fetched::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Fetched::Whole(bytes))
    }

    fn path(&self, name: &ObjectName) -> Result<Path, RemoteError> {
        Path::parse(format!("{}{name}", self.prefix)).map_err(|error| answers::judge(error.into()))
    }
}

/// What a put with a condition came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    Stored,
    Taken,
}
