//! Objects: write, read, list, remove.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Object, collection, no_such_key, remove, write, xml};
use crate::practice::protocol;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, ReplyBody, iso};

pub(super) fn put(tx: &Tx<'_>, bucket: &str, call: &Call) -> Answer {
    let (content_type, metadata) = described(call);
    let etag = write(tx, bucket, call.text("Key"), &call.body, &content_type, metadata)?;
    let mut reply = Reply::empty(200);
    reply.headers.push(("etag".to_owned(), etag));
    Ok(reply)
}

/// Content type and metadata out of a call's headers.
pub(super) fn described(call: &Call) -> (String, Vec<(String, String)>) {
    let content_type =
        call.headers.get("content-type").map_or("binary/octet-stream", String::as_str);
    let metadata = call
        .headers
        .iter()
        .filter(|(name, _)| name.starts_with("x-amz-meta-"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    (content_type.to_owned(), metadata)
}

pub(super) fn copy(tx: &Tx<'_>, bucket: &str, call: &Call) -> Answer {
    let source = call.headers.get("x-amz-copy-source").map_or("", String::as_str);
    let source = percent_decode_str(source.trim_start_matches('/')).decode_utf8_lossy();
    let (from, key) = source.split_once('/').ok_or_else(|| {
        Fault::new(400, "InvalidArgument", "Copy Source must mention the source bucket and key")
    })?;
    let from = super::find(tx, from)?.id;
    let object = describe(tx, &from, key)?;
    let body = super::object(tx, &from, key)?;
    let etag = write(tx, bucket, call.text("Key"), &body, &object.content_type, object.metadata)?;
    Ok(xml("CopyObjectResult", &json!({ "LastModified": iso(tx.now()), "ETag": etag })))
}

fn describe(tx: &Tx<'_>, bucket: &str, key: &str) -> Result<Object, Fault> {
    tx.global().get(&collection(bucket), key)?.ok_or_else(|| no_such_key(key))
}

fn headers(object: &Object) -> Vec<(String, String)> {
    let modified = object.modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let mut headers = vec![
        ("etag".to_owned(), object.etag.clone()),
        ("last-modified".to_owned(), modified),
        ("content-type".to_owned(), object.content_type.clone()),
        ("accept-ranges".to_owned(), "bytes".to_owned()),
    ];
    headers.extend(object.metadata.iter().cloned());
    headers
}

pub(super) fn get(tx: &Tx<'_>, bucket: &str, call: &Call) -> Answer {
    let key = call.text("Key");
    let object = describe(tx, bucket, key)?;
    let body = super::object(tx, bucket, key)?;
    let mut headers = headers(&object);
    let range = call.headers.get("range").and_then(|range| span(range, body.len()));
    let (status, body) = match range {
        Some(Ok((from, to))) => {
            headers.push(("content-range".to_owned(), format!("bytes {from}-{to}/{}", body.len())));
            (206, body[from..=to].to_vec())
        }
        Some(Err(())) => {
            return Err(Fault::new(416, "InvalidRange", "The requested range is not satisfiable"));
        }
        None => (200, body),
    };
    Ok(Reply { status, headers, body: ReplyBody::Raw(body, "binary/octet-stream") })
}

/// First and last byte of a `Range` header; none for a header that isn't understood, which HTTP
/// has ignored.
fn span(range: &str, length: usize) -> Option<Result<(usize, usize), ()>> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let last = length.checked_sub(1);
    let (from, to) = match (from.parse::<usize>(), to.parse::<usize>()) {
        (Ok(from), Ok(to)) if from <= to => (from, to),
        (Ok(from), Err(_)) if to.is_empty() => (from, usize::MAX),
        (Err(_), Ok(suffix)) if from.is_empty() => (length.saturating_sub(suffix), usize::MAX),
        _ => return None,
    };
    Some(match last {
        Some(last) if from <= last => Ok((from, to.min(last))),
        _ => Err(()),
    })
}

pub(super) fn head(tx: &Tx<'_>, bucket: &str, call: &Call) -> Answer {
    let object = describe(tx, bucket, call.text("Key"))?;
    let mut headers = headers(&object);
    headers.push(("content-length".to_owned(), object.size.to_string()));
    Ok(Reply { status: 200, headers, body: ReplyBody::Empty })
}

/// `ListObjectsV2`, and the first version of the operation for clients that still use it.
pub(super) fn list(tx: &Tx<'_>, bucket: &str, call: &Call) -> Answer {
    let (prefix, delimiter) = (call.text("prefix"), call.text("delimiter"));
    let token = call.text("continuation-token");
    let after = [token, call.text("start-after"), call.text("marker")].into_iter().max();
    let after = after.unwrap_or_default();
    let most = call.number("max-keys").and_then(|n| usize::try_from(n).ok()).unwrap_or(1000);
    let mut objects: Vec<(String, Object)> = tx.global().list(&collection(bucket))?;
    objects.sort_by(|a, b| a.0.cmp(&b.0));
    let (mut contents, mut folders, mut next) = (Vec::new(), Vec::<String>::new(), None);
    let mut last = String::new();
    for (key, object) in objects {
        if !key.starts_with(prefix) || key.as_str() <= after {
            continue;
        }
        let folder = key[prefix.len()..]
            .find(delimiter)
            .filter(|_| !delimiter.is_empty())
            .map(|at| key[..prefix.len() + at + delimiter.len()].to_owned());
        let known = folder.as_ref().is_some_and(|folder| {
            folders.last() == Some(folder) || (!after.is_empty() && after.starts_with(folder))
        });
        if !known && contents.len() + folders.len() >= most.min(1000) {
            next = Some(last);
            break;
        }
        last.clone_from(&key);
        match folder {
            Some(_) if known => {}
            Some(folder) => folders.push(folder),
            None => contents.push(json!({
                "Key": key, "LastModified": iso(object.modified), "ETag": object.etag,
                "Size": object.size, "StorageClass": "STANDARD",
            })),
        }
    }
    let folders: Vec<Value> = folders.iter().map(|folder| json!({ "Prefix": folder })).collect();
    Ok(xml(
        "ListBucketResult",
        &json!({
            "Name": bucket, "Prefix": prefix, "MaxKeys": most,
            "Delimiter": Some(delimiter).filter(|text| !text.is_empty()),
            "KeyCount": contents.len() + folders.len(), "IsTruncated": next.is_some(),
            "NextContinuationToken": next, "NextMarker": next,
            "Contents": contents, "CommonPrefixes": folders,
        }),
    ))
}

/// A bucket without versioning: each object has the one version `null`.
pub(super) fn versions(tx: &Tx<'_>, bucket: &str, call: &Call) -> Answer {
    let objects: Vec<(String, Object)> = tx.global().list(&collection(bucket))?;
    let versions: Vec<Value> = objects
        .iter()
        .filter(|(key, _)| key.starts_with(call.text("prefix")))
        .map(|(key, object)| {
            json!({
                "Key": key, "VersionId": "null", "IsLatest": true, "ETag": object.etag,
                "LastModified": iso(object.modified), "Size": object.size,
            })
        })
        .collect();
    Ok(xml(
        "ListVersionsResult",
        &json!({ "Name": bucket, "IsTruncated": false, "Version": versions }),
    ))
}

pub(super) fn delete_many(tx: &Tx<'_>, bucket: &str, body: &[u8]) -> Answer {
    let keys = texts(body, "Key")?;
    for key in &keys {
        remove(tx, bucket, key)?;
    }
    let deleted: Vec<Value> = keys.iter().map(|key| json!({ "Key": key })).collect();
    Ok(xml("DeleteResult", &json!({ "Deleted": deleted })))
}

/// The texts of all elements of that name in a request's document.
pub(super) fn texts(body: &[u8], name: &str) -> Result<Vec<String>, Fault> {
    protocol::xml::texts(body, name)
        .ok_or_else(|| Fault::new(400, "MalformedXML", "The XML you provided was not well-formed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_clients_ask_for_them() {
        assert_eq!(span("bytes=0-3", 10), Some(Ok((0, 3))));
        assert_eq!(span("bytes=8-", 10), Some(Ok((8, 9))));
        assert_eq!(span("bytes=-4", 10), Some(Ok((6, 9))));
        assert_eq!(span("bytes=10-", 10), Some(Err(())));
        assert_eq!(span("bytes=0-", 0), Some(Err(())));
        assert_eq!(span("lines=1-2", 10), None);
    }
}
