//! Segments: what one service tells X-Ray of its part in a request.

use serde_json::{Value, json};

use super::journey::Visit;
use crate::practice::random;
use crate::practice::resource::Resource;
use crate::practice::services::apigateway::model::Api;
use crate::practice::store::Tx;
use crate::practice::wire::HttpResponse;

/// What X-Ray calls a stage of an API.
pub(super) const STAGE: &str = "AWS::ApiGateway::Stage";

/// A function that was invoked on a request's way.
#[derive(Debug)]
pub(super) struct Invoked {
    pub(super) function: Resource,
    /// Id of the part of the stage's segment that waited for it.
    pub(super) subsegment: String,
    /// Seconds after the request arrived.
    pub(super) from: f64,
    pub(super) until: f64,
    pub(super) failed: bool,
}

/// What all segments of a request have in common.
pub(super) struct Frame<'t, 'a> {
    pub(super) tx: &'t Tx<'a>,
    /// The trace's id.
    pub(super) trace: &'t str,
    /// When the request was answered, in seconds after it arrived.
    pub(super) until: f64,
}

/// `CustomizeUnicorns/dev`.
pub(super) fn stage_name(visit: &Visit<'_>) -> String {
    format!("{}/{}", visit.api.name, visit.stage.stage_name)
}

/// The host that AWS gives the API.
pub(super) fn host(tx: &Tx<'_>, api: &Api) -> String {
    format!("{}.execute-api.{}.amazonaws.com", api.id, tx.scope().region)
}

/// The stage's ARN.
pub(super) fn stage_arn(tx: &Tx<'_>, visit: &Visit<'_>) -> String {
    let (region, api, stage) = (&tx.scope().region, &visit.api.id, &visit.stage.stage_name);
    format!("arn:aws:apigateway:{region}::/restapis/{api}/stages/{stage}")
}

impl Frame<'_, '_> {
    /// Unix time so many seconds after the request arrived.
    fn at(&self, seconds: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit in 53 bits")]
        let arrived = self.tx.now().as_millisecond() as f64 / 1000.0;
        arrived + seconds
    }

    /// The stage's segment, with a part for each function that it waited for.
    pub(super) fn of_stage(
        &self,
        visit: &Visit<'_>,
        response: &HttpResponse,
        rule: Option<&str>,
        invoked: &[Invoked],
    ) -> Value {
        let (request, stage) = (visit.request, &visit.stage.stage_name);
        let query = if request.query.is_empty() { "" } else { "?" };
        let address = host(self.tx, visit.api);
        let url = format!("https://{address}/{stage}{}{query}{}", visit.path, request.query);
        let mut segment = json!({
            "id": random::hex(16), "name": stage_name(visit), "trace_id": self.trace,
            "start_time": self.at(0.0), "end_time": self.at(self.until), "origin": STAGE,
            "resource_arn": stage_arn(self.tx, visit),
            "http": {
                "request": { "url": url, "method": request.method, "client_ip": "127.0.0.1",
                    "user_agent": request.header("user-agent"), "x_forwarded_for": true },
                "response": { "status": response.status, "content_length": response.body.len() },
            },
            "aws": {
                "api_gateway": { "account_id": self.tx.scope().account, "stage": stage,
                    "rest_api_id": visit.api.id, "request_id": visit.id },
                "xray": { "sampling_rule_name": rule },
            },
            "annotations": { "aws:api_id": visit.api.id, "aws:api_stage": stage },
            "metadata": { "default": { "request_id": visit.id } },
            "subsegments": invoked.iter().map(|one| self.waiting(one)).collect::<Value>(),
        });
        for (flag, holds) in flags(response.status) {
            if holds {
                segment[flag] = true.into();
            }
        }
        segment
    }

    fn waiting(&self, one: &Invoked) -> Value {
        let (name, region) = (&one.function.id, &self.tx.scope().region);
        let arn = one.function.attribute("Arn");
        let url =
            format!("https://lambda.{region}.amazonaws.com/2015-03-31/functions/{arn}/invocations");
        json!({
            "id": one.subsegment, "name": "Lambda", "namespace": "aws",
            "start_time": self.at(one.from), "end_time": self.at(one.until),
            "http": { "request": { "url": url, "method": "POST" }, "response": { "status": 200 } },
            "aws": { "function_name": name, "region": region, "operation": "Invoke",
                "resource_names": [name] },
        })
    }

    /// The segments of the service that ran the function, and of the function itself; behind the
    /// stage's where that was recorded.
    pub(super) fn of_function(&self, one: &Invoked, behind_stage: bool) -> [Value; 2] {
        let (arn, service) = (one.function.attribute("Arn"), random::hex(16));
        let segment = |id: &str, origin: &str| {
            json!({
                "id": id, "name": one.function.id, "trace_id": self.trace, "origin": origin,
                "start_time": self.at(one.from), "end_time": self.at(one.until),
                "resource_arn": arn,
            })
        };
        let mut lambda = segment(&service, "AWS::Lambda");
        lambda["http"] = json!({ "response": { "status": 200 } });
        if behind_stage {
            lambda["parent_id"] = one.subsegment.as_str().into();
        }
        let mut function = segment(&random::hex(16), "AWS::Lambda::Function");
        function["parent_id"] = service.into();
        function["aws"] = json!({ "account_id": self.tx.scope().account, "function_arn": arn });
        if one.failed {
            lambda["fault"] = true.into();
            function["fault"] = true.into();
        }
        [lambda, function]
    }
}

/// How X-Ray marks an answer.
fn flags(status: u16) -> [(&'static str, bool); 3] {
    [("error", (400..500).contains(&status)), ("throttle", status == 429), ("fault", status >= 500)]
}
