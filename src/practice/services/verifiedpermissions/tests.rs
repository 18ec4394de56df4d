use serde_json::{Value, json};

use super::call;
use crate::practice::services::cognito;
use crate::practice::store::{Scope, Store, Tx};
use crate::practice::wire::{Call, Fault, ReplyBody};

type Members = Result<Value, Fault>;

fn send(
    tx: &Tx<'_>,
    service: fn(&Tx<'_>, &Call) -> crate::practice::wire::Answer,
    operation: &str,
    input: Value,
) -> Members {
    let call = Call {
        service: "verifiedpermissions".to_owned(),
        operation: operation.to_owned(),
        input,
        method: "POST".to_owned(),
        access_key: String::new(),
        body: Vec::new(),
        headers: std::collections::BTreeMap::new(),
        endpoint: String::new(),
    };
    service(tx, &call).map(|reply| match reply.body {
        ReplyBody::Members(members) => members,
        _ => Value::Null,
    })
}

fn ask(tx: &Tx<'_>, operation: &str, input: Value) -> Members {
    send(tx, call, operation, input)
}

fn with_account(test: impl FnOnce(&Tx<'_>) -> Result<(), Fault>) {
    let store = Store::in_memory().expect("a store");
    let scope = Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() };
    assert_eq!(store.transact(&scope, test), Ok(()));
}

fn schema() -> String {
    let applies = json!({"appliesTo": {"principalTypes": ["User"], "resourceTypes": ["Unicorn"]}});
    json!({"WildRydes": {"entityTypes": {"User": {}, "Unicorn": {}},
        "actions": {"GetUnicorn": applies, "DeleteUnicorn": applies}}})
    .to_string()
}

const OWNER: &str = "permit (principal == ?principal, action in [WildRydes::Action::\"GetUnicorn\", \
                     WildRydes::Action::\"DeleteUnicorn\"], resource == ?resource);";

/// A store with the course's schema and template: their ids.
fn wild_rydes(tx: &Tx<'_>) -> Result<(String, String), Fault> {
    let made = ask(tx, "CreatePolicyStore", json!({"validationSettings": {"mode": "STRICT"}}))?;
    let store = made["policyStoreId"].as_str().expect("an id").to_owned();
    let put = json!({"policyStoreId": store, "definition": {"cedarJson": schema()}});
    assert_eq!(ask(tx, "PutSchema", put)?["namespaces"], json!(["WildRydes"]));
    let template =
        ask(tx, "CreatePolicyTemplate", json!({"policyStoreId": store, "statement": OWNER}))?;
    let template = template["policyTemplateId"].as_str().expect("an id").to_owned();
    Ok((store, template))
}

fn user(id: &str) -> Value {
    json!({"entityType": "WildRydes::User", "entityId": id})
}

fn unicorn(id: &str) -> Value {
    json!({"entityType": "WildRydes::Unicorn", "entityId": id})
}

fn link(tx: &Tx<'_>, store: &str, template: &str, who: &str, what: &str) -> Members {
    let linked = json!({"policyTemplateId": template, "principal": user(who),
        "resource": unicorn(what)});
    ask(
        tx,
        "CreatePolicy",
        json!({"policyStoreId": store,
        "definition": {"templateLinked": linked}}),
    )
}

fn decision(tx: &Tx<'_>, store: &str, who: &str, action: &str, what: &str) -> Members {
    ask(
        tx,
        "IsAuthorized",
        json!({"policyStoreId": store, "principal": user(who),
        "action": {"actionType": "WildRydes::Action", "actionId": action},
        "resource": unicorn(what)}),
    )
}

#[test]
fn a_batch_is_decided_as_its_requests_alone_are() {
    with_account(|tx| {
        let (store, template) = wild_rydes(tx)?;
        link(tx, &store, &template, "me", "1")?;
        let request = |who: &str, what: &str| {
            json!({"principal": user(who), "resource": unicorn(what),
                "action": {"actionType": "WildRydes::Action", "actionId": "GetUnicorn"}})
        };
        let batch = |requests: Value| {
            ask(tx, "BatchIsAuthorized", json!({"policyStoreId": store, "requests": requests}))
        };
        let answer = batch(json!([request("me", "1"), request("you", "1")]))?;
        let decided = |at: usize| &answer["results"][at]["decision"];
        assert_eq!((decided(0), decided(1)), (&json!("ALLOW"), &json!("DENY")));
        assert_eq!(answer["results"][1]["request"], request("you", "1"));
        for refused in [json!([]), json!([request("me", "1"), request("you", "2")])] {
            assert_eq!(batch(refused).unwrap_err().code, "ValidationException");
        }
        Ok(())
    });
}

#[test]
fn an_owner_may_and_nobody_else() {
    with_account(|tx| {
        let (store, template) = wild_rydes(tx)?;
        let none = decision(tx, &store, "me", "GetUnicorn", "1")?;
        assert_eq!((&none["decision"], &none["determiningPolicies"]), (&json!("DENY"), &json!([])));
        let policy = link(tx, &store, &template, "me", "1")?;
        assert_eq!(policy["policyType"], "TEMPLATE_LINKED");
        assert_eq!((&policy["principal"], &policy["resource"]), (&user("me"), &unicorn("1")));
        let allowed = decision(tx, &store, "me", "DeleteUnicorn", "1")?;
        assert_eq!(allowed["decision"], "ALLOW");
        assert_eq!(allowed["determiningPolicies"], json!([{"policyId": policy["policyId"]}]));
        for (who, what) in [("you", "1"), ("me", "2"), ("me", "1 OR 1=1")] {
            assert_eq!(decision(tx, &store, who, "GetUnicorn", what)?["decision"], "DENY");
        }
        let forbid = json!({"policyStoreId": store, "definition": {"static":
            {"statement": "forbid (principal, action, resource);"}}});
        ask(tx, "CreatePolicy", forbid)?;
        assert_eq!(decision(tx, &store, "me", "GetUnicorn", "1")?["decision"], "DENY");
        Ok(())
    });
}

#[test]
fn a_strict_store_refuses_what_its_schema_does_not_know() {
    with_account(|tx| {
        let (store, template) = wild_rydes(tx)?;
        let mistyped = "permit (principal, action == WildRydes::Action::\"GetUnicorm\", resource);";
        let definition = json!({"policyStoreId": store,
            "definition": {"static": {"statement": mistyped}}});
        let refused = ask(tx, "CreatePolicy", definition.clone()).expect_err("no such action");
        assert_eq!(refused.code, "ValidationException");
        assert!(refused.message.contains("GetUnicorm"), "{}", refused.message);
        let off = json!({"policyStoreId": store, "validationSettings": {"mode": "OFF"}});
        ask(tx, "UpdatePolicyStore", off)?;
        assert_eq!(ask(tx, "CreatePolicy", definition)?["policyType"], "STATIC");
        for (statement, what) in [("permit (principal", "no Cedar"), ("{}", "no policy")] {
            let bad =
                json!({"policyStoreId": store, "definition": {"static": {"statement": statement}}});
            assert_eq!(ask(tx, "CreatePolicy", bad).expect_err(what).code, "ValidationException");
        }
        let both = json!({"policyStoreId": store, "definition": {}});
        assert_eq!(ask(tx, "CreatePolicy", both).expect_err("neither").code, "ValidationException");
        let bad = json!({"policyStoreId": store, "definition": {"cedarJson": "{\"A\": 1}"}});
        assert_eq!(ask(tx, "PutSchema", bad).expect_err("no schema").code, "ValidationException");
        let gone = link(tx, &store, "absent", "me", "1").expect_err("no template");
        assert_eq!(gone.code, "ResourceNotFoundException");
        assert_eq!(
            link(tx, "absent", &template, "me", "1").expect_err("no store").code,
            "ResourceNotFoundException"
        );
        Ok(())
    });
}

#[test]
fn policies_are_listed_by_filter_page_by_page_and_go_with_their_template() {
    with_account(|tx| {
        let (store, template) = wild_rydes(tx)?;
        for number in 0..12 {
            link(tx, &store, &template, "me", &number.to_string())?;
        }
        link(tx, &store, &template, "you", "3")?;
        let list = |filter: Value, token: Value| {
            ask(
                tx,
                "ListPolicies",
                json!({"policyStoreId": store, "maxResults": 5,
                "filter": filter, "nextToken": token}),
            )
        };
        let count = |page: &Value| page["policies"].as_array().map(Vec::len);
        let mine = json!({"principal": {"identifier": user("me")}});
        let first = list(mine.clone(), json!(""))?;
        assert_eq!(count(&first), Some(5));
        let second = list(mine.clone(), first["nextToken"].clone())?;
        let third = list(mine, second["nextToken"].clone())?;
        assert_eq!((count(&third), third.get("nextToken")), (Some(2), None));
        let three = list(json!({"resource": {"identifier": unicorn("3")}}), json!(""))?;
        assert_eq!(count(&three), Some(2));
        let fixed = list(json!({"policyType": "STATIC"}), json!(""))?;
        assert_eq!(count(&fixed), Some(0));
        ask(
            tx,
            "DeletePolicyTemplate",
            json!({"policyStoreId": store, "policyTemplateId": template}),
        )?;
        assert_eq!(count(&list(json!({}), json!(""))?), Some(0));
        Ok(())
    });
}

#[test]
fn a_template_changes_for_all_its_policies_at_once_but_not_in_its_scope() {
    with_account(|tx| {
        let (store, template) = wild_rydes(tx)?;
        link(tx, &store, &template, "me", "1")?;
        let update = |statement: &str| {
            ask(
                tx,
                "UpdatePolicyTemplate",
                json!({"policyStoreId": store,
                "policyTemplateId": template, "statement": statement}),
            )
        };
        update(
            "permit (principal == ?principal, action == WildRydes::Action::\"GetUnicorn\", resource == ?resource);",
        )?;
        assert_eq!(decision(tx, &store, "me", "GetUnicorn", "1")?["decision"], "ALLOW");
        assert_eq!(decision(tx, &store, "me", "DeleteUnicorn", "1")?["decision"], "DENY");
        for other in
            [OWNER.replace("permit", "forbid"), OWNER.replace("== ?principal", "in ?principal")]
        {
            assert_eq!(update(&other).expect_err("scope").code, "ValidationException");
        }
        Ok(())
    });
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "a pool, its groups and users, and a store that knows them"
)]
fn a_users_token_decides_by_its_groups() {
    with_account(|tx| {
        let pools = |operation: &str, input: Value| send(tx, cognito::call, operation, input);
        let pool = pools("CreateUserPool", json!({"PoolName": "people"}))?;
        let (pool, arn) = (pool["UserPool"]["Id"].clone(), pool["UserPool"]["Arn"].clone());
        let client = pools(
            "CreateUserPoolClient",
            json!({"UserPoolId": pool, "ClientName": "web",
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}),
        )?["UserPoolClient"]["ClientId"]
            .clone();
        pools("CreateGroup", json!({"UserPoolId": pool, "GroupName": "admins"}))?;
        let sign_in = |name: &str, password: &str| {
            pools(
                "InitiateAuth",
                json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": name, "PASSWORD": password}}),
            )
        };
        for name in ["ann", "bob"] {
            pools(
                "AdminCreateUser",
                json!({"UserPoolId": pool, "Username": name,
                "TemporaryPassword": "Temp-pass-1"}),
            )?;
            assert_eq!(sign_in(name, "Temp-pass-1")?["ChallengeName"], "NEW_PASSWORD_REQUIRED");
            pools(
                "AdminSetUserPassword",
                json!({"UserPoolId": pool, "Username": name,
                "Password": "Long-pass-1", "Permanent": true}),
            )?;
        }
        pools(
            "AdminAddUserToGroup",
            json!({"UserPoolId": pool, "Username": "ann",
            "GroupName": "admins"}),
        )?;
        assert_eq!(sign_in("ann", "wrong").expect_err("wrong").code, "NotAuthorizedException");
        let (store, _) = wild_rydes(tx)?;
        ask(
            tx,
            "UpdatePolicyStore",
            json!({"policyStoreId": store, "validationSettings": {"mode": "OFF"}}),
        )?;
        ask(
            tx,
            "CreateIdentitySource",
            json!({"policyStoreId": store,
            "principalEntityType": "Api::User", "configuration": {"cognitoUserPoolConfiguration":
            {"userPoolArn": arn, "clientIds": [client],
             "groupConfiguration": {"groupEntityType": "Api::UserGroup"}}}}),
        )?;
        let group = format!("{}|admins", pool.as_str().expect("an id"));
        ask(
            tx,
            "CreatePolicy",
            json!({"policyStoreId": store, "definition": {"static": {"statement":
            format!("permit (principal in Api::UserGroup::\"{group}\", action == Api::Action::\"post /partners\", resource);")}}}),
        )?;
        let asks = |token: Value| {
            ask(
                tx,
                "IsAuthorizedWithToken",
                json!({"policyStoreId": store, "accessToken": token,
                "action": {"actionType": "Api::Action", "actionId": "post /partners"},
                "resource": {"entityType": "Api::Application", "entityId": "Api"}}),
            )
        };
        for (name, wanted) in [("ann", "ALLOW"), ("bob", "DENY")] {
            let token =
                sign_in(name, "Long-pass-1")?["AuthenticationResult"]["AccessToken"].clone();
            assert_eq!(asks(token)?["decision"], wanted, "{name}");
        }
        assert_eq!(asks(json!("a.b.c")).expect_err("forged").code, "ValidationException");
        Ok(())
    });
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
    #[test]
    fn no_name_and_no_text_of_a_caller_makes_a_stranger_an_owner(
        who in "\\PC{1,30}", what in "\\PC{1,30}", text in "\\PC{0,60}"
    ) {
        with_account(|tx| {
            let (store, template) = wild_rydes(tx)?;
            link(tx, &store, &template, "me", "1")?;
            let answer = decision(tx, &store, &who, "GetUnicorn", &what)?;
            let owner = who == "me" && what == "1";
            assert_eq!(answer["decision"], if owner { "ALLOW" } else { "DENY" });
            for (operation, input) in [
                ("PutSchema", json!({"policyStoreId": store, "definition": {"cedarJson": text}})),
                ("CreatePolicyTemplate", json!({"policyStoreId": store, "statement": text})),
                ("IsAuthorized", json!({"policyStoreId": store, "entities": {"cedarJson": text}})),
            ] {
                if let Err(fault) = ask(tx, operation, input) {
                    assert_eq!(fault.status, 400, "{operation}: {fault}");
                }
            }
            Ok(())
        });
    }
}
