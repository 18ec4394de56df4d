//! The starter app as its callers meet it: partners, tokens, orders.

use serde_json::{Value, json};

use super::Practice;

impl Practice {
    /// The address of a path of the deployed API: `socks`.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.fact("api")["url"].as_str().unwrap())
    }

    /// Calls the API with a token, and a JSON body if any: status and body.
    pub fn call(
        &self,
        method: &str,
        path: &str,
        token: &str,
        json: Option<&Value>,
    ) -> (u16, String) {
        self.http(method, &self.address(path), &[("authorization", token)], json)
    }

    /// Registers a partner: its client's id.
    pub fn register(&self, name: &str) -> String {
        let admin = self.token("WildRydes/ManagePartners");
        let (status, text) = self.call("POST", "partners", &admin, Some(&json!({ "name": name })));
        assert_eq!(status, 200, "{text}");
        let made: Value = serde_json::from_str(&text).unwrap();
        made["ClientID"].as_str().unwrap().to_owned()
    }

    /// Orders a unicorn: its id.
    pub fn order(&self, token: &str) -> String {
        let order = json!({ "name": "Ink", "imageUrl": "https://example.com/ink.png",
            "sock": "1", "horn": "1", "glasses": "1", "cape": "1" });
        let (status, text) = self.call("POST", "customizations", token, Some(&order));
        assert_eq!(status, 200, "{text}");
        let answer: Value = serde_json::from_str(&text).unwrap();
        answer["customUnicornId"].to_string()
    }

    /// A token of the registered partner.
    pub fn partner_token(&self) -> String {
        self.token("WildRydes/CustomizeUnicorn")
    }

    /// A token of a client that may ask for the scope.
    pub fn token(&self, scope: &str) -> String {
        let clients = self.fact("user_pool_clients");
        let clients = clients["clients"].as_array().unwrap();
        let may = |client: &&Value| client["scopes"].as_array().unwrap().contains(&json!(scope));
        self.token_of(clients.iter().find(may).unwrap()["id"].as_str().unwrap())
    }

    /// A client's token.
    pub fn token_of(&self, id: &str) -> String {
        let pool = self.fact("user_pool")["id"].clone();
        let secret = self.client_secret(pool.as_str().unwrap(), id);
        let url = self.fact("user_pool_domain")["token_url"].as_str().unwrap().to_owned();
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let (status, text) = self.send("POST", &url, &kind, form.as_bytes());
        assert_eq!(status, 200, "{text}");
        let answer: Value = serde_json::from_str(&text).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// The secret of a user pool's client.
    pub fn client_secret(&self, pool: &str, client: &str) -> String {
        let answer = self.target(
            "cognito-idp",
            "AWSCognitoIdentityProviderService.DescribeUserPoolClient",
            &json!({ "UserPoolId": pool, "ClientId": client }),
        );
        answer["UserPoolClient"]["ClientSecret"].as_str().unwrap().to_owned()
    }
}
