//! Stacks of types that nothing looks at: what the engine does, seen through the API.

use serde_json::{Value, json};

use crate::practice::store::{Scope, Store};
use crate::practice::wire::{Call, Fault, ReplyBody};

struct Account(Store);

impl Account {
    fn new() -> Self {
        Self(Store::in_memory().unwrap())
    }

    fn ask(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        let scope = Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() };
        let call = Call {
            service: "cloudformation".to_owned(),
            operation: operation.to_owned(),
            input,
            method: "POST".to_owned(),
            access_key: "000000000000".to_owned(),
            body: Vec::new(),
            headers: std::collections::BTreeMap::default(),
            endpoint: "http://127.0.0.1:1".to_owned(),
        };
        let reply = self.0.transact(&scope, |tx| super::call(tx, &call))?;
        match reply.body {
            ReplyBody::Members(members) => Ok(members),
            other => panic!("{other:?}"),
        }
    }

    fn create(&self, name: &str, template: &str) -> Result<Value, Fault> {
        self.ask("CreateStack", json!({"StackName": name, "TemplateBody": template}))
    }

    fn update(&self, name: &str, template: &str) -> Result<Value, Fault> {
        self.ask("UpdateStack", json!({"StackName": name, "TemplateBody": template}))
    }

    fn stack(&self, name: &str) -> Value {
        self.ask("DescribeStacks", json!({"StackName": name})).unwrap()["Stacks"][0].clone()
    }

    fn status(&self, name: &str) -> String {
        self.stack(name)["StackStatus"].as_str().unwrap().to_owned()
    }

    fn output(&self, name: &str, key: &str) -> Value {
        let stack = self.stack(name);
        let outputs = stack["Outputs"].as_array().unwrap();
        outputs.iter().find(|output| output["OutputKey"] == key).unwrap()["OutputValue"].clone()
    }

    /// Logical and physical ids.
    fn resources(&self, name: &str) -> Vec<(String, String)> {
        let listed = self.ask("ListStackResources", json!({"StackName": name})).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        listed["StackResourceSummaries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (text(&one["LogicalResourceId"]), text(&one["PhysicalResourceId"])))
            .collect()
    }

    /// `logical status` of every event, oldest first.
    fn events(&self, name: &str) -> Vec<String> {
        let listed = self.ask("DescribeStackEvents", json!({"StackName": name})).unwrap();
        let mut lines: Vec<String> = listed["StackEvents"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| {
                format!(
                    "{} {}",
                    event["LogicalResourceId"].as_str().unwrap(),
                    event["ResourceStatus"].as_str().unwrap()
                )
            })
            .collect();
        lines.reverse();
        lines
    }
}

const NETWORK: &str = "
Parameters:
  Nat: {Type: String, Default: 'no', AllowedValues: ['yes', 'no']}
  Secret: {Type: String, Default: hush, NoEcho: true}
Conditions:
  HasNat: !Equals [!Ref Nat, 'yes']
Resources:
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: !Select [1, !Cidr [!GetAtt Vpc.CidrBlock, 2, 8]], AvailabilityZone: !Select [0, !GetAZs '']}
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: Name, Value: !Sub '${AWS::StackName}-${!x}'}]}
  Address:
    Type: AWS::EC2::EIP
    Condition: HasNat
Outputs:
  Subnet: {Value: !Ref Subnet, Export: {Name: !Sub '${AWS::StackName}-Subnet'}}
  Range: {Value: !GetAtt Subnet.CidrBlock}
  Address: {Condition: HasNat, Value: !GetAtt Address.AllocationId}
";

fn rule(name: &str) -> String {
    format!("Resources: {{Rule: {{Type: 'AWS::Events::Rule', Properties: {{Name: {name}}}}}}}")
}

#[test]
fn creates_in_the_order_of_dependencies() {
    let account = Account::new();
    account.create("Net", NETWORK).unwrap();
    assert_eq!(account.status("Net"), "CREATE_COMPLETE");
    assert_eq!(account.output("Net", "Range"), "10.0.1.0/24");
    let resources = account.resources("Net");
    assert_eq!(
        resources.iter().map(|(logical, _)| logical.as_str()).collect::<Vec<_>>(),
        ["Subnet", "Vpc"]
    );
    assert_eq!(account.output("Net", "Subnet"), resources[0].1.as_str());
    let events = account.events("Net");
    let at = |line: &str| events.iter().position(|event| event == line).unwrap();
    assert!(at("Vpc CREATE_COMPLETE") < at("Subnet CREATE_IN_PROGRESS"), "{events:?}");
    assert_eq!(events.last().unwrap(), "Net CREATE_COMPLETE");
    let shown = account.stack("Net")["Parameters"].clone();
    assert_eq!(shown[1], json!({"ParameterKey": "Secret", "ParameterValue": "****"}));
}

#[test]
fn a_failure_undoes_what_was_made() {
    let account = Account::new();
    account.create("First", &rule("nightly")).unwrap();
    let second = "Resources:\n  Vpc: {Type: 'AWS::EC2::VPC'}\n  Rule: {Type: 'AWS::Events::Rule', DependsOn: Vpc, Properties: {Name: nightly}}";
    account.create("Second", second).unwrap();
    assert_eq!(account.status("Second"), "ROLLBACK_COMPLETE");
    assert!(account.resources("Second").is_empty());
    let events = account.events("Second");
    for line in ["Rule CREATE_FAILED", "Second ROLLBACK_IN_PROGRESS", "Vpc DELETE_COMPLETE"] {
        assert!(events.iter().any(|event| event == line), "{line} in {events:?}");
    }
    let reason = account.stack("Second")["StackStatusReason"].clone();
    assert!(reason.as_str().unwrap().contains("failed to create: [Rule]"), "{reason}");
    let refused = account.update("Second", &rule("other")).unwrap_err();
    assert!(
        refused.message.contains("is in ROLLBACK_COMPLETE state and can not be updated."),
        "{refused}"
    );
}

#[test]
fn a_failed_update_leaves_the_stack_as_it_was() {
    let account = Account::new();
    account.create("First", &rule("nightly")).unwrap();
    account.create("Net", NETWORK).unwrap();
    let before = account.resources("Net");
    let changed = NETWORK.replace("10.0.0.0/16", "10.1.0.0/16").replace(
        "Resources:\n",
        "Resources:\n  Rule: {Type: 'AWS::Events::Rule', DependsOn: Subnet, Properties: {Name: nightly}}\n",
    );
    account.update("Net", &changed).unwrap();
    assert_eq!(account.status("Net"), "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(account.resources("Net"), before);
    assert_eq!(account.output("Net", "Range"), "10.0.1.0/24");
    account.update("Net", &NETWORK.replace("10.0.0.0/16", "10.1.0.0/16")).unwrap();
    assert_eq!(
        (account.status("Net").as_str(), account.output("Net", "Range")),
        ("UPDATE_COMPLETE", json!("10.1.1.0/24"))
    );
    let same = account.update("Net", &NETWORK.replace("10.0.0.0/16", "10.1.0.0/16")).unwrap_err();
    assert_eq!(same.message, "No updates are to be performed.");
}

#[test]
fn a_replacement_is_made_before_the_old_one_goes() {
    let account = Account::new();
    account.create("Clock", &rule("nightly")).unwrap();
    account.update("Clock", &rule("hourly")).unwrap();
    assert_eq!(account.resources("Clock"), [("Rule".to_owned(), "hourly".to_owned())]);
    let events = account.events("Clock");
    let tail: Vec<&str> = events[events.len() - 5..].iter().map(String::as_str).collect();
    assert_eq!(
        tail,
        [
            "Rule UPDATE_COMPLETE",
            "Clock UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "Rule DELETE_IN_PROGRESS",
            "Rule DELETE_COMPLETE",
            "Clock UPDATE_COMPLETE"
        ]
    );
    account.create("Night", &rule("nightly")).unwrap();
    assert_eq!(account.status("Night"), "CREATE_COMPLETE", "the old rule's name is free again");
}

#[test]
fn what_rests_on_a_later_resource_is_deleted_first() {
    let account = Account::new();
    account.create("S", "Resources: {A: {Type: 'AWS::EC2::VPC'}}").unwrap();
    let id = account.stack("S")["StackId"].as_str().unwrap().to_owned();
    let template =
        "Resources: {A: {Type: 'AWS::EC2::VPC', DependsOn: B}, B: {Type: 'AWS::EC2::VPC'}}";
    account.update("S", template).unwrap();
    account.ask("DeleteStack", json!({"StackName": "S"})).unwrap();
    let events = account.events(&id);
    let at = |line: &str| events.iter().position(|event| event == line).unwrap();
    assert!(at("A DELETE_COMPLETE") < at("B DELETE_IN_PROGRESS"), "{events:?}");
}

#[test]
fn exports_in_use_stay() {
    let account = Account::new();
    account.create("Net", NETWORK).unwrap();
    let user = "Resources: {G: {Type: 'AWS::EC2::SecurityGroup', Properties: {VpcId: {'Fn::ImportValue': {'Fn::Sub': 'Net-Subnet'}}}}}";
    account.create("App", user).unwrap();
    assert_eq!(
        account.ask("ListImports", json!({"ExportName": "Net-Subnet"})).unwrap()["Imports"],
        json!(["App"])
    );
    account.ask("DeleteStack", json!({"StackName": "Net"})).unwrap();
    let stack = account.stack("Net");
    assert_eq!(stack["StackStatus"], "DELETE_FAILED");
    assert_eq!(
        stack["StackStatusReason"],
        "Export Net-Subnet cannot be deleted as it is in use by App"
    );
    account.ask("DeleteStack", json!({"StackName": "App"})).unwrap();
    account.ask("DeleteStack", json!({"StackName": "Net"})).unwrap();
    let gone = account.ask("DescribeStacks", json!({"StackName": "Net"})).unwrap_err();
    assert_eq!(
        (gone.status, gone.code.as_str(), gone.message.as_str()),
        (400, "ValidationError", "Stack with id Net does not exist")
    );
    let by_id = account.ask("DescribeStacks", json!({"StackName": stack["StackId"]})).unwrap();
    assert_eq!(by_id["Stacks"][0]["StackStatus"], "DELETE_COMPLETE");
    account.create("Again", user).unwrap();
    assert_eq!(account.status("Again"), "ROLLBACK_COMPLETE");
    let reason = account.stack("Again")["StackStatusReason"].clone();
    assert!(account.events("Again").contains(&"G CREATE_FAILED".to_owned()), "{reason}");
}

#[test]
fn what_isnt_made_imports_nothing() {
    let account = Account::new();
    account.create("Net", NETWORK).unwrap();
    let template = "
Conditions:
  Own: !Equals [!Ref AWS::Region, us-east-1]
  Elsewhere: !Not [!Condition Own]
Resources:
  Group: {Type: 'AWS::EC2::SecurityGroup', Properties: {VpcId: !If [Own, x, !ImportValue Nobodys]}}
  Other: {Type: 'AWS::EC2::SecurityGroup', Condition: Elsewhere, Properties: {VpcId: !ImportValue Nobodys}}
Outputs:
  Taken: {Value: !If [Elsewhere, !ImportValue Nobodys, !If [Own, !ImportValue Net-Subnet, y]]}
";
    let with = json!({"StackName": "App", "ChangeSetName": "one", "ChangeSetType": "CREATE",
        "TemplateBody": template});
    account.ask("CreateChangeSet", with).unwrap();
    let named = json!({"StackName": "App", "ChangeSetName": "one"});
    let set = account.ask("DescribeChangeSet", named.clone()).unwrap();
    assert_eq!(set["Status"], "CREATE_COMPLETE", "{set}");
    account.ask("ExecuteChangeSet", named).unwrap();
    assert_eq!(account.status("App"), "CREATE_COMPLETE");
    let users = |export: &str| account.ask("ListImports", json!({"ExportName": export}));
    assert_eq!(users("Net-Subnet").unwrap()["Imports"], json!(["App"]), "this one is taken");
    assert!(users("Nobodys").is_err());
}

#[test]
fn an_export_has_one_owner() {
    let account = Account::new();
    account.create("A", "Resources: {V: {Type: 'AWS::EC2::VPC'}}\nOutputs: {V: {Value: !Ref V, Export: {Name: shared}}}").unwrap();
    account.create("B", "Resources: {V: {Type: 'AWS::EC2::VPC'}}\nOutputs: {V: {Value: !Ref V, Export: {Name: shared}}}").unwrap();
    assert_eq!(account.status("B"), "ROLLBACK_COMPLETE");
    let reason = account.stack("B")["StackStatusReason"].as_str().unwrap().to_owned();
    assert!(
        reason.starts_with("Export with name shared is already exported by stack A"),
        "{reason}"
    );
}

#[test]
fn an_executed_change_set_gives_its_name_back_and_a_waiting_one_keeps_it() {
    let account = Account::new();
    let create = |kind: &str, template: &str| {
        let set = json!({"StackName": "Net", "ChangeSetName": "same second",
            "ChangeSetType": kind, "TemplateBody": template});
        account.ask("CreateChangeSet", set)
    };
    let named = json!({"StackName": "Net", "ChangeSetName": "same second"});
    create("CREATE", NETWORK).unwrap();
    assert_eq!(create("CREATE", NETWORK).unwrap_err().code, "AlreadyExistsException");
    account.ask("ExecuteChangeSet", named.clone()).unwrap();
    create("UPDATE", &NETWORK.replace("10.0.0.0/16", "10.1.0.0/16")).unwrap();
    let second = account.ask("DescribeChangeSet", named.clone()).unwrap();
    assert_eq!(second["ExecutionStatus"], "AVAILABLE", "{second}");
    account.ask("ExecuteChangeSet", named).unwrap();
    assert_eq!(account.status("Net"), "UPDATE_COMPLETE");
}

#[test]
fn a_change_set_shows_what_execution_then_does() {
    let account = Account::new();
    let ask = |set: &str, kind: &str, template: &str| {
        account.ask("CreateChangeSet", json!({"StackName": "Net", "ChangeSetName": set, "ChangeSetType": kind, "TemplateBody": template})).unwrap();
        account.ask("DescribeChangeSet", json!({"StackName": "Net", "ChangeSetName": set})).unwrap()
    };
    let execute = |set: &str| {
        account.ask("ExecuteChangeSet", json!({"StackName": "Net", "ChangeSetName": set}))
    };
    let first = ask("one", "CREATE", NETWORK);
    assert_eq!(
        (&first["Status"], &first["ExecutionStatus"]),
        (&json!("CREATE_COMPLETE"), &json!("AVAILABLE"))
    );
    assert_eq!(account.status("Net"), "REVIEW_IN_PROGRESS");
    assert!(account.resources("Net").is_empty(), "nothing is made yet");
    execute("one").unwrap();
    assert_eq!(account.status("Net"), "CREATE_COMPLETE");

    let empty = ask("two", "UPDATE", NETWORK);
    assert_eq!(empty["Status"], "FAILED");
    assert!(
        empty["StatusReason"]
            .as_str()
            .unwrap()
            .starts_with("The submitted information didn't contain changes.")
    );
    assert_eq!(execute("two").unwrap_err().code, "InvalidChangeSetStatus");

    let changed = NETWORK.replace("10.0.0.0/16", "10.1.0.0/16").replace("'no', All", "'yes', All");
    let third = ask("three", "UPDATE", &changed);
    let mut lines: Vec<String> = third["Changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| &change["ResourceChange"])
        .map(|change| {
            format!(
                "{} {} {}",
                change["Action"], change["LogicalResourceId"], change["Replacement"]
            )
            .replace('"', "")
        })
        .collect();
    lines.sort();
    assert_eq!(lines, ["Add Address null", "Modify Subnet False", "Modify Vpc False"]);
    assert_eq!(account.output("Net", "Range"), "10.0.1.0/24", "a change set changes nothing");
    execute("three").unwrap();
    assert_eq!(account.output("Net", "Range"), "10.1.1.0/24");
    assert_eq!(account.resources("Net").len(), 3);
}

#[test]
fn refusals_are_worded_as_cloudformation_words_them() {
    let account = Account::new();
    let role = "{Type: 'AWS::IAM::Role', Properties: {AssumeRolePolicyDocument: {}}}";
    for (template, code, message) in [
        ("Resources: {A: {Type: 'AWS::EC2::VPC', Properties: {X: !Ref Gone}}}".to_owned(), "ValidationError", "Template format error: Unresolved resource dependencies [Gone] in the Resources block of the template"),
        ("Resources: {A: {Type: 'AWS::EC2::VPC'}}\nOutputs: {O: {Value: !GetAtt Gone.Arn}}".to_owned(), "ValidationError", "Template format error: Unresolved resource dependencies [Gone] in the Outputs block of the template"),
        ("Resources: {A: {Type: 'AWS::EC2::VPC', DependsOn: B}, B: {Type: 'AWS::EC2::VPC', Properties: {X: !Sub '${A}'}}, C: {Type: 'AWS::EC2::VPC', DependsOn: A}}".to_owned(), "ValidationError", "Circular dependency between resources: [A, B]"),
        ("Resources: {A: {Type: 'AWS::Nope::Thing'}}".to_owned(), "ValidationError", "Template format error: Unrecognized resource types: [AWS::Nope::Thing]"),
        ("Resources: {A: {Type: 'AWS::EC2::VPC', Properties: {X: }}}".to_owned(), "ValidationError", "[/Resources/A/Properties/X] 'null' values are not allowed in templates"),
        ("Resources: {}".to_owned(), "ValidationError", "Template format error: At least one Resources member must be defined."),
        ("Parameters: {P: {Type: String}}\nResources: {A: {Type: 'AWS::EC2::VPC'}}".to_owned(), "ValidationError", "Parameters: [P] must have values"),
        ("Parameters: {P: {Type: String, Default: x1, AllowedPattern: '[a-z]+'}}\nResources: {A: {Type: 'AWS::EC2::VPC'}}".to_owned(), "ValidationError", "Parameter 'P' must match pattern [a-z]+"),
        (format!("Resources: {{R: {role}}}"), "ValidationError", "IAM"),
    ] {
        let Err(fault) = account.create("S", &template) else {
            panic!("accepted: {template}");
        };
        if message == "IAM" {
            // The provider of roles decides which of the two: the type, or the capability.
            assert!(fault.message.contains("AWS::IAM::Role") || fault.message == "Requires capabilities : [CAPABILITY_IAM]", "{fault}");
            continue;
        }
        assert_eq!((fault.status, fault.code.as_str(), fault.message.as_str()), (400, code, message));
    }
    let malformed = account.create("S", "Resources:\n  A: {Type: [}").unwrap_err();
    assert!(
        malformed
            .message
            .starts_with("Template format error: YAML not well-formed. (line 2, column "),
        "{malformed}"
    );
    assert_eq!(
        account.ask("DescribeChangeSet", json!({"ChangeSetName": "arn:x"})).unwrap_err().code,
        "ChangeSetNotFound"
    );
    assert!(
        account
            .create("no_good", "Resources: {A: {Type: 'AWS::EC2::VPC'}}")
            .unwrap_err()
            .message
            .contains("at 'stackName'")
    );
}

#[test]
fn templates_can_be_read_back() {
    let account = Account::new();
    account.create("Net", NETWORK).unwrap();
    let template = account.ask("GetTemplate", json!({"StackName": "Net"})).unwrap();
    assert_eq!(template["TemplateBody"], NETWORK);
    let summary = account.ask("GetTemplateSummary", json!({"StackName": "Net"})).unwrap();
    assert_eq!(
        summary["ResourceTypes"],
        json!(["AWS::EC2::EIP", "AWS::EC2::Subnet", "AWS::EC2::VPC"])
    );
    assert_eq!(summary["Parameters"][1]["NoEcho"], true);
    let sam = "Transform: AWS::Serverless-2016-10-31\nResources: {T: {Type: 'AWS::Serverless::SimpleTable'}}";
    let refused = account.create("Sam", sam).unwrap_err();
    assert_eq!(refused.message, "Requires capabilities : [CAPABILITY_AUTO_EXPAND]");
}
