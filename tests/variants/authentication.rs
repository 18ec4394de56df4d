//! Module 1: authorizers that the instructions don't teach, and authorizers that protect nothing.

use serde_json::json;

use crate::support::{ACCOUNT, Practice, REGION};

/// A method's line in the template that names the authorizer.
const SECURITY: &str = "              security: [{ CustomAuthorizer: [] }]\n";

/// Modules 0 and 1 as the instructions leave them.
fn solved() -> Practice {
    Practice::solved(&["0", "1"])
}

/// The same with clients and scopes, but with an API that asks for nothing.
fn open_again() -> Practice {
    let practice = solved();
    practice.edit_and_deploy(|template| without_definitions(&template.replace(SECURITY, "")));
    practice
}

fn without_definitions(template: &str) -> String {
    let from = template.find("        securityDefinitions:\n").unwrap();
    let to = from + template[from..].find("        paths:\n").unwrap();
    format!("{}{}", &template[..from], &template[to..])
}

#[test]
fn an_authorizer_made_in_the_console_passes_once_it_is_deployed() {
    let practice = open_again();
    let api = practice.api_id();
    let authorizer = practice.make_authorizer(&api);
    assert_eq!(practice.secure_methods(&api, "CUSTOM", &authorizer), 9);

    // Drafted, but not deployed: callers are still let in.
    let report = practice.verify(&["1"]);
    assert_eq!(report.code, 1);
    assert_eq!(report.verdict("every-method-has-an-authorizer"), "pass");
    report.assert_fails("every-method-is-deployed-closed", "not deployed");
    assert_eq!(report.offenders("every-method-is-deployed-closed").len(), 9);
    report.assert_fails("anonymous-calls-are-refused", "GET /socks");

    practice.deploy_api(&api);
    practice.verify(&["1"]).assert_proven();
}

#[test]
fn an_authorizer_that_no_method_uses_protects_nothing() {
    let practice = solved();
    practice.edit_and_deploy(|template| template.replace(SECURITY, ""));
    assert_eq!(practice.fact("authorizers")["authorizers"].as_array().unwrap().len(), 1);
    let report = practice.verify(&["1"]);
    assert_eq!(report.code, 1);
    assert_eq!(report.offenders("every-method-has-an-authorizer").len(), 9);
    assert_eq!(report.offenders("every-method-is-deployed-closed").len(), 9);
    report.assert_fails("anonymous-calls-are-refused", "GET /customizations (200)");
}

#[test]
fn eight_of_nine_methods_are_not_enough() {
    let practice = solved();
    practice.edit_and_deploy(|template| {
        let at = template.rfind(SECURITY).unwrap();
        format!("{}{}", &template[..at], &template[at + SECURITY.len()..])
    });
    let report = practice.verify(&["1"]);
    assert_eq!(report.code, 1);
    assert_eq!(report.offenders("every-method-has-an-authorizer"), ["POST /partners"]);
    assert_eq!(report.offenders("every-method-is-deployed-closed"), ["POST /partners"]);
    assert!(report.message("anonymous-calls-are-refused").contains("POST /partners"));
}

#[test]
fn another_api_that_is_well_protected_does_not_count() {
    let practice = open_again();
    let paths = ["/socks", "/horns", "/glasses", "/capes", "/partners", "/a", "/b", "/c", "/d"];
    let closed = json!({
        "responses": { "200": { "description": "Done" } },
        "security": [{ "Guard": [] }],
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": { "application/json": "{\"statusCode\": 200}" },
            "responses": { "default": { "statusCode": "200" } },
        },
    });
    let pool = practice.fact("user_pool")["id"].as_str().unwrap().to_owned();
    let definition = json!({
        "swagger": "2.0",
        "info": { "title": "CustomizeUnicorns", "version": "1.0" },
        "securityDefinitions": { "Guard": {
            "type": "apiKey", "name": "Authorization", "in": "header",
            "x-amazon-apigateway-authtype": "cognito_user_pools",
            "x-amazon-apigateway-authorizer": {
                "type": "cognito_user_pools",
                "providerARNs": [format!("arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{pool}")],
            },
        }},
        "paths": paths.iter().map(|path| (*path, json!({ "get": closed }))).collect::<std::collections::BTreeMap<_, _>>(),
    });
    let made = practice.rest("apigateway", "POST", "/restapis?mode=import", Some(&definition));
    let path = format!("/restapis/{}/deployments", made["id"].as_str().unwrap());
    practice.rest("apigateway", "POST", &path, Some(&json!({ "stageName": "dev" })));
    let url = practice.address("socks");
    let other = url.replace(&practice.api_id(), made["id"].as_str().unwrap());
    assert_eq!(practice.http("GET", &other, &[], None).0, 401);

    let report = practice.verify(&["1"]);
    assert_eq!(report.code, 1);
    assert_eq!(report.offenders("every-method-is-deployed-closed").len(), 9);
    report.assert_fails("anonymous-calls-are-refused", "GET /socks (200)");
}

/// A Cognito authorizer with scopes: no function decides.
#[test]
fn a_cognito_authorizer_with_scopes_passes() {
    let practice = solved();
    practice.edit_and_deploy(|template| {
        let mut changed = without_definitions(&template).replace(
            "        paths:\n          /socks:\n",
            "        securityDefinitions:
          PoolAuthorizer:
            type: apiKey
            name: Authorization
            in: header
            x-amazon-apigateway-authtype: cognito_user_pools
            x-amazon-apigateway-authorizer:
              type: cognito_user_pools
              providerARNs: [!GetAtt CognitoUserPool.Arn]
        paths:\n          /socks:\n",
        );
        let both = "WildRydes/CustomizeUnicorn, WildRydes/ManagePartners";
        let partner = "WildRydes/CustomizeUnicorn";
        for scopes in
            [both, both, both, both, partner, partner, partner, partner, "WildRydes/ManagePartners"]
        {
            let line = format!("              security: [{{ PoolAuthorizer: [{scopes}] }}]\n");
            changed = changed.replacen(SECURITY, &line, 1);
        }
        changed
    });
    let report = practice.verify(&["1"]);
    for check in [
        "every-method-has-an-authorizer",
        "every-method-is-deployed-closed",
        "anonymous-calls-are-refused",
        "forged-token-is-refused",
        "authorizer-can-run",
    ] {
        assert_eq!(report.verdict(check), "pass", "{}", report.check(check));
    }
    // What is ordered now carries no company: a Cognito authorizer hands none on.
    let token = practice.partner_token();
    practice.order(&token);
    practice.verify(&["1"]).assert_proven();
}
