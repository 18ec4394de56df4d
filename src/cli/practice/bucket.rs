//! Empties buckets of the practice account over HTTP, as `aws s3 rm --recursive` does.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::deploy::Client;
use crate::practice::protocol::xml;

/// What stays as it is in an object's key: unreserved characters, and the slashes between folders.
const KEY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Client {
    /// Empties the bucket that a stack made: its name, and how many objects went. None where there
    /// is no such stack, or no such bucket any more.
    pub(super) async fn empty_bucket(
        &self,
        stack: &str,
        logical: &str,
    ) -> Result<Option<(String, usize)>, String> {
        let Some(bucket) = self.resource(stack, logical).await? else { return Ok(None) };
        let mut removed = 0;
        loop {
            let Some(keys) = self.keys(&bucket).await? else { return Ok(None) };
            if keys.is_empty() {
                return Ok(Some((bucket, removed)));
            }
            for key in keys {
                let path = format!("{bucket}/{}", utf8_percent_encode(&key, KEY));
                self.s3(reqwest::Method::DELETE, &path).await?;
                removed += 1;
            }
        }
    }

    /// Keys of some of the bucket's objects; none where the bucket is gone.
    async fn keys(&self, bucket: &str) -> Result<Option<Vec<String>>, String> {
        let (status, body) =
            self.s3(reqwest::Method::GET, &format!("{bucket}?list-type=2")).await?;
        if status == reqwest::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        xml::texts(&body, "Key")
            .map(Some)
            .ok_or_else(|| format!("the list of bucket {bucket} can't be read"))
    }

    /// Sends a request to S3; what isn't there is no failure.
    async fn s3(
        &self,
        method: reqwest::Method,
        path: &str,
    ) -> Result<(reqwest::StatusCode, Vec<u8>), String> {
        let failed = |error: reqwest::Error| format!("{method} {path}: {error}");
        let request = self.http().request(method.clone(), format!("{}/{path}", self.endpoint()));
        let request = request.header("authorization", self.signature("s3"));
        let answer = request.send().await.map_err(failed)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(failed)?;
        if status.is_success() || status == reqwest::StatusCode::NOT_FOUND {
            return Ok((status, body.to_vec()));
        }
        Err(format!("{method} {path} answered {}", status.as_u16()))
    }
}
