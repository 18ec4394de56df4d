//! `Events` of a function: what calls it, and the permission to do so.

use serde_json::{Map, Value, json};

use super::{Item, Outcome, Sam, function, id_part};

/// What the events of a function invoke: the function, or its published alias.
pub(super) struct Target {
    pub(super) name: Value,
    pub(super) arn: Value,
}

pub(super) fn transform(
    sam: &Sam<'_>,
    item: &Item<'_>,
    target: &Target,
    made: &mut Map<String, Value>,
) -> Outcome<()> {
    for (name, event) in item.get("Events").and_then(Value::as_object).into_iter().flatten() {
        let id = format!("{}{name}", item.id);
        let empty = Map::new();
        let properties = event.get("Properties").and_then(Value::as_object).unwrap_or(&empty);
        let event = Event { id, properties, item, target };
        let outcome = match item.properties["Events"][name]["Type"].as_str() {
            Some("Api") => event.api(sam, made),
            Some("Schedule") => event.schedule(made),
            Some("ScheduleV2") => event.schedule_v2(made),
            Some(other) => Err(format!(
                "The practice account's transform doesn't offer events of type {other}."
            )),
            None => Err("Missing required property 'Type'.".to_owned()),
        };
        outcome.map_err(|message| format!("Event with id [{name}] is invalid. {message}"))?;
    }
    Ok(())
}

struct Event<'a> {
    id: String,
    properties: &'a Map<String, Value>,
    item: &'a Item<'a>,
    target: &'a Target,
}

impl Event<'_> {
    fn required(&self, property: &str) -> Outcome<&Value> {
        self.properties
            .get(property)
            .ok_or_else(|| format!("Missing required property '{property}'."))
    }

    fn permission(&self, principal: &str, source: &Value) -> Value {
        self.item.beside(
            "AWS::Lambda::Permission",
            json!({
                "Action": "lambda:InvokeFunction",
                "FunctionName": self.target.name,
                "Principal": principal,
                "SourceArn": source,
            }),
        )
    }

    fn api(&self, sam: &Sam<'_>, made: &mut Map<String, Value>) -> Outcome<()> {
        let Some(api) = self.properties.get("RestApiId") else {
            return Err(
                "The practice account's transform needs RestApiId: it makes no implicit API."
                    .to_owned(),
            );
        };
        let path = self.required("Path")?.as_str().ok_or("Path must be a string")?;
        let method = self.required("Method")?.as_str().ok_or("Method must be a string")?;
        let suffix = match api.get("Ref").and_then(Value::as_str).or(api.as_str()) {
            None => "AllStages".to_owned(),
            Some(id) => {
                let Some(resource) = sam.resources.get(id) else {
                    return Err("RestApiId property of Api event must reference a valid resource in the same template.".to_owned());
                };
                match resource["Properties"].get("StageName") {
                    Some(Value::String(stage)) => stage.clone(),
                    _ => "Stage".to_owned(),
                }
            }
        };
        let method = match method.to_ascii_uppercase().as_str() {
            "ANY" => "*".to_owned(),
            other => other.to_owned(),
        };
        let source = json!({"Fn::Sub": [
            format!("arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{__ApiId__}}/${{__Stage__}}/{method}{}", permitted(path)),
            {"__ApiId__": api, "__Stage__": "*"},
        ]});
        made.insert(
            format!("{}Permission{}", self.id, id_part(&suffix)),
            self.permission("apigateway.amazonaws.com", &source),
        );
        Ok(())
    }

    fn schedule(&self, made: &mut Map<String, Value>) -> Outcome<()> {
        let mut rule = json!({"ScheduleExpression": self.required("Schedule")?});
        let state = self.properties.get("State").cloned();
        let enabled = self.properties.get("Enabled").map(|enabled| {
            let on = enabled == true || enabled == "true";
            Value::from(if on { "ENABLED" } else { "DISABLED" })
        });
        match (state, enabled) {
            (Some(_), Some(_)) => {
                return Err("State and Enabled Properties cannot both be specified.".to_owned());
            }
            (Some(state), None) | (None, Some(state)) => rule["State"] = state,
            (None, None) => {}
        }
        for key in ["Name", "Description"] {
            if let Some(value) = self.properties.get(key) {
                rule[key] = value.clone();
            }
        }
        // A target's id has at most 64 characters.
        let mut target =
            json!({"Arn": self.target.arn, "Id": format!("{:.50}LambdaTarget", self.id)});
        for key in ["Input", "RetryPolicy"] {
            if let Some(value) = self.properties.get(key) {
                target[key] = value.clone();
            }
        }
        rule["Targets"] = json!([target]);
        made.insert(self.id.clone(), self.item.beside("AWS::Events::Rule", rule));
        let source = json!({"Fn::GetAtt": [self.id, "Arn"]});
        made.insert(
            format!("{}Permission", self.id),
            self.permission("events.amazonaws.com", &source),
        );
        Ok(())
    }

    fn schedule_v2(&self, made: &mut Map<String, Value>) -> Outcome<()> {
        let mut schedule = json!({"ScheduleExpression": self.required("ScheduleExpression")?});
        for key in [
            "State",
            "Description",
            "StartDate",
            "EndDate",
            "ScheduleExpressionTimezone",
            "GroupName",
            "KmsKeyArn",
        ] {
            if let Some(value) = self.properties.get(key) {
                schedule[key] = value.clone();
            }
        }
        if self.properties.get("OmitName").is_none_or(|omit| omit != true) {
            schedule["Name"] =
                self.properties.get("Name").cloned().unwrap_or_else(|| self.id.clone().into());
        }
        schedule["FlexibleTimeWindow"] = self
            .properties
            .get("FlexibleTimeWindow")
            .cloned()
            .unwrap_or_else(|| json!({"Mode": "OFF"}));
        let role = format!("{}Role", self.id);
        let role_arn = self.properties.get("RoleArn").cloned();
        if role_arn.is_none() {
            let mut properties = json!({
                "AssumeRolePolicyDocument": function::assumed_by("scheduler.amazonaws.com"),
                "Policies": [{"PolicyName": format!("{}LambdaPolicy", self.id), "PolicyDocument": {
                    "Statement": [{"Action": "lambda:InvokeFunction", "Effect": "Allow", "Resource": self.target.arn}]}}],
            });
            if let Some(boundary) = self.properties.get("PermissionsBoundary") {
                properties["PermissionsBoundary"] = boundary.clone();
            }
            made.insert(role.clone(), self.item.beside("AWS::IAM::Role", properties));
        }
        let mut target = json!({
            "Arn": self.target.arn,
            "RoleArn": role_arn.unwrap_or_else(|| json!({"Fn::GetAtt": [role, "Arn"]})),
        });
        for key in ["Input", "RetryPolicy"] {
            if let Some(value) = self.properties.get(key) {
                target[key] = value.clone();
            }
        }
        schedule["Target"] = target;
        made.insert(self.id.clone(), self.item.beside("AWS::Scheduler::Schedule", schedule));
        Ok(())
    }
}

/// The path as a permission names it: path parameters as `*`, no slash at its end.
fn permitted(path: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in path.chars() {
        match letter {
            '{' => inside = true,
            '}' if inside => {
                inside = false;
                text.push('*');
            }
            _ if inside => {}
            other => text.push(other),
        }
    }
    match text.strip_suffix('/') {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => text,
    }
}
