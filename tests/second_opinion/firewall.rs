//! The web ACL before the stage: ministack's GetStage never names one, moto's does. So moto has a
//! stage of the same API, with the web ACL that the template made, and module 10 is read there.

use aws_sdk_apigateway::types::IntegrationType;
use aws_sdk_wafv2::types::Scope;

use super::by_hand::Hands;

/// Brings the web ACL that the stack made to moto, and puts it before the stage.
pub(crate) async fn put_before_the_stage(hands: &Hands, api: &str, stage: &str, region: &str) {
    let gateway = aws_sdk_apigateway::Client::new(&hands.moto);
    let made = gateway.create_rest_api().name("CustomizeUnicorns").tags("_custom_id_", api);
    let root = made.send().await.unwrap().root_resource_id().unwrap().to_owned();
    let method = gateway.put_method().rest_api_id(api).resource_id(&root).http_method("GET");
    method.authorization_type("NONE").send().await.unwrap();
    let integration = gateway.put_integration().rest_api_id(api).resource_id(&root);
    let integration = integration.http_method("GET").r#type(IntegrationType::Mock);
    integration.send().await.unwrap();
    gateway.create_deployment().rest_api_id(api).stage_name(stage).send().await.unwrap();

    let theirs = aws_sdk_wafv2::Client::new(&hands.ministack);
    let listed = theirs.list_web_acls().scope(Scope::Regional).send().await.unwrap();
    let listed = listed.web_acls().first().expect("the stack's web ACL");
    let acl = theirs.get_web_acl().scope(Scope::Regional);
    let acl = acl.name(listed.name().unwrap()).id(listed.id().unwrap()).send().await.unwrap();
    let acl = acl.web_acl().unwrap();
    let firewall = aws_sdk_wafv2::Client::new(&hands.moto);
    let create = firewall.create_web_acl().scope(Scope::Regional).name(acl.name());
    let create = create.set_default_action(acl.default_action().cloned());
    let create = create.set_visibility_config(acl.visibility_config().cloned());
    let made = create.set_rules(Some(acl.rules().to_vec())).send().await.unwrap();
    let arn = made.summary().unwrap().arn().unwrap();
    let stage = format!("arn:aws:apigateway:{region}::/restapis/{api}/stages/{stage}");
    firewall.associate_web_acl().web_acl_arn(arn).resource_arn(stage).send().await.unwrap();
}
