//! APIs and their authorizers through API Gateway's own operations, as the console makes them.

use serde_json::{Value, json};

use super::{ACCOUNT, Practice, REGION};

impl Practice {
    /// The app's API.
    pub fn api_id(&self) -> String {
        self.fact("api")["id"].as_str().unwrap().to_owned()
    }

    /// What API Gateway calls a function of the account.
    pub fn function_uri(function: &str) -> String {
        let function = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}");
        format!(
            "arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"
        )
    }

    /// The role that API Gateway invokes module 1's authorizer with.
    pub fn authorizer_role(&self) -> String {
        let all = self.physical("CustomizeUnicorns");
        let role = all.iter().find_map(|line| line.strip_prefix("ApiGatewayAuthorizerRole\t"));
        format!("arn:aws:iam::{ACCOUNT}:role/{}", role.unwrap())
    }

    /// A new authorizer with module 1's function: its id.
    pub fn make_authorizer(&self, api: &str) -> String {
        let authorizer = json!({
            "name": "Made in the console",
            "type": "TOKEN",
            "authorizerUri": Self::function_uri("CustomAuthorizerFunction"),
            "authorizerCredentials": self.authorizer_role(),
            "identitySource": "method.request.header.Authorization",
        });
        let path = format!("/restapis/{api}/authorizers");
        let made = self.rest("apigateway", "POST", &path, Some(&authorizer));
        made["id"].as_str().unwrap().to_owned()
    }

    /// Sets who may call each drafted method but OPTIONS; how many there are.
    pub fn secure_methods(&self, api: &str, kind: &str, authorizer: &str) -> usize {
        let path = format!("/restapis/{api}/resources?embed=methods&limit=500");
        let answer = self.rest("apigateway", "GET", &path, None);
        let list = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        let resources = answer.get("item").or_else(|| answer["_embedded"].get("item")).unwrap();
        let mut changed = 0;
        for resource in list(resources) {
            for verb in resource["resourceMethods"].as_object().into_iter().flatten().map(|m| m.0) {
                if verb == "OPTIONS" {
                    continue;
                }
                let id = resource["id"].as_str().unwrap();
                let path = format!("/restapis/{api}/resources/{id}/methods/{verb}");
                let mut operations =
                    vec![json!({ "op": "replace", "path": "/authorizationType", "value": kind })];
                if !authorizer.is_empty() {
                    let path = "/authorizerId";
                    operations.push(json!({ "op": "replace", "path": path, "value": authorizer }));
                }
                let operations = json!({ "patchOperations": operations });
                self.rest("apigateway", "PATCH", &path, Some(&operations));
                changed += 1;
            }
        }
        changed
    }

    /// Deploys an API's draft to its stage.
    pub fn deploy_api(&self, api: &str) {
        let stage = json!({ "stageName": "dev" });
        self.rest("apigateway", "POST", &format!("/restapis/{api}/deployments"), Some(&stage));
    }
}
