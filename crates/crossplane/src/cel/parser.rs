//! Tokens as expressions, by the grammar of CEL with the macros that Kubernetes enables.
//!
//! Follows cel-go v0.26 `parser`, `ext/comprehensions.go` and `ext/lists.go`. Messages of types are not made (`Type{...}`), since
//! rules have no types to make; the words of syntax errors are our own.

use super::expression::{Element, Entry, Expression, Kind, Literal, Loop, LoopForm, SelectStyle};
use super::lexer::{Problem, Token, tokens};

/// What an operand may begin with, as upstream lists it.
const OPERAND: &str = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, \
    IDENTIFIER}";

/// As deep as upstream parses.
const DEEPEST: usize = 250;

/// The most operators and selections that a rule may have. Upstream has no limit; a tree of more may be too deep to walk.
const MOST_LINKS: usize = 800;

/// Words that are no identifiers, since CEL keeps them for itself.
pub(super) const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

pub(super) fn parse(source: &str) -> Result<Expression, Problem> {
    let mut parser = Parser { tokens: tokens(source)?, next: 0, depth: 0, links: 0 };
    let expression = parser.expression()?;
    match parser.peek() {
        (Token::End, _) => Ok(expression),
        _ => Err(parser.unexpected_for("<EOF>")),
    }
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    next: usize,
    depth: usize,
    links: usize,
}

type Parsed = Result<Expression, Problem>;

impl Parser {
    fn peek(&self) -> (&Token, usize) {
        self.tokens.get(self.next).map_or((&Token::End, 0), |(token, at)| (token, *at))
    }

    fn take(&mut self, symbol: &str) -> Option<usize> {
        let (token, at) = self.peek();
        let is_it = matches!(token, Token::Symbol(found) if *found == symbol);
        is_it.then(|| {
            self.next += 1;
            at
        })
    }

    fn expect(&mut self, symbol: &str) -> Result<usize, Problem> {
        self.take(symbol).ok_or_else(|| self.unexpected_for(&format!("'{symbol}'")))
    }

    fn unexpected_for(&self, expected: &str) -> Problem {
        let (at, told) = self.unexpected();
        (at, format!("{told} expecting {expected}"))
    }

    fn unexpected(&self) -> Problem {
        let (token, at) = self.peek();
        let found = match token {
            Token::End => "<EOF>".to_owned(),
            Token::Symbol(symbol) => (*symbol).to_owned(),
            Token::Identifier(name) => name.clone(),
            Token::Integer(value) => value.to_string(),
            Token::Literal(_) => "literal".to_owned(),
        };
        (at, format!("Syntax error: mismatched input '{found}'"))
    }

    fn expression(&mut self) -> Parsed {
        super::deeper(|| self.expression_here())
    }

    fn expression_here(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEEPEST {
            let (_, at) = self.peek();
            return Err((at, "expression recursion limit exceeded: 250".to_owned()));
        }
        let condition = self.binary(0)?;
        let expression = match self.take("?") {
            None => condition,
            Some(at) => {
                let yes = self.binary(0)?;
                self.expect(":")?;
                let no = self.expression()?;
                call("_?_:_", None, vec![condition, yes, no], at)
            }
        };
        self.depth -= 1;
        Ok(expression)
    }

    /// Operators by how tight they bind.
    fn binary(&mut self, level: usize) -> Parsed {
        const LEVELS: [&[(&str, &str)]; 5] = [
            &[("||", "_||_")],
            &[("&&", "_&&_")],
            &[
                ("==", "_==_"),
                ("!=", "_!=_"),
                ("<=", "_<=_"),
                (">=", "_>=_"),
                ("<", "_<_"),
                (">", "_>_"),
                ("in", "@in"),
            ],
            &[("+", "_+_"), ("-", "_-_")],
            &[("*", "_*_"), ("/", "_/_"), ("%", "_%_")],
        ];
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some((at, function)) =
            operators.iter().find_map(|(symbol, function)| Some((self.take(symbol)?, function)))
        {
            self.link(at)?;
            let right = self.binary(level + 1)?;
            left = call(function, None, vec![left, right], at);
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        if let Some(at) = self.take("!") {
            let mut count = 1;
            while self.take("!").is_some() {
                count += 1;
            }
            let operand = self.member()?;
            return Ok(if count % 2 == 0 { operand } else { call("!_", None, vec![operand], at) });
        }
        let Some(at) = self.take("-") else { return self.member() };
        let mut count = 1;
        while self.take("-").is_some() {
            count += 1;
        }
        if count == 1 {
            let negative = match self.peek().0 {
                Token::Integer(value) => {
                    let value = i128::from(*value);
                    let literal =
                        i64::try_from(-value).map_err(|_| (at, "invalid int literal".to_owned()))?;
                    Some(Literal::Int(literal))
                }
                Token::Literal(Literal::Double(value)) => Some(Literal::Double(-value)),
                _ => None,
            };
            if let Some(literal) = negative {
                self.next += 1;
                return self.members(Expression { kind: Kind::Literal(literal), at });
            }
        }
        let operand = self.member()?;
        Ok(if count % 2 == 0 { operand } else { call("-_", None, vec![operand], at) })
    }

    fn link(&mut self, at: usize) -> Result<(), Problem> {
        self.links += 1;
        if self.links > MOST_LINKS { Err((at, "expression is too long".to_owned())) } else { Ok(()) }
    }

    fn member(&mut self) -> Parsed {
        let primary = self.primary()?;
        self.members(primary)
    }

    fn members(&mut self, mut expression: Expression) -> Parsed {
        loop {
            if let (Token::Symbol("." | ".?" | "[" | "[?"), at) = self.peek() {
                self.link(at)?;
            }
            if let Some(at) = self.take(".?") {
                let field = self.identifier()?;
                let operand = Box::new(expression);
                expression =
                    Expression { kind: Kind::Select { operand, field, style: SelectStyle::Optional }, at };
            } else if let Some(at) = self.take(".") {
                let field = self.identifier()?;
                if let Some(open) = self.take("(") {
                    let arguments = self.arguments(")")?;
                    expression = expand_member(expression, &field, arguments, open)?;
                } else {
                    let operand = Box::new(expression);
                    expression =
                        Expression { kind: Kind::Select { operand, field, style: SelectStyle::Value }, at };
                }
            } else if let Some(at) = self.take("[?") {
                let index = self.expression()?;
                self.expect("]")?;
                expression = call("_[?_]", None, vec![expression, index], at);
            } else if let Some(at) = self.take("[") {
                let index = self.expression()?;
                self.expect("]")?;
                expression = call("_[_]", None, vec![expression, index], at);
            } else {
                return Ok(expression);
            }
        }
    }

    fn identifier(&mut self) -> Result<String, Problem> {
        match self.peek().0 {
            Token::Identifier(name) => {
                let name = name.clone();
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn arguments(&mut self, close: &str) -> Result<Vec<Expression>, Problem> {
        let mut arguments = Vec::new();
        if self.take(close).is_some() {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if self.take(",").is_none() {
                self.expect(close)?;
                return Ok(arguments);
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let (token, at) = self.peek();
        let token = token.clone();
        match token {
            Token::Literal(literal) => {
                self.next += 1;
                Ok(Expression { kind: Kind::Literal(literal), at })
            }
            Token::Integer(value) => {
                self.next += 1;
                let value = i64::try_from(value).map_err(|_| (at, "invalid int literal".to_owned()))?;
                Ok(Expression { kind: Kind::Literal(Literal::Int(value)), at })
            }
            Token::Identifier(name) => {
                self.next += 1;
                self.named(name, at)
            }
            Token::Symbol(".") => {
                self.next += 1;
                let name = self.identifier()?;
                self.named(name, at)
            }
            Token::Symbol("(") => {
                self.next += 1;
                let inside = self.expression()?;
                self.expect(")")?;
                Ok(inside)
            }
            Token::Symbol(open @ ("[" | "[?")) => {
                self.next += 1;
                self.list(open == "[?", at)
            }
            Token::Symbol("{") => {
                self.next += 1;
                self.map(at)
            }
            _ => Err(self.unexpected_for(OPERAND)),
        }
    }

    fn named(&mut self, name: String, at: usize) -> Parsed {
        if RESERVED.contains(&name.as_str()) {
            return Err((at, format!("reserved identifier: {name}")));
        }
        let Some(open) = self.take("(") else { return Ok(Expression { kind: Kind::Identifier(name), at }) };
        let mut arguments = self.arguments(")")?;
        if name == "has" && arguments.len() == 1 {
            let argument = arguments.remove(0);
            return match argument.kind {
                Kind::Select { operand, field, style: SelectStyle::Value } => Ok(Expression {
                    kind: Kind::Select { operand, field, style: SelectStyle::Presence },
                    at: open,
                }),
                _ => Err((argument.at, "invalid argument to has() macro".to_owned())),
            };
        }
        Ok(call(&name, None, arguments, open))
    }

    fn list(&mut self, mut is_optional: bool, at: usize) -> Parsed {
        let mut elements = Vec::new();
        while self.take("]").is_none() {
            is_optional = is_optional || self.take("?").is_some();
            elements.push(Element { value: self.expression()?, is_optional });
            is_optional = false;
            if self.take(",").is_none() {
                self.expect("]")?;
                break;
            }
        }
        Ok(Expression { kind: Kind::List(elements), at })
    }

    fn map(&mut self, at: usize) -> Parsed {
        let mut entries = Vec::new();
        while self.take("}").is_none() {
            let is_optional = self.take("?").is_some();
            let key = self.expression()?;
            self.expect(":")?;
            entries.push(Entry { key, value: self.expression()?, is_optional });
            if self.take(",").is_none() {
                self.expect("}")?;
                break;
            }
        }
        Ok(Expression { kind: Kind::Map(entries), at })
    }
}

fn call(
    function: &str,
    target: Option<Box<Expression>>,
    arguments: Vec<Expression>,
    at: usize,
) -> Expression {
    Expression { kind: Kind::Call { function: function.to_owned(), target, arguments }, at }
}

/// Member calls that are macros. Those with two variables begin with index and element, or key and value.
fn expand_member(target: Expression, name: &str, arguments: Vec<Expression>, at: usize) -> Parsed {
    let count = arguments.len();
    let (form, variables) = match (name, count) {
        ("all", 2) => (LoopForm::All, 1),
        ("exists", 2) => (LoopForm::Exists, 1),
        ("exists_one" | "existsOne", 2) => (LoopForm::ExistsOne, 1),
        ("filter", 2) => (LoopForm::Filter, 1),
        ("map", 2 | 3) => (LoopForm::List, 1),
        ("sortBy", 2) => (LoopForm::SortBy, 1),
        ("all", 3) => (LoopForm::All, 2),
        ("exists", 3) => (LoopForm::Exists, 2),
        ("exists_one" | "existsOne", 3) => (LoopForm::ExistsOne, 2),
        ("transformList", 3 | 4) => (LoopForm::List, 2),
        ("transformMap", 3 | 4) => (LoopForm::Map, 2),
        ("transformMapEntry", 3 | 4) => (LoopForm::MapEntry, 2),
        ("optMap" | "optFlatMap", 2) => return optional_map(target, name, arguments),
        _ => return Ok(call(name, Some(Box::new(target)), arguments, at)),
    };
    let mut arguments = arguments.into_iter();
    let mut names = Vec::new();
    for argument in arguments.by_ref().take(variables) {
        match argument.kind {
            Kind::Identifier(name) => names.push(name),
            _ => return Err((argument.at, "argument must be a simple name".to_owned())),
        }
    }
    let mut rest: Vec<Expression> = arguments.collect();
    let asks_only = matches!(form, LoopForm::All | LoopForm::Exists | LoopForm::ExistsOne | LoopForm::Filter);
    let condition = (asks_only || rest.len() == 2).then(|| rest.remove(0));
    let looped = Loop { form, range: target, variables: names, condition, results: rest };
    Ok(Expression { kind: Kind::Loop(Box::new(looped)), at })
}

fn optional_map(target: Expression, name: &str, arguments: Vec<Expression>) -> Parsed {
    let at = target.at;
    let mut arguments = arguments.into_iter();
    let (Some(variable), Some(body)) = (arguments.next(), arguments.next()) else {
        return Err((at, format!("{name}() takes two arguments")));
    };
    let Kind::Identifier(variable) = variable.kind else {
        return Err((variable.at, format!("{name}() variable name must be a simple identifier")));
    };
    let flattens = name == "optFlatMap";
    let kind = Kind::OptionalMap { operand: Box::new(target), variable, body: Box::new(body), flattens };
    Ok(Expression { kind, at })
}
