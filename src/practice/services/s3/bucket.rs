//! Buckets and their policies as resources.

use serde_json::{Value, json};

use super::collection;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Fault, Reply, ReplyBody};

/// The type of buckets.
pub const BUCKET: &str = "AWS::S3::Bucket";
/// The type of bucket policies.
pub const BUCKET_POLICY: &str = "AWS::S3::BucketPolicy";

/// Makes buckets.
#[derive(Debug)]
pub struct Bucket;

impl Provider for Bucket {
    fn kind(&self) -> &'static str {
        BUCKET
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let name = match desired.text("BucketName") {
            "" => desired.generated_name(63).to_ascii_lowercase(),
            name => name.to_owned(),
        };
        if !is_name(&name) {
            return Err(Fault::new(400, "InvalidBucketName", "The specified bucket is not valid."));
        }
        if let Some(owner) = tx.find(BUCKET, &name)? {
            let code = if owner.account == tx.scope().account {
                "BucketAlreadyOwnedByYou"
            } else {
                "BucketAlreadyExists"
            };
            return Err(Fault::new(409, code, format!("{name} already exists")));
        }
        let region = &tx.scope().region;
        let domain = format!("{name}.s3.amazonaws.com");
        let made = Resource::new(tx, BUCKET, &name, desired)
            .with("Arn", format!("arn:aws:s3:::{name}"))
            .with("DomainName", domain)
            .with("RegionalDomainName", format!("{name}.s3.{region}.amazonaws.com"))
            .with("Region", region.as_str());
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if old.text("BucketName") != desired.text("BucketName") {
            return Ok(Updated::Replace);
        }
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        let objects: Vec<(String, Value)> = tx.global().list(&collection(&old.id))?;
        if !objects.is_empty() {
            return Err(Fault::new(
                409,
                "BucketNotEmpty",
                "The bucket you tried to delete is not empty",
            ));
        }
        tx.global().delete(BUCKET_POLICY, &old.id)?;
        resource::forget(tx, old)
    }
}

/// 3 to 63 lower-case letters, digits, dots, hyphens; letter or digit at both ends.
fn is_name(name: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (3..=63).contains(&name.len())
        && edge(name.bytes().next())
        && edge(name.bytes().last())
        && !name.contains("..")
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
}

/// Makes bucket policies; one a bucket, under the bucket's name.
#[derive(Debug)]
pub struct BucketPolicy;

impl Provider for BucketPolicy {
    fn kind(&self) -> &'static str {
        BUCKET_POLICY
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let bucket = super::find(tx, desired.text("Bucket"))?;
        if resource::get(tx, BUCKET_POLICY, &bucket.id)?.is_some() {
            return Err(resource::exists(&bucket.id));
        }
        let made = Resource::new(tx, BUCKET_POLICY, &bucket.id, desired);
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if old.text("Bucket") != desired.text("Bucket") {
            return Ok(Updated::Replace);
        }
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}

pub(super) fn put_policy(tx: &Tx<'_>, bucket: &Resource, body: &[u8]) -> Answer {
    let document: Value = serde_json::from_slice(body).map_err(|_| {
        Fault::new(
            400,
            "MalformedPolicy",
            "Policies must be valid JSON and the first byte must be '{'",
        )
    })?;
    let properties = json!({ "Bucket": bucket.id, "PolicyDocument": document });
    let desired = Desired { properties: &properties, stack: None, logical: None };
    match resource::get(tx, BUCKET_POLICY, &bucket.id)? {
        Some(old) => resource::put(tx, &old.changed_to(tx, &desired))?,
        None => {
            BucketPolicy.create(tx, &desired)?;
        }
    }
    Ok(Reply::empty(204))
}

pub(super) fn get_policy(tx: &Tx<'_>, bucket: &Resource) -> Answer {
    let policy = resource::get(tx, BUCKET_POLICY, &bucket.id)?
        .ok_or_else(|| Fault::new(404, "NoSuchBucketPolicy", "The bucket policy does not exist"))?;
    let document = policy.properties.get("PolicyDocument").cloned().unwrap_or_default();
    let body = ReplyBody::Raw(document.to_string().into_bytes(), "application/json");
    Ok(Reply { status: 200, headers: Vec::new(), body })
}

pub(super) fn delete_policy(tx: &Tx<'_>, bucket: &Resource) -> Answer {
    tx.global().delete(BUCKET_POLICY, &bucket.id)?;
    Ok(Reply::empty(204))
}
