//! Tokens into trees: definitions, text and control structures.
//!
//! One text may define many templates; they come back as a list. Messages and their lines are Go's.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::lexer::{Delimiters, Lexer};
use super::node::{
    Branch, BranchKind, Command, Expression, Node, Pipeline, Position, ROOT_VARIABLE, TemplateCall,
    VariableId,
};
use super::on_enough_stack;
use super::token::{Token, TokenKind};
use super::tree::{Source, Tree};
use crate::function::FunctionIds;
use crate::{GoString, ParseError, quote};

/// How deep control structures may be nested.
const MAXIMUM_NESTING: u32 = 10_000;

/// Parses a text into the templates it defines, itself included.
///
/// # Errors
/// The first thing wrong with the text.
pub(crate) fn parse(
    name: &Arc<str>,
    text: &Arc<[u8]>,
    delimiters: &Delimiters,
    functions: &FunctionIds,
) -> Result<Vec<Arc<Tree>>, ParseError> {
    let source = Arc::new(Source { name: Arc::clone(name), text: Arc::clone(text) });
    let mut parser = Parser {
        lexer: Lexer::new(text, delimiters),
        functions,
        source: &source,
        tokens: std::array::from_fn(|_| end_of_text()),
        peeked: 0,
        names: HashMap::default(),
        scope: Scope::new(),
        trees: BTreeMap::new(),
        unfinished: Unfinished::default(),
    };
    if u32::try_from(text.len()).is_err() {
        return Err(parser.error("the text is larger than 4 GiB"));
    }
    let nodes = parser.top_level()?;
    parser.define(Arc::clone(name), nodes)?;
    Ok(parser.trees.into_values().collect())
}

fn end_of_text() -> Token<'static> {
    Token { kind: TokenKind::EndOfText, position: 0, line: 0, text: &[] }
}

pub(super) struct Parser<'t> {
    lexer: Lexer<'t>,
    pub(super) functions: &'t FunctionIds,
    source: &'t Arc<Source>,
    /// Up to three tokens of look-ahead, the last one read first.
    tokens: [Token<'t>; 3],
    peeked: usize,
    /// The variables but `$`, numbered from 1.
    names: HashMap<&'t [u8], VariableId, FixedState>,
    pub(super) scope: Scope,
    trees: BTreeMap<Arc<str>, Arc<Tree>>,
    pub(super) unfinished: Unfinished,
}

/// The items of all lists that are not complete yet, those of the innermost last.
#[derive(Default)]
pub(super) struct Unfinished {
    pub(super) nodes: Vec<Node>,
    pub(super) commands: Vec<Command>,
    pub(super) words: Vec<Expression>,
}

/// The list that began at a mark, in memory of its size.
pub(super) fn finished<T>(items: &mut Vec<T>, mark: usize) -> Box<[T]> {
    items.drain(mark..).collect()
}

/// What every template of a text has for itself while it is parsed.
pub(super) struct Scope {
    /// The variables in order of their declaration.
    variables: Vec<VariableId>,
    /// How often each variable is declared at the moment; `$` always is.
    declarations: HashMap<u32, u32, FixedState>,
    /// The line of the left delimiter of the action at hand; 0 outside of actions.
    action_line: u32,
    range_depth: u32,
    control_depth: u32,
    pub(super) parenthesis_depth: u32,
    /// The line of the last token that was read.
    line: u32,
}

impl Scope {
    fn new() -> Self {
        Self {
            variables: Vec::new(),
            declarations: HashMap::default(),
            action_line: 0,
            range_depth: 0,
            control_depth: 0,
            parenthesis_depth: 0,
            line: 0,
        }
    }
}

/// What ends a list of nodes.
enum ListEnd {
    End,
    Else,
}

impl ListEnd {
    fn text(&self) -> &'static str {
        match self {
            Self::End => "{{end}}",
            Self::Else => "{{else}}",
        }
    }
}

enum Item {
    Node(Node),
    End(ListEnd),
}

impl<'t> Parser<'t> {
    pub(super) fn next(&mut self) -> Token<'t> {
        if self.peeked > 0 {
            self.peeked -= 1;
        } else {
            self.read_token();
        }
        self.tokens[self.peeked]
    }

    fn read_token(&mut self) {
        self.tokens[0] = self.lexer.next_token();
        self.scope.line = self.tokens[0].line;
    }

    pub(super) fn back_up(&mut self) {
        self.peeked += 1;
    }

    /// Puts back the last token and one before it.
    pub(super) fn back_up_two(&mut self, first: Token<'t>) {
        self.tokens[1] = first;
        self.peeked = 2;
    }

    /// Puts back the last token and two before it.
    pub(super) fn back_up_three(&mut self, first: Token<'t>, second: Token<'t>) {
        self.tokens[1] = second;
        self.tokens[2] = first;
        self.peeked = 3;
    }

    pub(super) fn peek(&mut self) -> Token<'t> {
        let token = self.next();
        self.back_up();
        token
    }

    pub(super) fn next_after_space(&mut self) -> Token<'t> {
        loop {
            let token = self.next();
            if token.kind != TokenKind::Space {
                return token;
            }
        }
    }

    pub(super) fn peek_after_space(&mut self) -> Token<'t> {
        let token = self.next_after_space();
        self.back_up();
        token
    }

    /// Returns the whole text.
    pub(super) fn text(&self) -> &'t [u8] {
        &self.source.text
    }

    pub(super) fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError { template: Arc::clone(&self.source.name), line: self.scope.line, message: message.into() }
    }

    pub(super) fn unexpected(&self, token: &Token<'_>, context: &str) -> ParseError {
        if token.kind != TokenKind::Error {
            return self.error(format!("unexpected {token} in {context}"));
        }
        let started = self.scope.action_line;
        let extra = if started == 0 || started == token.line {
            String::new()
        } else {
            // Not `unclosed action in action`.
            let words = if self.lexer.fault().ends_with(" action") { "" } else { " in action" };
            format!("{words} started at {}:{started}", self.source.name)
        };
        self.error(format!("{}{extra}", self.lexer.fault()))
    }

    fn expect(&mut self, kind: TokenKind, context: &str) -> Result<Token<'t>, ParseError> {
        let token = self.next_after_space();
        if token.kind == kind { Ok(token) } else { Err(self.unexpected(&token, context)) }
    }

    fn top_level(&mut self) -> Result<Box<[Node]>, ParseError> {
        let mark = self.unfinished.nodes.len();
        loop {
            match self.peek().kind {
                TokenKind::EndOfText => return Ok(finished(&mut self.unfinished.nodes, mark)),
                TokenKind::LeftDelimiter => {
                    let delimiter = self.next();
                    if self.next_after_space().kind == TokenKind::Define {
                        self.definition()?;
                        continue;
                    }
                    self.back_up_two(delimiter);
                }
                _ => {}
            }
            match self.text_or_action()? {
                Item::Node(node) => self.unfinished.nodes.push(node),
                Item::End(end) => return Err(self.error(format!("unexpected {}", end.text()))),
            }
        }
    }

    /// Parses `define` after its keyword. The definition has variables and look-ahead of its own.
    fn definition(&mut self) -> Result<(), ParseError> {
        const CONTEXT: &str = "define clause";
        let outer = std::mem::replace(&mut self.scope, Scope::new());
        let token = self.next_after_space();
        let name = self.template_name(&token, CONTEXT)?;
        self.expect(TokenKind::RightDelimiter, CONTEXT)?;
        let (nodes, end) = self.item_list()?;
        if !matches!(end, ListEnd::End) {
            return Err(self.error(format!("unexpected {} in {CONTEXT}", end.text())));
        }
        self.define(name, nodes)?;
        self.scope = outer;
        Ok(())
    }

    fn define(&mut self, name: Arc<str>, nodes: Box<[Node]>) -> Result<(), ParseError> {
        let tree = Tree { name: Arc::clone(&name), source: Arc::clone(self.source), nodes: nodes.into() };
        match self.trees.get(&name) {
            Some(known) if !known.is_empty() => {
                if !tree.is_empty() {
                    let quoted = quote::quote(name.as_bytes());
                    return Err(self.error(format!("template: multiple definition of template {quoted}")));
                }
            }
            _ => {
                self.trees.insert(name, Arc::new(tree));
            }
        }
        Ok(())
    }

    fn template_name(&mut self, token: &Token<'_>, context: &str) -> Result<Arc<str>, ParseError> {
        if !matches!(token.kind, TokenKind::String | TokenKind::RawString) {
            return Err(self.unexpected(token, context));
        }
        let name = quote::unquote(token.text).ok_or_else(|| self.error("invalid syntax"))?;
        Ok(Arc::from(&*GoString::from(name).to_text()))
    }

    fn item_list(&mut self) -> Result<(Box<[Node]>, ListEnd), ParseError> {
        let mark = self.unfinished.nodes.len();
        while self.peek_after_space().kind != TokenKind::EndOfText {
            match self.text_or_action()? {
                Item::Node(node) => self.unfinished.nodes.push(node),
                Item::End(end) => return Ok((finished(&mut self.unfinished.nodes, mark), end)),
            }
        }
        Err(self.error("unexpected EOF"))
    }

    fn text_or_action(&mut self) -> Result<Item, ParseError> {
        let token = self.next_after_space();
        match token.kind {
            TokenKind::Text => {
                Ok(Item::Node(Node::Text { start: offset(token.position), end: end_of(&token) }))
            }
            TokenKind::LeftDelimiter => {
                self.scope.action_line = token.line;
                let item = self.action();
                if item.is_ok() {
                    self.scope.action_line = 0;
                }
                item
            }
            _ => Err(self.unexpected(&token, "input")),
        }
    }

    fn action(&mut self) -> Result<Item, ParseError> {
        let token = self.next_after_space();
        let position = offset(token.position);
        match token.kind {
            TokenKind::Block => self.block().map(Item::Node),
            TokenKind::Break => self.loop_control("{{break}}").map(|()| Item::Node(Node::Break { position })),
            TokenKind::Continue => {
                self.loop_control("{{continue}}").map(|()| Item::Node(Node::Continue { position }))
            }
            TokenKind::Else => self.otherwise(),
            TokenKind::End => self.expect(TokenKind::RightDelimiter, "end").map(|_| Item::End(ListEnd::End)),
            TokenKind::If => self.branch(BranchKind::If).map(Item::Node),
            TokenKind::Range => self.branch(BranchKind::Range).map(Item::Node),
            TokenKind::With => self.branch(BranchKind::With).map(Item::Node),
            TokenKind::Template => self.template().map(Item::Node),
            _ => {
                self.back_up();
                let position = offset(self.peek().position);
                let pipeline = self.pipeline("command", TokenKind::RightDelimiter)?;
                Ok(Item::Node(Node::Action { position, pipeline }))
            }
        }
    }

    fn loop_control(&mut self, text: &str) -> Result<(), ParseError> {
        let token = self.next_after_space();
        if token.kind != TokenKind::RightDelimiter {
            return Err(self.unexpected(&token, text));
        }
        if self.scope.range_depth == 0 {
            return Err(self.error(format!("{text} outside {{{{range}}}}")));
        }
        Ok(())
    }

    fn otherwise(&mut self) -> Result<Item, ParseError> {
        // `else if` and `else with` leave their keyword to whoever parses the branch.
        if !matches!(self.peek_after_space().kind, TokenKind::If | TokenKind::With) {
            self.expect(TokenKind::RightDelimiter, "else")?;
        }
        Ok(Item::End(ListEnd::Else))
    }

    fn branch(&mut self, kind: BranchKind) -> Result<Node, ParseError> {
        if self.scope.control_depth >= MAXIMUM_NESTING {
            return Err(self.error("max nesting depth of control structures exceeded"));
        }
        self.scope.control_depth += 1;
        let branch = on_enough_stack(|| self.branch_inside(kind))?;
        self.scope.control_depth -= 1;
        Ok(Node::Branch(Box::new(branch)))
    }

    fn branch_inside(&mut self, kind: BranchKind) -> Result<Branch, ParseError> {
        let mark = self.scope.variables.len();
        let (context, own_keyword) = match kind {
            BranchKind::If => ("if", Some(TokenKind::If)),
            BranchKind::With => ("with", Some(TokenKind::With)),
            BranchKind::Range => ("range", None),
        };
        let pipeline = self.pipeline(context, TokenKind::RightDelimiter)?;
        let is_range = u32::from(kind == BranchKind::Range);
        self.scope.range_depth += is_range;
        let (body, end) = self.item_list()?;
        self.scope.range_depth -= is_range;
        let otherwise = match end {
            ListEnd::End => None,
            ListEnd::Else if own_keyword.is_some_and(|keyword| self.peek().kind == keyword) => {
                // `{{if a}}_{{else if b}}_{{end}}` is `{{if a}}_{{else}}{{if b}}_{{end}}{{end}}`.
                self.next();
                Some(Box::from([self.branch(kind)?]))
            }
            ListEnd::Else => {
                let (otherwise, end) = self.item_list()?;
                if !matches!(end, ListEnd::End) {
                    return Err(self.error(format!("expected end; found {}", end.text())));
                }
                Some(otherwise)
            }
        };
        self.forget_variables(mark);
        Ok(Branch { kind, position: pipeline.position, pipeline, body, otherwise })
    }

    fn block(&mut self) -> Result<Node, ParseError> {
        const CONTEXT: &str = "block clause";
        let token = self.next_after_space();
        let name = self.template_name(&token, CONTEXT)?;
        let pipeline = self.pipeline(CONTEXT, TokenKind::RightDelimiter)?;
        let depth = self.scope.control_depth;
        if depth >= MAXIMUM_NESTING {
            return Err(self.error("max nesting depth of control structures exceeded"));
        }
        let outer = std::mem::replace(&mut self.scope, Scope { control_depth: depth + 1, ..Scope::new() });
        let (nodes, end) = on_enough_stack(|| self.item_list())?;
        if !matches!(end, ListEnd::End) {
            self.scope = outer;
            return Err(self.error(format!("unexpected {} in {CONTEXT}", end.text())));
        }
        self.define(Arc::clone(&name), nodes)?;
        self.scope = outer;
        Ok(self.template_call(&token, name, Some(pipeline)))
    }

    fn template(&mut self) -> Result<Node, ParseError> {
        const CONTEXT: &str = "template clause";
        let token = self.next_after_space();
        let name = self.template_name(&token, CONTEXT)?;
        let mut pipeline = None;
        if self.next_after_space().kind != TokenKind::RightDelimiter {
            self.back_up();
            pipeline = Some(self.pipeline(CONTEXT, TokenKind::RightDelimiter)?);
        }
        Ok(self.template_call(&token, name, pipeline))
    }

    fn template_call(&self, token: &Token<'_>, name: Arc<str>, pipeline: Option<Pipeline>) -> Node {
        Node::Template(Box::new(TemplateCall { position: offset(token.position), name, pipeline }))
    }

    /// Returns the number of a variable's name.
    pub(super) fn variable_id(&mut self, name: &'t [u8]) -> VariableId {
        if name == b"$" {
            return ROOT_VARIABLE;
        }
        let next = u32::try_from(self.names.len() + 1).unwrap_or(u32::MAX);
        *self.names.entry(name).or_insert(VariableId(next))
    }

    pub(super) fn declare_variable(&mut self, id: VariableId) {
        self.scope.variables.push(id);
        *self.scope.declarations.entry(id.0).or_default() += 1;
    }

    pub(super) fn is_declared(&self, id: VariableId) -> bool {
        id == ROOT_VARIABLE || self.scope.declarations.get(&id.0).is_some_and(|count| *count > 0)
    }

    fn forget_variables(&mut self, mark: usize) {
        for id in self.scope.variables.drain(mark..) {
            if let Some(count) = self.scope.declarations.get_mut(&id.0) {
                *count -= 1;
            }
        }
    }
}

/// Returns the offset behind a token.
pub(super) fn end_of(token: &Token<'_>) -> Position {
    offset(token.position + token.text.len())
}

/// Returns an offset as nodes keep it; texts are smaller than 4 GiB.
pub(super) fn offset(position: usize) -> Position {
    Position::try_from(position).unwrap_or(Position::MAX)
}
