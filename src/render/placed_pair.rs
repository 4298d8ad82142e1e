//! The resources of two versions into their namespaces, those of both once.
//!
//! Where one text gave a resource of both versions and both put it into the same namespace, the base's is changed in its place and
//! the head has the very same one: a copy of each would be most of what comparing costs.

use std::collections::HashMap;
use std::sync::Arc;

use plimsoll_resource::{Resource, Scopes};

use super::Rendered;
use super::documents::Piece;
use super::layer;
use super::placed::{Placed, scopes};
use super::source_text::SourceText;
use crate::config::environment::Environment;

/// Puts what the layers of both versions gave into its namespaces.
pub(super) fn place_both(
    base: &Environment,
    of_base: Vec<Rendered>,
    head: &Environment,
    mut of_head: Vec<Rendered>,
) -> (Placed, Placed) {
    let twins = Twins::take(base, &of_base, head, &mut of_head);
    let of_base = Placed::of(base, of_base);
    twins.give_back(&of_base, &mut of_head);
    (of_base, Placed::of(head, of_head))
}

/// A piece of the head without its resource, which is that of a piece of the base.
struct Twin {
    /// The layer and the place in it, in the head.
    of_head: (usize, usize),
    /// The same in the base.
    of_base: (usize, usize),
    source: Arc<SourceText>,
    namespace: Option<String>,
}

/// The pieces that were taken out of the head, in its order.
struct Twins(Vec<Twin>);

impl Twins {
    fn take(base: &Environment, of_base: &[Rendered], head: &Environment, of_head: &mut [Rendered]) -> Twins {
        let scopes_of = |environment: &Environment, of: &[Rendered]| {
            scopes(environment, of.iter().flat_map(|rendered| &rendered.output.pieces))
        };
        let (scopes_of_base, scopes_of_head) = (scopes_of(base, of_base), scopes_of(head, of_head));
        let by_address = by_address(of_base);
        let mut twins = Vec::new();
        for (index, (rendered, layer)) in of_head.iter_mut().zip(&head.spec.layers).enumerate() {
            let mut kept = Vec::with_capacity(rendered.output.pieces.len());
            for (place, piece) in std::mem::take(&mut rendered.output.pieces).into_iter().enumerate() {
                let twin = by_address.get(&address(&piece.resource)).filter(|(of_base, other)| {
                    let placing =
                        |piece: &Piece, layer, scopes: &Scopes| layer::placing(piece, layer, scopes);
                    base.spec.layers.get(of_base.0).is_some_and(|layer_of_base| {
                        placing(&piece, layer, &scopes_of_head)
                            == placing(other, layer_of_base, &scopes_of_base)
                    })
                });
                match twin {
                    Some((of_base, _)) => twins.push(Twin {
                        of_head: (index, place),
                        of_base: *of_base,
                        source: piece.source,
                        namespace: piece.namespace,
                    }),
                    None => kept.push(piece),
                }
            }
            rendered.output.pieces = kept;
        }
        Twins(twins)
    }

    /// Puts each piece where it was, with the resource in its namespace.
    fn give_back(self, of_base: &Placed, of_head: &mut [Rendered]) {
        let mut twins = self.0.into_iter().peekable();
        for (index, rendered) in of_head.iter_mut().enumerate() {
            let mut kept = std::mem::take(&mut rendered.output.pieces).into_iter();
            let mut pieces: Vec<Piece> = Vec::new();
            loop {
                let here = (index, pieces.len());
                let of_twin = twins.next_if(|twin| twin.of_head == here).and_then(|twin| {
                    let (layer, place) = twin.of_base;
                    let resource = Arc::clone(&of_base.layers.get(layer)?.pieces.get(place)?.resource);
                    Some(Piece { resource, source: twin.source, namespace: twin.namespace })
                });
                match of_twin.or_else(|| kept.next()) {
                    Some(piece) => pieces.push(piece),
                    None => break,
                }
            }
            rendered.output.pieces = pieces;
        }
    }
}

/// The pieces of a version by the addresses of their resources.
fn by_address(rendered: &[Rendered]) -> HashMap<usize, ((usize, usize), &Piece)> {
    let layers = rendered.iter().enumerate();
    layers
        .flat_map(|(index, rendered)| {
            let pieces = rendered.output.pieces.iter().enumerate();
            pieces.map(move |(place, piece)| (address(&piece.resource), ((index, place), piece)))
        })
        .collect()
}

fn address(resource: &Arc<Resource>) -> usize {
    Arc::as_ptr(resource).addr()
}
