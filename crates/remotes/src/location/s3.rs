//! S3: a bucket, a prefix, and settings for servers other than AWS.

use std::fmt;
use std::net::IpAddr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{LocationError, host_and_port};
use crate::Prefix;

/// What stays as it is in a setting's value.
const IN_VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'/')
    .remove(b':');

/// A prefix of an S3 bucket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct S3Location {
    bucket: String,
    prefix: String,
    endpoint: Option<String>,
    plain_http: bool,
    profile: Option<String>,
    region: Option<String>,
}

impl S3Location {
    /// The bucket.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Empty, or ends with a slash.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// `https://…` of a server other than AWS; `http://…` only to this machine, or with
    /// [`Self::plain_http`].
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// Whether a connection without encryption was asked for.
    pub fn plain_http(&self) -> bool {
        self.plain_http
    }

    /// The profile of the AWS configuration to take credentials from.
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// The region to sign for.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Parses what follows `s3://`.
    pub(super) fn parse(rest: &str) -> Result<Self, LocationError> {
        if rest.contains('#') {
            return Err(LocationError::Setting);
        }
        let (place, settings) = rest.split_once('?').unwrap_or((rest, ""));
        if place.contains('@') {
            return Err(LocationError::Credentials);
        }
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if !is_bucket(bucket) {
            return Err(LocationError::Bucket);
        }
        let prefix = match prefix {
            "" => Prefix::ALL,
            folder => Prefix::new(folder).map_err(|_| LocationError::Path)?,
        };
        let mut location = Self {
            bucket: bucket.to_owned(),
            prefix: prefix.as_str().to_owned(),
            endpoint: None,
            plain_http: false,
            profile: None,
            region: None,
        };
        for setting in settings.split('&').filter(|it| !it.is_empty()) {
            location.set(setting)?;
        }
        if let Some(endpoint) = &location.endpoint
            && !location.plain_http
        {
            check_encrypted(endpoint)?;
        }
        Ok(location)
    }

    fn set(&mut self, setting: &str) -> Result<(), LocationError> {
        let (key, value) = setting.split_once('=').ok_or(LocationError::Setting)?;
        let value = percent_decode_str(value)
            .decode_utf8()
            .map_err(|_| LocationError::Setting)?;
        let slot = match key {
            "endpoint" => {
                check_endpoint(&value)?;
                &mut self.endpoint
            }
            "profile" => &mut self.profile,
            "region" => &mut self.region,
            "plain-http" if value == "yes" && !self.plain_http => {
                self.plain_http = true;
                return Ok(());
            }
            _ => return Err(LocationError::Setting),
        };
        let known = |c: char| c.is_alphanumeric() || "-._/:@+[]".contains(c);
        let valid = !value.is_empty() && value.len() <= 300 && value.chars().all(known);
        if slot.is_some() || !valid {
            return Err(LocationError::Setting);
        }
        *slot = Some(value.into_owned());
        Ok(())
    }
}

impl fmt::Display for S3Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)?;
        let settings = [
            ("endpoint", self.endpoint.as_deref()),
            ("plain-http", self.plain_http.then_some("yes")),
            ("profile", self.profile.as_deref()),
            ("region", self.region.as_deref()),
        ];
        let mut mark = '?';
        for (key, value) in settings {
            if let Some(value) = value {
                write!(f, "{mark}{key}={}", utf8_percent_encode(value, IN_VALUE))?;
                mark = '&';
            }
        }
        Ok(())
    }
}

/// Checks `http[s]://HOST[:PORT][/PATH]`.
pub(crate) fn check_endpoint(endpoint: &str) -> Result<(), LocationError> {
    let (_, rest) = split_scheme(endpoint)?;
    if rest.contains('@') {
        return Err(LocationError::Credentials);
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    host_and_port(authority)?;
    if path.contains(['?', '#']) {
        return Err(LocationError::Setting);
    }
    Ok(())
}

/// Refuses `http://`, but for this machine.
pub(crate) fn check_encrypted(endpoint: &str) -> Result<(), LocationError> {
    let (encrypted, rest) = split_scheme(endpoint)?;
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, _) = host_and_port(authority)?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    // By number only, or the one name that can't be another machine's (RFC 6761).
    let here = bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if !encrypted && !here {
        return Err(LocationError::PlainText);
    }
    Ok(())
}

fn split_scheme(endpoint: &str) -> Result<(bool, &str), LocationError> {
    match endpoint.split_once("://") {
        Some(("https", rest)) => Ok((true, rest)),
        Some(("http", rest)) => Ok((false, rest)),
        _ => Err(LocationError::Setting),
    }
}

/// The rules for names of buckets that every region and most servers share.
fn is_bucket(name: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.chars().all(known)
        && name.starts_with(ends)
        && name.ends_with(ends)
        && !name.contains("..")
}
