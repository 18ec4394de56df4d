//! Who gets through API Gateway: every kind of authorizer, over a small API of its own.

use serde_json::{Value, json};

use crate::support::{ACCOUNT, Practice, signature};

const TTL: i32 = 60;

/// A deployed API with `GET /socks` and `GET /secret`, which ask as `scheme` says.
struct Gate<'a> {
    practice: &'a Practice,
    api: String,
}

impl<'a> Gate<'a> {
    fn new(practice: &'a Practice, scheme: &Value) -> Self {
        let method = json!({"get": {
            "security": [{"Gate": []}],
            "responses": {"200": {"description": "Done"}},
            "x-amazon-apigateway-integration": {
                "type": "mock",
                "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
                "responses": {"default": {"statusCode": "200"}},
            },
        }});
        let document = json!({
            "swagger": "2.0",
            "info": {"title": "gate", "version": "1"},
            "securityDefinitions": {"Gate": scheme},
            "paths": {"/socks": method, "/secret": method},
        });
        let made = practice.rest("apigateway", "POST", "/restapis?mode=import", Some(&document));
        let api = made["id"].as_str().unwrap().to_owned();
        let stage = json!({"stageName": "dev", "variables": {"tier": "gold"}});
        practice.rest("apigateway", "POST", &format!("/restapis/{api}/deployments"), Some(&stage));
        Self { practice, api }
    }

    /// With a function that decides; `with` replaces members of the authorizer; null takes one out.
    fn asking(practice: &'a Practice, function: &str, with: &Value) -> Self {
        let mut authorizer = json!({
            "type": "token",
            "identitySource": "method.request.header.Authorization",
            "authorizerUri": Practice::function_uri(function),
            "authorizerCredentials": practice.authorizer_role(),
            "authorizerResultTtlInSeconds": TTL,
        });
        for (name, value) in with.as_object().unwrap() {
            authorizer[name] = value.clone();
        }
        authorizer.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let scheme = json!({
            "type": "apiKey", "name": "Authorization", "in": "header",
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": authorizer,
        });
        Self::new(practice, &scheme)
    }

    /// Status, error type, message.
    fn get(&self, path: &str, authorization: &str) -> (u16, String, String) {
        let url = format!("{}/_api/{}/dev{path}", self.practice.endpoint(), self.api);
        let headers = [("authorization", authorization)];
        let headers = if authorization.is_empty() { &headers[..0] } else { &headers[..] };
        let (status, kind, text) = self.practice.exchange("GET", &url, headers, b"");
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        let message = body.get("message").or_else(|| body.get("Message"));
        (status, kind, message.and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    fn status(&self, path: &str, authorization: &str) -> u16 {
        self.get(path, authorization).0
    }
}

fn refused(status: u16, kind: &str, message: &str) -> (u16, String, String) {
    (status, kind.to_owned(), message.to_owned())
}

fn unauthorized() -> (u16, String, String) {
    refused(401, "UnauthorizedException", "Unauthorized")
}

/// The authorizer can't be asked, or gave no decision.
fn broken() -> (u16, String, String) {
    refused(500, "AuthorizerConfigurationException", "")
}

/// Modules 0 and 1 with their authorizer, and a token that it takes.
fn solved() -> (Practice, String) {
    let practice = Practice::solved(&["0", "1"]);
    let token = practice.token("WildRydes/ManagePartners");
    (practice, token)
}

#[test]
fn a_token_is_kept_with_its_policy_until_its_time_is_over_or_the_cache_is_flushed() {
    let (practice, token) = solved();
    let other = practice.partner_token();
    let gate = Gate::asking(&practice, "CustomAuthorizerFunction", &json!({}));
    assert_eq!(gate.status("/socks", &token), 200);
    practice.ok(&["lambda", "delete-function", "--function-name", "CustomAuthorizerFunction"]);
    assert_eq!(gate.status("/socks", &token), 200, "kept");
    let implicit = "User is not authorized to access this resource";
    let denied = refused(403, "AccessDeniedException", implicit);
    assert_eq!(gate.get("/secret", &token), denied, "kept for every method");
    assert_eq!(gate.get("/socks", &other), broken(), "not kept for anybody else");

    practice.set_ahead(TTL - 5);
    assert_eq!(gate.status("/socks", &token), 200);
    practice.set_ahead(TTL + 1);
    assert_eq!(gate.get("/socks", &token), broken());

    practice.set_ahead(0);
    assert_eq!(gate.status("/socks", &token), 200);
    practice.ok(&[
        "apigateway",
        "flush-stage-authorizers-cache",
        "--rest-api-id",
        &gate.api,
        "--stage-name",
        "dev",
    ]);
    assert_eq!(gate.get("/socks", &token), broken());
}

#[test]
fn without_a_cache_every_request_is_judged() {
    let (practice, token) = solved();
    let none = json!({"authorizerResultTtlInSeconds": 0});
    let gate = Gate::asking(&practice, "CustomAuthorizerFunction", &none);
    assert_eq!(gate.status("/socks", &token), 200);
    practice.ok(&["lambda", "delete-function", "--function-name", "CustomAuthorizerFunction"]);
    assert_eq!(gate.get("/socks", &token), broken());
}

#[test]
fn a_token_that_does_not_fit_the_expression_never_reaches_the_function() {
    let (practice, token) = solved();
    let fits = json!({"identityValidationExpression": "Bearer [-A-Za-z0-9._]+"});
    // Whoever asks this one is answered with 500.
    let gate = Gate::asking(&practice, "NoSuchFunction", &fits);
    for wrong in ["nonsense", "Bearer ", "bearer abc", "Bearer abc def", "xBearer abc"] {
        assert_eq!(gate.get("/socks", wrong), unauthorized(), "{wrong}");
    }
    assert_eq!(gate.get("/socks", "Bearer abc"), broken());

    let gate = Gate::asking(&practice, "CustomAuthorizerFunction", &fits);
    assert_eq!(gate.get("/socks", &token), unauthorized());
    assert_eq!(gate.status("/socks", &format!("Bearer {token}")), 200);
}

#[test]
fn a_request_authorizer_is_asked_only_with_all_of_its_sources() {
    let (practice, token) = solved();
    let with = |sources: &str, ttl: i32| json!({"type": "request", "identitySource": sources, "authorizerResultTtlInSeconds": ttl});
    let all = "method.request.header.Authorization, method.request.querystring.shop, \
               stageVariables.tier, context.httpMethod";
    for ttl in [TTL, 0] {
        let gate = Gate::asking(&practice, "NoSuchFunction", &with(all, ttl));
        assert_eq!(gate.get("/socks?shop=1", ""), unauthorized());
        assert_eq!(gate.get("/socks", &token), unauthorized());
        assert_eq!(gate.get("/socks?shop=", &token), unauthorized());
        assert_eq!(gate.get("/socks?shop=1", &token), broken(), "asked");
        let missing = with("method.request.header.Authorization,stageVariables.none", ttl);
        let gate = Gate::asking(&practice, "NoSuchFunction", &missing);
        assert_eq!(gate.get("/socks", &token), unauthorized());
    }
    let gate = Gate::asking(&practice, "CustomAuthorizerFunction", &with(all, TTL));
    assert_eq!(gate.status("/socks?shop=1", &token), 200);
    // The decision is kept for these sources, not for others.
    practice.ok(&["lambda", "delete-function", "--function-name", "CustomAuthorizerFunction"]);
    assert_eq!(gate.status("/socks?shop=1", &token), 200);
    assert_eq!(gate.get("/socks?shop=2", &token), broken());
}

/// The function that the console makes for an API-linked policy store. It denies in so many words
/// what it can't decide, such as with a store that doesn't exist.
const DENIES: &str = r#"
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - { Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }
  Function:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: Denies
      Runtime: nodejs22.x
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Environment: { Variables: { POLICY_STORE_ID: none, NAMESPACE: Gate } }
      Code: { ZipFile: "exports.handler = (event) => client.isAuthorizedWithToken(event);" }
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Function
      Principal: apigateway.amazonaws.com
"#;

#[test]
fn an_explicit_deny_is_told_from_no_permission() {
    let (practice, token) = solved();
    practice.file("denies.yaml", DENIES);
    assert!(practice.deploy("Denies", "denies.yaml", &[]).good());
    let request = json!({"type": "request", "authorizerCredentials": null});
    let gate = Gate::asking(&practice, "Denies", &request);
    let explicit = "User is not authorized to access this resource with an explicit deny";
    let denied = refused(403, "AccessDeniedException", explicit);
    assert_eq!(gate.get("/socks", &token), denied);
    assert_eq!(gate.get("/socks", &token), denied, "kept");
    assert_eq!(gate.get("/socks", ""), unauthorized());
}

#[test]
fn signatures_open_an_api_to_its_own_account() {
    let practice = Practice::start();
    let gate = Gate::new(
        &practice,
        &json!({"type": "apiKey", "name": "Authorization", "in": "header",
            "x-amazon-apigateway-authtype": "awsSigv4"}),
    );
    let missing =
        refused(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    assert_eq!(gate.get("/socks", ""), missing);
    let (status, kind, message) = gate.get("/socks", "Bearer eyJhbGciOi");
    assert_eq!((status, kind.as_str()), (403, "IncompleteSignatureException"));
    assert!(message.starts_with("Invalid key=value pair (missing equal-sign)"), "{message}");
    assert!(!message.contains("eyJ"), "{message}");

    let own = signature("execute-api");
    assert_eq!(gate.status("/socks", &own), 200);
    let foreign = own.replace(ACCOUNT, "111122223333");
    let message = format!(
        "User: arn:aws:iam::111122223333:root is not authorized to perform: execute-api:Invoke on \
         resource: arn:aws:execute-api:us-east-1:********0000:{}/dev/GET/socks",
        gate.api
    );
    assert_eq!(gate.get("/socks", &foreign), refused(403, "AccessDeniedException", &message));

    let session = |account: &str| {
        let role = format!("arn:aws:iam::{account}:role/Caller");
        let words = ["sts", "assume-role", "--role-arn", &role, "--role-session-name", "test"];
        let answer = practice.aws(&words).json();
        own.replace(ACCOUNT, answer["Credentials"]["AccessKeyId"].as_str().unwrap())
    };
    let caller = session(ACCOUNT);
    assert_eq!(gate.status("/socks", &caller), 200);
    assert_eq!(gate.status("/socks", &session("111122223333")), 403);
    let unknown = gate.get("/socks", &own.replace(ACCOUNT, "ASIAUNKNOWN000000000"));
    assert_eq!((unknown.0, unknown.1.as_str()), (403, "UnrecognizedClientException"));
    practice.set_ahead(2 * 3600);
    let expired = gate.get("/socks", &caller);
    assert_eq!((expired.0, expired.1.as_str()), (403, "ExpiredTokenException"));
}
