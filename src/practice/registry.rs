//! Which provider makes which type of resource.

use serde_json::Value;

use super::random;
use super::resource::{self, Desired, Provider, Resource, Updated};
use super::services::{
    apigateway, cloudtrail, cognito, dynamodb, guardduty, iam, lambda, logs, rds, s3,
    secretsmanager, verifiedpermissions, wafv2,
};
use super::store::Tx;
use super::wire::Fault;

/// The provider of a CloudFormation type, or none for a type that the practice account doesn't
/// know: CloudFormation's `Unrecognized resource types`.
pub fn provider(kind: &str) -> Option<&'static dyn Provider> {
    let services = apigateway::providers::PROVIDERS
        .iter()
        .chain(&cognito::PROVIDERS)
        .chain(&secretsmanager::PROVIDERS)
        .chain(&verifiedpermissions::PROVIDERS)
        .chain(&wafv2::PROVIDERS);
    if let Some(provider) = services.copied().find(|provider| provider.kind() == kind) {
        return Some(provider);
    }
    Some(match kind {
        "AWS::CloudTrail::Trail" => &cloudtrail::Trail,
        "AWS::DynamoDB::Table" => &dynamodb::Table,
        "AWS::GuardDuty::Detector" => &guardduty::Detector,
        "AWS::IAM::ManagedPolicy" => &iam::MANAGED_POLICIES,
        "AWS::IAM::Policy" => &iam::POLICIES,
        "AWS::IAM::Role" => &iam::ROLES,
        "AWS::IAM::RolePolicy" => &iam::ROLE_POLICIES,
        "AWS::Lambda::Alias" => &lambda::Alias,
        "AWS::Lambda::Function" => &lambda::Function,
        "AWS::Lambda::LayerVersion" => &lambda::LayerVersion,
        "AWS::Lambda::Permission" => &lambda::Permission,
        "AWS::Lambda::Version" => &lambda::Version,
        "AWS::Logs::LogGroup" => &logs::LogGroup,
        "AWS::RDS::DBCluster" => &rds::CLUSTERS,
        "AWS::RDS::DBClusterParameterGroup" => &rds::PARAMETER_GROUPS,
        "AWS::RDS::DBInstance" => &rds::INSTANCES,
        "AWS::RDS::DBSubnetGroup" => &rds::SUBNET_GROUPS,
        "AWS::S3::Bucket" => &s3::Bucket,
        "AWS::S3::BucketPolicy" => &s3::BucketPolicy,
        _ => INERT.iter().find(|inert| inert.kind == kind)?,
    })
}

/// A type that nothing looks at: it is made, kept and removed, and does nothing.
#[derive(Debug)]
struct Inert {
    kind: &'static str,
    /// How its id begins: `vpc-` and 17 hexadecimal digits. Empty: a name.
    prefix: &'static str,
    /// The property that names it, when the template gives one.
    name: &'static str,
    /// What `GetAtt` gives.
    attributes: &'static [(&'static str, Attribute)],
}

/// How an inert resource's attribute comes about.
#[derive(Debug)]
enum Attribute {
    /// The id itself.
    Id,
    /// An id of its own.
    Random(&'static str),
    /// A property, or this when there is none.
    Property(&'static str, &'static str),
    /// An ARN: service, and what stands before the id.
    Arn(&'static str, &'static str),
}

const fn ec2(
    kind: &'static str,
    prefix: &'static str,
    attributes: &'static [(&'static str, Attribute)],
) -> Inert {
    Inert { kind, prefix, name: "", attributes }
}

const fn named(
    kind: &'static str,
    name: &'static str,
    attributes: &'static [(&'static str, Attribute)],
) -> Inert {
    Inert { kind, prefix: "", name, attributes }
}

use Attribute::{Arn, Id, Property, Random};

static INERT: [Inert; 24] = [
    ec2(
        "AWS::EC2::VPC",
        "vpc-",
        &[
            ("VpcId", Id),
            ("CidrBlock", Property("CidrBlock", "10.0.0.0/16")),
            ("DefaultSecurityGroup", Random("sg-")),
            ("DefaultNetworkAcl", Random("acl-")),
        ],
    ),
    ec2("AWS::EC2::InternetGateway", "igw-", &[("InternetGatewayId", Id)]),
    ec2("AWS::EC2::VPCGatewayAttachment", "IGW|", &[]),
    ec2(
        "AWS::EC2::Subnet",
        "subnet-",
        &[
            ("SubnetId", Id),
            ("VpcId", Property("VpcId", "")),
            ("CidrBlock", Property("CidrBlock", "")),
            ("AvailabilityZone", Property("AvailabilityZone", "us-east-1a")),
        ],
    ),
    ec2("AWS::EC2::RouteTable", "rtb-", &[("RouteTableId", Id)]),
    ec2("AWS::EC2::Route", "r-", &[]),
    ec2("AWS::EC2::SubnetRouteTableAssociation", "rtbassoc-", &[("Id", Id)]),
    ec2(
        "AWS::EC2::EIP",
        "eip-",
        &[
            ("AllocationId", Random("eipalloc-")),
            ("PublicIp", Property("PublicIp", "203.0.113.10")),
        ],
    ),
    ec2("AWS::EC2::NatGateway", "nat-", &[("NatGatewayId", Id)]),
    ec2(
        "AWS::EC2::SecurityGroup",
        "sg-",
        &[("GroupId", Id), ("Id", Id), ("VpcId", Property("VpcId", ""))],
    ),
    ec2("AWS::EC2::SecurityGroupIngress", "sgr-", &[("Id", Id)]),
    ec2("AWS::EC2::SecurityGroupEgress", "sgr-", &[("Id", Id)]),
    ec2("AWS::EC2::VPCEndpoint", "vpce-", &[("Id", Id)]),
    ec2("AWS::EC2::FlowLog", "fl-", &[("Id", Id)]),
    ec2("AWS::CloudFormation::WaitConditionHandle", "wait-", &[]),
    ec2("AWS::CloudFormation::WaitCondition", "wait-", &[]),
    named(
        "AWS::Cloud9::EnvironmentEC2",
        "",
        &[("Arn", Arn("cloud9", "environment:")), ("Name", Id)],
    ),
    named("AWS::Events::Rule", "Name", &[("Arn", Arn("events", "rule/"))]),
    named("AWS::Events::EventBus", "Name", &[("Arn", Arn("events", "event-bus/")), ("Name", Id)]),
    named("AWS::Scheduler::Schedule", "Name", &[("Arn", Arn("scheduler", "schedule/default/"))]),
    named("AWS::Scheduler::ScheduleGroup", "Name", &[("Arn", Arn("scheduler", "schedule-group/"))]),
    named("AWS::SSM::Parameter", "Name", &[("Value", Property("Value", ""))]),
    named("AWS::CloudWatch::Alarm", "AlarmName", &[("Arn", Arn("cloudwatch", "alarm:"))]),
    named("AWS::KMS::Alias", "AliasName", &[]),
];

impl Inert {
    fn attribute(tx: &Tx<'_>, resource: &Resource, attribute: &Attribute) -> Value {
        match attribute {
            Id => Value::from(resource.id.as_str()),
            Random(prefix) => Value::from(format!("{prefix}{}", random::hex(17))),
            Property(name, otherwise) => {
                let value = resource.properties.get(*name).cloned();
                value.unwrap_or_else(|| Value::from(*otherwise))
            }
            Arn(service, before) => {
                Value::from(tx.arn(service, &format!("{before}{}", resource.id)))
            }
        }
    }
}

impl Provider for Inert {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let id = if self.prefix.is_empty() {
            desired.name(self.name, 64)
        } else {
            format!("{}{}", self.prefix, random::hex(17))
        };
        if resource::get(tx, self.kind, &id)?.is_some() {
            return Err(resource::exists(&id));
        }
        let mut made = Resource::new(tx, self.kind, id, desired);
        for (name, attribute) in self.attributes {
            let value = Self::attribute(tx, &made, attribute);
            made = made.with(name, value);
        }
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if !self.name.is_empty() && old.text(self.name) != desired.text(self.name) {
            return Ok(Updated::Replace);
        }
        let mut changed = old.changed_to(tx, desired);
        for (name, attribute) in self.attributes {
            if matches!(attribute, Property(..)) {
                let value = Self::attribute(tx, &changed, attribute);
                changed = changed.with(name, value);
            }
        }
        resource::put(tx, &changed)?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}
