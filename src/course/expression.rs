//! CEL expressions over facts: compiled, evaluated, their errors in words.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock};

use cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString, CelUInt,
};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, ExecutionError, Program, extensions};
use serde_json::{Number, Value};

/// CEL's standard functions and macros, with cel-go's string and list extensions.
static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    // Neither can clash with the standard functions, which the tests below call.
    let _ = extensions::strings(&mut env);
    let _ = extensions::lists(&mut env);
    Arc::new(env)
});

/// What [`Expression::shared`] compiled so far, by source.
static COMPILED: LazyLock<RwLock<HashMap<String, Compiled>>> = LazyLock::new(RwLock::default);

type Compiled = Result<Arc<Expression>, EvalError>;

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    program: Program,
}

/// A variable of expressions: a JSON value, and CEL's form of it, which is made once, when an
/// expression first reads it.
#[derive(Debug, Default)]
pub struct Variable {
    json: Arc<Value>,
    cel: OnceLock<Box<dyn Val>>,
}

impl Variable {
    /// A variable with a value. Whole numbers are CEL's `int`.
    pub fn new(json: Arc<Value>) -> Self {
        Self { json, cel: OnceLock::new() }
    }

    /// The value.
    pub fn json(&self) -> &Value {
        &self.json
    }

    fn cel(&self) -> &dyn Val {
        self.cel.get_or_init(|| to_cel(&self.json)).as_ref()
    }
}

/// What the names in an expression stand for.
struct Bound<'a>(Vec<(&'a str, &'a Variable)>);

impl VariableResolver for Bound<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, variable)| CowVal::Borrowed(variable.cel()))
    }
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// It doesn't compile.
    #[error("the expression doesn't compile: {message}")]
    Syntax {
        /// What the compiler says.
        message: String,
        /// Line in the expression, from 1.
        line: usize,
        /// Column in the expression, from 1.
        column: usize,
    },
    /// It compiled, and failed over these facts.
    #[error("the expression can't be evaluated: {0}")]
    Evaluation(String),
}

impl Expression {
    /// Compiles CEL.
    ///
    /// # Errors
    /// [`EvalError::Syntax`] with the first place that is wrong.
    pub fn compile(source: &str) -> Result<Self, EvalError> {
        // The parser recurses; its own limit is far above what an expression needs, and a stack
        // overflow can't be caught.
        if nesting(source) > 64 {
            let message = "more than 64 brackets deep".to_owned();
            return Err(EvalError::Syntax { message, line: 1, column: 1 });
        }
        ENV.compile(source).map(|program| Self { program }).map_err(|errors| {
            let first = errors.errors.first();
            let place = first.map_or((1, 1), |e| e.pos);
            let count = |n: isize| usize::try_from(n).unwrap_or(1).max(1);
            EvalError::Syntax {
                message: first.map(|e| e.msg.trim().to_owned()).unwrap_or_default(),
                line: count(place.0),
                column: count(place.1),
            }
        })
    }

    /// As [`Expression::compile`], once for each source: a sweep evaluates the same course over many
    /// accounts, and compiling takes longer than evaluating.
    ///
    /// # Errors
    /// As [`Expression::compile`].
    pub fn shared(source: &str) -> Result<Arc<Self>, EvalError> {
        let known = COMPILED.read().unwrap_or_else(PoisonError::into_inner).get(source).cloned();
        known.unwrap_or_else(|| {
            let compiled = Self::compile(source).map(Arc::new);
            let mut known = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(source.to_owned(), compiled.clone());
            compiled
        })
    }

    /// Evaluates over facts by name.
    ///
    /// # Errors
    /// [`EvalError::Evaluation`] when a field doesn't exist, types don't fit, or the like. The
    /// message never repeats an account's values.
    pub fn evaluate<'a>(
        &self,
        facts: impl IntoIterator<Item = (&'a str, &'a Variable)>,
    ) -> Result<Value, EvalError> {
        let bound = Bound(facts.into_iter().collect());
        let mut context = Context::with_env(Arc::clone(&ENV));
        context.set_variable_resolver(&bound);
        let value = self.program.execute(&context).map_err(|e| EvalError::Evaluation(words(&e)))?;
        value.json().map_err(|_| EvalError::Evaluation("its value is no JSON".to_owned()))
    }

    /// The compiled program, for the linter.
    pub(super) fn program(&self) -> &Program {
        &self.program
    }
}

fn nesting(source: &str) -> usize {
    let mut depth = 0_usize;
    source.chars().fold(0, |deepest, c| {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest.max(depth)
    })
}

fn to_cel(value: &Value) -> Box<dyn Val> {
    match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(b) => Box::new(CelBool::from(*b)),
        Value::Number(number) => number_to_cel(number),
        Value::String(text) => Box::new(CelString::from(text.clone())),
        Value::Array(list) => Box::new(CelList::from(list.iter().map(to_cel).collect::<Vec<_>>())),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| (key.clone().into(), to_cel(value)));
            Box::new(CelMap::from(entries.collect::<HashMap<CelMapKey<'_>, _>>()))
        }
    }
}

fn number_to_cel(number: &Number) -> Box<dyn Val> {
    match (number.as_i64(), number.as_u64()) {
        (Some(int), _) => Box::new(CelInt::from(int)),
        (None, Some(uint)) => Box::new(CelUInt::from(uint)),
        (None, None) => Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
    }
}

/// An execution error without the values that it happened on: they are the account's.
fn words(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(_)
        | ExecutionError::NoSuchOverload(_)
        | ExecutionError::UndeclaredReference(_)
        | ExecutionError::InvalidArgumentCount { .. }
        | ExecutionError::UnexpectedType { .. }
        | ExecutionError::MissingArgumentOrTarget
        | ExecutionError::FunctionError { .. } => error.to_string(),
        ExecutionError::IndexOutOfBounds(_) => "a list has no such element".to_owned(),
        ExecutionError::ValuesNotComparable(a, b) => {
            format!("{} can't be compared with {}", a.type_of(), b.type_of())
        }
        ExecutionError::UnsupportedBinaryOperator(op, a, b) => {
            format!("{op} doesn't work on {} and {}", a.type_of(), b.type_of())
        }
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            "a division by zero".to_owned()
        }
        _ => "types don't fit".to_owned(),
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.program.source_info().source)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn eval(source: &str, api: &Value) -> Result<Value, EvalError> {
        Expression::compile(source)?.evaluate([("api", &Variable::new(Arc::new(api.clone())))])
    }

    #[test]
    fn a_source_is_compiled_once_and_its_error_stays() {
        let first = Expression::shared("1 + 2 == 3").unwrap();
        assert!(Arc::ptr_eq(&first, &Expression::shared("1 + 2 == 3").unwrap()));
        assert_eq!(first.evaluate([]).unwrap(), Value::Bool(true));
        let wrong = Expression::shared("1 +").unwrap_err();
        assert_eq!(wrong, Expression::shared("1 +").unwrap_err());
    }

    #[test]
    fn expressions_see_facts_and_the_usual_macros() {
        let api = json!({"methods": [
            {"verb": "GET", "path": "/socks", "auth": "NONE"},
            {"verb": "OPTIONS", "path": "/socks", "auth": "NONE"},
            {"verb": "POST", "path": "/partners", "auth": "CUSTOM"},
        ], "count": 9, "url": null});
        let cases = [
            (
                r#"api.methods.filter(m, m.verb != "OPTIONS" && m.auth == "NONE").map(m, m.path)"#,
                json!(["/socks"]),
            ),
            (r#"api.methods.all(m, m.verb in ["GET", "OPTIONS", "POST"])"#, json!(true)),
            (r#"api.methods.exists(m, m.auth == "CUSTOM")"#, json!(true)),
            ("size(api.methods) + 6 == api.count", json!(true)),
            ("api.count / 2", json!(4)),
            ("api.url == null", json!(true)),
            ("has(api.nothing)", json!(false)),
            ("api.url", json!(null)),
            ("(api.methods.filter(m, false) + [null])[0]", json!(null)),
            (r#"api.methods[0].path.startsWith("/")"#, json!(true)),
            (r#""a,b".split(",")"#, json!(["a", "b"])),
            (
                r#"timestamp("2026-01-01T00:00:00Z") < timestamp("2026-01-02T00:00:00Z")"#,
                json!(true),
            ),
        ];
        for (source, expected) in cases {
            assert_eq!(eval(source, &api), Ok(expected), "{source}");
        }
    }

    #[test]
    fn a_wrong_field_is_an_error_and_never_a_value() {
        let error = eval("api.methds.size() == 0", &json!({"methods": []})).unwrap_err();
        assert_eq!(error.to_string(), "the expression can't be evaluated: No such key: methds");
        assert!(eval("nothing.x == 1", &json!({})).is_err());
    }

    #[test]
    fn an_error_never_repeats_what_the_account_holds() {
        let error = eval("api.secret > 1", &json!({"secret": "hunter2"})).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let error = eval("api.secret[7]", &json!({"secret": ["hunter2"]})).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let error =
            eval("api.list < api.secret", &json!({"secret": ["hunter2"], "list": []})).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let Err(EvalError::Syntax { line, column, .. }) =
            Expression::compile("api.methods.filter(m,\n  m.x ==)")
        else {
            panic!("it compiles");
        };
        assert_eq!((line, column), (2, 9));
    }

    #[test]
    fn deep_nesting_is_refused_not_overflowed() {
        let deep = format!("{}1{}", "(".repeat(50_000), ")".repeat(50_000));
        assert!(Expression::compile(&deep).is_err());
    }
}
