//! Runtimes whose time is over: Lambda makes no function with them any more.

use crate::practice::wire::Fault;

/// What Lambda refuses. Functions with the runtime can be invoked in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// To make functions with it, and to give it to functions that have another.
    Create,
    /// To change functions that have it, too.
    Update,
}

/// Deprecated runtimes that are blocked for certain, by the table "Deprecated runtimes" of the Lambda
/// Developer Guide (lambda-runtimes.html, "Block function create" and "Block function update").
/// AWS puts such dates off: those of nodejs16.x, nodejs18.x, nodejs20.x, python3.8 and python3.9 went to
/// February 2027, so these are accepted; updates of those that are `Create` here may be allowed still.
const BLOCKED: [(&str, Refused); 20] = [
    ("nodejs", Refused::Update),
    ("nodejs4.3", Refused::Update),
    ("nodejs4.3-edge", Refused::Update),
    ("nodejs6.10", Refused::Update),
    ("nodejs8.10", Refused::Update),
    ("nodejs10.x", Refused::Update),
    ("nodejs12.x", Refused::Update),
    ("nodejs14.x", Refused::Create),
    ("python2.7", Refused::Update),
    ("python3.6", Refused::Update),
    ("python3.7", Refused::Create),
    ("ruby2.5", Refused::Update),
    ("ruby2.7", Refused::Create),
    ("dotnetcore1.0", Refused::Update),
    ("dotnetcore2.0", Refused::Update),
    ("dotnetcore2.1", Refused::Update),
    ("dotnetcore3.1", Refused::Update),
    ("java8", Refused::Create),
    ("go1.x", Refused::Create),
    ("provided", Refused::Create),
];

/// Refuses a runtime that is blocked. `had` is the one that the function has, if there is one already.
///
/// # Errors
/// `InvalidParameterValueException`, as Lambda words it.
pub(super) fn check(runtime: &str, had: Option<&str>) -> Result<(), Fault> {
    let kept = had == Some(runtime);
    let found = BLOCKED.iter().find(|(name, _)| *name == runtime);
    match found {
        Some((_, refused)) if !kept || *refused == Refused::Update => Err(Fault::new(
            400,
            "InvalidParameterValueException",
            format!(
                "The runtime parameter of {runtime} is no longer supported for creating or updating \
                 AWS Lambda functions. We recommend you use a supported runtime while creating or \
                 updating functions."
            ),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::check;
    use crate::practice::resource::{self, Desired, Resource};
    use crate::practice::services::lambda::function::{FUNCTION, replace_code};
    use crate::practice::store::{Scope, Store};

    #[test]
    fn a_blocked_runtime_is_refused_and_one_that_is_only_deprecated_is_not() {
        for accepted in ["nodejs24.x", "nodejs22.x", "nodejs18.x", "nodejs16.x", "python3.8", ""] {
            assert_eq!(check(accepted, None), Ok(()), "{accepted}");
        }
        for blocked in ["nodejs", "nodejs12.x", "nodejs14.x", "python2.7", "python3.7"] {
            let fault = check(blocked, None).expect_err(blocked);
            assert_eq!(fault.code, "InvalidParameterValueException");
            let said = format!("The runtime parameter of {blocked} is no longer supported");
            assert!(fault.message.starts_with(&said), "{fault}");
            assert!(check(blocked, Some("nodejs22.x")).is_err(), "{blocked}");
        }
    }

    #[test]
    fn a_function_from_before_keeps_its_runtime_as_long_as_aws_changes_such_functions() {
        assert_eq!(check("nodejs14.x", Some("nodejs14.x")), Ok(()));
        assert!(check("nodejs12.x", Some("nodejs12.x")).is_err());
        assert_eq!(check("nodejs22.x", Some("nodejs12.x")), Ok(()));
        let store = Store::in_memory().expect("a store");
        let scope = Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() };
        let replaced = store.transact(&scope, |tx| {
            let properties = json!({ "Runtime": "nodejs12.x" });
            let desired = Desired { properties: &properties, stack: None, logical: None };
            let old = Resource::new(tx, FUNCTION, "old", &desired);
            resource::put(tx, &old)?;
            replace_code(tx, &old, &json!({}))
        });
        let fault = replaced.expect_err("its code stays");
        assert!(fault.message.contains("nodejs12.x is no longer supported"), "{fault}");
    }
}
