//! Expressions as trees. Macros stay what they are written as, so that they are checked and evaluated as one thing.

/// An expression and where it stands: the byte at which upstream says that it is, which for calls is the parenthesis.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    pub(crate) kind: Kind,
    pub(crate) at: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Literal(Literal),
    Identifier(String),
    Select {
        operand: Box<Expression>,
        field: String,
        style: SelectStyle,
    },
    Call {
        function: String,
        target: Option<Box<Expression>>,
        arguments: Vec<Expression>,
    },
    List(Vec<Element>),
    Map(Vec<Entry>),
    Loop(Box<Loop>),
    /// `x.optMap(v, f)` and `x.optFlatMap(v, f)`.
    OptionalMap {
        operand: Box<Expression>,
        variable: String,
        body: Box<Expression>,
        flattens: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SelectStyle {
    Value,
    /// `has(a.b)`
    Presence,
    /// `a.?b`
    Optional,
}

#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) value: Expression,
    pub(crate) is_optional: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: Expression,
    pub(crate) value: Expression,
    pub(crate) is_optional: bool,
}

/// A macro over the elements of a list or the keys of a map.
#[derive(Debug, Clone)]
pub(crate) struct Loop {
    pub(crate) form: LoopForm,
    pub(crate) range: Expression,
    pub(crate) variables: Vec<String>,
    /// What is asked of each element.
    pub(crate) condition: Option<Expression>,
    /// What each element becomes: a value, or key and value.
    pub(crate) results: Vec<Expression>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoopForm {
    All,
    Exists,
    ExistsOne,
    Filter,
    /// `map` and `transformList`
    List,
    /// `transformMap`
    Map,
    /// `transformMapEntry`
    MapEntry,
    /// `sortBy`
    SortBy,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(String),
    Bytes(Vec<u8>),
}
