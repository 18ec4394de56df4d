//! Cluster parameter groups, and the parameters in them: those of Aurora MySQL that the course or
//! its readers meet. A group may set others, too.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{CLUSTER, PARAMETER_GROUPS, PARAMETERS, engine_version, named, running};
use crate::practice::properties::text;
use crate::practice::resource::{self, Desired, Provider, Resource};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

/// The parameter that has a cluster refuse connections without TLS.
pub(super) const TLS: &str = "require_secure_transport";
/// What an answer holds at most, and at least.
const MOST_RECORDS: i64 = 100;
const FEWEST_RECORDS: i64 = 20;
const MISSING: &str = "DBParameterGroupNotFound";

/// Parameters of the engine: name, whether a change needs no restart, and the allowed values.
const ENGINE: [(&str, bool, &str); 24] = [
    ("aurora_load_from_s3_role", true, ""),
    ("aurora_select_into_s3_role", true, ""),
    ("aws_default_lambda_role", true, ""),
    ("aws_default_s3_role", true, ""),
    ("binlog_format", false, "ROW,STATEMENT,MIXED,OFF"),
    ("binlog_row_image", true, "full,minimal,noblob"),
    ("character_set_client", true, ""),
    ("character_set_connection", true, ""),
    ("character_set_database", true, ""),
    ("character_set_results", true, ""),
    ("character_set_server", true, ""),
    ("collation_connection", true, ""),
    ("collation_server", true, ""),
    ("enforce_gtid_consistency", false, "OFF,ON,WARN"),
    ("gtid-mode", false, "OFF,OFF_PERMISSIVE,ON_PERMISSIVE,ON"),
    ("innodb_file_per_table", true, "0,1"),
    ("lc_time_names", true, ""),
    ("lower_case_table_names", false, "0,1"),
    (TLS, true, "ON,OFF"),
    ("server_audit_events", true, ""),
    ("server_audit_logging", true, "0,1"),
    ("server_audit_logs_upload", true, "0,1"),
    ("time_zone", true, ""),
    ("tls_version", false, "TLSv1,TLSv1.1,TLSv1.2,TLSv1.3"),
];

pub(super) fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateDBClusterParameterGroup" => create(tx, call),
        "DescribeDBClusterParameterGroups" => groups(tx, call),
        "DescribeDBClusterParameters" => describe(tx, call),
        "ModifyDBClusterParameterGroup" => modify(tx, call),
        "DeleteDBClusterParameterGroup" => {
            PARAMETER_GROUPS.delete(tx, &own(tx, call)?)?;
            Ok(Reply::ok(Value::Null))
        }
        _ => Err(call.unknown()),
    }
}

/// The parameter group family of an engine and its version: `aurora-mysql8.0`.
pub(super) fn family(cluster: &Value) -> String {
    let version: Vec<&str> = engine_version(cluster).split('.').take(2).collect();
    format!("{}{}", text(cluster, "Engine"), version.join("."))
}

/// The group that a cluster has where it names none.
pub(super) fn default_group(cluster: &Value) -> String {
    format!("default.{}", family(cluster))
}

/// The group that a cluster names.
pub(super) fn group_of(cluster: &Resource) -> String {
    match cluster.text("DBClusterParameterGroupName") {
        "" => default_group(&cluster.properties),
        name => name.to_ascii_lowercase(),
    }
}

/// Whether the group that a cluster names is one for its engine.
pub(super) fn fits(tx: &Tx<'_>, cluster: &Value) -> Result<(), Fault> {
    let name = text(cluster, "DBClusterParameterGroupName").to_ascii_lowercase();
    let Some(group) = resource::get(tx, PARAMETERS, &name)? else { return Ok(()) };
    let (own, needed) = (group.text("Family"), family(cluster));
    if own == needed {
        return Ok(());
    }
    Err(Fault::new(
        400,
        "InvalidParameterCombination",
        format!(
            "The Parameter Group {name} with DBParameterGroupFamily {own} can't be used for this \
             instance. Please use a Parameter Group with DBParameterGroupFamily {needed}"
        ),
    ))
}

/// The parameters that a group sets.
pub(super) fn set(group: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let all = group.get("Parameters").and_then(Value::as_object).into_iter().flatten();
    all.map(|(name, value)| (name.clone(), text(value))).collect()
}

/// Refuses a value that the parameter can't have.
pub(super) fn check(parameters: &BTreeMap<String, String>) -> Result<(), Fault> {
    match parameters.get(TLS) {
        Some(value) if !["ON", "OFF", "1", "0"].contains(&value.as_str()) => Err(Fault::new(
            400,
            "InvalidParameterValue",
            format!("Invalid parameter value: {value} for: {TLS} allowed values are: ON,OFF"),
        )),
        _ => Ok(()),
    }
}

/// Whether a value of the TLS parameter switches it on.
pub(super) fn means_on(value: &str) -> bool {
    ["ON", "1"].contains(&value)
}

/// What the engine takes where no group says it: Aurora MySQL 8.4 and later require TLS.
pub(super) fn engine_default(family: &str) -> &'static str {
    let version = family.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version >= (8, 4) { "ON" } else { "OFF" }
}

/// Whether a change of the parameter in this group is in force without a restart.
pub(super) fn is_immediate(group: &Resource, name: &str) -> bool {
    let dynamic = ENGINE.iter().find(|(known, ..)| *known == name).is_none_or(|known| known.1);
    dynamic && group.attribute(&format!("ApplyMethod.{name}")) != "pending-reboot"
}

/// Refuses to remove a group that a cluster has.
pub(super) fn refuse_in_use(tx: &Tx<'_>, group: &Resource) -> Result<(), Fault> {
    if resource::all(tx, CLUSTER)?.iter().all(|cluster| group_of(cluster) != group.id) {
        return Ok(());
    }
    Err(Fault::new(
        400,
        "InvalidDBParameterGroupState",
        format!(
            "One or more DB clusters are still members of this parameter group {}, so the group \
             cannot be deleted",
            group.id
        ),
    ))
}

/// The group that a call names; one of the engine's own can't be changed.
fn own(tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
    let name = call.required("DBClusterParameterGroupName")?;
    if name.starts_with("default.") {
        let why = format!("Cluster parameter group {name} is a default one and can't be changed");
        return Err(Fault::new(400, "InvalidParameterValue", why));
    }
    named(tx, PARAMETERS, name, MISSING)
}

fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    let properties = json!({
        "DBClusterParameterGroupName": call.required("DBClusterParameterGroupName")?,
        "Family": call.required("DBParameterGroupFamily")?,
        "Description": call.required("Description")?,
    });
    let desired = Desired { properties: &properties, stack: None, logical: None };
    let made =
        PARAMETER_GROUPS.create(tx, &desired).map_err(|fault| match fault.code.as_str() {
            "AlreadyExistsException" => {
                Fault::new(400, "DBParameterGroupAlreadyExists", fault.message)
            }
            _ => fault,
        })?;
    let view = group_view(tx, &made.id, made.text("Family"), made.text("Description"));
    Ok(Reply::ok(json!({ "DBClusterParameterGroup": view })))
}

fn group_view(tx: &Tx<'_>, name: &str, family: &str, description: &str) -> Value {
    json!({
        "DBClusterParameterGroupName": name,
        "DBParameterGroupFamily": family,
        "Description": description,
        "DBClusterParameterGroupArn": tx.arn("rds", &format!("cluster-pg:{name}")),
    })
}

/// The groups that were made, and the engine's own of the families in use.
fn groups(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut found = BTreeMap::new();
    for group in resource::all(tx, PARAMETERS)? {
        let view = group_view(tx, &group.id, group.text("Family"), group.text("Description"));
        found.insert(group.id.clone(), view);
    }
    for cluster in resource::all(tx, CLUSTER)? {
        let family = family(&cluster.properties);
        let name = format!("default.{family}");
        let what = format!("Default cluster parameter group for {family}");
        found.insert(name.clone(), group_view(tx, &name, &family, &what));
    }
    let wanted = call.text("DBClusterParameterGroupName").to_ascii_lowercase();
    let found: Vec<Value> = match found.remove(&wanted) {
        Some(one) => vec![one],
        None if wanted.is_empty() => found.into_values().collect(),
        None => {
            let why = format!("DBClusterParameterGroup not found: {wanted}");
            return Err(Fault::new(404, MISSING, why));
        }
    };
    Ok(Reply::ok(json!({ "DBClusterParameterGroups": found })))
}

fn describe(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = call.required("DBClusterParameterGroupName")?;
    let rows = match name.strip_prefix("default.") {
        Some(family) => rows(family, None),
        None => {
            let group = named(tx, PARAMETERS, name, MISSING)?;
            rows(group.text("Family"), Some(&group))
        }
    };
    let names = filtered(call)?;
    let source = call.text("Source");
    let wanted = |row: &Value| {
        (source.is_empty() || row["Source"] == source)
            && names.as_ref().is_none_or(|names| names.iter().any(|n| row["ParameterName"] == *n))
    };
    let rows: Vec<Value> = rows.into_iter().filter(wanted).collect();
    let most = call.number("MaxRecords").unwrap_or(MOST_RECORDS);
    if !(FEWEST_RECORDS..=MOST_RECORDS).contains(&most) {
        let why = format!("Invalid value {most} for MaxRecords. Must be between 20 and 100");
        return Err(Fault::new(400, "InvalidParameterValue", why));
    }
    let from: usize = call.text("Marker").parse().unwrap_or(0).min(rows.len());
    let to = (from + usize::try_from(most).unwrap_or(0)).min(rows.len());
    let marker = (to < rows.len()).then(|| to.to_string());
    Ok(Reply::ok(json!({ "Parameters": rows[from..to], "Marker": marker })))
}

/// The parameters' names that a call asks for; none where it asks for all.
fn filtered(call: &Call) -> Result<Option<Vec<String>>, Fault> {
    let Some(filters) = call.input.get("Filters").and_then(Value::as_array) else {
        return Ok(None);
    };
    let mut names = Vec::new();
    for filter in filters {
        if text(filter, "Name") != "parameter-name" {
            let why = format!("Unrecognized filter name: {}", text(filter, "Name"));
            return Err(Fault::new(400, "InvalidParameterValue", why));
        }
        let values = filter["Values"].as_array().into_iter().flatten();
        names.extend(values.filter_map(Value::as_str).map(str::to_owned));
    }
    Ok(Some(names))
}

/// All parameters of a family as a group has them; without a group as the engine does.
fn rows(family: &str, group: Option<&Resource>) -> Vec<Value> {
    let set = group.map(|group| set(&group.properties)).unwrap_or_default();
    let known = ENGINE.iter().map(|(name, ..)| *name);
    let others = set.keys().map(String::as_str).filter(|name| known.clone().all(|k| k != *name));
    let mut rows: Vec<Value> = known
        .clone()
        .chain(others)
        .map(|name| {
            let engine = ENGINE.iter().find(|(known, ..)| *known == name);
            let default = (name == TLS).then(|| engine_default(family));
            let immediate = group.is_some_and(|group| is_immediate(group, name));
            let own = set.get(name);
            let changed_at_once = own.is_some() && immediate;
            json!({
                "ParameterName": name,
                "ParameterValue": own.map(String::as_str).or(default),
                "Source": if own.is_some() { "user" } else { "engine-default" },
                "ApplyType": if engine.is_none_or(|known| known.1) { "dynamic" } else { "static" },
                "DataType": "string",
                "AllowedValues": engine.map(|known| known.2).filter(|values| !values.is_empty()),
                "IsModifiable": true,
                "ApplyMethod": if changed_at_once { "immediate" } else { "pending-reboot" },
            })
        })
        .collect();
    rows.sort_by(|one, other| text(one, "ParameterName").cmp(text(other, "ParameterName")));
    rows
}

fn modify(tx: &Tx<'_>, call: &Call) -> Answer {
    let old = own(tx, call)?;
    let mut group = old.clone();
    if !group.properties["Parameters"].is_object() {
        group.properties["Parameters"] = Map::new().into();
    }
    for parameter in call.input.get("Parameters").and_then(Value::as_array).into_iter().flatten() {
        let name = text(parameter, "ParameterName");
        let method = text(parameter, "ApplyMethod");
        group.properties["Parameters"][name] = text(parameter, "ParameterValue").into();
        group.attributes.remove(&format!("ApplyMethod.{name}"));
        if method == "immediate" && !is_immediate(&group, name) {
            let why = "cannot use immediate apply method for static parameter";
            return Err(Fault::new(400, "InvalidParameterCombination", why));
        }
        if method != "immediate" {
            group = group.with(&format!("ApplyMethod.{name}"), "pending-reboot");
        }
    }
    check(&set(&group.properties))?;
    resource::put(tx, &group)?;
    running::apply(tx, &old, &group)?;
    Ok(Reply::ok(json!({ "DBClusterParameterGroupName": group.id })))
}
