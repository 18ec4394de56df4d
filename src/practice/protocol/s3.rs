//! S3's protocol: bucket and key in path or host, the operation in method and query, bodies as
//! they are or in signed chunks.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::practice::wire::{Fault, HttpRequest};

/// Operation, members (`Bucket`, `Key`, the query) and the object's bytes.
///
/// # Errors
/// An operation that isn't offered, or chunks that don't add up.
pub fn decode(request: &HttpRequest) -> Result<(String, Value, Vec<u8>), Fault> {
    let (bucket, key) = bucket_and_key(request);
    let query = request.query_pairs();
    let operation = operation(&request.method, &bucket, &key, request, &query)?;
    let mut members = Map::new();
    for (name, value) in query {
        members.insert(name, Value::String(value));
    }
    members.insert("Bucket".to_owned(), Value::String(bucket));
    members.insert("Key".to_owned(), Value::String(key));
    Ok((operation.to_owned(), Value::Object(members), payload(request)?))
}

/// The bucket from the host's first label, or else from the path.
fn bucket_and_key(request: &HttpRequest) -> (String, String) {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let path = request.path.trim_start_matches('/');
    let host = request.host();
    let label = [".s3.localhost", ".localhost", ".127.0.0.1"]
        .iter()
        .find_map(|suffix| host.strip_suffix(suffix))
        .filter(|bucket| !bucket.is_empty() && *bucket != "s3");
    match label {
        Some(bucket) => (bucket.to_owned(), decode(path)),
        None => match path.split_once('/') {
            Some((bucket, key)) => (decode(bucket), decode(key)),
            None => (decode(path), String::new()),
        },
    }
}

/// Query parameters that make another operation of the same method and path. Only those without an
/// operation here need a refusal; others (`x-id`, `list-type`, presigned ones) say nothing new.
const SUBRESOURCES: [&str; 22] = [
    "acl",
    "accelerate",
    "analytics",
    "attributes",
    "cors",
    "encryption",
    "inventory",
    "lifecycle",
    "legal-hold",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policyStatus",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "torrent",
    "website",
];

fn operation(
    method: &str,
    bucket: &str,
    key: &str,
    request: &HttpRequest,
    query: &[(String, String)],
) -> Result<&'static str, Fault> {
    let has = |name: &str| query.iter().any(|(key, _)| key == name);
    let refused = || {
        let asked = format!("{method} {}?{}", request.path, request.query);
        Fault::not_implemented("s3", asked.trim_end_matches('?'))
    };
    if SUBRESOURCES.iter().any(|name| has(name)) {
        return Err(refused());
    }
    let level = (bucket.is_empty(), key.is_empty());
    Ok(match (method, level) {
        ("GET", (true, _)) => "ListBuckets",
        ("PUT", (false, true)) if has("policy") => "PutBucketPolicy",
        ("GET", (false, true)) if has("policy") => "GetBucketPolicy",
        ("DELETE", (false, true)) if has("policy") => "DeleteBucketPolicy",
        ("GET", (false, true)) if has("location") => "GetBucketLocation",
        ("GET", (false, true)) if has("versioning") => "GetBucketVersioning",
        ("PUT", (false, true)) if has("versioning") => "PutBucketVersioning",
        ("PUT", (false, true)) if has("publicAccessBlock") => "PutPublicAccessBlock",
        ("PUT", (false, true)) if has("tagging") => "PutBucketTagging",
        ("GET", (false, true)) if has("versions") => "ListObjectVersions",
        ("GET", (false, true)) if has("uploads") => "ListMultipartUploads",
        ("POST", (false, true)) if has("delete") => "DeleteObjects",
        ("PUT", (false, true)) => "CreateBucket",
        ("HEAD", (false, true)) => "HeadBucket",
        ("DELETE", (false, true)) => "DeleteBucket",
        ("GET", (false, true)) => "ListObjectsV2",
        ("POST", (false, false)) if has("uploads") => "CreateMultipartUpload",
        ("PUT", (false, false)) if has("uploadId") => "UploadPart",
        ("POST", (false, false)) if has("uploadId") => "CompleteMultipartUpload",
        ("DELETE", (false, false)) if has("uploadId") => "AbortMultipartUpload",
        (_, (false, false)) if has("tagging") => return Err(refused()),
        ("PUT", (false, false)) if request.headers.contains_key("x-amz-copy-source") => {
            "CopyObject"
        }
        ("PUT", (false, false)) => "PutObject",
        ("GET", (false, false)) => "GetObject",
        ("HEAD", (false, false)) => "HeadObject",
        ("DELETE", (false, false)) => "DeleteObject",
        _ => return Err(refused()),
    })
}

/// The body, with the framing of `aws-chunked` uploads taken off.
fn payload(request: &HttpRequest) -> Result<Vec<u8>, Fault> {
    let framed = request.header("x-amz-content-sha256").starts_with("STREAMING-")
        || request.header("content-encoding").contains("aws-chunked");
    if framed { unframe(&request.body) } else { Ok(request.body.clone()) }
}

/// `SIZE[;chunk-signature=…]\r\n DATA \r\n … 0\r\n` and trailers, which carry checksums alone.
fn unframe(mut rest: &[u8]) -> Result<Vec<u8>, Fault> {
    let broken = || {
        Fault::new(400, "IncompleteBody", "The request body is not in complete aws-chunked chunks")
    };
    let mut body = Vec::with_capacity(rest.len());
    loop {
        let line_end = rest.windows(2).position(|two| two == b"\r\n").ok_or_else(broken)?;
        let line = std::str::from_utf8(&rest[..line_end]).map_err(|_| broken())?;
        let size = line.split(';').next().unwrap_or("").trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| broken())?;
        rest = &rest[line_end + 2..];
        if size == 0 {
            return Ok(body);
        }
        body.extend_from_slice(rest.get(..size).ok_or_else(broken)?);
        rest = rest.get(size..).and_then(|rest| rest.strip_prefix(b"\r\n")).ok_or_else(broken)?;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(method: &str, host: &str, path: &str, query: &str) -> HttpRequest {
        let mut request = HttpRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            ..HttpRequest::default()
        };
        request.headers.insert("host".to_owned(), host.to_owned());
        request
    }

    #[test]
    fn path_and_host_style_name_the_same_object() {
        for (host, path) in [
            ("127.0.0.1:4599", "/shop/a%20b/c.zip"),
            ("shop.localhost:4599", "/a%20b/c.zip"),
            ("shop.s3.localhost:4599", "/a%20b/c.zip"),
            ("localhost:4599", "/shop/a%20b/c.zip"),
        ] {
            let (operation, input, _) = decode(&request("PUT", host, path, "")).unwrap();
            assert_eq!(operation, "PutObject");
            assert_eq!(input["Bucket"], "shop", "{host}");
            assert_eq!(input["Key"], "a b/c.zip", "{host}");
        }
    }

    #[test]
    fn an_operation_outside_the_list_is_named() {
        let fault = decode(&request("GET", "127.0.0.1", "/shop", "acl")).unwrap_err();
        assert_eq!(fault.code, "NotImplemented");
        assert!(fault.message.contains("GET /shop?acl"), "{}", fault.message);
    }

    #[test]
    fn chunks_lose_their_framing_and_broken_ones_are_refused() {
        let framed =
            b"4;chunk-signature=ab\r\nabcd\r\n1\r\ne\r\n0\r\nx-amz-checksum-crc32:xx\r\n\r\n";
        assert_eq!(unframe(framed).unwrap(), b"abcde");
        for broken in [&b"4\r\nab"[..], b"zz\r\n", b"", b"4\r\nabcdXX", b"ffffffffffffffffff\r\n"] {
            assert_eq!(unframe(broken).unwrap_err().code, "IncompleteBody");
        }
    }

    proptest! {
        #[test]
        fn no_framing_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = unframe(&body);
        }
    }
}
