//! The secrets policy over resources, as diagnostics.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::documents::Piece;
use super::layer::place_of;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::secrets::policy::Finding;
use crate::secrets::{Permission, UsedPermission};

/// What the policy says of resources.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    /// What must not be written, with the place of each value.
    pub(super) refused: Diagnostics,
    /// What was permitted.
    pub(super) permitted: Vec<UsedPermission>,
    /// Which of the resources something was found in, permitted or not.
    pub(super) struck: BTreeSet<usize>,
}

/// Holds resources to the policy.
pub(super) fn check(pieces: &[&Piece], permission: Permission<'_>) -> Refusal {
    let results: Vec<_> = pieces.par_iter().map(|piece| check_one(piece, permission)).collect();
    let mut refusal = Refusal::default();
    for (index, (of_piece, used)) in results.into_iter().enumerate() {
        if !of_piece.is_empty() || !used.is_empty() {
            refusal.struck.insert(index);
        }
        refusal.refused.extend(of_piece);
        refusal.permitted.extend(used);
    }
    refusal.permitted.sort();
    refusal
}

fn check_one(piece: &Piece, permission: Permission<'_>) -> (Diagnostics, Vec<UsedPermission>) {
    let (findings, used) = crate::secrets::check(&piece.resource, permission);
    (findings.into_iter().map(|finding| diagnose(piece, finding)).collect(), used)
}

fn diagnose(piece: &Piece, finding: Finding) -> Diagnostic {
    let id = &piece.resource.id;
    let mut diagnostic = Diagnostic::error(
        Code::new("secrets::plaintext"),
        format!("{} would be written in plain text: `{id}`, key `{}`", finding.what, finding.key),
    )
    .at(place(piece, &finding))
    .with_field(finding.field)
    .with_help(
        "make it an ExternalSecret, SealedSecret or SOPS ciphertext; if it is no secret, permit it with a reason in \
         `spec.secrets.allow`",
    );
    if let Some(last) = finding.expired {
        diagnostic = diagnostic.with_cause(format!("the permission for it ended on {last}"));
    }
    diagnostic
}

/// The value's own line; where a patch brought it, the resource's.
fn place(piece: &Piece, finding: &Finding) -> Place {
    let at = piece.source.text.get(finding.span.start as usize..);
    let mut place = match at {
        Some(text) if finding.span.is_known() && finding.value.stands_at(text) => {
            piece.source.place(finding.span)
        }
        _ => place_of(piece),
    };
    place.excerpt = None;
    place
}
