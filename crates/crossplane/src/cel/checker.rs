//! Finds the type of every expression and what is wrong with it before anything is evaluated.
//!
//! Follows cel-go v0.26 `checker/checker.go` and, for literals, `cel/validator.go`, with the error texts of
//! `checker/errors.go`.

use std::rc::Rc;

use super::declarations::{TypeText, overloads};
use super::expression::{Element, Entry, Expression, Kind, Literal, Loop, LoopForm, SelectStyle};
use super::lexer::Problem;
use super::literals::check_literals;
use super::types::Type;

/// What is known of a checked expression.
pub(super) struct Checked<'s> {
    pub(super) result: Type<'s>,
    pub(super) uses_old_self: bool,
    pub(super) problems: Vec<Problem>,
}

/// Checks an expression over the given variables.
pub(super) fn check<'s>(expression: &Expression, variables: Vec<(String, Type<'s>)>) -> Checked<'s> {
    let mut checker = Checker {
        variables,
        bindings: Vec::new(),
        problems: Vec::new(),
        mixed_literals: Vec::new(),
        formats: 0,
        uses_old_self: false,
    };
    let result = checker.check(expression);
    if checker.problems.is_empty() {
        checker.problems = std::mem::take(&mut checker.mixed_literals);
        checker.problems.extend(check_literals(expression));
    }
    let result = checker.resolved(&result);
    Checked { result, uses_old_self: checker.uses_old_self, problems: checker.problems }
}

/// The name that a chain of selections spells, such as `net.IP`.
pub(super) fn qualified_name(expression: &Expression) -> Option<String> {
    match &expression.kind {
        Kind::Identifier(name) => Some(name.clone()),
        Kind::Select { operand, field, style: SelectStyle::Value } => {
            Some(format!("{}.{field}", qualified_name(operand)?))
        }
        _ => None,
    }
}

/// The names of types, which are values too.
pub(super) const TYPE_NAMES: [&str; 15] = [
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "type",
    "uint",
    "google.protobuf.Duration",
    "google.protobuf.Timestamp",
    "net.IP",
    "net.CIDR",
    "kubernetes.Quantity",
];

struct Checker<'s> {
    variables: Vec<(String, Type<'s>)>,
    bindings: Vec<Option<Type<'s>>>,
    problems: Vec<Problem>,
    /// Lists and maps of several types, told where nothing worse is wrong.
    mixed_literals: Vec<Problem>,
    /// In how many calls of `format` the expression is, whose values may be of any types.
    formats: usize,
    uses_old_self: bool,
}

impl<'s> Checker<'s> {
    fn tell(&mut self, at: usize, problem: String) {
        self.problems.push((at, problem));
    }

    fn new_variable(&mut self) -> Type<'s> {
        self.bindings.push(None);
        Type::Variable(self.bindings.len() - 1)
    }

    /// A type with what is known of its variables.
    fn resolved(&self, wanted: &Type<'s>) -> Type<'s> {
        match wanted {
            Type::Variable(index) => match self.bindings.get(*index) {
                Some(Some(bound)) => self.resolved(bound),
                _ => wanted.clone(),
            },
            Type::List(element) => Type::List(Rc::new(self.resolved(element))),
            Type::Map(key, value) => Type::Map(Rc::new(self.resolved(key)), Rc::new(self.resolved(value))),
            Type::Optional(of) => Type::Optional(Rc::new(self.resolved(of))),
            Type::Meta(of) => Type::Meta(Rc::new(self.resolved(of))),
            other => other.clone(),
        }
    }

    /// Whether a value of one type may stand where another is wanted; learns of variables.
    fn fits(&mut self, found: &Type<'s>, wanted: &Type<'s>) -> bool {
        let (found, wanted) = (self.resolved(found), self.resolved(wanted));
        match (&found, &wanted) {
            (Type::Variable(one), Type::Variable(other)) if one == other => true,
            (Type::Variable(index), other) | (other, Type::Variable(index)) => {
                if let Some(binding) = self.bindings.get_mut(*index) {
                    *binding = Some(other.clone());
                }
                true
            }
            (Type::Dynamic | Type::Error, _) | (_, Type::Dynamic | Type::Error) => true,
            (
                Type::Null,
                Type::Object(_) | Type::Duration | Type::Timestamp | Type::Optional(_) | Type::Opaque(_),
            )
            | (
                Type::Object(_) | Type::Duration | Type::Timestamp | Type::Optional(_) | Type::Opaque(_),
                Type::Null,
            ) => true,
            (Type::List(one), Type::List(other)) | (Type::Optional(one), Type::Optional(other)) => {
                self.fits(one, other)
            }
            (Type::Map(key, value), Type::Map(other_key, other_value)) => {
                self.fits(key, other_key) && self.fits(value, other_value)
            }
            (Type::Object(one), Type::Object(other)) => one == other,
            (Type::Opaque(one), Type::Opaque(other)) => one == other,
            (Type::Meta(_), Type::Meta(_)) => true,
            (found, Type::Ordered) => matches!(
                found,
                Type::Int
                    | Type::Uint
                    | Type::Double
                    | Type::Bool
                    | Type::Duration
                    | Type::Timestamp
                    | Type::String
                    | Type::Bytes
            ),
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        }
    }

    fn check(&mut self, expression: &Expression) -> Type<'s> {
        super::deeper(|| self.check_here(expression))
    }

    fn check_here(&mut self, expression: &Expression) -> Type<'s> {
        let at = expression.at;
        match &expression.kind {
            Kind::Literal(literal) => match literal {
                Literal::Null => Type::Null,
                Literal::Bool(_) => Type::Bool,
                Literal::Int(_) => Type::Int,
                Literal::Uint(_) => Type::Uint,
                Literal::Double(_) => Type::Double,
                Literal::String(_) => Type::String,
                Literal::Bytes(_) => Type::Bytes,
            },
            Kind::Identifier(name) => self.check_name(name, at),
            Kind::Select { operand, field, style } => self.check_select(expression, operand, field, *style),
            Kind::Call { function, target, arguments } => {
                self.check_call(function, target.as_deref(), arguments, at)
            }
            Kind::List(elements) => self.check_list(elements),
            Kind::Map(entries) => self.check_map(entries),
            Kind::Loop(looped) => self.check_loop(looped, at),
            Kind::OptionalMap { operand, variable, body, flattens } => {
                let operand = self.check(operand);
                let inside = self.new_variable();
                if !self.fits(&operand, &Type::Optional(Rc::new(inside.clone()))) {
                    let name = if *flattens { "optFlatMap" } else { "optMap" };
                    let operand = self.resolved(&operand);
                    self.tell(
                        at,
                        format!("found no matching overload for '{name}' applied to '{operand}.()'"),
                    );
                    return Type::Error;
                }
                self.variables.push((variable.clone(), inside));
                let body = self.check(body);
                self.variables.pop();
                if *flattens { body } else { Type::Optional(Rc::new(body)) }
            }
        }
    }

    fn known_name(&mut self, name: &str) -> Option<Type<'s>> {
        if let Some((_, found)) = self.variables.iter().rev().find(|(variable, _)| variable == name) {
            self.uses_old_self |= name == "oldSelf";
            return Some(found.clone());
        }
        TYPE_NAMES.contains(&name).then(|| Type::Meta(Rc::new(Type::Dynamic)))
    }

    fn check_name(&mut self, name: &str, at: usize) -> Type<'s> {
        self.known_name(name).unwrap_or_else(|| {
            self.tell(at, format!("undeclared reference to '{name}' (in container '')"));
            Type::Error
        })
    }

    fn check_select(
        &mut self,
        expression: &Expression,
        operand: &Expression,
        field: &str,
        style: SelectStyle,
    ) -> Type<'s> {
        if let Some(found) = qualified_name(expression).and_then(|name| self.known_name(&name)) {
            return found;
        }
        let operand = self.check(operand);
        let operand = self.resolved(&operand);
        let (target, is_optional) = match &operand {
            Type::Optional(of) => (self.resolved(of), true),
            other => (other.clone(), false),
        };
        let result = match &target {
            Type::Map(_, value) => value.as_ref().clone(),
            Type::Object(object) => object.field(field).unwrap_or_else(|| {
                self.tell(expression.at, format!("undefined field '{field}'"));
                Type::Error
            }),
            Type::Variable(_) => {
                self.fits(&target, &Type::Dynamic);
                Type::Dynamic
            }
            Type::Dynamic | Type::Error => Type::Dynamic,
            other => {
                self.tell(expression.at, format!("type '{other}' does not support field selection"));
                Type::Dynamic
            }
        };
        match style {
            SelectStyle::Presence => Type::Bool,
            SelectStyle::Optional => Type::Optional(Rc::new(result)),
            SelectStyle::Value if is_optional => Type::Optional(Rc::new(result)),
            SelectStyle::Value => result,
        }
    }

    fn check_call(
        &mut self,
        function: &str,
        target: Option<&Expression>,
        arguments: &[Expression],
        at: usize,
    ) -> Type<'s> {
        self.formats += usize::from(function == "format");
        let mut types: Vec<Type<'s>> = arguments.iter().map(|argument| self.check(argument)).collect();
        self.formats -= usize::from(function == "format");
        if function == "_&&_" || function == "_||_" {
            return self.check_logic(&types, arguments);
        }
        let qualified = target
            .and_then(qualified_name)
            .map(|prefix| format!("{prefix}.{function}"))
            .filter(|name| overloads(name).is_some());
        let is_member = target.is_some() && qualified.is_none();
        if let Some(target) = target.filter(|_| is_member) {
            let target = self.check(target);
            types.insert(0, target);
        }
        let name = qualified.as_deref().unwrap_or(function);
        let Some(overloads) = overloads(name) else {
            self.tell(at, format!("undeclared reference to '{name}' (in container '')"));
            return Type::Error;
        };
        let mut result: Option<Type<'s>> = None;
        for overload in overloads.iter().filter(|overload| overload.is_member == is_member) {
            if overload.parameters.len() != types.len() {
                continue;
            }
            let mut parameters = Parameters::default();
            let wanted: Vec<Type<'s>> =
                overload.parameters.iter().map(|text| self.instance(text, &mut parameters)).collect();
            let before = self.bindings.clone();
            let fits = types
                .iter()
                .zip(&wanted)
                .all(|(found, wanted)| self.fits_parameter(found, wanted, &mut parameters));
            if !fits {
                self.bindings = before;
                continue;
            }
            let found = match &parameters.ordered {
                Some(ordered) => {
                    replace_ordered(&self.instance(&overload.result, &mut Parameters::default()), ordered)
                }
                None => self.instance(&overload.result, &mut parameters),
            };
            let found = self.resolved(&found);
            result = Some(match result {
                Some(earlier) if earlier.to_string() != found.to_string() => Type::Dynamic,
                Some(earlier) => earlier,
                None => found,
            });
        }
        result.unwrap_or_else(|| {
            let types: Vec<String> = types.iter().map(|found| self.resolved(found).to_string()).collect();
            let signature = match types.split_first() {
                Some((receiver, rest)) if is_member => format!("{receiver}.({})", rest.join(", ")),
                _ => format!("({})", types.join(", ")),
            };
            self.tell(at, format!("found no matching overload for '{name}' applied to '{signature}'"));
            Type::Error
        })
    }

    fn fits_parameter(
        &mut self,
        found: &Type<'s>,
        wanted: &Type<'s>,
        parameters: &mut Parameters<'s>,
    ) -> bool {
        match (self.resolved(found), wanted) {
            (Type::List(element), Type::List(of)) if matches!(**of, Type::Ordered) => {
                let element = self.resolved(&element);
                let fits = matches!(element, Type::Variable(_)) || self.fits(&element, &Type::Ordered);
                parameters.ordered = Some(element);
                fits
            }
            (Type::Dynamic, Type::List(of)) if matches!(**of, Type::Ordered) => {
                parameters.ordered = Some(Type::Dynamic);
                true
            }
            (found, wanted) => self.fits(&found, wanted),
        }
    }

    fn check_logic(&mut self, types: &[Type<'s>], arguments: &[Expression]) -> Type<'s> {
        let mut result = Type::Bool;
        for (found, argument) in types.iter().zip(arguments) {
            if !self.fits(found, &Type::Bool) {
                let found = self.resolved(found);
                self.tell(argument.at, format!("expected type 'bool' but found '{found}'"));
                result = Type::Error;
            }
        }
        result
    }

    /// A declared type, with a new variable for each of its parameters.
    fn instance(&mut self, text: &TypeText, parameters: &mut Parameters<'s>) -> Type<'s> {
        let mut inside =
            text.parameters.iter().map(|text| Rc::new(self.instance(text, parameters))).collect::<Vec<_>>();
        let mut next = || if inside.is_empty() { Rc::new(Type::Dynamic) } else { inside.remove(0) };
        match text.name.as_str() {
            "dyn" => Type::Dynamic,
            "bool" => Type::Bool,
            "int" => Type::Int,
            "uint" => Type::Uint,
            "double" => Type::Double,
            "string" => Type::String,
            "bytes" => Type::Bytes,
            "duration" => Type::Duration,
            "timestamp" => Type::Timestamp,
            "ordered" => Type::Ordered,
            "list" => Type::List(next()),
            "map" => {
                let key = next();
                Type::Map(key, next())
            }
            "optional" => Type::Optional(next()),
            "type" => Type::Meta(next()),
            name => match name.chars().next().filter(|_| name.len() == 1) {
                Some(parameter) => {
                    if let Some((_, known)) = parameters.named.iter().find(|(name, _)| *name == parameter) {
                        return known.clone();
                    }
                    let variable = self.new_variable();
                    parameters.named.push((parameter, variable.clone()));
                    variable
                }
                None => Type::Opaque(name.into()),
            },
        }
    }

    fn check_list(&mut self, elements: &[Element]) -> Type<'s> {
        let mut joined = None;
        for element in elements {
            let found = self.check(&element.value);
            let found = self.unwrapped(&found, element.is_optional);
            joined = Some(self.join(joined, found, element.value.at));
        }
        let joined = joined.unwrap_or_else(|| self.new_variable());
        Type::List(Rc::new(joined))
    }

    fn check_map(&mut self, entries: &[Entry]) -> Type<'s> {
        let (mut keys, mut values) = (None, None);
        for entry in entries {
            let key = self.check(&entry.key);
            keys = Some(self.join(keys, key, entry.key.at));
            let value = self.check(&entry.value);
            let value = self.unwrapped(&value, entry.is_optional);
            values = Some(self.join(values, value, entry.value.at));
        }
        let keys = keys.unwrap_or_else(|| self.new_variable());
        let values = values.unwrap_or_else(|| self.new_variable());
        Type::Map(Rc::new(keys), Rc::new(values))
    }

    fn unwrapped(&mut self, found: &Type<'s>, is_optional: bool) -> Type<'s> {
        match self.resolved(found) {
            Type::Optional(of) if is_optional => of.as_ref().clone(),
            other => other,
        }
    }

    /// Kubernetes wants all elements of a literal to be of one type.
    fn join(&mut self, earlier: Option<Type<'s>>, found: Type<'s>, at: usize) -> Type<'s> {
        let Some(earlier) = earlier else { return found };
        if !self.fits(&found, &earlier) {
            let (wanted, found) = (self.resolved(&earlier), self.resolved(&found));
            if self.formats == 0 {
                self.mixed_literals.push((at, format!("expected type '{wanted}' but found '{found}'")));
            }
            return Type::Dynamic;
        }
        earlier
    }

    fn check_loop(&mut self, looped: &Loop, at: usize) -> Type<'s> {
        let range = self.check(&looped.range);
        let range = self.resolved(&range);
        let has_two = looped.variables.len() == 2;
        let (key, value) = match &range {
            Type::List(element) => (Type::Int, element.as_ref().clone()),
            Type::Map(key, value) if has_two => (key.as_ref().clone(), value.as_ref().clone()),
            Type::Map(key, _) => (Type::Dynamic, key.as_ref().clone()),
            Type::Dynamic | Type::Error | Type::Variable(_) => (Type::Dynamic, Type::Dynamic),
            other => {
                let told = format!(
                    "expression of type '{other}' cannot be range of a comprehension (must be list, map, or dynamic)"
                );
                self.tell(looped.range.at, told);
                (Type::Error, Type::Error)
            }
        };
        let types = if has_two { vec![key, value.clone()] } else { vec![value.clone()] };
        let outer = self.variables.len();
        self.variables.extend(looped.variables.iter().cloned().zip(types));
        if let Some(condition) = &looped.condition {
            let found = self.check(condition);
            if !self.fits(&found, &Type::Bool) {
                let found = self.resolved(&found);
                let told = match looped.form {
                    LoopForm::All | LoopForm::Exists => format!("expected type 'bool' but found '{found}'"),
                    _ => format!("found no matching overload for '_?_:_' applied to '({found}, dyn, dyn)'"),
                };
                let place =
                    if matches!(looped.form, LoopForm::All | LoopForm::Exists) { condition.at } else { at };
                self.tell(place, told);
            }
        }
        let mut results = Vec::new();
        for result in &looped.results {
            results.push(self.check(result));
        }
        self.variables.truncate(outer);
        let mut results = results.into_iter();
        let mut next = || Rc::new(results.next().unwrap_or(Type::Dynamic));
        match looped.form {
            LoopForm::All | LoopForm::Exists | LoopForm::ExistsOne => Type::Bool,
            LoopForm::Filter => match &range {
                Type::Map(key, _) => Type::List(Rc::clone(key)),
                _ => Type::List(Rc::new(value)),
            },
            LoopForm::List => Type::List(next()),
            LoopForm::Map => match &range {
                Type::Map(key, _) => Type::Map(Rc::clone(key), next()),
                _ => Type::Map(Rc::new(Type::Int), next()),
            },
            LoopForm::MapEntry => next().as_ref().clone(),
            LoopForm::SortBy => range.clone(),
        }
    }
}

/// What the parameters of a declaration stand for in one call.
#[derive(Default)]
struct Parameters<'s> {
    named: Vec<(char, Type<'s>)>,
    ordered: Option<Type<'s>>,
}

fn replace_ordered<'s>(result: &Type<'s>, ordered: &Type<'s>) -> Type<'s> {
    match result {
        Type::Ordered => ordered.clone(),
        Type::List(_) => Type::List(Rc::new(ordered.clone())),
        other => other.clone(),
    }
}

/// Visits an expression and all below it.
pub(super) fn visit(expression: &Expression, visitor: &mut dyn FnMut(&Expression)) {
    super::deeper(|| visit_here(expression, visitor));
}

fn visit_here(expression: &Expression, visitor: &mut dyn FnMut(&Expression)) {
    visitor(expression);
    match &expression.kind {
        Kind::Literal(_) | Kind::Identifier(_) => {}
        Kind::Select { operand, .. } => visit(operand, visitor),
        Kind::Call { target, arguments, .. } => {
            target.iter().for_each(|target| visit(target, visitor));
            arguments.iter().for_each(|argument| visit(argument, visitor));
        }
        Kind::List(elements) => elements.iter().for_each(|element| visit(&element.value, visitor)),
        Kind::Map(entries) => entries.iter().for_each(|entry| {
            visit(&entry.key, visitor);
            visit(&entry.value, visitor);
        }),
        Kind::Loop(looped) => {
            visit(&looped.range, visitor);
            looped.condition.iter().chain(&looped.results).for_each(|inner| visit(inner, visitor));
        }
        Kind::OptionalMap { operand, body, .. } => {
            visit(operand, visitor);
            visit(body, visitor);
        }
    }
}
