//! `plimsoll fetch`: what environments take from elsewhere, downloaded, checked, cached and pinned.
//!
//! Charts come from OCI registries ([`registry`]) and HTTP repositories ([`chart_index`]), files and repositories that
//! kustomizations name from HTTPS and Git ([`repositories`]), definitions of kinds from packages of Crossplane
//! ([`provider_package`]). Everything is kept by the SHA-256 of its bytes in the user's cache
//! ([`cache`]) and pinned by it in Git ([`pins`]). Rendering reads what is pinned and cached ([`pinned`]), checks it against its
//! pin, and never comes here for more.
//!
//! Invariants: only whole, verified contents enter the cache, after everything that can fail about them has been done; pins are
//! written once all of an environment has been fetched; a pin never changes by itself; credentials go to the host that they are
//! kept for and to no other.

#![expect(
    clippy::result_large_err,
    reason = "a problem ends the download that it is about, so that its size costs nothing"
)]

mod bundle;
pub mod cache;
mod challenge;
mod chart_address;
mod chart_index;
pub mod credentials;
pub mod dependencies;
mod elsewhere;
mod environment_fetch;
mod fetcher;
mod git_protocol;
mod http;
pub mod pinned;
pub mod pins;
mod provider_package;
mod registry;
mod repositories;
mod repository_pins;
mod schema_bundle;
pub mod schemas;

pub use chart_address::{AddressField, AddressProblem, ChartAddress, is_whole};
pub use elsewhere::Elsewhere;
pub use environment_fetch::{FetchedEnvironment, fetch_environment};
pub use fetcher::{Fetched, Fetcher, Network, Origin};
pub use provider_package::PackageAddress;
pub use repository_pins::RepositoryPins;
