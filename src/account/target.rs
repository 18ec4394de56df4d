//! Which account is read, through which addresses, under which names.

use std::collections::BTreeMap;

use super::fact::{CannotLook, Reason};

/// Where the account is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An embedded practice account that is served on loopback.
    Practice {
        /// The server's address: `http://127.0.0.1:4711`.
        endpoint: String,
        /// The account's 12 digits.
        account: String,
    },
    /// AWS, or an endpoint that the environment names.
    Aws {
        /// The profile; none leaves the choice to the SDK's own chain.
        profile: Option<String>,
        /// The role to assume with those credentials; none reads with the credentials themselves.
        role: Option<Role>,
    },
}

/// A role in the account that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// `arn:aws:iam::111111111111:role/grader`.
    pub arn: String,
    /// What the role's trust policy asks for.
    pub external_id: Option<String>,
}

/// Names in the learner's account that the course can't know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Stack names by role: `init`, `database`, `app`.
    pub stacks: BTreeMap<String, String>,
    /// The API's stage.
    pub stage: String,
}

impl Names {
    /// The stack's name for a role, or the role itself where the course names none.
    pub fn stack<'a>(&'a self, role: &'a str) -> &'a str {
        self.stacks.get(role).map_or(role, String::as_str)
    }
}

/// An account to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Where the account is.
    pub source: Source,
    /// The region; none leaves the choice to the SDK's own chain.
    pub region: Option<String>,
    /// Stack names and stage.
    pub names: Names,
    /// Where the API answers: an address with `{api}`, `{region}`, `{stage}`; none for AWS's own.
    pub api_url: Option<String>,
    /// Where tokens are issued: an address with `{domain}`, `{region}`; none for AWS's own.
    pub token_url: Option<String>,
}

impl Target {
    /// A practice account behind the server at `endpoint`, with the server's own addresses.
    pub fn practice(endpoint: &str, account: &str, names: Names) -> Self {
        let endpoint = endpoint.trim_end_matches('/');
        Self {
            source: Source::Practice { endpoint: endpoint.to_owned(), account: account.to_owned() },
            region: None,
            names,
            api_url: Some(format!("{endpoint}/_api/{{api}}/{{stage}}/")),
            token_url: Some(format!("{endpoint}/_cognito/{{domain}}/oauth2/token")),
        }
    }

    /// The address that the API answers at, with a slash at its end.
    pub(super) fn api_address(&self, api: &str, region: &str) -> Result<String, CannotLook> {
        let stage = &self.names.stage;
        let aws = format!("https://{{api}}.execute-api.{{region}}.{}/{{stage}}/", suffix(region));
        let template = self.api_url.as_ref().unwrap_or(&aws);
        let mut address =
            fill(template, "--api-url", &[("api", api), ("region", region), ("stage", stage)])?;
        if !address.ends_with('/') {
            address.push('/');
        }
        Ok(address)
    }

    /// The address of a user pool domain's token endpoint. A domain with a dot is a custom one.
    pub(super) fn token_address(&self, domain: &str, region: &str) -> Result<String, CannotLook> {
        let aws = if domain.contains('.') {
            "https://{domain}/oauth2/token"
        } else {
            "https://{domain}.auth.{region}.amazoncognito.com/oauth2/token"
        };
        let template = self.token_url.as_deref().unwrap_or(aws);
        fill(template, "--token-url", &[("domain", domain), ("region", region)])
    }
}

/// The domain under which a region's APIs answer.
fn suffix(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// Puts values into an address; a name that it doesn't know is the user's mistake.
fn fill(template: &str, flag: &str, values: &[(&str, &str)]) -> Result<String, CannotLook> {
    let mut address = template.to_owned();
    for (name, value) in values {
        address = address.replace(&format!("{{{name}}}"), value);
    }
    let is_http = address.starts_with("http://") || address.starts_with("https://");
    if !is_http || address.contains(['{', '}']) || address.contains(char::is_whitespace) {
        let names: Vec<String> = values.iter().map(|(name, _)| format!("{{{name}}}")).collect();
        return Err(CannotLook {
            reason: Reason::Course,
            message: format!("The address template {template} can't be used."),
            remedy: format!(
                "Give {flag} an http:// or https:// address; it may hold {}.",
                names.join(", ")
            ),
        });
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names { stacks: BTreeMap::new(), stage: "dev".to_owned() }
    }

    fn aws() -> Target {
        Target {
            source: Source::Aws { profile: None, role: None },
            region: None,
            names: names(),
            api_url: None,
            token_url: None,
        }
    }

    #[test]
    fn addresses_are_aws_unless_overridden() {
        assert_eq!(
            aws().api_address("abc", "eu-west-1").unwrap(),
            "https://abc.execute-api.eu-west-1.amazonaws.com/dev/"
        );
        assert_eq!(
            aws().token_address("wild", "eu-west-1").unwrap(),
            "https://wild.auth.eu-west-1.amazoncognito.com/oauth2/token"
        );
        assert_eq!(
            aws().token_address("login.example.com", "eu-west-1").unwrap(),
            "https://login.example.com/oauth2/token"
        );
        let practice = Target::practice("http://127.0.0.1:9/", "000000000000", names());
        assert_eq!(
            practice.api_address("abc", "us-east-1").unwrap(),
            "http://127.0.0.1:9/_api/abc/dev/"
        );
    }

    #[test]
    fn a_template_with_an_unknown_name_is_refused_with_the_flag_to_mend() {
        let target = Target { api_url: Some("http://{host}/{stage}".to_owned()), ..aws() };
        let error = target.api_address("abc", "us-east-1").unwrap_err();
        assert!(error.remedy.contains("--api-url") && error.remedy.contains("{api}"), "{error:?}");
    }
}
