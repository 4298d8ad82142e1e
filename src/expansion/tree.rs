//! An expansion as a picture: each claim with its composites, their resources below, and what waits.

use std::fmt::Write;

use super::{Composite, Expansion, ManagedResource, Waiting};

/// Draws the claims at these places of [`Expansion::composites`].
#[must_use]
pub fn draw(expansion: &Expansion, claims: &[usize], colored: bool) -> String {
    let mut picture = Picture { expansion, colored, text: String::new() };
    for (position, claim) in claims.iter().enumerate() {
        if position > 0 {
            picture.text.push('\n');
        }
        picture.draw_claim(*claim);
    }
    picture.text
}

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const YELLOW: &str = "\u{1b}[33m";
const CYAN: &str = "\u{1b}[36m";
const RESET: &str = "\u{1b}[0m";

struct Picture<'e> {
    expansion: &'e Expansion,
    colored: bool,
    text: String,
}

enum Branch<'e> {
    Composite(usize, &'e Composite),
    Managed(&'e ManagedResource),
    Missing(&'e Waiting),
}

impl<'e> Picture<'e> {
    fn paint(&self, style: &str, text: &str) -> String {
        if self.colored && !text.is_empty() { format!("{style}{text}{RESET}") } else { text.to_owned() }
    }

    fn draw_claim(&mut self, index: usize) {
        let Some(claim) = self.expansion.composites.get(index) else { return };
        let heading = self.heading(claim);
        let place = self.paint(DIM, &claim.file);
        let _ = writeln!(self.text, "{heading}  {place}");
        self.draw_branches(index, "");
        let count = self.expansion.managed.iter().filter(|managed| managed.claim == index).count();
        let waits =
            self.expansion.waiting.iter().filter(|waiting| self.claim_of(waiting) == Some(index)).count();
        let resources = if count == 1 { "1 resource".to_owned() } else { format!("{count} resources") };
        let waiting = if waits == 0 { String::new() } else { format!(", {waits} waiting for live values") };
        let line = self.paint(DIM, &format!("{resources}{waiting}"));
        let _ = writeln!(self.text, "{line}");
    }

    fn claim_of(&self, waiting: &Waiting) -> Option<usize> {
        self.expansion.composites.get(waiting.composite).map(|composite| composite.claim)
    }

    fn heading(&self, composite: &Composite) -> String {
        let namespace =
            composite.id.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
        let name = format!("{namespace}{}", composite.id.name);
        let name = if name.ends_with('-') { format!("{name}…") } else { name };
        let by = match &composite.composition {
            Some(composition) => self.paint(DIM, &format!("  by {composition}")),
            None => String::new(),
        };
        format!("{} {name}{by}", self.paint(BOLD, &composite.id.kind))
    }

    fn branches(&self, index: usize) -> Vec<Branch<'e>> {
        let expansion = self.expansion;
        let managed =
            expansion.managed.iter().filter(move |managed| managed.composite == index).map(Branch::Managed);
        let missing = expansion
            .waiting
            .iter()
            .filter(move |waiting| waiting.composite == index && waiting.outlook.is_missing())
            .map(Branch::Missing);
        let composites = expansion
            .composites
            .iter()
            .enumerate()
            .filter(move |(_, composite)| composite.parent == Some(index))
            .map(|(index, composite)| Branch::Composite(index, composite));
        managed.chain(missing).chain(composites).collect()
    }

    fn draw_branches(&mut self, index: usize, indent: &str) {
        let branches = self.branches(index);
        let kind_of = |managed: &ManagedResource| {
            let service = managed.id.group.split('.').next().unwrap_or_default().to_owned();
            format!("{service} {}", managed.id.kind).trim_start().to_owned()
        };
        let width = |of: &dyn Fn(&ManagedResource) -> usize| {
            let managed = branches.iter().filter_map(|branch| match branch {
                Branch::Managed(managed) => Some(of(managed)),
                _ => None,
            });
            managed.max().unwrap_or_default()
        };
        let kind_width = width(&|managed| kind_of(managed).chars().count());
        let name_width = width(&|managed| managed.id.name.chars().count());
        let last = branches.len().saturating_sub(1);
        for (position, branch) in branches.iter().enumerate() {
            let (knee, below) = if position == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let stem = self.paint(DIM, &format!("{indent}{knee}"));
            match branch {
                Branch::Managed(managed) => {
                    let kind = kind_of(managed);
                    let padding = " ".repeat(kind_width.saturating_sub(kind.chars().count()));
                    let name = &managed.id.name;
                    let gap = " ".repeat(name_width.saturating_sub(name.chars().count()));
                    let label = self.paint(DIM, &managed.resource_name);
                    let mark = self.mark(managed);
                    let line =
                        format!("{stem}{}{padding}  {name}{gap}  {label}{mark}", self.paint(CYAN, &kind));
                    let _ = writeln!(self.text, "{}", line.trim_end());
                }
                Branch::Missing(waiting) => {
                    let name = waiting.resource_name.as_deref().unwrap_or("everything else");
                    let words = match waiting.sources.as_slice() {
                        [] => "not made yet".to_owned(),
                        sources => format!("not made without {}", sources.join(", ")),
                    };
                    let line = format!("{stem}{name}  {}", self.paint(YELLOW, &words));
                    let _ = writeln!(self.text, "{line}");
                }
                Branch::Composite(index, composite) => {
                    let heading = self.heading(composite);
                    let label = composite.resource_name.as_deref().unwrap_or_default();
                    let label = self.paint(DIM, label);
                    let line = format!("{stem}{heading}  {label}");
                    let _ = writeln!(self.text, "{}", line.trim_end());
                    self.draw_branches(*index, &format!("{indent}{below}"));
                }
            }
        }
    }

    /// What a resource waits for, and which of its fields are not known yet.
    fn mark(&self, managed: &ManagedResource) -> String {
        let waiting = self.expansion.waiting.iter().find(|waiting| {
            waiting.composite == managed.composite
                && waiting.resource_name.as_ref() == Some(&managed.resource_name)
        });
        let mut sources: Vec<&str> = match waiting {
            Some(waiting) => waiting.sources.iter().map(String::as_str).collect(),
            None => managed.unknown.iter().flat_map(|field| &field.sources).map(String::as_str).collect(),
        };
        sources.sort_unstable();
        sources.dedup();
        let words = match (waiting, sources.as_slice()) {
            (None, []) => return String::new(),
            (Some(_), []) => "comes later".to_owned(),
            (Some(_), sources) => format!("waits for {}", sources.join(", ")),
            (None, sources) => format!("with {}", sources.join(", ")),
        };
        format!("  {}", self.paint(YELLOW, &words))
    }
}
