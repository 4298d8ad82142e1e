//! The checks, one file each, beside the codes of their rules.

mod api_version;
mod bucket_name;
mod bucket_policy;
mod bucket_prefix;
mod config_map;
mod dead_env;
mod duplicate_env;
mod encryption_key;
mod hpa_target;
mod image_tag;
mod imds_hop_limit;
mod keeper;
mod kubelet_expansion;
mod layer_order;
mod managed_reference;
mod network_policy;
mod node_capacity;
mod node_cost;
mod noeviction;
mod open_door;
mod pdb_target;
mod probe_port;
mod public_subnet;
mod rbac_subject;
mod reference_cycle;
mod region;
mod role_arn;
mod secret;
mod selector;
mod service_account;
mod service_host;
mod service_port;
mod storage_class;
mod trust_subject;
mod url_safe_password;
mod zones;

use super::findings::Findings;
use super::world::World;

/// A check: looks at the world and tells what it finds.
pub(super) type Check = fn(&World, &mut Findings<'_>);

/// All checks.
pub(super) const CHECKS: &[(&str, Check)] = &[
    ("lint::api-version", api_version::check),
    ("lint::bucket-name", bucket_name::check),
    ("lint::bucket-policy", bucket_policy::check),
    ("lint::bucket-prefix", bucket_prefix::check),
    ("lint::config-map", config_map::check),
    ("lint::dead-env", dead_env::check),
    ("lint::duplicate-env", duplicate_env::check),
    ("lint::encryption-key", encryption_key::check),
    ("lint::hpa-target", hpa_target::check),
    ("lint::image-tag", image_tag::check),
    ("lint::imds-hop-limit", imds_hop_limit::check),
    ("lint::keeper", keeper::check),
    ("lint::kubelet-expansion", kubelet_expansion::check),
    ("lint::layer-order", layer_order::check),
    ("lint::managed-reference", managed_reference::check),
    ("lint::network-policy", network_policy::check),
    ("lint::node-capacity", node_capacity::check),
    ("lint::node-cost", node_cost::check),
    ("lint::noeviction", noeviction::check),
    ("lint::open-door", open_door::check),
    ("lint::pdb-target", pdb_target::check),
    ("lint::probe-port", probe_port::check),
    ("lint::public-subnet", public_subnet::check),
    ("lint::rbac-subject", rbac_subject::check),
    ("lint::reference-cycle", reference_cycle::check),
    ("lint::region", region::check),
    ("lint::role-arn", role_arn::check),
    ("lint::secret", secret::check),
    ("lint::selector", selector::check),
    ("lint::service-account", service_account::check),
    ("lint::service-host", service_host::check),
    ("lint::service-port", service_port::check),
    ("lint::storage-class", storage_class::check),
    ("lint::trust-subject", trust_subject::check),
    ("lint::url-safe-password", url_safe_password::check),
    ("lint::zones", zones::check),
];
