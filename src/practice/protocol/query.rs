//! The query protocol: a form with dotted names in, XML out (CloudFormation, IAM, STS, RDS).

use serde_json::{Map, Value};

use super::xml;
use crate::practice::wire::{Fault, HttpRequest};

/// Deepest nesting of a dotted name; AWS's own shapes stay under it.
const MAX_DEPTH: usize = 16;

/// What forms call a list's items: `member`, but for RDS's lists.
const ITEM_NAMES: [&str; 7] =
    ["member", "Filter", "Value", "Tag", "SubnetIdentifier", "VpcSecurityGroupId", "Parameter"];

/// Operation, members and body.
///
/// # Errors
/// No `Action`, or names that are nested too deep.
pub fn decode(request: &HttpRequest) -> Result<(String, Value, Vec<u8>), Fault> {
    let mut root = Node::default();
    let mut action = String::new();
    let pairs = form_urlencoded::parse(&request.body)
        .chain(form_urlencoded::parse(request.query.as_bytes()));
    for (name, value) in pairs {
        match name.as_ref() {
            "Action" => action = value.into_owned(),
            "Version" => {}
            name if name.starts_with("X-Amz-") => {}
            name => root.insert(name, value.into_owned())?,
        }
    }
    if action.is_empty() {
        return Err(Fault::new(400, "MissingAction", "The request names no Action"));
    }
    Ok((action, root.into_value(), Vec::new()))
}

/// A form's names as a tree.
#[derive(Debug, Default)]
struct Node {
    text: Option<String>,
    children: Vec<(String, Node)>,
}

impl Node {
    fn insert(&mut self, name: &str, value: String) -> Result<(), Fault> {
        if name.split('.').count() > MAX_DEPTH {
            return Err(Fault::new(400, "MalformedInput", "a parameter is nested too deep"));
        }
        let mut node = self;
        for part in name.split('.') {
            let at = node.children.iter().position(|(key, _)| key == part).unwrap_or_else(|| {
                node.children.push((part.to_owned(), Self::default()));
                node.children.len() - 1
            });
            node = &mut node.children[at].1;
        }
        node.text = Some(value);
        Ok(())
    }

    fn into_value(self) -> Value {
        if self.children.is_empty() {
            return Value::String(self.text.unwrap_or_default());
        }
        let numbers: Option<Vec<u32>> =
            self.children.iter().map(|(key, _)| key.parse().ok()).collect();
        if let Some(numbers) = numbers {
            let mut items: Vec<(u32, Node)> =
                numbers.into_iter().zip(self.children.into_iter().map(|(_, node)| node)).collect();
            items.sort_by_key(|(number, _)| *number);
            return Value::Array(items.into_iter().map(|(_, node)| node.into_value()).collect());
        }
        let only = self.children.len() == 1;
        let mut members = Map::new();
        for (key, node) in self.children {
            let value = node.into_value();
            // `Parameters.member.1`, `Filters.Filter.1`: the item's name is no level of its own.
            if only && value.is_array() && ITEM_NAMES.contains(&key.as_str()) {
                return value;
            }
            members.insert(key, value);
        }
        Value::Object(members)
    }
}

/// The answer's document.
pub fn encode(namespace: &str, operation: &str, members: &Value, id: &str) -> String {
    let mut out = format!("<{operation}Response xmlns=\"{namespace}\">");
    if !members.is_null() {
        let names: fn(&str) -> &'static str =
            if namespace.contains("//rds.") { rds_item_name } else { item_name };
        xml::element(&mut out, &format!("{operation}Result"), members, Some(names));
    }
    out + &format!(
        "<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>"
    )
}

/// The error's document.
pub fn encode_fault(namespace: &str, fault: &Fault, id: &str) -> String {
    let side = if fault.status < 500 { "Sender" } else { "Receiver" };
    let mut out = format!("<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{side}</Type><Code>");
    xml::escape(&mut out, &fault.code);
    out.push_str("</Code><Message>");
    xml::escape(&mut out, &fault.message);
    out + &format!("</Message></Error><RequestId>{id}</RequestId></ErrorResponse>")
}

/// How a list's items are named.
fn item_name(_: &str) -> &'static str {
    "member"
}

/// How the items of RDS's lists are named.
fn rds_item_name(list: &str) -> &'static str {
    match list {
        "DBClusters" => "DBCluster",
        "DBClusterMembers" => "DBClusterMember",
        "DBClusterSnapshots" => "DBClusterSnapshot",
        "DBInstances" => "DBInstance",
        "DBSubnetGroups" => "DBSubnetGroup",
        "DBClusterParameterGroups" => "DBClusterParameterGroup",
        "DBParameterGroups" => "DBParameterGroup",
        "Parameters" => "Parameter",
        "DBSecurityGroups" => "DBSecurityGroup",
        "VpcSecurityGroups" => "VpcSecurityGroupMembership",
        "OptionGroupMemberships" => "OptionGroup",
        "AvailabilityZones" => "AvailabilityZone",
        "Subnets" => "Subnet",
        "TagList" => "Tag",
        "AssociatedRoles" => "DBClusterRole",
        _ => "member",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn form(body: &str) -> Result<(String, Value, Vec<u8>), Fault> {
        decode(&HttpRequest { body: body.as_bytes().to_vec(), ..HttpRequest::default() })
    }

    #[test]
    fn dotted_names_become_lists_and_structures() {
        let (operation, input, _) = form(
            "Action=CreateChangeSet&Version=2010-05-15&StackName=a%20b&Capabilities.member.1=X\
             &Parameters.member.2.ParameterKey=B&Parameters.member.1.ParameterKey=A\
             &Parameters.member.1.ParameterValue=&Filters.Filter.1.Name=f\
             &Filters.Filter.1.Values.Value.1=v",
        )
        .unwrap();
        assert_eq!(operation, "CreateChangeSet");
        assert_eq!(
            input,
            json!({
                "StackName": "a b",
                "Capabilities": ["X"],
                "Parameters": [{"ParameterKey": "A", "ParameterValue": ""}, {"ParameterKey": "B"}],
                "Filters": [{"Name": "f", "Values": ["v"]}],
            })
        );
    }

    #[test]
    fn a_form_without_an_action_is_refused() {
        assert_eq!(form("Version=1").unwrap_err().code, "MissingAction");
        assert_eq!(form("\u{0}%zz").unwrap_err().code, "MissingAction");
        assert_eq!(
            form(&format!("Action=A&{}=1", "a.".repeat(40))).unwrap_err().code,
            "MalformedInput"
        );
    }

    #[test]
    fn members_become_elements_and_nulls_are_left_out() {
        let text = encode(
            "http://rds.example/",
            "DescribeDBClusters",
            &json!({"DBClusters": [{"Port": 3306, "Multi": true, "Gone": null, "Name": "<&\u{1b}"}]}),
            "1",
        );
        assert_eq!(
            text,
            "<DescribeDBClustersResponse xmlns=\"http://rds.example/\"><DescribeDBClustersResult><DBClusters>\
             <DBCluster><Port>3306</Port><Multi>true</Multi><Name>&lt;&amp;\u{fffd}</Name>\
             </DBCluster></DBClusters></DescribeDBClustersResult><ResponseMetadata>\
             <RequestId>1</RequestId></ResponseMetadata></DescribeDBClustersResponse>"
        );
    }

    proptest! {
        #[test]
        fn no_form_panics(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&HttpRequest { body, ..HttpRequest::default() });
        }
    }
}
