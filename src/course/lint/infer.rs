//! Types of CEL expressions over facts, as far as they can be known: walks the syntax tree against
//! the facts' JSON schemas. What can't be known is [`Type::Any`], never an error.

use cel::Program;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators,
};

use super::schema::{Schema, Shape, nearest};

/// What an expression comes out as.
#[derive(Clone)]
pub(super) enum Type<'a> {
    Any,
    Null,
    Bool,
    Number,
    Text,
    List(Box<Type<'a>>),
    Object(Schema<'a>),
}

impl<'a> Type<'a> {
    pub(super) fn of(schema: Schema<'a>) -> Self {
        match schema.shape() {
            Shape::Object { .. } => Self::Object(schema),
            Shape::List(items) => Self::List(Box::new(items.map_or(Self::Any, Self::of))),
            Shape::Scalar("boolean") => Self::Bool,
            Shape::Scalar("integer" | "number") => Self::Number,
            Shape::Scalar("string") => Self::Text,
            Shape::Scalar("null") => Self::Null,
            Shape::Any | Shape::OneOf(_) | Shape::Scalar(_) => Self::Any,
        }
    }

    /// The type in a message.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// Whether a chain of fields may exist.
    pub(super) fn has(&self, path: &[&str]) -> bool {
        let [field, rest @ ..] = path else { return true };
        match self {
            Self::Any => true,
            Self::Object(schema) => schema.field(field).is_some_and(|s| Self::of(s).has(rest)),
            Self::List(item) if field.parse::<usize>().is_ok() => item.has(rest),
            _ => false,
        }
    }

    /// The more telling one of two types that an expression may have.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any | Self::Null, other) => other,
            (Self::List(a), Self::List(b)) => Self::List(Box::new(a.or(*b))),
            (one, Self::Any | Self::Null) => one,
            (one, other) if one.name() == other.name() => one,
            _ => Self::Any,
        }
    }
}

/// Something wrong in an expression.
pub(super) struct Problem {
    /// Offset in characters.
    pub(super) offset: usize,
    pub(super) message: String,
    pub(super) remedy: String,
}

/// Functions of the environment (CEL's standard ones, cel-go's strings and lists).
const FUNCTIONS: [&str; 53] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "int",
    "uint",
    "double",
    "string",
    "bool",
    "bytes",
    "timestamp",
    "duration",
    "type",
    "dyn",
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
    "charAt",
    "indexOf",
    "lastIndexOf",
    "join",
    "lowerAscii",
    "upperAscii",
    "trim",
    "replace",
    "split",
    "substring",
    "format",
    "quote",
    "strings.quote",
    "reverse",
    "slice",
    "flatten",
    "distinct",
    "sort",
    "sortBy",
    "range",
    "lists.range",
    "hasValue",
    "value",
    "orValue",
    "or",
    "optMap",
    "optional.of",
    "optional.none",
];

/// One expression's walk.
pub(super) struct Infer<'a, 'e> {
    program: &'e Program,
    scope: Vec<(String, Type<'a>)>,
    facts: Vec<&'e str>,
    pub(super) problems: Vec<Problem>,
}

impl<'a, 'e> Infer<'a, 'e> {
    pub(super) fn new(
        program: &'e Program,
        scope: Vec<(String, Type<'a>)>,
        facts: Vec<&'e str>,
    ) -> Self {
        Self { program, scope, facts, problems: Vec::new() }
    }

    /// The whole expression's type.
    pub(super) fn root(&mut self) -> Type<'a> {
        self.walk(self.program.expression())
    }

    fn walk(&mut self, node: &IdedExpr) -> Type<'a> {
        match &node.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => Type::Bool,
                LiteralValue::Double(_) | LiteralValue::Int(_) | LiteralValue::UInt(_) => {
                    Type::Number
                }
                LiteralValue::String(_) => Type::Text,
                LiteralValue::Null => Type::Null,
                LiteralValue::Bytes(_) => Type::Any,
            },
            Expr::Ident(name) => self.ident(node, name),
            Expr::Select(select) => self.select(node, select),
            Expr::Call(call) => self.call(node, call),
            Expr::List(list) => {
                let items = list.elements.iter().map(|e| self.walk(e)).reduce(Type::or);
                Type::List(Box::new(items.unwrap_or(Type::Any)))
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.walk(&entry.key);
                        self.walk(&entry.value);
                    }
                }
                Type::Any
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::Struct(_) | Expr::Unspecified => Type::Any,
        }
    }

    fn ident(&mut self, node: &IdedExpr, name: &str) -> Type<'a> {
        if let Some((_, found)) = self.scope.iter().rev().find(|(n, _)| n == name) {
            return found.clone();
        }
        let types = [
            "int",
            "uint",
            "double",
            "string",
            "bool",
            "bytes",
            "list",
            "map",
            "type",
            "null_type",
        ];
        if types.contains(&name)
            || name.starts_with('@')
            || name == "lists"
            || name == "optional"
            || name == "strings"
        {
            return Type::Any;
        }
        if self.facts.contains(&name) {
            self.problem(
                node,
                format!("the fact `{name}` isn't listed"),
                format!("add `{name}` to `facts`"),
            );
        } else {
            let remedy = self.meant(name, "name a fact of `facts`");
            self.problem(node, format!("there is no `{name}`"), remedy);
        }
        Type::Any
    }

    fn meant(&self, name: &str, otherwise: &str) -> String {
        let known = self.scope.iter().map(|(n, _)| n.as_str());
        nearest(name, known)
            .map_or_else(|| otherwise.to_owned(), |near| format!("did you mean `{near}`?"))
    }

    fn select(&mut self, node: &IdedExpr, select: &SelectExpr) -> Type<'a> {
        let of = self.walk(&select.operand);
        let field = self.field(node, &of, &select.field, &select.operand);
        if select.test { Type::Bool } else { field }
    }

    fn field(
        &mut self,
        node: &IdedExpr,
        of: &Type<'a>,
        name: &str,
        operand: &IdedExpr,
    ) -> Type<'a> {
        match of {
            Type::Any => Type::Any,
            Type::Object(schema) => {
                if let Some(field) = schema.field(name) {
                    return Type::of(field);
                }
                let mut known: Vec<&str> = Vec::new();
                if let Shape::Object { fields, .. } = schema.shape() {
                    known.extend(fields.into_iter().flat_map(|f| f.keys().map(String::as_str)));
                }
                let remedy = match nearest(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it has {}", known.join(", ")),
                };
                let offset = self.field_offset(operand, name).unwrap_or_else(|| self.offset(node));
                let message = format!("there is no field `{name}` here");
                self.problems.push(Problem { offset, message, remedy });
                Type::Any
            }
            other => {
                self.problem(
                    node,
                    format!("`.{name}` of {}", other.name()),
                    "only objects have fields".to_owned(),
                );
                Type::Any
            }
        }
    }

    /// Where a field's name stands: after its operand's beginning, after a dot.
    fn field_offset(&self, operand: &IdedExpr, name: &str) -> Option<usize> {
        let source = &self.program.source_info().source;
        let from = self.offset(operand);
        let rest: String = source.chars().skip(from).collect();
        let at = rest.find(&format!(".{name}"))? + 1;
        Some(from + rest[..at].chars().count())
    }

    fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Type<'a> {
        let target = call.target.as_ref().map(|t| self.walk(t));
        let args: Vec<Type<'a>> = call.args.iter().map(|arg| self.walk(arg)).collect();
        let name = call.func_name.as_str();
        let first = || args.first().cloned().unwrap_or(Type::Any);
        match name {
            operators::CONDITIONAL => {
                args.into_iter().skip(1).reduce(Type::or).unwrap_or(Type::Any)
            }
            operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT => {
                for (arg, found) in call.args.iter().zip(&args) {
                    if !matches!(found, Type::Bool | Type::Any | Type::Null) {
                        let remedy = "compare it with something".to_owned();
                        self.problem(
                            arg,
                            format!("true or false belongs here, not {}", found.name()),
                            remedy,
                        );
                    }
                }
                Type::Bool
            }
            operators::EQUALS
            | operators::NOT_EQUALS
            | operators::GREATER
            | operators::LESS
            | operators::GREATER_EQUALS
            | operators::LESS_EQUALS
            | operators::IN
            | operators::NOT_STRICTLY_FALSE => Type::Bool,
            operators::ADD => args.into_iter().reduce(Type::or).unwrap_or(Type::Any),
            operators::SUBSTRACT
            | operators::MULTIPLY
            | operators::DIVIDE
            | operators::MODULO
            | operators::NEGATE => first(),
            operators::INDEX => self.index(node, call, &args),
            "size" | "indexOf" | "lastIndexOf" | "int" | "uint" | "double" => Type::Number,
            "contains" | "startsWith" | "endsWith" | "matches" | "bool" => Type::Bool,
            "string" | "lowerAscii" | "upperAscii" | "trim" | "replace" | "substring" | "join"
            | "charAt" => Type::Text,
            "split" => Type::List(Box::new(Type::Text)),
            "distinct" | "sort" | "slice" => target.unwrap_or(Type::Any),
            _ if FUNCTIONS.contains(&name) || name.starts_with(['@', '_', '-', '!']) => Type::Any,
            _ => {
                let remedy = nearest(name, FUNCTIONS).map_or_else(
                    || "see the CEL language definition for what there is".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                self.problem(node, format!("there is no function `{name}`"), remedy);
                Type::Any
            }
        }
    }

    fn index(&mut self, node: &IdedExpr, call: &CallExpr, args: &[Type<'a>]) -> Type<'a> {
        match (args.first(), call.args.get(1).map(|a| &a.expr)) {
            (Some(Type::List(item)), _) => (**item).clone(),
            (Some(of @ Type::Object(_)), Some(Expr::Literal(LiteralValue::String(key)))) => {
                self.field(node, &of.clone(), key.inner(), &call.args[0])
            }
            _ => Type::Any,
        }
    }

    /// A macro: `filter`, `map`, `all`, `exists`. The accumulator's type is found by one round.
    fn comprehension(&mut self, c: &ComprehensionExpr) -> Type<'a> {
        let item = match self.walk(&c.iter_range) {
            Type::List(item) if c.iter_var2.is_none() => *item,
            Type::Object(_) if c.iter_var2.is_none() => Type::Text,
            Type::Bool | Type::Number | Type::Text => {
                self.problem(
                    &c.iter_range,
                    "a list belongs here".to_owned(),
                    "only lists have items".to_owned(),
                );
                Type::Any
            }
            _ => Type::Any,
        };
        let start = self.walk(&c.accu_init);
        let depth = self.scope.len();
        self.scope.push((c.accu_var.clone(), start));
        self.scope.push((c.iter_var.clone(), item));
        self.scope.extend(c.iter_var2.iter().map(|name| (name.clone(), Type::Any)));
        self.walk(&c.loop_cond);
        let step = self.walk(&c.loop_step);
        self.scope.truncate(depth);
        self.scope.push((c.accu_var.clone(), step));
        let result = self.walk(&c.result);
        self.scope.truncate(depth);
        result
    }

    fn offset(&self, node: &IdedExpr) -> usize {
        let at = self.program.source_info().offset_for(node.id).map_or(0, |(start, _)| start);
        usize::try_from(at).unwrap_or(0)
    }

    fn problem(&mut self, node: &IdedExpr, message: String, remedy: String) {
        let offset = self.offset(node);
        self.problems.push(Problem { offset, message, remedy });
    }
}
