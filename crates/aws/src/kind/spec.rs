//! The types of the kind files. What each key means is told here; the files hold no code.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A file: the reads and kinds of one service.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceKinds {
    /// The service, as the operation tables call it.
    pub service: String,
    /// Whether its resources have no region.
    #[serde(default)]
    pub global: bool,
    /// What is asked, by a name that the kinds use.
    pub reads: BTreeMap<String, Read>,
    /// The kinds.
    pub kinds: BTreeMap<String, Kind>,
}

/// One thing to ask: an operation and where its answer has items.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Read {
    /// The operation.
    pub operation: String,
    /// The service, where it is another.
    pub service: Option<String>,
    /// Parameters that are always given.
    #[serde(default)]
    pub params: BTreeMap<String, Value>,
    /// Where the items are; the whole answer is the one item where nothing is said. An item below another item has that as `^`.
    pub items: Option<String>,
    /// Ask once for each item of another read.
    pub each: Option<Each>,
    /// The error codes that say that there is none.
    #[serde(default)]
    pub absent: Vec<String>,
    /// Whether an answer without the member that `items` begins with is a whole answer.
    #[serde(default)]
    pub optional: bool,
    /// The member that must be a JSON document, or else the answer is none.
    pub document: Option<String>,
    /// Members that mean nothing where an item has certain values.
    pub drop: Option<Drop>,
    /// Members that follow from others.
    #[serde(default)]
    pub derive: BTreeMap<String, Derived>,
}

/// A member that follows from others.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Derived {
    /// How many values there are at a path.
    pub count: Option<String>,
    /// For each of those at this path.
    pub per: Option<String>,
    /// Less so many.
    #[serde(default)]
    pub less: usize,
    /// The part after the last slash.
    pub last: Option<String>,
    /// The part after this text.
    pub after: Option<String>,
    /// Of the text at this path.
    pub of: Option<String>,
}

/// Members or parameters that mean nothing where others have certain values.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Drop {
    /// These have one of these values.
    pub when: BTreeMap<String, Value>,
    /// What is dropped.
    pub members: Vec<String>,
}

/// For each item of another read, which has the same arguments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Each {
    /// The other read.
    pub read: String,
    /// The parameters to take from an item: a path, or empty for an item that is the value itself.
    pub with: BTreeMap<String, String>,
}

/// A kind of managed resource.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kind {
    /// Where its items come from; a kind without one has nothing in AWS.
    pub source: Option<Source>,
    /// What else belongs to an item, asked once it is found.
    #[serde(default)]
    pub joins: Vec<Join>,
    /// The paths that an external name may equal; the first is the name in reports, and what references take.
    #[serde(default)]
    pub id: Vec<String>,
    /// The ARN: a path, or a text with `${account}`, `${partition}`, `${region}`, `${name}` and `${path}`.
    pub arn: Option<String>,
    /// Whether the external name, or else the object's own, is the name in AWS.
    #[serde(default)]
    pub named: bool,
    /// Whether names are kept in lower case.
    #[serde(default)]
    pub lower_case: bool,
    /// The parameter that holds the name, before the object's own.
    pub name_field: Option<String>,
    /// How it is found, in order.
    #[serde(default)]
    pub find: Vec<Find>,
    /// Where its tags are.
    pub tags: Option<String>,
    /// Its states of being made, changed or broken.
    pub status: Option<Status>,
    /// Where values are that wait for a maintenance window, by the member that they will fill.
    #[serde(default, deserialize_with = "one_or_many")]
    pub waiting: Vec<String>,
    /// A parameter that may be relative to the name of what another parameter refers to, with that parameter's stem.
    pub relative: Option<(String, String)>,
    /// Parameters that are objects, or lists of one, whose members stand for parameters of the same names.
    #[serde(default)]
    pub inline: Vec<String>,
    /// Its parameters.
    #[serde(default)]
    pub fields: BTreeMap<String, Field>,
    /// What references fill, by the stem of the reference's name, where the shared table is wrong.
    #[serde(default)]
    pub references: BTreeMap<String, Reference>,
    /// Parameters that only steer the provider, besides the shared ones.
    #[serde(default)]
    pub provider_only: Vec<String>,
    /// When an unmatched item is an extra one.
    pub extra: Option<Extra>,
    /// Parameters that mean nothing where others have certain values.
    pub drop: Option<Drop>,
    /// How bad it is that it is missing.
    #[serde(default)]
    pub missing: Option<Severity>,
}

/// Where items come from.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Source {
    /// The read.
    pub read: String,
    /// Its arguments: a parameter of the resource, or `$name`.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// Items that are of this kind: these paths have these values.
    #[serde(default)]
    pub only: BTreeMap<String, Value>,
}

/// Another read whose items belong to a found item.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Join {
    /// The read.
    pub read: String,
    /// Its arguments, from paths of the item; a text in `'...'` is itself.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// Take the other item that has the same value here.
    pub on: Option<String>,
    /// The other item's path of that value, where it is another one.
    pub of: Option<String>,
    /// The member that takes what was read; without one the members are merged.
    pub into: Option<String>,
    /// Whether all items are taken, as a list.
    #[serde(default)]
    pub all: bool,
    /// Whether it is asked for every item, because the item is found by it.
    #[serde(default)]
    pub early: bool,
    /// Ask only where Git has no object of this kind for the same bucket, which compares that part itself.
    pub unless_kind: Option<String>,
    /// Ask only where the item does not have this already.
    pub unless: Option<String>,
    /// Ask only where Git declares this parameter.
    pub when_declared: Option<String>,
    /// Ask only where the item has these values.
    #[serde(default)]
    pub only_where: BTreeMap<String, Value>,
}

/// A way to find a resource among items.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Find {
    /// `external`: by the external name; `tags`: by the tags that Crossplane writes; `only`: there is just one.
    Way(String),
    /// By values that only one item has; several are none.
    Unique {
        /// The values, as in the next way.
        unique: BTreeMap<String, String>,
    },
    /// By values: a path of the item and the parameter, or `$name`, or `$tag:KEY`, that must be equal. Absent equals
    /// absent.
    Values(BTreeMap<String, String>),
}

/// What a status says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Status {
    /// Where it is.
    pub from: String,
    /// A change is under way.
    #[serde(default)]
    pub pending: Vec<String>,
    /// It failed.
    #[serde(default)]
    pub failed: Vec<String>,
    /// It is as good as deleted.
    #[serde(default)]
    pub gone: Vec<String>,
    /// The item is gone as soon as this is there.
    pub gone_with: Option<String>,
}

/// How bad a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Metadata.
    Low,
    /// Behaviour.
    Medium,
    /// Opens a door.
    High,
    /// Opens it widely.
    Critical,
}

/// How two spellings of a value are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Form {
    /// As texts; numbers and booleans equal their texts.
    #[default]
    Text,
    /// Without regard to case.
    Lower,
    /// Addresses with masks, host bits cleared.
    Cidr,
    /// IP protocols by name or number; `-1` is all.
    Protocol,
    /// An IAM policy document.
    Policy,
    /// JSON or YAML, as data.
    Document,
    /// Git's version is a prefix of AWS's; `$Latest` and `$Default` are any.
    Version,
    /// A KMS key by id, ARN or alias.
    Key,
    /// An ARN, or its last part.
    ArnOrName,
    /// A URL without scheme and trailing slash.
    Url,
    /// A domain name without trailing dot, with `*` for its escape.
    Domain,
    /// At least so much: more is no difference where the resource may grow by itself.
    Grown,
    /// A weekly or daily window, in lower case.
    Window,
    /// `enabled` and `disabled` for true and false.
    Switch,
    /// The value of a DNS record, with or without quotes.
    Record,
    /// A key algorithm, with `-` or `_`.
    Algorithm,
    /// The region of a bucket by the names that S3 gives it.
    Location,
    /// Whether there is anything but `false`.
    Present,
}

/// How lists are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ListOrder {
    /// In any order.
    #[default]
    Set,
    /// In their order.
    Ordered,
}

/// A parameter.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Field {
    /// Where its value is in an item; several are tried in order.
    #[serde(default, deserialize_with = "one_or_many")]
    pub from: Vec<String>,
    /// How it is spelled.
    #[serde(default, rename = "as")]
    pub form: Form,
    /// What AWS fills in, always the same. A text may end in `*`, which stands for anything, and may hold `${account}` and
    /// `${partition}`.
    pub default: Option<Value>,
    /// What AWS fills in by another member's value.
    pub default_by: Option<DefaultBy>,
    /// Whether several values are expected.
    pub list: Option<ListOrder>,
    /// The parts of an object, or of the items of a list.
    #[serde(default)]
    pub fields: BTreeMap<String, Field>,
    /// The part that items of a list are told apart by.
    pub key: Option<String>,
    /// Whether keys are free, as of labels.
    #[serde(default)]
    pub map: bool,
    /// How bad a difference is.
    pub severity: Option<Severity>,
    /// Values in AWS that are worse: critical.
    #[serde(default)]
    pub critical: Vec<String>,
    /// Whether going back needs the resource to be made anew.
    #[serde(default)]
    pub replace: bool,
    /// The kind whose objects account for items of the list too, by the parameter that names the item.
    pub besides: Option<(String, String)>,
    /// A value of the item that AWS adds to the list by itself.
    pub except: Option<String>,
    /// Whether its values may hold secrets: then only that they differ is told.
    #[serde(default)]
    pub hidden: bool,
    /// Compare only while this other parameter is declared, or with `!` while it is not.
    pub when: Option<String>,
    /// More than Git says is no difference while this other parameter is declared.
    pub grown_when: Option<String>,
    /// The default holds only where the item has these values.
    #[serde(default)]
    pub default_where: BTreeMap<String, Value>,
    /// What AWS has where the answer has nothing.
    pub absent: Option<Value>,
    /// Compare only where the item has this member: the part was asked for.
    pub needs: Option<String>,
    /// Compare only where the answer has a value: some answers leave it out.
    #[serde(default)]
    pub if_shown: bool,
}

/// What AWS fills in by another member's value.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DefaultBy {
    /// Where the other member is.
    pub path: String,
    /// The defaults by its values; a value may end in `*`.
    pub values: BTreeMap<String, Value>,
}

impl Field {
    /// What AWS fills in for an item; empty where it is nothing.
    pub(crate) fn default_for(&self, live: &Value) -> Option<&Value> {
        let by = self.default_by.as_ref().and_then(|by| {
            let own = crate::value::text_at(live, &by.path)?;
            by.values.iter().find_map(|(name, value)| {
                let is_it = match name.strip_suffix('*') {
                    Some(beginning) => own.starts_with(beginning),
                    None => *name == own,
                };
                is_it.then_some(value)
            })
        });
        by.or(self.default.as_ref())
    }
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

/// What a reference to another managed resource fills.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reference {
    /// The type of the other resource.
    pub kind: String,
    /// The parameter, where it is not the stem.
    pub field: Option<String>,
    /// What of it.
    #[serde(default)]
    pub take: Take,
    /// Whether the parameter is a list, which a selector does not say.
    #[serde(default)]
    pub many: bool,
}

/// What a reference takes from its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Take {
    /// The id, which for many kinds is the name.
    #[default]
    Id,
    /// The ARN.
    Arn,
}

/// When an item that nothing in Git declares is extra.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Extra {
    /// The kind in Git that it is a part of.
    pub parent: String,
    /// Where both have the same value: paths of the item and of the parent's item.
    #[serde(default)]
    pub on: BTreeMap<String, String>,
    /// The read's arguments from the parent: its parameter, or `$name`.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// Items that are never extra: all of these paths have one of these values.
    #[serde(default)]
    pub unless: Vec<BTreeMap<String, Value>>,
    /// Items that have the same value at both paths are never extra.
    pub unless_same: Option<(String, String)>,
    /// Items whose value here is the value of an item of another kind, in Git or not, belong to that.
    #[serde(default)]
    pub unless_of: Vec<Belongs>,
    /// How bad it is.
    pub severity: Severity,
    /// Not where the parent declares this parameter, which is compared with all items itself.
    pub unless_declared: Option<String>,
    /// The name in reports: paths joined by `/`.
    #[serde(default)]
    pub name: Vec<String>,
}

/// An item that belongs to another kind's item.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Belongs {
    /// The read of the other items.
    pub read: String,
    /// The item's path.
    pub from: String,
    /// The other item's path.
    pub to: String,
    /// Only where the item has these values.
    #[serde(default)]
    pub only: BTreeMap<String, Value>,
}

/// What all kinds share.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Shared {
    /// What references fill, by the stem of the reference's name.
    pub(super) references: BTreeMap<String, Reference>,
    /// Beginnings of tags that machines write.
    pub(super) machine_tags: Vec<String>,
    /// Tags of things that AWS or a controller made for itself.
    pub(super) owner_tags: Vec<OwnerTag>,
    /// Parameters that only steer the provider.
    pub(super) provider_only: Vec<String>,
}

/// A tag that names an owner.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OwnerTag {
    /// The key's beginning.
    pub(super) prefix: String,
    /// The value, where only this one says so.
    pub(super) value: Option<String>,
}
