//! The starter app on the practice account, reached as a learner reaches it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::Practice;

/// The learner's API.
struct App<'a> {
    practice: &'a Practice,
    api: String,
}

impl<'a> App<'a> {
    fn new(practice: &'a Practice) -> Self {
        Self { practice, api: practice.api_id() }
    }

    /// Status, error type, body.
    fn call(&self, verb: &str, path: &str, token: &str, body: &Value) -> (u16, String, Value) {
        let url = format!("{}/_api/{}/dev{path}", self.practice.endpoint(), self.api);
        let headers = [("content-type", "application/json"), ("authorization", token)];
        let headers = &headers[..if token.is_empty() { 1 } else { 2 }];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, kind, text) = self.practice.exchange(verb, &url, headers, body.as_bytes());
        (status, kind, serde_json::from_str(&text).unwrap_or_default())
    }

    fn get(&self, path: &str, token: &str) -> (u16, String, Value) {
        self.call("GET", path, token, &Value::Null)
    }

    /// How callers authenticate on `GET /socks`, as the deployment says and as the export does.
    fn deployed(&self) -> (Value, Value) {
        let get = |path: &str| {
            let path = format!("/restapis/{}/{path}", self.api);
            self.practice.rest("apigateway", "GET", &path, None)
        };
        let deployment = get("stages/dev")["deploymentId"].as_str().unwrap().to_owned();
        let summary = get(&format!("deployments/{deployment}?embed=apisummary"));
        let export = get("stages/dev/exports/swagger?extensions=authorizers");
        (
            summary["apiSummary"]["/socks"]["GET"]["authorizationType"].clone(),
            export["paths"]["/socks"]["get"]["security"].clone(),
        )
    }
}

const ATTACK: &str = "1); INSERT INTO Socks (NAME,PRICE) VALUES ('Bad color', 10000.00";

fn order(cape: &str) -> Value {
    json!({"name": "Ink", "imageUrl": "https://example.com/a.png", "sock": "1", "horn": "2",
        "glasses": "3", "cape": cape})
}

fn said(status: u16, error: &str, text: &str) -> (u16, String, Value) {
    (status, error.to_owned(), json!({"message": text}))
}

fn unauthorized() -> (u16, String, Value) {
    said(401, "UnauthorizedException", "Unauthorized")
}

/// Modules 0 and 1 with a new authorizer on every method, in the draft alone.
fn drafted() -> Practice {
    let practice = Practice::solved(&["0", "1"]);
    let api = practice.api_id();
    assert_eq!(practice.secure_methods(&api, "NONE", ""), 9);
    practice.deploy_api(&api);
    let authorizer = practice.make_authorizer(&api);
    assert_eq!(practice.secure_methods(&api, "CUSTOM", &authorizer), 9);
    practice
}

#[test]
fn the_fresh_api_answers_anyone_and_the_attack_works() {
    let practice = Practice::solved(&["0"]);
    let app = App::new(&practice);
    for path in ["/socks", "/horns", "/glasses", "/capes", "/customizations"] {
        assert_eq!(app.get(path, "").0, 200, "{path}");
    }
    let made = app.call("POST", "/customizations", "", &order(ATTACK));
    assert_eq!((made.0, made.2), (200, json!({"customUnicornId": 1})));
    let (_, _, socks) = app.get("/socks", "");
    let names: Vec<_> = socks.as_array().unwrap().iter().map(|sock| &sock["NAME"]).collect();
    assert!(names.contains(&&json!("Bad color")), "{socks}");

    let nowhere = said(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    assert_eq!(app.get("/nothing", ""), nowhere);
    assert_eq!(app.call("PATCH", "/socks", "", &Value::Null), nowhere);
    let elsewhere = App { practice: &practice, api: "nosuchapi1".to_owned() };
    assert_eq!(elsewhere.get("/socks", "").0, 403);
    assert_eq!(app.call("OPTIONS", "/socks", "", &Value::Null).0, 200);
    let partner = app.call("POST", "/partners", "", &json!({"name": "Acme"}));
    assert_eq!(partner.0, 409, "there is no scope yet: {}", partner.2);
}

#[test]
fn a_drafted_authorizer_protects_nothing_and_a_deployed_one_everything() {
    let practice = drafted();
    let app = App::new(&practice);
    assert_eq!(app.get("/socks", "").0, 200);
    assert_eq!(app.deployed(), (json!("NONE"), Value::Null));

    practice.deploy_api(&app.api);
    assert_eq!(app.deployed(), (json!("CUSTOM"), json!([{"Made in the console": []}])));
    assert_eq!(app.get("/socks", ""), unauthorized());
    assert_eq!(app.call("POST", "/customizations", "", &order(ATTACK)), unauthorized());
    assert_eq!(app.call("OPTIONS", "/socks", "", &Value::Null).0, 200);
}

#[test]
fn an_authorizer_that_may_not_be_invoked_answers_500() {
    let practice = drafted();
    let app = App::new(&practice);
    practice.deploy_api(&app.api);
    let role = practice.authorizer_role();
    let (_, name) = role.split_once("role/").unwrap();
    let words = ["iam", "list-role-policies", "--role-name", name];
    for policy in practice.aws(&words).json()["PolicyNames"].as_array().unwrap() {
        let policy = policy.as_str().unwrap();
        let words = ["iam", "delete-role-policy", "--role-name", name, "--policy-name", policy];
        practice.ok(&words);
    }
    let broken =
        (500, "AuthorizerConfigurationException".to_owned(), json!({"message": Value::Null}));
    assert_eq!(app.get("/socks", "Bearer x"), broken);
}

/// Asks a token endpoint: status and answer.
fn token(practice: &Practice, domain: &str, id: &str, secret: &str, scope: &str) -> (u16, Value) {
    let url = format!("{}/_cognito/{domain}/oauth2/token", practice.endpoint());
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let scope = if scope.is_empty() { String::new() } else { format!("&scope={scope}") };
    let form =
        format!("grant_type=client_credentials&client_id={id}&client_secret={secret}{scope}");
    let (status, text) = practice.send("POST", &url, &kind, form.as_bytes());
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// The id and the secret of the administrator's client.
fn administrator(practice: &Practice) -> (String, String) {
    let pool = practice.fact("user_pool")["id"].as_str().unwrap().to_owned();
    let clients = practice.fact("user_pool_clients");
    let scope = json!("WildRydes/ManagePartners");
    let mut clients = clients["clients"].as_array().unwrap().iter();
    let client = clients.find(|one| one["scopes"].as_array().unwrap().contains(&scope)).unwrap();
    let id = client["id"].as_str().unwrap().to_owned();
    let secret = practice.client_secret(&pool, &id);
    (id, secret)
}

fn domain(practice: &Practice) -> String {
    let url = practice.fact("user_pool_domain")["token_url"].as_str().unwrap().to_owned();
    let (_, rest) = url.split_once("/_cognito/").unwrap();
    rest.split('/').next().unwrap().to_owned()
}

#[test]
fn the_token_endpoint_knows_clients_and_scopes() {
    let practice = Practice::solved(&["0", "1"]);
    let (id, secret) = administrator(&practice);
    let own = domain(&practice);
    let refused = |code: &str| (400, json!({"error": code}));
    assert_eq!(token(&practice, &own, &id, "wrong", ""), refused("invalid_client"));
    assert_eq!(token(&practice, &own, "nobody", &secret, ""), refused("invalid_client"));
    let scope = "WildRydes/CustomizeUnicorn";
    assert_eq!(token(&practice, &own, &id, &secret, scope), refused("invalid_scope"));
    assert_eq!(token(&practice, "no-such-domain", &id, &secret, "").0, 404);
    let (status, granted) = token(&practice, &own, &id, &secret, "");
    assert_eq!((status, granted["expires_in"].as_i64()), (200, Some(3600)));
}

#[test]
fn tokens_open_what_their_scopes_allow() {
    let practice = Practice::solved(&["0", "1"]);
    let app = App::new(&practice);
    let admin = practice.token("WildRydes/ManagePartners");
    assert_eq!(app.get("/socks", &admin).0, 200);
    assert_eq!(app.get("/socks", &format!("Bearer {admin}")).0, 200);
    let (status, error, _) = app.get("/customizations", &admin);
    assert_eq!((status, error.as_str()), (403, "AccessDeniedException"));

    let (status, _, made) = app.call("POST", "/partners", &admin, &json!({"name": "Acme"}));
    assert_eq!(status, 200, "{made}");
    let (status, _, twice) = app.call("POST", "/partners", &admin, &json!({"name": "Acme"}));
    assert_eq!((status, twice), (400, json!({"message": "Company already registered"})));
    let (id, secret) = (made["ClientID"].as_str().unwrap(), made["ClientSecret"].as_str().unwrap());
    let (_, granted) = token(&practice, &domain(&practice), id, secret, "");
    let partner = granted["access_token"].as_str().unwrap();
    let (status, _, ordered) = app.call("POST", "/customizations", partner, &order("1"));
    assert_eq!(status, 200, "{ordered}");
    let path = format!("/customizations/{}", ordered["customUnicornId"]);
    assert_eq!(app.get(&path, partner).2["NAME"], "Ink");
    // The partner of module 1 has another company.
    assert_eq!(app.get(&path, &practice.partner_token()).0, 404);
    assert_eq!(app.call("POST", "/partners", partner, &json!({"name": "B"})).0, 403);

    for forged in forgeries(&admin) {
        assert_eq!(app.get("/socks", &forged), unauthorized(), "{forged}");
    }
}

#[test]
fn tables_may_be_named_as_in_the_public_workshop() {
    let practice = Practice::solved(&["0", "1"]);
    practice.edit_and_deploy(|template| {
        template
            .replace(" PARTNER_TABLE:", " PARTNER_DDB_TABLE:")
            .replace(" DEMAND_TABLE:", " DEMAND_FORECAST_DDB_TABLE:")
    });
    let app = App::new(&practice);
    let partner = practice.token_of(&practice.register("Acme"));
    assert_eq!(app.get("/customizations", &partner).0, 200, "its company is found");
    let function = ["--function-name", "CustomUnicornAnalyticsFunction", "answer.json"];
    let invoked = practice.ok(&[&["lambda", "invoke"], &function[..]].concat());
    assert!(!invoked.contains("FunctionError"), "{invoked}");
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

/// Calls an operation of Cognito: its answer, or the error's text.
fn cognito(practice: &Practice, operation: &str, words: &[&str]) -> Result<Value, String> {
    let ended = practice.aws(&[&["cognito-idp", operation], words].concat());
    if ended.good() {
        Ok(serde_json::from_str(&ended.text).unwrap_or_default())
    } else {
        Err(ended.text)
    }
}

#[test]
fn a_pool_with_a_domain_stays_and_a_domain_belongs_to_one_pool() {
    let practice = Practice::start();
    let pool = |name: &str| {
        let made = cognito(&practice, "create-user-pool", &["--pool-name", name]).unwrap();
        made["UserPool"]["Id"].as_str().unwrap().to_owned()
    };
    let (one, two) = (pool("one"), pool("two"));
    let prefix = |pool: &str| {
        let words = ["--domain", "shared-prefix", "--user-pool-id", pool];
        cognito(&practice, "create-user-pool-domain", &words)
    };
    prefix(&one).unwrap();
    let taken = prefix(&two).unwrap_err();
    assert!(taken.contains("Domain already associated with another user pool."), "{taken}");
    let refused = cognito(&practice, "delete-user-pool", &["--user-pool-id", &one]).unwrap_err();
    assert!(refused.contains("domain configured"), "{refused}");
    let unknown = cognito(&practice, "describe-user-pool-domain", &["--domain", "nobodys"]);
    assert_eq!(unknown.unwrap()["DomainDescription"].get("UserPoolId"), None);
    let scopeless = cognito(
        &practice,
        "create-user-pool-client",
        &[
            "--user-pool-id",
            &two,
            "--client-name",
            "x",
            "--generate-secret",
            "--allowed-o-auth-flows-user-pool-client",
            "--allowed-o-auth-flows",
            "client_credentials",
            "--allowed-o-auth-scopes",
            "WildRydes/ManagePartners",
        ],
    );
    let scopeless = scopeless.unwrap_err();
    assert!(scopeless.contains("ScopeDoesNotExistException"), "{scopeless}");
}

#[test]
fn a_token_of_another_pool_is_refused() {
    let practice = Practice::solved(&["0", "1"]);
    let app = App::new(&practice);
    let other = cognito(&practice, "create-user-pool", &["--pool-name", "other"]).unwrap();
    let pool = other["UserPool"]["Id"].as_str().unwrap().to_owned();
    let on = |operation: &str, words: &[&str]| {
        cognito(&practice, operation, &[&["--user-pool-id", &pool], words].concat()).unwrap()
    };
    on("create-user-pool-domain", &["--domain", "other-domain"]);
    on(
        "create-resource-server",
        &[
            "--identifier",
            "WildRydes",
            "--name",
            "WildRydes",
            "--scopes",
            "ScopeName=ManagePartners,ScopeDescription=x",
        ],
    );
    let client = on(
        "create-user-pool-client",
        &[
            "--client-name",
            "x",
            "--generate-secret",
            "--allowed-o-auth-flows-user-pool-client",
            "--allowed-o-auth-flows",
            "client_credentials",
            "--allowed-o-auth-scopes",
            "WildRydes/ManagePartners",
        ],
    );
    let member = |name: &str| client["UserPoolClient"][name].as_str().unwrap();
    let (_, granted) =
        token(&practice, "other-domain", member("ClientId"), member("ClientSecret"), "");
    let foreign = granted["access_token"].as_str().unwrap();
    assert_eq!(app.get("/socks", foreign), unauthorized());
}
