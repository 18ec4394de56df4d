//! Module 3: an API-linked policy store, as the console makes it.

use serde_json::json;

use crate::support::Practice;

/// What the console's wizard deploys: an API whose one method asks an authorizer that asks a store.
const LINKED_API: &str = r#"
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - { Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }
      Policies:
        - PolicyName: Ask
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: verifiedpermissions:IsAuthorizedWithToken
                Resource: "*"
  Asks:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Environment:
        Variables: { POLICY_STORE_ID: THE-STORE, NAMESPACE: Partners, TOKEN_TYPE: accessToken }
      Code:
        ZipFile: |
          const { VerifiedPermissions } = require("@aws-sdk/client-verifiedpermissions");
          exports.handler = async (event) => new VerifiedPermissions().isAuthorizedWithToken({});
  Allowed:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Asks
      Principal: apigateway.amazonaws.com
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        swagger: "2.0"
        info: { title: Partners, version: "1" }
        securityDefinitions:
          Linked:
            type: apiKey
            name: Authorization
            in: header
            x-amazon-apigateway-authtype: custom
            x-amazon-apigateway-authorizer:
              type: request
              identitySource: method.request.header.Authorization
              authorizerResultTtlInSeconds: 120
              authorizerUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Asks.Arn}/invocations"
        paths:
          /partners:
            post:
              security: [{ Linked: [] }]
              responses: { "200": { description: Done } }
              x-amazon-apigateway-integration:
                type: mock
                requestTemplates: { application/json: '{"statusCode": 200}' }
                responses: { default: { statusCode: "200" } }
  Deployment:
    Type: AWS::ApiGateway::Deployment
    Properties: { RestApiId: !Ref Api }
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties: { RestApiId: !Ref Api, DeploymentId: !Ref Deployment, StageName: dev }
Outputs:
  Api: { Value: !Ref Api }
"#;

/// `aws cognito-idp`, which must succeed; its output.
fn cognito(practice: &Practice, words: &[&str]) -> String {
    practice.ok(&[&["cognito-idp"], words].concat())
}

/// `aws verifiedpermissions`, likewise.
fn avp(practice: &Practice, words: &[&str]) -> String {
    practice.ok(&[&["verifiedpermissions"], words].concat())
}

const PASSWORD: &str = "Long-pass-1";

/// A client of the web and two users, the first an administrator: the client.
fn users(practice: &Practice, pool: &str) -> String {
    let on = |operation: &str, words: &[&str]| {
        cognito(practice, &[&[operation, "--user-pool-id", pool], words].concat())
    };
    let flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
    let words = [&["--client-name", "web", "--explicit-auth-flows"], &flows[..]].concat();
    let query = ["--query", "UserPoolClient.ClientId", "--output", "text"];
    let client = on("create-user-pool-client", &[&words[..], &query].concat());
    on("create-group", &["--group-name", "admins"]);
    for user in ["ann", "bob"] {
        on("admin-create-user", &["--username", user]);
        let password = ["--password", PASSWORD, "--permanent"];
        on("admin-set-user-password", &[&["--username", user], &password[..]].concat());
    }
    group(practice, pool, "admin-add-user-to-group");
    client
}

/// Puts the administrator into the group, or takes her out.
fn group(practice: &Practice, pool: &str, operation: &str) {
    let who = ["--username", "ann", "--group-name", "admins"];
    cognito(practice, &[&[operation, "--user-pool-id", pool], &who[..]].concat());
}

/// A store with a schema for the API, and with the pool as its identity source.
fn store(practice: &Practice, client: &str) -> String {
    let strict = ["create-policy-store", "--validation-settings", "mode=STRICT"];
    let query = ["--query", "policyStoreId", "--output", "text"];
    let store = avp(practice, &[&strict[..], &query].concat());
    let schema = json!({"Partners": {
        "entityTypes": {"User": {"memberOfTypes": ["UserGroup"]}, "UserGroup": {}, "Application": {}},
        "actions": {"post /partners": {"appliesTo":
            {"principalTypes": ["User"], "resourceTypes": ["Application"]}}}}});
    let definition = json!({"cedarJson": schema.to_string()}).to_string();
    avp(practice, &["put-schema", "--policy-store-id", &store, "--definition", &definition]);
    let arn = practice.fact("user_pool")["arn"].clone();
    let source = json!({"cognitoUserPoolConfiguration": {"userPoolArn": arn, "clientIds": [client],
        "groupConfiguration": {"groupEntityType": "Partners::UserGroup"}}})
    .to_string();
    let words = ["create-identity-source", "--policy-store-id", &store, "--configuration", &source];
    avp(practice, &[&words[..], &["--principal-entity-type", "Partners::User"]].concat());
    store
}

/// An access token of a user.
fn sign_in(practice: &Practice, client: &str, user: &str) -> String {
    let parameters = format!("USERNAME={user},PASSWORD={PASSWORD}");
    let words = ["initiate-auth", "--client-id", client, "--auth-flow", "USER_PASSWORD_AUTH"];
    let query = ["--query", "AuthenticationResult.AccessToken", "--output", "text"];
    cognito(practice, &[&words[..], &["--auth-parameters", &parameters], &query].concat())
}

#[test]
fn an_api_linked_store_passes_by_the_real_cli() {
    let practice = Practice::solved(&["0", "1"]);
    let pool = practice.fact("user_pool")["id"].as_str().unwrap().to_owned();
    let client = users(&practice, &pool);
    let store = store(&practice, &client);

    // Nothing is permitted, nothing is asked yet.
    let report = practice.verify(&["3"]);
    assert_eq!(report.verdict("policy-store-describes-the-app"), "pass");
    report.assert_fails("rule-is-written", "group of users");

    let statement = format!(
        "permit (principal in Partners::UserGroup::\"{pool}|admins\", \
        action == Partners::Action::\"post /partners\", resource);"
    );
    let policy = json!({"static": {"statement": statement}}).to_string();
    avp(&practice, &["create-policy", "--policy-store-id", &store, "--definition", &policy]);
    practice.verify(&["3"]).assert_fails("something-asks-the-store", "No method");

    practice.file("linked.yaml", &LINKED_API.replace("THE-STORE", &store));
    let deployed = practice.deploy("Linked", "linked.yaml", &[]);
    assert!(deployed.good(), "{}", deployed.text);
    practice.verify(&["3"]).assert_proven();

    // The policy is for a group, and nobody is in one.
    group(&practice, &pool, "admin-remove-user-from-group");
    practice.verify(&["3"]).assert_fails("owner-is-allowed", "in a group");
    group(&practice, &pool, "admin-add-user-to-group");

    let url =
        format!("{}/_api/{}/dev/partners", practice.endpoint(), practice.output("Linked", "Api"));
    assert_eq!(practice.http("POST", &url, &[], Some(&json!({}))).0, 401);
    for (user, wanted) in [("ann", 200), ("bob", 403)] {
        let token = sign_in(&practice, &client, user);
        let headers = [("authorization", token.as_str())];
        assert_eq!(practice.http("POST", &url, &headers, Some(&json!({}))).0, wanted, "{user}");
    }
}
