//! S3: buckets, objects, uploads in parts. Kept in the account's global scope; a bucket's name is
//! unique over all practice accounts, and only its own account may use it.

mod bucket;
mod objects;
mod upload;

use jiff::Timestamp;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::practice::random;
use crate::practice::resource::{self, Desired, Provider, Resource};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, ReplyBody, iso};

pub use bucket::{BUCKET, BUCKET_POLICY, Bucket, BucketPolicy};

/// An object's description; its bytes are the blob of the same collection and id.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Object {
    etag: String,
    size: usize,
    modified: Timestamp,
    content_type: String,
    /// `x-amz-meta-…` headers.
    metadata: Vec<(String, String)>,
}

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "ListBuckets" => list_buckets(tx),
        "CreateBucket" => create_bucket(tx, call),
        "HeadBucket" => {
            let bucket = own(tx, call)?;
            let mut reply = Reply::empty(200);
            let region = bucket.attribute("Region").to_owned();
            reply.headers.push(("x-amz-bucket-region".to_owned(), region));
            Ok(reply)
        }
        "GetBucketLocation" => Ok(location(&own(tx, call)?)),
        "GetBucketVersioning" => own(tx, call).map(|_| xml("VersioningConfiguration", &json!({}))),
        "DeleteBucket" => {
            Bucket.delete(tx, &own(tx, call)?)?;
            Ok(Reply::empty(204))
        }
        "PutBucketPolicy" => bucket::put_policy(tx, &own(tx, call)?, &call.body),
        "GetBucketPolicy" => bucket::get_policy(tx, &own(tx, call)?),
        "DeleteBucketPolicy" => bucket::delete_policy(tx, &own(tx, call)?),
        // Settings that nothing in the course rests on.
        "PutBucketVersioning" | "PutPublicAccessBlock" | "PutBucketTagging" => {
            own(tx, call).map(|_| Reply::empty(200))
        }
        "ListObjectsV2" => objects::list(tx, &own(tx, call)?.id, call),
        "ListObjectVersions" => objects::versions(tx, &own(tx, call)?.id, call),
        "PutObject" => objects::put(tx, &own(tx, call)?.id, call),
        "CopyObject" => objects::copy(tx, &own(tx, call)?.id, call),
        "GetObject" => objects::get(tx, &own(tx, call)?.id, call),
        "HeadObject" => objects::head(tx, &own(tx, call)?.id, call),
        "DeleteObject" => {
            remove(tx, &own(tx, call)?.id, call.text("Key"))?;
            Ok(Reply::empty(204))
        }
        "DeleteObjects" => objects::delete_many(tx, &own(tx, call)?.id, &call.body),
        "CreateMultipartUpload" => upload::create(tx, &own(tx, call)?.id, call),
        "UploadPart" => upload::part(tx, &own(tx, call)?.id, call),
        "CompleteMultipartUpload" => upload::complete(tx, &own(tx, call)?.id, call),
        "AbortMultipartUpload" => upload::abort(tx, &own(tx, call)?.id, call),
        _ => Err(call.unknown()),
    }
}

/// An object's bytes, for other services: CloudFormation's templates, Lambda's packages.
///
/// # Errors
/// `NoSuchBucket`, `NoSuchKey`, or `AccessDenied` for another account's bucket.
pub fn object(tx: &Tx<'_>, bucket: &str, key: &str) -> Result<Vec<u8>, Fault> {
    let bucket = find(tx, bucket)?;
    tx.global().blob(&collection(&bucket.id), key)?.ok_or_else(|| no_such_key(key))
}

/// Writes an object for another service; one that can't find the bucket delivers nothing.
///
/// # Errors
/// The practice account's own.
pub fn deliver(tx: &Tx<'_>, bucket: &str, key: &str, body: &[u8]) -> Result<(), Fault> {
    if resource::get(tx, BUCKET, bucket)?.is_some() {
        write(tx, bucket, key, body, "application/json", Vec::new())?;
    }
    Ok(())
}

fn no_such_key(_key: &str) -> Fault {
    Fault::new(404, "NoSuchKey", "The specified key does not exist.")
}

fn collection(bucket: &str) -> String {
    format!("s3-object/{bucket}")
}

fn own(tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
    find(tx, call.text("Bucket"))
}

fn find(tx: &Tx<'_>, name: &str) -> Result<Resource, Fault> {
    if let Some(bucket) = resource::get(tx, BUCKET, name)? {
        return Ok(bucket);
    }
    match tx.find(BUCKET, name)? {
        Some(_) => Err(Fault::new(403, "AccessDenied", "Access Denied")),
        None => Err(Fault::new(404, "NoSuchBucket", "The specified bucket does not exist")),
    }
}

/// Writes an object; its entity tag.
fn write(
    tx: &Tx<'_>,
    bucket: &str,
    key: &str,
    body: &[u8],
    content_type: &str,
    metadata: Vec<(String, String)>,
) -> Result<String, Fault> {
    if key.len() > 1024 {
        return Err(Fault::new(400, "KeyTooLongError", "Your key is too long"));
    }
    let etag = etag(body);
    let object = Object {
        etag: etag.clone(),
        size: body.len(),
        modified: tx.now(),
        content_type: content_type.to_owned(),
        metadata,
    };
    let tx = tx.global();
    tx.put(&collection(bucket), key, &object)?;
    tx.put_blob(&collection(bucket), key, body)?;
    Ok(etag)
}

fn remove(tx: &Tx<'_>, bucket: &str, key: &str) -> Result<(), Fault> {
    let tx = tx.global();
    tx.delete(&collection(bucket), key)?;
    tx.delete_blob(&collection(bucket), key)?;
    Ok(())
}

/// The MD5 of the bytes in quotes.
fn etag(body: &[u8]) -> String {
    format!("\"{}\"", random::lower_hex(&Md5::digest(body)))
}

/// An XML answer with S3's namespace.
fn xml(root: &str, members: &serde_json::Value) -> Reply {
    let root = format!("{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"");
    let body = crate::practice::protocol::xml::document(&root, members);
    Reply {
        status: 200,
        headers: Vec::new(),
        body: ReplyBody::Raw(body.into_bytes(), "application/xml"),
    }
}

fn list_buckets(tx: &Tx<'_>) -> Answer {
    let buckets: Vec<_> = resource::all(tx, BUCKET)?
        .iter()
        .map(|bucket| json!({ "Name": bucket.id, "CreationDate": iso(bucket.created) }))
        .collect();
    Ok(xml(
        "ListAllMyBucketsResult",
        &json!({ "Owner": { "ID": tx.scope().account }, "Buckets": { "Bucket": buckets } }),
    ))
}

fn create_bucket(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = call.text("Bucket");
    if resource::get(tx, BUCKET, name)?.is_none() {
        let properties = json!({ "BucketName": name });
        Bucket.create(tx, &Desired { properties: &properties, stack: None, logical: None })?;
    } else if tx.scope().region != "us-east-1" {
        return Err(Fault::new(
            409,
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
        ));
    }
    let mut reply = Reply::empty(200);
    reply.headers.push(("location".to_owned(), format!("/{name}")));
    Ok(reply)
}

fn location(bucket: &Resource) -> Reply {
    let region = bucket.attribute("Region");
    let place = if region == "us-east-1" { "" } else { region };
    xml("LocationConstraint", &json!(place))
}
