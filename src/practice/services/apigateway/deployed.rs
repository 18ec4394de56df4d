//! Deployments and stages: an API as callers reach it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::model::{Api, bad_request, not_found};
use crate::practice::random;
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// Collection of snapshots, by `{api}/{deployment}`.
const DEPLOYMENTS: &str = "apigateway:deployment";
/// Collection of stages, by `{api}/{stage}`.
const STAGES: &str = "apigateway:stage";

/// A snapshot of an API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// 6 lower-case letters and digits.
    pub id: String,
    /// Free text.
    pub description: Option<String>,
    /// Unix time in seconds.
    pub created_date: i64,
    /// The API as it was.
    pub api: Api,
}

/// A name under which a deployment is served.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Stage {
    /// What is served.
    pub deployment_id: String,
    /// First path segment of the address.
    pub stage_name: String,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Always false here.
    pub cache_cluster_enabled: bool,
    /// `NOT_AVAILABLE`.
    pub cache_cluster_status: String,
    /// Settings by `{path}/{verb}`; `*/*` for all.
    pub method_settings: Map<String, Value>,
    /// Stage variables.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// X-Ray.
    pub tracing_enabled: bool,
    /// The web ACL, set by the firewall's own service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_acl_arn: Option<String>,
    /// Access log, as on the wire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_log_settings: Option<Value>,
    /// Tags.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Unix time in seconds.
    pub created_date: i64,
    /// Unix time in seconds.
    pub last_updated_date: i64,
}

impl Deployment {
    /// The deployment of that API.
    pub fn load(tx: &Tx<'_>, api: &str, id: &str) -> Result<Self, Fault> {
        tx.get(DEPLOYMENTS, &format!("{api}/{id}"))?
            .ok_or_else(|| not_found("Invalid Deployment identifier specified"))
    }

    /// Freezes the draft.
    pub fn make(tx: &Tx<'_>, api: &Api, description: Option<&str>) -> Result<Self, Fault> {
        api.check_deployable()?;
        let deployment = Self {
            id: random::lower(6),
            description: description.map(str::to_owned),
            created_date: tx.now().as_second(),
            api: api.clone(),
        };
        tx.put(DEPLOYMENTS, &format!("{}/{}", api.id, deployment.id), &deployment)?;
        Ok(deployment)
    }

    /// All deployments of the API, oldest first.
    pub fn of(tx: &Tx<'_>, api: &str) -> Result<Vec<Self>, Fault> {
        children(tx, DEPLOYMENTS, api)
    }

    /// Removes it unless a stage serves it.
    pub fn remove(tx: &Tx<'_>, api: &str, id: &str) -> Result<(), Fault> {
        if Stage::of(tx, api)?.iter().any(|stage| stage.deployment_id == id) {
            return Err(bad_request(
                "Active stages pointing to this deployment must be moved or deleted",
            ));
        }
        tx.delete(DEPLOYMENTS, &format!("{api}/{id}")).map(|_| ())
    }
}

impl Stage {
    /// A stage with the service's defaults.
    pub fn new(tx: &Tx<'_>, name: &str, deployment: &str) -> Result<Self, Fault> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(allowed) {
            return Err(bad_request("Stage name only allows a-zA-Z0-9_"));
        }
        Ok(Self {
            deployment_id: deployment.to_owned(),
            stage_name: name.to_owned(),
            cache_cluster_status: "NOT_AVAILABLE".to_owned(),
            created_date: tx.now().as_second(),
            last_updated_date: tx.now().as_second(),
            ..Self::default()
        })
    }

    /// The stage, or none.
    pub fn find(tx: &Tx<'_>, api: &str, name: &str) -> Result<Option<Self>, Fault> {
        tx.get(STAGES, &format!("{api}/{name}"))
    }

    /// The stage.
    pub fn load(tx: &Tx<'_>, api: &str, name: &str) -> Result<Self, Fault> {
        Self::find(tx, api, name)?.ok_or_else(|| not_found("Invalid stage identifier specified"))
    }

    /// Writes it.
    pub fn save(&self, tx: &Tx<'_>, api: &str) -> Result<(), Fault> {
        tx.put(STAGES, &format!("{api}/{}", self.stage_name), self)
    }

    /// Removes it.
    pub fn remove(tx: &Tx<'_>, api: &str, name: &str) -> Result<(), Fault> {
        tx.delete(STAGES, &format!("{api}/{name}")).map(|_| ())
    }

    /// All stages of the API, oldest first.
    pub fn of(tx: &Tx<'_>, api: &str) -> Result<Vec<Self>, Fault> {
        children(tx, STAGES, api)
    }
}

fn children<T: serde::de::DeserializeOwned>(
    tx: &Tx<'_>,
    collection: &str,
    api: &str,
) -> Result<Vec<T>, Fault> {
    let prefix = format!("{api}/");
    Ok(tx
        .list::<T>(collection)?
        .into_iter()
        .filter(|(id, _)| id.starts_with(&prefix))
        .map(|(_, value)| value)
        .collect())
}
