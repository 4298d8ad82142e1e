//! The types of the service tables, as `cargo xtask aws-tables` writes them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A service: how it is spoken to, its operations, and the shapes of their parameters and answers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// How requests and answers are written.
    pub protocol: Protocol,
    /// The version of the API, which Query protocols send.
    pub version: String,
    /// What operations are called after in JSON protocols.
    pub target_prefix: Option<String>,
    /// The version of the JSON protocol.
    pub json_version: Option<String>,
    /// The first part of the host name.
    pub endpoint_prefix: String,
    /// The service that requests are signed for.
    pub signing_name: String,
    /// The operations by their names.
    pub operations: BTreeMap<String, Operation>,
    /// The shapes by their names; plain types have none.
    pub shapes: BTreeMap<String, Shape>,
}

/// AWS's protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Forms out, XML in.
    Query,
    /// The same with names of its own.
    Ec2,
    /// JSON both ways, the operation in a header.
    Json,
    /// Paths and methods, JSON bodies.
    RestJson,
    /// Paths and methods, XML bodies.
    RestXml,
}

/// One operation.
#[derive(Debug, Deserialize)]
pub struct Operation {
    /// The method of HTTP.
    pub method: String,
    /// The path, with `{Name}` for parameters, and a query.
    pub uri: String,
    /// The shape of the parameters.
    pub input: Option<String>,
    /// The shape of the answer.
    pub output: Option<String>,
    /// The element around the answer, in the Query protocol.
    pub wrapper: Option<String>,
    /// How the answer comes in pages.
    pub pages: Option<Pages>,
}

/// How an answer comes in pages. Tokens are paths of members, `A.B`.
#[derive(Debug, Deserialize)]
pub struct Pages {
    /// The parameters that take the tokens.
    pub input: Vec<String>,
    /// The members of an answer that are the tokens for the next page, in the same order.
    pub output: Vec<String>,
    /// The parameter that limits a page.
    pub limit: Option<String>,
    /// The member that says whether there is more.
    pub more: Option<String>,
    /// The members that are joined over all pages.
    pub results: Vec<String>,
}

/// What a shape is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShapeKind {
    /// Named members.
    Structure,
    /// Items.
    List,
    /// Keys and values.
    Map,
    /// A text.
    String,
    /// A character.
    Character,
    /// A whole number.
    Integer,
    /// A large whole number.
    Long,
    /// A number.
    Float,
    /// A number of more digits.
    Double,
    /// True or false.
    Boolean,
    /// A moment.
    Timestamp,
    /// Bytes.
    Blob,
}

impl ShapeKind {
    /// Whether it has no parts.
    #[must_use]
    pub fn is_plain(self) -> bool {
        !matches!(self, ShapeKind::Structure | ShapeKind::List | ShapeKind::Map)
    }
}

/// A shape with parts.
#[derive(Debug, Deserialize)]
pub struct Shape {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ShapeKind,
    /// Whether items stand without an element around them all.
    #[serde(default)]
    pub flattened: bool,
    /// The member that is the whole body.
    pub payload: Option<String>,
    /// The members of a structure.
    #[serde(default)]
    pub members: BTreeMap<String, Member>,
    /// The items of a list.
    pub member: Option<Member>,
    /// The keys of a map.
    pub key: Option<Member>,
    /// The values of a map.
    pub value: Option<Member>,
}

/// A part of a shape.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Its shape, or its plain type.
    pub shape: String,
    /// Where it stands in a request or an answer: `uri`, `querystring`, `header`, `headers`, or in the body.
    pub location: Option<String>,
    /// Its name there, where that is another.
    pub location_name: Option<String>,
    /// Its name in the forms of EC2.
    pub query_name: Option<String>,
    /// Whether its items stand without an element around them all.
    #[serde(default)]
    pub flattened: bool,
}

impl Service {
    /// What a shape or a plain type is.
    #[must_use]
    pub fn kind(&self, shape: &str) -> ShapeKind {
        match self.shapes.get(shape) {
            Some(shape) => shape.kind,
            None => match shape {
                "integer" => ShapeKind::Integer,
                "long" => ShapeKind::Long,
                "float" => ShapeKind::Float,
                "double" => ShapeKind::Double,
                "boolean" => ShapeKind::Boolean,
                "timestamp" => ShapeKind::Timestamp,
                "blob" => ShapeKind::Blob,
                "character" => ShapeKind::Character,
                _ => ShapeKind::String,
            },
        }
    }
}
