//! The starter app on the practice account, reached as a learner reaches it: templates and calls
//! through the SDK, requests through HTTP.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use aws_sdk_apigateway as apigateway;
use aws_sdk_cloudformation as cloudformation;
use aws_sdk_cloudformation::types::Capability::{
    CapabilityAutoExpand, CapabilityIam, CapabilityNamedIam,
};
use aws_sdk_cognitoidentityprovider as cognito;
use aws_sdk_lambda as lambda;
use aws_types::SdkConfig;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use stepproof::practice::store::Store;
use stepproof::practice::{Options, Running, serve};

struct Account {
    server: Running,
    config: SdkConfig,
    http: reqwest::Client,
}

/// An answer of the data plane.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    error: String,
    body: Value,
}

fn app() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("content/app")
}

/// A package of one of the app's directories, with its dependencies as an install leaves them.
fn package(directory: &str, dependencies: &[&str]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for entry in std::fs::read_dir(app().join(directory)).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            archive.start_file(entry.file_name().to_str().unwrap(), options).unwrap();
            archive.write_all(&std::fs::read(entry.path()).unwrap()).unwrap();
        }
    }
    for name in dependencies {
        archive.start_file(format!("node_modules/{name}/package.json"), options).unwrap();
        archive.write_all(b"{}").unwrap();
    }
    archive.finish().unwrap().into_inner()
}

impl Account {
    async fn new() -> Self {
        let store = Store::in_memory().unwrap();
        let server = serve(Options { store, port: 0, faults: Vec::new() }).await.unwrap();
        let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .endpoint_url(server.endpoint())
            .region("us-east-1")
            .credentials_provider(apigateway::config::Credentials::new(
                "000000000000",
                "secret",
                None,
                None,
                "test",
            ))
            .load()
            .await;
        Self { server, config, http: reqwest::Client::new() }
    }

    async fn upload(&self, bucket: &str, key: &str, body: Vec<u8>) {
        let answer = self
            .http
            .put(format!("{}/{bucket}/{key}", self.server.endpoint()))
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/s3/aws4_request, \
                 SignedHeaders=host, Signature=0",
            )
            .body(body)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// Deploys a template and gives the stack's outputs.
    async fn deploy(&self, name: &str, template: &str) -> impl Fn(&str) -> String + use<> {
        let client = cloudformation::Client::new(&self.config);
        client
            .create_stack()
            .stack_name(name)
            .template_body(template)
            .set_capabilities(Some(vec![CapabilityAutoExpand, CapabilityIam, CapabilityNamedIam]))
            .send()
            .await
            .unwrap();
        let stacks = client.describe_stacks().stack_name(name).send().await.unwrap();
        let stack = stacks.stacks()[0].clone();
        let status = stack.stack_status().unwrap().as_str().to_owned();
        assert_eq!(status, "CREATE_COMPLETE", "{name}: {:?}", stack.stack_status_reason());
        move |output: &str| {
            let all = stack.outputs();
            let found = all.iter().find(|known| known.output_key() == Some(output));
            found.and_then(|found| found.output_value()).unwrap().to_owned()
        }
    }

    /// Module 0 as the course leaves it, but for the database; the API's id, the pool and the
    /// deployment bucket.
    async fn module_0(&self) -> (String, String, String) {
        let read = |file: &str| std::fs::read_to_string(app().join(file)).unwrap();
        let init = self.deploy("Secure-Serverless", &read("setup.yaml")).await;
        let bucket = init("DeploymentS3Bucket");
        self.upload(&bucket, "api.zip", package("api", &["mysql"])).await;
        self.upload(&bucket, "database.zip", package("database", &["mysql2"])).await;
        self.upload(&bucket, "authorizer.zip", package("authorizer", &["aws-jwt-verify"])).await;
        let packaged = |file: &str, directory: &str| {
            read(file).replace(
                &format!("CodeUri: {directory}\n"),
                &format!("CodeUri: s3://{bucket}/{directory}.zip\n"),
            )
        };
        let _ =
            self.deploy("Secure-Serverless-Database", &packaged("database.yaml", "database")).await;
        let app = self.deploy("CustomizeUnicorns", &packaged("template.yaml", "api")).await;
        let url = app("ApiURL");
        let api = url.trim_start_matches("https://").split('.').next().unwrap().to_owned();
        (api, app("UserPoolId"), bucket)
    }

    async fn set_up_database(&self) -> Value {
        let client = lambda::Client::new(&self.config);
        let done = client.invoke().function_name("DatabaseSetupFunction").send().await.unwrap();
        assert_eq!(done.function_error(), None, "{:?}", done.payload());
        serde_json::from_slice(done.payload().unwrap().as_ref()).unwrap()
    }

    async fn call(&self, api: &str, verb: &str, path: &str, token: &str, body: &Value) -> Answer {
        let url = format!("{}/_api/{api}/dev{path}", self.server.endpoint());
        let mut request = self.http.request(verb.parse().unwrap(), url);
        if !token.is_empty() {
            request = request.header("authorization", token);
        }
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let header = |name: &str| {
            answer.headers().get(name).map_or(String::new(), |v| v.to_str().unwrap().to_owned())
        };
        let (status, error) = (answer.status().as_u16(), header("x-amzn-errortype"));
        let text = answer.text().await.unwrap();
        Answer { status, error, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    async fn get(&self, api: &str, path: &str, token: &str) -> Answer {
        self.call(api, "GET", path, token, &Value::Null).await
    }

    /// Asks the token endpoint.
    async fn token(&self, domain: &str, id: &str, secret: &str, scope: &str) -> (u16, Value) {
        let mut form = vec![("grant_type", "client_credentials")];
        if !scope.is_empty() {
            form.push(("scope", scope));
        }
        let body: String =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let answer = self
            .http
            .post(format!("{}/_cognito/{domain}/oauth2/token", self.server.endpoint()))
            .header("content-type", "application/x-www-form-urlencoded")
            .basic_auth(id, Some(secret))
            .body(body)
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    /// Module 1's domain, scopes and admin client; the client's id and secret.
    async fn identity(&self, pool: &str, domain: &str) -> (String, String) {
        let client = cognito::Client::new(&self.config);
        client.create_user_pool_domain().user_pool_id(pool).domain(domain).send().await.unwrap();
        let scope = |name: &str| {
            cognito::types::ResourceServerScopeType::builder()
                .scope_name(name)
                .scope_description(name)
                .build()
                .unwrap()
        };
        client
            .create_resource_server()
            .user_pool_id(pool)
            .identifier("WildRydes")
            .name("WildRydes")
            .scopes(scope("CustomizeUnicorn"))
            .scopes(scope("ManagePartners"))
            .send()
            .await
            .unwrap();
        let made = client
            .create_user_pool_client()
            .user_pool_id(pool)
            .client_name("Admin")
            .generate_secret(true)
            .allowed_o_auth_flows_user_pool_client(true)
            .allowed_o_auth_flows(cognito::types::OAuthFlowType::ClientCredentials)
            .allowed_o_auth_scopes("WildRydes/ManagePartners")
            .send()
            .await
            .unwrap();
        let made = made.user_pool_client().unwrap();
        (made.client_id().unwrap().to_owned(), made.client_secret().unwrap().to_owned())
    }

    /// The authorizer's function, its role, and the role that API Gateway invokes it with: the
    /// URI and that role.
    async fn authorizer_function(&self, bucket: &str, pool: &str) -> (String, String) {
        let template = format!(
            "Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{Statement: {{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: 'sts:AssumeRole'}}}}
      Policies: [{{PolicyName: p, PolicyDocument: {{Statement: {{Effect: Allow, Action: 'dynamodb:GetItem', Resource: '*'}}}}}}]
  Invoke:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{Statement: {{Effect: Allow, Principal: {{Service: apigateway.amazonaws.com}}, Action: 'sts:AssumeRole'}}}}
      Policies: [{{PolicyName: p, PolicyDocument: {{Statement: {{Effect: Allow, Action: 'lambda:InvokeFunction', Resource: !GetAtt Function.Arn}}}}}}]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      Role: !GetAtt Role.Arn
      Code: {{S3Bucket: {bucket}, S3Key: authorizer.zip}}
      Environment: {{Variables: {{USER_POOL_ID: {pool}, PARTNER_TABLE: CustomizeUnicorns-WildRydePartners}}}}
Outputs:
  Uri: {{Value: !Sub 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${{Function.Arn}}/invocations'}}
  Role: {{Value: !GetAtt Invoke.Arn}}
"
        );
        let outputs = self.deploy("Authorizer", &template).await;
        (outputs("Uri"), outputs("Role"))
    }

    /// Points every method but OPTIONS at a new authorizer, in the draft alone.
    async fn secure_draft(&self, api: &str, uri: &str, role: Option<String>) -> String {
        let client = apigateway::Client::new(&self.config);
        let made = client
            .create_authorizer()
            .rest_api_id(api)
            .name("CustomAuthorizer")
            .r#type(apigateway::types::AuthorizerType::Token)
            .authorizer_uri(uri)
            .set_authorizer_credentials(role)
            .identity_source("method.request.header.Authorization")
            .authorizer_result_ttl_in_seconds(60)
            .send()
            .await
            .unwrap();
        let id = made.id().unwrap().to_owned();
        for (resource, verb) in self.methods(api).await {
            let replace = |path: &str, value: &str| {
                apigateway::types::PatchOperation::builder()
                    .op(apigateway::types::Op::Replace)
                    .path(path)
                    .value(value)
                    .build()
            };
            client
                .update_method()
                .rest_api_id(api)
                .resource_id(resource)
                .http_method(verb)
                .patch_operations(replace("/authorizationType", "CUSTOM"))
                .patch_operations(replace("/authorizerId", &id))
                .send()
                .await
                .unwrap();
        }
        id
    }

    /// Resource id and verb of each method but OPTIONS.
    async fn methods(&self, api: &str) -> Vec<(String, String)> {
        let client = apigateway::Client::new(&self.config);
        let all = client.get_resources().rest_api_id(api).embed("methods").limit(500).send().await;
        let mut found = Vec::new();
        for resource in all.unwrap().items() {
            for verb in resource.resource_methods().into_iter().flat_map(|map| map.keys()) {
                if verb != "OPTIONS" {
                    found.push((resource.id().unwrap().to_owned(), verb.clone()));
                }
            }
        }
        found
    }

    async fn deploy_api(&self, api: &str) {
        let client = apigateway::Client::new(&self.config);
        client.create_deployment().rest_api_id(api).stage_name("dev").send().await.unwrap();
    }

    /// How callers authenticate on `GET /socks`, as the deployment says and as the export does.
    async fn deployed(&self, api: &str) -> (String, Value) {
        let client = apigateway::Client::new(&self.config);
        let stage = client.get_stage().rest_api_id(api).stage_name("dev").send().await.unwrap();
        let deployment = client
            .get_deployment()
            .rest_api_id(api)
            .deployment_id(stage.deployment_id().unwrap())
            .embed("apisummary")
            .send()
            .await
            .unwrap();
        let summary = &deployment.api_summary().unwrap()["/socks"]["GET"];
        let export = client
            .get_export()
            .rest_api_id(api)
            .stage_name("dev")
            .export_type("swagger")
            .parameters("extensions", "authorizers")
            .accepts("application/json")
            .send()
            .await
            .unwrap();
        let document: Value = serde_json::from_slice(export.body().unwrap().as_ref()).unwrap();
        (
            summary.authorization_type().unwrap().to_owned(),
            document["paths"]["/socks"]["get"]["security"].clone(),
        )
    }
}

const ATTACK: &str = "1); INSERT INTO Socks (NAME,PRICE) VALUES ('Bad color', 10000.00";

fn order(cape: &str) -> Value {
    json!({"name": "Ink", "imageUrl": "https://example.com/a.png", "sock": "1", "horn": "2",
        "glasses": "3", "cape": cape})
}

fn message(status: u16, error: &str, text: &str) -> Answer {
    Answer { status, error: error.to_owned(), body: json!({"message": text}) }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fresh_api_answers_anyone_and_the_attack_works() {
    let account = Account::new().await;
    let (api, _, _) = account.module_0().await;
    assert_eq!(account.get(&api, "/socks", "").await.status, 500, "no tables yet");
    assert_eq!(account.set_up_database().await["rows"]["Horns"], 8);
    for path in ["/socks", "/horns", "/glasses", "/capes", "/customizations"] {
        assert_eq!(account.get(&api, path, "").await.status, 200, "{path}");
    }
    let made = account.call(&api, "POST", "/customizations", "", &order(ATTACK)).await;
    assert_eq!((made.status, made.body), (200, json!({"customUnicornId": 1})));
    let socks = account.get(&api, "/socks", "").await.body;
    assert_eq!(socks[2]["NAME"], "Bad color");

    let nowhere =
        message(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    assert_eq!(account.get(&api, "/nothing", "").await, nowhere);
    assert_eq!(account.call(&api, "PATCH", "/socks", "", &Value::Null).await, nowhere);
    assert_eq!(account.get("nosuchapi1", "/socks", "").await.status, 403);
    assert_eq!(account.call(&api, "OPTIONS", "/socks", "", &Value::Null).await.status, 200);
    let partner = account.call(&api, "POST", "/partners", "", &json!({"name": "Acme"})).await;
    assert_eq!(partner.status, 409, "there is no scope yet: {}", partner.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drafted_authorizer_protects_nothing_and_a_deployed_one_everything() {
    let account = Account::new().await;
    let (api, pool, bucket) = account.module_0().await;
    account.set_up_database().await;
    let (uri, role) = account.authorizer_function(&bucket, &pool).await;
    account.secure_draft(&api, &uri, Some(role)).await;
    assert_eq!(account.methods(&api).await.len(), 9);
    assert_eq!(account.get(&api, "/socks", "").await.status, 200);
    assert_eq!(account.deployed(&api).await, ("NONE".to_owned(), Value::Null));

    account.deploy_api(&api).await;
    let (kind, security) = account.deployed(&api).await;
    assert_eq!((kind.as_str(), security), ("CUSTOM", json!([{"CustomAuthorizer": []}])));
    let refused = message(401, "UnauthorizedException", "Unauthorized");
    assert_eq!(account.get(&api, "/socks", "").await, refused);
    assert_eq!(account.call(&api, "POST", "/customizations", "", &order(ATTACK)).await, refused);
    assert_eq!(account.call(&api, "OPTIONS", "/socks", "", &Value::Null).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_open_what_their_scopes_allow() {
    let account = Account::new().await;
    let (api, pool, bucket) = account.module_0().await;
    account.set_up_database().await;
    let (id, secret) = account.identity(&pool, "wildrydes-test").await;
    let (uri, role) = account.authorizer_function(&bucket, &pool).await;
    account.secure_draft(&api, &uri, Some(role)).await;
    account.deploy_api(&api).await;

    let refused = |code: &str| (400, json!({"error": code}));
    let ask = |secret: &'static str, scope: &'static str| (secret, scope);
    let (wrong, none) = ask("wrong", "");
    assert_eq!(account.token("wildrydes-test", &id, wrong, none).await, refused("invalid_client"));
    assert_eq!(
        account.token("wildrydes-test", "nobody", &secret, "").await,
        refused("invalid_client")
    );
    let other = account.token("wildrydes-test", &id, &secret, "WildRydes/CustomizeUnicorn").await;
    assert_eq!(other, refused("invalid_scope"));
    assert_eq!(account.token("no-such-domain", &id, &secret, "").await.0, 404);

    let (status, granted) = account.token("wildrydes-test", &id, &secret, "").await;
    assert_eq!((status, granted["expires_in"].as_i64()), (200, Some(3600)));
    let admin = granted["access_token"].as_str().unwrap();
    assert_eq!(account.get(&api, "/socks", admin).await.status, 200);
    assert_eq!(account.get(&api, "/socks", &format!("Bearer {admin}")).await.status, 200);
    let denied = account.get(&api, "/customizations", admin).await;
    assert_eq!((denied.status, denied.error.as_str()), (403, "AccessDeniedException"));

    let made = account.call(&api, "POST", "/partners", admin, &json!({"name": "Acme"})).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let twice = account.call(&api, "POST", "/partners", admin, &json!({"name": "Acme"})).await;
    assert_eq!((twice.status, twice.body), (400, json!({"message": "Company already registered"})));
    let (id, secret) =
        (made.body["ClientID"].as_str().unwrap(), made.body["ClientSecret"].as_str().unwrap());
    let (_, granted) = account.token("wildrydes-test", id, secret, "").await;
    let partner = granted["access_token"].as_str().unwrap();
    let made = account.call(&api, "POST", "/customizations", partner, &order("1")).await;
    assert_eq!((made.status, &made.body), (200, &json!({"customUnicornId": 1})));
    assert_eq!(account.get(&api, "/customizations/1", partner).await.body["COMPANY"], 2);
    let denied = account.call(&api, "POST", "/partners", partner, &json!({"name": "B"})).await;
    assert_eq!(denied.status, 403);

    for forged in forgeries(admin) {
        let answer = account.get(&api, "/socks", &forged).await;
        assert_eq!(answer, message(401, "UnauthorizedException", "Unauthorized"), "{forged}");
    }
    let client = cognito::Client::new(&account.config);
    let other = client.create_user_pool().pool_name("other").send().await.unwrap();
    let other = other.user_pool().unwrap().id().unwrap().to_owned();
    let (id, secret) = account.identity(&other, "other-domain").await;
    let (_, granted) = account.token("other-domain", &id, &secret, "").await;
    let foreign = granted["access_token"].as_str().unwrap();
    assert_eq!(account.get(&api, "/socks", foreign).await.status, 401);
}

/// What isn't a token of the pool, made from one that is.
fn forgeries(token: &str) -> Vec<String> {
    let parts: Vec<&str> = token.split('.').collect();
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let none = encode(&json!({"alg": "none"}));
    let symmetric = encode(&json!({"alg": "HS256"}));
    claims["scope"] = "WildRydes/ManagePartners WildRydes/CustomizeUnicorn".into();
    vec![
        "garbage".to_owned(),
        "a.b.c".to_owned(),
        format!("{none}.{}.", parts[1]),
        format!("{symmetric}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], encode(&claims), parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorizer_that_may_not_be_invoked_answers_500() {
    let account = Account::new().await;
    let (api, pool, bucket) = account.module_0().await;
    let (uri, _) = account.authorizer_function(&bucket, &pool).await;
    account.secure_draft(&api, &uri, None).await;
    account.deploy_api(&api).await;
    let answer = account.get(&api, "/socks", "Bearer x").await;
    assert_eq!(
        answer,
        Answer {
            status: 500,
            error: "AuthorizerConfigurationException".to_owned(),
            body: json!({"message": null})
        }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_with_a_domain_stays_and_a_domain_belongs_to_one_pool() {
    let account = Account::new().await;
    let client = cognito::Client::new(&account.config);
    let mut pools = Vec::new();
    for name in ["one", "two"] {
        let made = client.create_user_pool().pool_name(name).send().await.unwrap();
        pools.push(made.user_pool().unwrap().id().unwrap().to_owned());
    }
    account.identity(&pools[0], "shared-prefix").await;
    let taken = client.create_user_pool_domain().user_pool_id(&pools[1]).domain("shared-prefix");
    let refused = taken.send().await.unwrap_err().into_service_error();
    assert_eq!(refused.meta().message(), Some("Domain already associated with another user pool."));
    let refused = client.delete_user_pool().user_pool_id(&pools[0]).send().await;
    let message = refused.unwrap_err().into_service_error().meta().message().unwrap().to_owned();
    assert!(message.contains("domain configured"), "{message}");
    let unknown = client.describe_user_pool_domain().domain("nobodys").send().await.unwrap();
    assert_eq!(unknown.domain_description().and_then(|d| d.user_pool_id()), None);
    let client_without_scope = client
        .create_user_pool_client()
        .user_pool_id(&pools[1])
        .client_name("x")
        .generate_secret(true)
        .allowed_o_auth_flows_user_pool_client(true)
        .allowed_o_auth_flows(cognito::types::OAuthFlowType::ClientCredentials)
        .allowed_o_auth_scopes("WildRydes/ManagePartners")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(client_without_scope.is_scope_does_not_exist_exception(), "{client_without_scope:?}");
}
