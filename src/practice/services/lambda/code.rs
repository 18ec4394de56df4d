//! Function packages: copied from S3 when a function is made or changed, handed out by address.

use std::io::{Cursor, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;

use super::function::FUNCTION;
use crate::practice::resource::Resource;
use crate::practice::services::s3;
use crate::practice::store::{Scope, Store, Tx};
use crate::practice::wire::{Call, Fault, HttpRequest, HttpResponse};

/// Collection of the packages, by function name.
const CODE: &str = "lambda-code";
const ADDRESS: &str = "/_lambda/";

/// The function's package: a zip archive.
pub fn package(tx: &Tx<'_>, function: &str) -> Result<Option<Vec<u8>>, Fault> {
    tx.blob(CODE, function)
}

pub(super) fn forget(tx: &Tx<'_>, function: &str) -> Result<(), Fault> {
    tx.delete_blob(CODE, function).map(|_| ())
}

/// Stores the package that `code` (a template's `Code`) names; its SHA-256 and size.
pub(super) fn store(tx: &Tx<'_>, function: &str, code: &Value) -> Result<(String, usize), Fault> {
    store_bytes(tx, function, &fetch(tx, code)?)
}

/// The archive that a template's `Code` or `Content` names.
pub(super) fn fetch(tx: &Tx<'_>, code: &Value) -> Result<Vec<u8>, Fault> {
    let text = |member: &str| code.get(member).and_then(Value::as_str).unwrap_or("");
    let invalid = |message: String| Fault::new(400, "InvalidParameterValueException", message);
    if !text("ZipFile").is_empty() {
        inline(text("ZipFile"))
    } else if !text("S3Bucket").is_empty() {
        s3::object(tx, text("S3Bucket"), text("S3Key")).map_err(|fault| {
            invalid(format!(
                "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}",
                fault.code, fault.message
            ))
        })
    } else {
        Err(invalid("Please provide a source for function code.".to_owned()))
    }
}

/// Stores a package; its SHA-256 and size.
pub(super) fn store_bytes(
    tx: &Tx<'_>,
    function: &str,
    bytes: &[u8],
) -> Result<(String, usize), Fault> {
    let stamp = stamp(bytes)?;
    tx.put_blob(CODE, function, bytes)?;
    Ok(stamp)
}

/// An archive's SHA-256 and size.
///
/// # Errors
/// It is no archive.
pub(super) fn stamp(bytes: &[u8]) -> Result<(String, usize), Fault> {
    if zip::ZipArchive::new(Cursor::new(bytes)).is_err() {
        return Err(Fault::new(
            400,
            "InvalidParameterValueException",
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
        ));
    }
    Ok((STANDARD.encode(Sha256::digest(bytes)), bytes.len()))
}

/// A template's `ZipFile` is source text: a package with one `index.js`.
fn inline(source: &str) -> Result<Vec<u8>, Fault> {
    let failed = |error: &dyn std::fmt::Display| {
        Fault::new(500, "InternalFailure", format!("practice package: {error}"))
    };
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("index.js", SimpleFileOptions::default()).map_err(|e| failed(&e))?;
    archive.write_all(source.as_bytes()).map_err(|e| failed(&e))?;
    Ok(archive.finish().map_err(|e| failed(&e))?.into_inner())
}

/// Where the package can be had for a while, as AWS presigns it.
pub(super) fn location(tx: &Tx<'_>, call: &Call, function: &Resource) -> String {
    let Scope { account, region } = tx.scope();
    format!(
        "{}{ADDRESS}{account}/{region}/{}?X-Amz-Expires=600&X-Amz-Signature={}",
        call.endpoint,
        function.id,
        function.attribute("RevisionId")
    )
}

/// Whether the request is for a package.
pub fn owns(request: &HttpRequest) -> bool {
    request.path.starts_with(ADDRESS)
}

/// Answers a request for a package.
pub fn download(store: &Store, request: &HttpRequest) -> HttpResponse {
    let denied =
        || HttpResponse::new(403, "application/xml", "<Error><Code>AccessDenied</Code></Error>");
    let path = request.path.strip_prefix(ADDRESS).unwrap_or("");
    let [account, region, name] = path.split('/').collect::<Vec<_>>()[..] else {
        return denied();
    };
    let scope = Scope { account: account.to_owned(), region: region.to_owned() };
    let signature = request.query_value("X-Amz-Signature").unwrap_or_default();
    let found = store.transact(&scope, |tx| {
        let function: Option<Resource> = tx.get(FUNCTION, name)?;
        match function.filter(|function| function.attribute("RevisionId") == signature) {
            Some(function) => package(tx, &function.id),
            None => Ok(None),
        }
    });
    match found {
        Ok(Some(bytes)) => HttpResponse::new(200, "application/zip", bytes),
        _ => denied(),
    }
}
