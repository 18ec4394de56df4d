//! The role in a learner's account through which a grader reads it.

use serde_json::{Value, json};

/// The name of the role and of the stack that makes it.
pub const ROLE: &str = "stepproof-grader";

/// The CloudFormation template of a role with a policy. Only the account `principal` may assume it,
/// and only with the external id: so that nobody can have the grader read an account for them.
pub fn role_template(policy: &Value, principal: &str, external_id: &str) -> Value {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": { "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::{principal}:root") } },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:ExternalId": external_id } },
        }],
    });
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Lets a grader read what the workshop's checks look at, and change nothing.",
        "Resources": {
            "Grader": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": ROLE,
                    "Description": "Read by stepproof. Delete the stack to end it.",
                    "MaxSessionDuration": 3600,
                    "AssumeRolePolicyDocument": trust,
                    "Policies": [{ "PolicyName": "read", "PolicyDocument": policy }],
                },
            },
        },
        "Outputs": {
            "RoleArn": {
                "Description": "For the roster's column `role`.",
                "Value": { "Fn::GetAtt": ["Grader", "Arn"] },
            },
        },
    })
}
