//! What the emulators leave out of the course's templates, set by calls, as somebody would in AWS's
//! console; and what AWS does by itself: RDS, Secrets Manager.

use std::path::{Path, PathBuf};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_guardduty::types::{DetectorFeature, DetectorFeatureConfiguration, FeatureStatus};
use aws_sdk_inspector2::types::ResourceScanType;
use aws_sdk_lambda::types::VpcConfig;
use aws_sdk_rds::types::DbCluster;
use aws_sdk_secretsmanager::types::RotationRulesType;
use aws_smithy_types::Blob;
use serde_json::{Value, json};

use super::emulator::{ACCOUNT, Emulator};

/// Aurora's own parameter group, which ministack doesn't have by itself.
const OWN_GROUP: &str = "default.aurora-mysql8.0";
const SECRET: &str = "secure-serverless-db-secret";
const ROTATION: &str = "DatabaseRotationFunction";

/// Hands that work on the second account.
pub(crate) struct Hands {
    /// Configuration of calls to ministack.
    pub(crate) ministack: SdkConfig,
    /// Configuration of calls to moto.
    pub(crate) moto: SdkConfig,
    app: PathBuf,
}

impl Hands {
    pub(crate) async fn new(
        emulator: &Emulator,
        access_key: &str,
        region: &str,
        app: &Path,
    ) -> Self {
        let config = async |endpoint: &str| {
            aws_config::defaults(BehaviorVersion::latest())
                .endpoint_url(endpoint)
                .credentials_provider(Credentials::new(access_key, "x", None, None, "test"))
                .region(Region::new(region.to_owned()))
                .load()
                .await
        };
        let (ministack, moto) = (config(&emulator.ministack).await, config(&emulator.moto).await);
        Self { ministack, moto, app: app.to_owned() }
    }

    /// Sets what is there to be set. Harmless where it is set already.
    pub(crate) async fn work(&self, emulator: &Emulator) {
        without_resource(&self.app.join("database.yaml"), "AWS::SecretsManager::RotationSchedule");
        without_resource(&self.app.join("template.yaml"), "AWS::WAFv2::WebACLAssociation");
        self.put_functions_into_the_network().await;
        self.give_the_cluster_its_group(emulator).await;
        super::models::give_the_api_its_models(&self.ministack, &self.app).await;
        self.rotate_the_secret().await;
    }

    /// ministack's CloudFormation doesn't hand a function's `VpcConfig` on.
    async fn put_functions_into_the_network(&self) {
        let exports = aws_sdk_cloudformation::Client::new(&self.ministack).list_exports();
        let exports = exports.send().await.unwrap();
        let exported = |name: &str| {
            let ends = |one: &&aws_sdk_cloudformation::types::Export| {
                one.name().is_some_and(|own| own.ends_with(name))
            };
            exports.exports().iter().find(ends).and_then(|one| one.value()).map(str::to_owned)
        };
        let Some(group) = exported("-LambdaSecurityGroup") else { return };
        let network = VpcConfig::builder()
            .security_group_ids(group)
            .set_subnet_ids(
                ["-PrivateSubnet1", "-PrivateSubnet2"].map(exported).into_iter().collect(),
            )
            .build();
        let lambda = aws_sdk_lambda::Client::new(&self.ministack);
        for function in lambda.list_functions().send().await.unwrap().functions() {
            if function.vpc_config().is_some_and(|own| !own.subnet_ids().is_empty()) {
                continue;
            }
            let update = lambda.update_function_configuration();
            let name = function.function_name().unwrap();
            update.function_name(name).vpc_config(network.clone()).send().await.unwrap();
        }
    }

    /// ministack's CloudFormation gives a cluster no parameter group. Its database is the suite's
    /// MariaDB, which then requires what the group says.
    async fn give_the_cluster_its_group(&self, emulator: &Emulator) {
        let rds = aws_sdk_rds::Client::new(&self.ministack);
        let clusters = rds.describe_db_clusters().send().await.unwrap();
        let Some(cluster) = clusters.db_clusters().first() else { return };
        let groups = rds.describe_db_cluster_parameter_groups().send().await.unwrap();
        let names = groups.db_cluster_parameter_groups().iter();
        let names: Vec<&str> =
            names.filter_map(|group| group.db_cluster_parameter_group_name()).collect();
        if !names.contains(&OWN_GROUP) {
            let create = rds.create_db_cluster_parameter_group();
            let create = create.db_cluster_parameter_group_name(OWN_GROUP);
            let create =
                create.db_parameter_group_family("aurora-mysql8.0").description("AWS's own");
            create.send().await.unwrap();
        }
        let made = names.into_iter().find(|name| *name != OWN_GROUP);
        let wanted = made.unwrap_or(OWN_GROUP);
        if cluster.db_cluster_parameter_group() == Some(wanted) {
            return;
        }
        let modify = rds.modify_db_cluster();
        let modify = modify.set_db_cluster_identifier(
            DbCluster::db_cluster_identifier(cluster).map(ToOwned::to_owned),
        );
        modify.db_cluster_parameter_group_name(wanted).send().await.unwrap();
        if made.is_some() {
            emulator.sql("SET GLOBAL require_secure_transport = ON");
        }
    }

    /// Secrets Manager's part of a rotation: ministack's CloudFormation knows no schedule, and moto
    /// invokes no function of ministack's. The steps are the function's own, but for the version
    /// that it begins with: moto has none without a value.
    async fn rotate_the_secret(&self) {
        let lambda = aws_sdk_lambda::Client::new(&self.ministack);
        if lambda.get_function().function_name(ROTATION).send().await.is_err() {
            return;
        }
        let secrets = aws_sdk_secretsmanager::Client::new(&self.moto);
        let secret = secrets.describe_secret().secret_id(SECRET).send().await.unwrap();
        if secret.rotation_enabled() == Some(true) {
            return;
        }
        let monthly = RotationRulesType::builder().automatically_after_days(30).build();
        let on = secrets.rotate_secret().secret_id(SECRET).rotation_rules(monthly);
        on.rotate_immediately(false).send().await.unwrap();
        let current = secrets.get_secret_value().secret_id(SECRET).send().await.unwrap();
        let mut login: Value = serde_json::from_str(current.secret_string().unwrap()).unwrap();
        let password = secrets.get_random_password().exclude_characters("/@\"'\\").send().await;
        login["password"] = password.unwrap().random_password().into();
        let put = |stage: &str| {
            let put = secrets.put_secret_value().secret_id(SECRET).version_stages(stage);
            put.secret_string(login.to_string()).send()
        };
        let pending = put("AWSPENDING").await.unwrap();
        for step in ["createSecret", "setSecret", "testSecret", "finishSecret"] {
            let event = json!({ "SecretId": SECRET, "Step": step,
                "ClientRequestToken": pending.version_id() });
            let invoke =
                lambda.invoke().function_name(ROTATION).payload(Blob::new(event.to_string()));
            let answer = invoke.send().await.unwrap();
            let said = answer.payload().map(|said| String::from_utf8_lossy(said.as_ref()));
            assert_eq!(answer.function_error(), None, "{step}: {said:?}");
        }
        // Without a stage's name, moto gives out what was put as AWSCURRENT last.
        put("AWSCURRENT").await.unwrap();
    }

    /// Step 2a: ministack's CloudFormation knows no `AWS::CloudTrail::Trail`.
    pub(crate) async fn make_a_trail(&self) {
        let trails = aws_sdk_cloudtrail::Client::new(&self.ministack);
        let create = trails.create_trail().name("UnicornTrail").s3_bucket_name("unicorn-trail");
        create.send().await.unwrap();
        trails.start_logging().name("UnicornTrail").send().await.unwrap();
    }

    /// The clean-up's cd, of a trail that no stack knows.
    pub(crate) async fn delete_the_trail(&self) {
        let trails = aws_sdk_cloudtrail::Client::new(&self.ministack);
        trails.delete_trail().name("UnicornTrail").send().await.unwrap();
    }

    /// Steps 6a and 6b, and the clean-up's cg: moto's Inspector must be told which account.
    pub(crate) async fn scan(&self, on: bool) {
        let inspector = aws_sdk_inspector2::Client::new(&self.moto);
        let kinds = Some(vec![ResourceScanType::Lambda, ResourceScanType::LambdaCode]);
        if on {
            let enable = inspector.enable().account_ids(ACCOUNT).set_resource_types(kinds);
            enable.send().await.unwrap();
        } else {
            let disable = inspector.disable().account_ids(ACCOUNT).set_resource_types(kinds);
            disable.send().await.unwrap();
        }
    }

    /// A detector as an organization may have left it: suspended, without Lambda Protection. Module
    /// 12 then goes on with what is there; ministack's CloudFormation could make none.
    pub(crate) async fn leave_a_detector(&self) {
        let guardduty = aws_sdk_guardduty::Client::new(&self.moto);
        let create = guardduty.create_detector().enable(false);
        create.features(lambda_protection(FeatureStatus::Disabled)).send().await.unwrap();
    }

    /// Step 12b's switch: moto makes none of its sample findings.
    pub(crate) async fn watch_functions(&self) {
        let guardduty = aws_sdk_guardduty::Client::new(&self.moto);
        let detectors = guardduty.list_detectors().send().await.unwrap();
        let update = guardduty.update_detector().detector_id(&detectors.detector_ids()[0]);
        update.features(lambda_protection(FeatureStatus::Enabled)).send().await.unwrap();
    }

    /// The clean-up's note on a detector that no stack knows.
    pub(crate) async fn delete_the_detector(&self) {
        let guardduty = aws_sdk_guardduty::Client::new(&self.moto);
        for id in guardduty.list_detectors().send().await.unwrap().detector_ids() {
            guardduty.delete_detector().detector_id(id).send().await.unwrap();
        }
    }
}

fn lambda_protection(status: FeatureStatus) -> DetectorFeatureConfiguration {
    let plan = DetectorFeatureConfiguration::builder().name(DetectorFeature::LambdaNetworkLogs);
    plan.status(status).build()
}

/// Takes the resources of a type out of a template: ministack's CloudFormation refuses it.
fn without_resource(template: &Path, kind: &str) {
    let Ok(text) = std::fs::read_to_string(template) else { return };
    let lines: Vec<&str> = text.lines().collect();
    let Some(at) = lines.iter().position(|line| line.trim() == format!("Type: {kind}")) else {
        return;
    };
    let rest = lines[at..].iter().position(|line| !line.starts_with("    "));
    let end = rest.map_or(lines.len(), |rest| at + rest);
    let kept = [&lines[..at - 1], &lines[end..]].concat();
    std::fs::write(template, kept.join("\n") + "\n").unwrap();
}
