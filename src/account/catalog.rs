//! All facts: declaration and reader, in the order that `stepproof facts` lists them.

use std::sync::LazyLock;

use super::fact::{FactKind, FactSpec, Known, Reading};
use super::facts::validation;
use super::facts::{
    access_analyzer, apigateway, cloudformation, cloudtrail, cognito, connections, dependencies,
    dynamodb, guardduty, iam, inspector, lambda, leftovers, logins, packages, permission_callers,
    rds, rds_parameters, role_drift, role_simulation, secret_readers, secrets, store_users, sts,
    usage_plans, verifiedpermissions, web_acl,
};
use super::probe::orders;
use super::probe::{calls, firewall, keys, ownership, tokens, traced};
use super::reader::Reader;

/// A fact's declaration, and the function that reads it.
pub(super) struct Entry {
    pub(super) spec: FactSpec,
    pub(super) read: for<'a> fn(&'a Reader, &'a Known) -> Reading<'a>,
}

/// Declarations of all facts.
pub fn catalog() -> &'static [FactSpec] {
    static SPECS: LazyLock<Vec<FactSpec>> =
        LazyLock::new(|| ENTRIES.iter().map(|entry| entry.spec.clone()).collect());
    &SPECS
}

/// The fact of that name.
pub(super) fn find(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.spec.name == name)
}

/// Declares a fact: its reader is an async function of the run and the facts that it rests on.
macro_rules! fact {
    ($name:ident: $type:ty = $read:path, $kind:ident, $doc:literal,
     actions: [$($action:literal),*], needs: [$($need:literal),*]) => {
        Entry {
            spec: FactSpec {
                name: stringify!($name),
                doc: $doc,
                kind: FactKind::$kind,
                actions: &[$($action),*],
                needs: &[$($need),*],
                schema: || schemars::schema_for!($type),
            },
            read: |reader, known| {
                Box::pin(async move { super::reader::value::<$type>(&$read(reader, known).await?) })
            },
        }
    };
}

static ENTRIES: &[Entry] = &[
    fact!(caller: sts::Caller = sts::caller, Config,
        "Who looks, at which account and region.",
        actions: ["sts:GetCallerIdentity"], needs: []),
    fact!(init_stack: cloudformation::Stack = cloudformation::init_stack, Config,
        "The setup stack: status, outputs, parameters.",
        actions: ["cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents",
                  "iam:ListRoles"], needs: []),
    fact!(database_stack: cloudformation::Stack = cloudformation::database_stack, Config,
        "The database stack: status, outputs, parameters.",
        actions: ["cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents",
                  "iam:ListRoles"], needs: []),
    fact!(app_stack: cloudformation::AppStack = cloudformation::app_stack, Config,
        "The application's stack: status, outputs, parameters, and its resources.",
        actions: ["cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents",
                  "cloudformation:ListStackResources", "iam:ListRoles"], needs: []),
    fact!(stacks: cloudformation::Stacks = cloudformation::stacks, Config,
        "All stacks that course.yaml names, by role, also those that aren't there: status, outputs, parameters, resources.",
        actions: ["cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents",
                  "cloudformation:ListStackResources", "iam:ListRoles"], needs: []),
    fact!(db_cluster: rds::DbCluster = rds::db_cluster, Config,
        "The Aurora cluster that the setup stack's output AuroraEndpoint names.",
        actions: ["rds:DescribeDBClusters"], needs: ["init_stack"]),
    fact!(functions: lambda::Functions = lambda::functions, Config,
        "The Lambda functions of the application's stack.",
        actions: ["lambda:GetFunction"], needs: ["app_stack"]),
    fact!(packages: packages::Packages = packages::packages, Code,
        "What the functions' deployed packages depend on, and what they hold of it.",
        actions: ["lambda:GetFunction"], needs: ["functions"]),
    fact!(dependencies: dependencies::Dependencies = dependencies::dependencies, Code,
        "Dependencies in the functions' deployed packages that no code uses.",
        actions: [], needs: ["packages"]),
    fact!(vulnerabilities: dependencies::Vulnerabilities = dependencies::vulnerabilities, Code,
        "Packages in the functions' deployed packages with published vulnerabilities.",
        actions: [], needs: ["packages"]),
    fact!(logins: logins::Logins = logins::logins, Code,
        "How the functions that ask the database log in: with a password in their code, or with a secret.",
        actions: [], needs: ["packages", "functions"]),
    fact!(connections: connections::Connections = connections::connections, Code,
        "How the functions that ask the database connect to it: with TLS or without, and whom they trust.",
        actions: ["lambda:GetFunction"], needs: ["packages", "database_stack"]),
    fact!(tls_requirement: rds_parameters::Requirement = rds_parameters::tls_requirement, Config,
        "Whether the cluster refuses connections without TLS: require_secure_transport.",
        actions: ["rds:DescribeDBClusterParameters", "rds:DescribeDBClusterParameterGroups",
                  "rds:DescribeDBInstances"],
        needs: ["db_cluster"]),
    fact!(secret: secrets::DatabaseSecret = secrets::secret, Config,
        "The secret that the functions' variable SECRET_NAME names, and its rotation. Never its value.",
        actions: ["secretsmanager:DescribeSecret", "secretsmanager:ListSecrets"],
        needs: ["functions"]),
    fact!(secret_readers: secret_readers::Readers = secret_readers::readers, Config,
        "What the roles of the functions that ask the database may do with secrets.",
        actions: ["iam:SimulatePrincipalPolicy", "secretsmanager:GetResourcePolicy"],
        needs: ["functions", "secret"]),
    fact!(inspector: inspector::Inspector = inspector::inspector, Config,
        "Amazon Inspector's state in the account and region.",
        actions: ["inspector2:BatchGetAccountStatus"], needs: ["caller"]),
    fact!(inspector_standard: inspector::Scanning = inspector::standard, Config,
        "Whether Amazon Inspector scans the packages of functions: Lambda standard scanning.",
        actions: [], needs: ["inspector"]),
    fact!(inspector_code: inspector::Scanning = inspector::code, Config,
        "Whether Amazon Inspector scans the code of functions: Lambda code scanning.",
        actions: [], needs: ["inspector"]),
    fact!(inspector_coverage: inspector::Coverage = inspector::coverage, Config,
        "How far Amazon Inspector has come with each function of the application's stack.",
        actions: ["inspector2:ListCoverage"], needs: ["caller", "functions", "inspector"]),
    fact!(inspector_findings: inspector::Findings = inspector::findings, Config,
        "What Amazon Inspector has found in the functions: material to look back on, never judged.",
        actions: ["inspector2:ListFindings"], needs: ["caller", "functions", "inspector"]),
    fact!(api: apigateway::Api = apigateway::api, Config,
        "The API as drafted: what the next deployment would publish.",
        actions: ["apigateway:GET"], needs: ["app_stack"]),
    fact!(stage: apigateway::Stage = apigateway::stage, Config,
        "The API's stage.",
        actions: ["apigateway:GET"], needs: ["app_stack"]),
    fact!(deployment: apigateway::Deployment = apigateway::deployment, Config,
        "The deployment that the stage points at, as far as API Gateway tells.",
        actions: ["apigateway:GET"], needs: ["stage"]),
    fact!(api_deployed: apigateway::DeployedApi = apigateway::api_deployed, Config,
        "The API as callers meet it: how each deployed method is authorized.",
        actions: [], needs: ["deployment"]),
    fact!(validation: validation::Validation = validation::validation, Config,
        "What the deployed API checks of request bodies, and what its models let through.",
        actions: ["apigateway:GET"], needs: ["stage"]),
    fact!(usage_plans: usage_plans::UsagePlans = usage_plans::usage_plans, Config,
        "The usage plans: those that count calls of the API's stage, and their limits.",
        actions: ["apigateway:GET"], needs: ["stage"]),
    fact!(plan_keys: usage_plans::PlanKeys = usage_plans::plan_keys, Config,
        "The API keys in the stage's usage plans, without their values.",
        actions: ["apigateway:GET"], needs: ["usage_plans"]),
    fact!(plan_usage: usage_plans::PlanUsage = usage_plans::plan_usage, Config,
        "What is left of the quotas of the usage plans' keys.",
        actions: ["apigateway:GET"], needs: ["usage_plans", "plan_keys"]),
    fact!(web_acl: web_acl::WebAcl = web_acl::web_acl, Config,
        "The web ACL that stands before the API's stage, with the rules of its rule groups.",
        actions: ["wafv2:GetWebACL", "wafv2:GetRuleGroup"], needs: ["stage"]),
    fact!(authorizers: apigateway::Authorizers = apigateway::authorizers, Config,
        "The API's authorizers, and whether API Gateway can invoke their functions.",
        actions: ["apigateway:GET", "lambda:GetFunctionConfiguration", "lambda:GetPolicy"],
        needs: ["app_stack", "functions"]),
    fact!(user_pool: cognito::UserPool = cognito::user_pool, Config,
        "The user pool of the application's stack.",
        actions: ["cognito-idp:DescribeUserPool"], needs: ["app_stack"]),
    fact!(user_pool_domain: cognito::Domain = cognito::domain, Config,
        "The user pool's domain, where tokens are issued.",
        actions: ["cognito-idp:DescribeUserPoolDomain"], needs: ["user_pool"]),
    fact!(resource_servers: cognito::ResourceServers = cognito::resource_servers, Config,
        "The user pool's resource servers with their scopes.",
        actions: ["cognito-idp:ListResourceServers"], needs: ["app_stack"]),
    fact!(user_pool_clients: cognito::Clients = cognito::clients, Config,
        "The user pool's app clients: what they may ask for, not their secrets.",
        actions: ["cognito-idp:ListUserPoolClients", "cognito-idp:DescribeUserPoolClient"],
        needs: ["app_stack"]),
    fact!(partners: dynamodb::Partners = dynamodb::partners, Config,
        "The partners' table: which client belongs to which company.",
        actions: ["dynamodb:Scan"], needs: ["app_stack"]),
    fact!(trails: cloudtrail::Trails = cloudtrail::trails, Config,
        "The CloudTrail trails that record this region, and whether they are logging.",
        actions: ["cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus"], needs: []),
    fact!(analytics_role: iam::AnalyticsRole = iam::analytics_role, Config,
        "The role of CustomUnicornAnalyticsFunction: its policies, its boundary, what is too broad.",
        actions: ["iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies",
                  "iam:GetRolePolicy", "iam:GetPolicy", "iam:GetPolicyVersion"],
        needs: ["functions"]),
    fact!(policy_generations: access_analyzer::Generations = access_analyzer::generations, Config,
        "Policies that IAM Access Analyzer generated for that role in the last seven days.",
        actions: ["access-analyzer:ListPolicyGenerations"], needs: ["analytics_role"]),
    fact!(role_simulation: role_simulation::Simulation = role_simulation::simulation, Config,
        "What IAM's policy simulator says that the role may do: what it needs, and what is dangerous.",
        actions: ["iam:SimulatePrincipalPolicy"], needs: ["caller", "app_stack", "analytics_role"]),
    fact!(role_drift: role_drift::Drift = role_drift::drift, Config,
        "Where the role differs from the template that its stack was deployed with.",
        actions: ["cloudformation:GetTemplate"], needs: ["caller", "app_stack", "analytics_role"]),
    fact!(demand_rows: dynamodb::DemandRows = dynamodb::demand_rows, Config,
        "The rows that the analytics function wrote.",
        actions: ["dynamodb:Scan"], needs: ["app_stack"]),
    fact!(open_api_calls: calls::Calls = calls::lists, Probe,
        "The four part lists, asked for without a token.",
        actions: [], needs: ["app_stack"]),
    fact!(anonymous_calls: calls::Calls = calls::anonymous, Probe,
        "All nine methods, called without a token. Nothing is written: ids are 0, bodies no JSON.",
        actions: [], needs: ["app_stack", "open_api_calls"]),
    fact!(garbage_token_calls: calls::Calls = calls::garbage_token, Probe,
        "All nine methods, called with a forged token that claims every scope.",
        actions: [], needs: ["app_stack"]),
    fact!(token_exchange: tokens::Exchanges = tokens::exchange, Probe,
        "Client credentials exchanged for access tokens, as the administrator and as a partner.",
        actions: [], needs: ["user_pool_domain", "user_pool_clients", "partners"]),
    fact!(order_calls: orders::Orders = orders::orders, Probe,
        "Orders that must be refused, and a well-formed one, sent as a partner. None can be stored.",
        actions: [], needs: ["app_stack", "token_exchange", "validation", "plan_keys"]),
    fact!(scope_separation: tokens::ScopedCalls = tokens::separation, Probe,
        "What the administrator's and a partner's token open, and what they don't. Nothing is written.",
        actions: [], needs: ["app_stack", "token_exchange", "plan_keys"]),
    fact!(key_calls: keys::KeyCalls = keys::calls, Probe,
        "GET /glasses as a partner, with and without its API key.",
        actions: [], needs: ["app_stack", "token_exchange", "validation", "plan_keys"]),
    fact!(burst_calls: keys::Burst = keys::burst, Probe,
        "One small burst of requests for the list with the lowest limit, as a partner.",
        actions: [], needs: ["app_stack", "deployment", "token_exchange", "usage_plans", "plan_keys",
                             "plan_usage"]),
    fact!(firewall_calls: firewall::FirewallCalls = firewall::calls, Probe,
        "Attacks without a token, and their harmless twins. An attack is sent only where its twin was refused by the authorizer.",
        actions: [], needs: ["app_stack"]),
    fact!(traces: traced::Traces = traced::traces, Probe,
        "What AWS X-Ray knows of this program's requests to the traced stage. One GET /socks without a token is sent first.",
        actions: ["xray:GetTraceSummaries", "xray:GetSamplingRules",
                  "xray:GetTraceSegmentDestination", "apigateway:GET"],
        needs: ["app_stack", "stage"]),
    fact!(detector: guardduty::Detector = guardduty::detector, Config,
        "Amazon GuardDuty's detector in the region.",
        actions: ["guardduty:ListDetectors", "guardduty:GetDetector"], needs: []),
    fact!(lambda_protection: guardduty::LambdaProtection = guardduty::protection, Config,
        "Whether Amazon GuardDuty watches what functions connect to: Lambda Protection.",
        actions: [], needs: ["detector"]),
    fact!(policy_store: verifiedpermissions::PolicyStore = verifiedpermissions::store, Config,
        "The policy store that the application asks: the one that the function's environment names, else one with an identity source, else one with the namespace WildRydes.",
        actions: ["verifiedpermissions:ListPolicyStores", "verifiedpermissions:GetPolicyStore",
                  "verifiedpermissions:GetSchema", "verifiedpermissions:ListIdentitySources"],
        needs: ["app_stack", "functions"]),
    fact!(policies: verifiedpermissions::Policies = verifiedpermissions::policies, Config,
        "Templates and policies of the policy store.",
        actions: ["verifiedpermissions:ListPolicyTemplates", "verifiedpermissions:GetPolicyTemplate",
                  "verifiedpermissions:ListPolicies"],
        needs: ["functions", "policy_store"]),
    fact!(decisions: verifiedpermissions::Decisions = verifiedpermissions::decisions, Config,
        "What the policy store decides for somebody whom a policy names and for somebody whom none names.",
        actions: ["verifiedpermissions:IsAuthorized"], needs: ["policy_store", "policies"]),
    fact!(store_asker: permission_callers::Asker = permission_callers::asker, Config,
        "Who asks the policy store: the function, or the authorizer of an API's methods.",
        actions: ["apigateway:GET", "lambda:GetFunctionConfiguration"],
        needs: ["functions", "policy_store"]),
    fact!(store_rights: permission_callers::Rights = permission_callers::rights, Config,
        "What the role that asks the policy store may do there.",
        actions: ["iam:SimulatePrincipalPolicy"], needs: ["policy_store", "store_asker"]),
    fact!(store_users: store_users::StoreUsers = store_users::users, Config,
        "Who signs in to an API with an API-linked policy store: users with their groups, and clients.",
        actions: ["cognito-idp:ListUsers", "cognito-idp:AdminListGroupsForUser",
                  "cognito-idp:DescribeUserPoolClient"],
        needs: ["policy_store"]),
    fact!(ownership: ownership::Ownership = ownership::calls, Probe,
        "Whether GET /customizations/{id} answers as the policy store's policies say, for unicorns of the partners. Nothing is written.",
        actions: [], needs: ["app_stack", "policy_store", "policies", "token_exchange", "plan_keys"]),
    // The rest is the clean-up's. It all rests on the stacks: where the course never was, nobody can
    // say that nothing of it is left.
    fact!(course_stacks: leftovers::stacks::CourseStacks = leftovers::stacks::course_stacks, Config,
        "What became of the course's stacks, also of deleted ones. Can't be told where none of them ever was.",
        actions: ["cloudformation:ListStacks", "cloudformation:ListStackResources"], needs: []),
    fact!(left_user_pools: leftovers::identity::LeftPools = leftovers::identity::user_pools, Config,
        "User pools of the course that are left, with their domains.",
        actions: ["cognito-idp:ListUserPools", "cognito-idp:DescribeUserPool"],
        needs: ["course_stacks"]),
    fact!(left_policy_stores: leftovers::identity::LeftStores = leftovers::identity::policy_stores, Config,
        "Policy stores of the course that are left, and whether they are protected.",
        actions: ["verifiedpermissions:ListPolicyStores", "verifiedpermissions:GetPolicyStore",
                  "verifiedpermissions:GetSchema"],
        needs: ["course_stacks"]),
    fact!(left_plans: leftovers::api::LeftPlans = leftovers::api::plans, Config,
        "Usage plans that are left and count the course's API alone, or none.",
        actions: ["apigateway:GET"], needs: ["course_stacks"]),
    fact!(left_keys: leftovers::api::LeftKeys = leftovers::api::keys, Config,
        "API keys that are left and belong to no plan but those, without their values.",
        actions: ["apigateway:GET"], needs: ["course_stacks", "left_plans"]),
    fact!(left_web_acls: leftovers::api::LeftWebAcls = leftovers::api::web_acls, Config,
        "Web ACLs of the region that are named as the course's.",
        actions: ["wafv2:ListWebACLs"], needs: ["course_stacks"]),
    fact!(left_secret: leftovers::data::LeftSecret = leftovers::data::secret, Config,
        "The course's secret: whether it is there, and when it will be deleted.",
        actions: ["secretsmanager:DescribeSecret"], needs: ["course_stacks"]),
    fact!(left_databases: leftovers::data::LeftDatabases = leftovers::data::databases, Config,
        "Clusters of the course's setup stack that are left, and snapshots of them.",
        actions: ["rds:DescribeDBClusters", "rds:DescribeDBClusterSnapshots"],
        needs: ["course_stacks"]),
    fact!(left_log_groups: leftovers::data::LeftLogGroups = leftovers::data::log_groups, Config,
        "Log groups of functions that the course's stacks made.",
        actions: ["logs:DescribeLogGroups"], needs: ["course_stacks"]),
    fact!(left_scanning: leftovers::scanning::LeftScanning = leftovers::scanning::inspector, Config,
        "Whether Amazon Inspector still scans functions, and whether another account decides that.",
        actions: ["inspector2:GetDelegatedAdminAccount"],
        needs: ["caller", "course_stacks", "inspector"]),
    fact!(left_watching: leftovers::scanning::LeftWatching = leftovers::scanning::guardduty, Config,
        "Whether Amazon GuardDuty still watches the region, and whether an organization decides that.",
        actions: ["guardduty:ListDetectors", "guardduty:GetDetector"], needs: ["course_stacks"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn needs_come_before_the_facts_that_rest_on_them() {
        let mut seen = BTreeSet::new();
        for spec in catalog() {
            for need in spec.needs {
                assert!(
                    seen.contains(need),
                    "{} needs {need}, which comes later or never",
                    spec.name
                );
            }
            assert!(seen.insert(spec.name), "{} is declared twice", spec.name);
        }
    }

    #[test]
    fn every_field_of_every_fact_is_described() {
        for spec in catalog() {
            let schema = serde_json::to_value((spec.schema)()).unwrap();
            undescribed(spec.name, &schema);
        }
    }

    fn undescribed(at: &str, schema: &serde_json::Value) {
        if let Some(fields) = schema.get("properties").and_then(serde_json::Value::as_object) {
            for (name, field) in fields {
                assert!(field.get("description").is_some(), "{at}.{name} has no description");
            }
        }
        for (name, definition) in
            schema.get("$defs").and_then(serde_json::Value::as_object).into_iter().flatten()
        {
            undescribed(&format!("{at}.{name}"), definition);
        }
    }
}
