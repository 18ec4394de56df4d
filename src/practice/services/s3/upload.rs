//! Uploads in parts.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{objects, write, xml};
use crate::practice::random;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

/// Collection of uploads under way; the parts are blobs of `s3-upload/{id}`.
const UPLOADS: &str = "s3-upload";

/// An upload under way.
#[derive(Debug, Serialize, Deserialize)]
struct Upload {
    bucket: String,
    key: String,
    content_type: String,
    metadata: Vec<(String, String)>,
    parts: Vec<u32>,
}

pub(super) fn create(tx: &Tx<'_>, bucket: &str, call: &Call) -> Answer {
    let id = random::letters(64);
    let (content_type, metadata) = objects::described(call);
    let upload = Upload {
        bucket: bucket.to_owned(),
        key: call.text("Key").to_owned(),
        content_type,
        metadata,
        parts: Vec::new(),
    };
    tx.global().put(UPLOADS, &id, &upload)?;
    Ok(xml(
        "InitiateMultipartUploadResult",
        &json!({ "Bucket": bucket, "Key": upload.key, "UploadId": id }),
    ))
}

fn find(tx: &Tx<'_>, bucket: &str, call: &Call) -> Result<Upload, Fault> {
    tx.global()
        .get::<Upload>(UPLOADS, call.text("uploadId"))?
        .filter(|upload| upload.bucket == bucket && upload.key == call.text("Key"))
        .ok_or_else(|| Fault::new(404, "NoSuchUpload", "The specified upload does not exist."))
}

fn parts(id: &str) -> String {
    format!("{UPLOADS}/{id}")
}

pub(super) fn part(tx: &Tx<'_>, bucket: &str, call: &Call) -> Answer {
    let mut upload = find(tx, bucket, call)?;
    let number = call
        .number("partNumber")
        .and_then(|number| u32::try_from(number).ok())
        .filter(|number| (1..=10_000).contains(number))
        .ok_or_else(|| {
            let message = "Part number must be an integer between 1 and 10000, inclusive";
            Fault::new(400, "InvalidArgument", message)
        })?;
    let id = call.text("uploadId");
    tx.global().put_blob(&parts(id), &number.to_string(), &call.body)?;
    if !upload.parts.contains(&number) {
        upload.parts.push(number);
        upload.parts.sort_unstable();
        tx.global().put(UPLOADS, id, &upload)?;
    }
    let mut reply = Reply::empty(200);
    reply.headers.push(("etag".to_owned(), super::etag(&call.body)));
    Ok(reply)
}

pub(super) fn complete(tx: &Tx<'_>, bucket: &str, call: &Call) -> Answer {
    let upload = find(tx, bucket, call)?;
    let id = call.text("uploadId");
    let mut whole = Vec::new();
    for number in objects::texts(&call.body, "PartNumber")? {
        let part = tx.global().blob(&parts(id), &number)?.ok_or_else(|| {
            Fault::new(400, "InvalidPart", format!("Part {number} was not uploaded"))
        })?;
        whole.extend_from_slice(&part);
    }
    let key = upload.key.clone();
    let etag = write(tx, bucket, &key, &whole, &upload.content_type, upload.metadata.clone())?;
    discard(tx, id, &upload)?;
    Ok(xml(
        "CompleteMultipartUploadResult",
        &json!({
            "Location": format!("{}/{bucket}/{key}", call.endpoint),
            "Bucket": bucket, "Key": key, "ETag": etag,
        }),
    ))
}

pub(super) fn abort(tx: &Tx<'_>, bucket: &str, call: &Call) -> Answer {
    let upload = find(tx, bucket, call)?;
    discard(tx, call.text("uploadId"), &upload)?;
    Ok(Reply::empty(204))
}

fn discard(tx: &Tx<'_>, id: &str, upload: &Upload) -> Result<(), Fault> {
    for number in &upload.parts {
        tx.global().delete_blob(&parts(id), &number.to_string())?;
    }
    tx.global().delete(UPLOADS, id)?;
    Ok(())
}
