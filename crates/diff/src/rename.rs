//! Which resource that goes is the same as one that comes, under another name.
//!
//! In this order: the same kind, namespace and name in another API group; the same name but for the hash that kustomize
//! appends; and else the most alike of the same kind, if they are alike enough. Each is paired at most once, and the result
//! does not depend on the order of the candidates.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use plimsoll_resource::ResourceId;
use serde_json::Value;

/// A resource that goes or comes.
#[derive(Debug, Clone, Copy)]
pub struct RenameCandidate<'a> {
    /// Its identity.
    pub id: &'a ResourceId,
    /// Its data.
    pub value: &'a Value,
}

/// How much of their contents two resources must share.
const LEAST_LIKENESS: f64 = 0.75;

/// Below this many lines the contents say little, and the names must be alike too.
const FEW_LINES: usize = 6;

/// How much alike the names of such resources must be.
const LEAST_NAME_LIKENESS: f64 = 0.6;

/// Of a kind of which more pairs are possible, only those with equal contents are found.
const COMPARED_PAIRS: usize = 4096;

/// Indexes of what goes, and of what comes.
type Sides = (Vec<usize>, Vec<usize>);

/// Pairs of indexes: of what goes, and of what comes.
#[must_use]
pub fn pair_renamed(removed: &[RenameCandidate<'_>], added: &[RenameCandidate<'_>]) -> Vec<(usize, usize)> {
    let mut pairing = Pairing { pairs: Vec::new(), old: BTreeSet::new(), new: BTreeSet::new() };
    pairing.by_key(removed, added, |id| Some((id.kind.clone(), id.namespace.clone(), id.name.clone())));
    pairing.by_key(removed, added, |id| {
        let base = without_hash(&id.name)?.to_owned();
        Some((format!("{}.{}", id.kind, id.group), id.namespace.clone(), base))
    });
    let mut kinds: BTreeMap<(&str, &str), Sides> = BTreeMap::new();
    for (index, candidate) in removed.iter().enumerate().filter(|(index, _)| !pairing.old.contains(index)) {
        kinds.entry((&candidate.id.kind, &candidate.id.group)).or_default().0.push(index);
    }
    for (index, candidate) in added.iter().enumerate().filter(|(index, _)| !pairing.new.contains(index)) {
        kinds.entry((&candidate.id.kind, &candidate.id.group)).or_default().1.push(index);
    }
    for (old, new) in kinds.values() {
        pairing.by_likeness(removed, added, old, new);
    }
    pairing.pairs.sort_unstable();
    pairing.pairs
}

struct Pairing {
    pairs: Vec<(usize, usize)>,
    old: BTreeSet<usize>,
    new: BTreeSet<usize>,
}

impl Pairing {
    fn add(&mut self, old: usize, new: usize) {
        if !self.old.contains(&old) && !self.new.contains(&new) {
            self.old.insert(old);
            self.new.insert(new);
            self.pairs.push((old, new));
        }
    }

    /// Pairs those that alone have a key on both sides.
    fn by_key<K: Ord>(
        &mut self,
        removed: &[RenameCandidate<'_>],
        added: &[RenameCandidate<'_>],
        key: impl Fn(&ResourceId) -> Option<K>,
    ) {
        let mut sides: BTreeMap<K, Sides> = BTreeMap::new();
        for (index, candidate) in removed.iter().enumerate() {
            if let Some(key) = key(candidate.id) {
                sides.entry(key).or_default().0.push(index);
            }
        }
        for (index, candidate) in added.iter().enumerate() {
            if let Some(key) = key(candidate.id) {
                sides.entry(key).or_default().1.push(index);
            }
        }
        for sides in sides.values() {
            if let ([old], [new]) = (sides.0.as_slice(), sides.1.as_slice()) {
                self.add(*old, *new);
            }
        }
    }

    fn by_likeness(
        &mut self,
        removed: &[RenameCandidate<'_>],
        added: &[RenameCandidate<'_>],
        old: &[usize],
        new: &[usize],
    ) {
        let contents = |candidates: &[RenameCandidate<'_>], indexes: &[usize]| -> Vec<Contents> {
            indexes
                .iter()
                .filter_map(|index| candidates.get(*index).map(|one| Contents::of(*index, one)))
                .collect()
        };
        if old.is_empty() || new.is_empty() {
            return;
        }
        let (old, new) = (contents(removed, old), contents(added, new));
        let mut scores = Vec::new();
        if old.len().saturating_mul(new.len()) <= COMPARED_PAIRS {
            for one in &old {
                for other in &new {
                    if let Some(score) = one.likeness(other) {
                        scores.push((score, one, other));
                    }
                }
            }
        } else {
            let mut equal: HashMap<&BTreeMap<String, usize>, Vec<&Contents>> = HashMap::new();
            for other in &new {
                equal.entry(&other.lines).or_default().push(other);
            }
            for one in &old {
                if let Some([other]) = equal.get(&one.lines).map(Vec::as_slice)
                    && let Some(score) = one.likeness(other)
                {
                    scores.push((score, one, *other));
                }
            }
        }
        scores.sort_by(|(one_score, one, of_one), (other_score, other, of_other)| {
            let names = (&one.name, &of_one.name).cmp(&(&other.name, &of_other.name));
            other_score.total_cmp(one_score).then(names)
        });
        for (_, one, other) in scores {
            self.add(one.index, other.index);
        }
    }
}

/// The scalars of a resource with their paths, its own name and namespace replaced wherever they stand.
struct Contents {
    index: usize,
    name: String,
    lines: BTreeMap<String, usize>,
    count: usize,
}

impl Contents {
    fn of(index: usize, candidate: &RenameCandidate<'_>) -> Contents {
        let id = candidate.id;
        let name = format!("{}/{}", id.namespace.as_deref().unwrap_or_default(), id.name);
        let mut contents = Contents { index, name, lines: BTreeMap::new(), count: 0 };
        contents.collect(candidate.value, &mut String::new(), id);
        contents
    }

    fn collect(&mut self, value: &Value, path: &mut String, id: &ResourceId) {
        let length = path.len();
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    path.push('.');
                    path.push_str(key);
                    self.collect(value, path, id);
                    path.truncate(length);
                }
            }
            Value::Array(items) => {
                path.push_str("[]");
                items.iter().for_each(|item| self.collect(item, path, id));
                path.truncate(length);
            }
            Value::String(text) => {
                let mut text = text.replace(&id.name, "\u{0}name");
                if let Some(namespace) = &id.namespace {
                    text = text.replace(namespace, "\u{0}namespace");
                }
                self.add(format!("{path}={text}"));
            }
            scalar => self.add(format!("{path}={scalar}")),
        }
    }

    fn add(&mut self, line: String) {
        *self.lines.entry(line).or_default() += 1;
        self.count += 1;
    }

    fn likeness(&self, other: &Contents) -> Option<f64> {
        let shared: usize = self
            .lines
            .iter()
            .filter_map(|(line, count)| other.lines.get(line).map(|others| *count.min(others)))
            .sum();
        let all = self.count + other.count;
        let contents = (2 * shared) as f64 / all.max(1) as f64;
        let names = strsim::normalized_levenshtein(&self.name, &other.name);
        let says_little = self.count.min(other.count) <= FEW_LINES;
        let is_alike = contents >= LEAST_LIKENESS && (!says_little || names >= LEAST_NAME_LIKENESS);
        is_alike.then_some(contents + names / 100.0)
    }
}

/// A name without the hash of ten characters that kustomize appends to generated ConfigMaps and Secrets.
fn without_hash(name: &str) -> Option<&str> {
    let (base, hash) = name.rsplit_once('-')?;
    let is_hash = hash.len() == 10 && hash.bytes().all(|byte| b"bcdfghkmt2456789".contains(&byte));
    is_hash.then_some(base)
}
