//! `plimsoll check --from-snapshot`, without a cluster and without AWS.

use crate::support::{TemporaryRepository, expected};

#[test]
fn what_a_snapshot_does_not_hold_is_unknown() {
    let repository =
        TemporaryRepository::with(&expected::package().join("tests/corpus/drift-aws/repository"));
    let snapshot = r#"{"apiVersion": "plimsoll.dev/v1alpha1", "kind": "LiveSnapshot", "environment": "lab", "clusters": {}}"#;
    repository.write("lab.json", snapshot);
    let run = repository.run(&["check", "--env", "lab", "--from-snapshot", "lab.json", "-o", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("a report is JSON");
    assert_eq!((run.status, report["verdict"].as_str()), (1, Some("incomplete")), "{run}");
    let resources = report["resources"].as_array().expect("resources are listed");
    for platform in ["aws", "kubernetes"] {
        let of_platform = || resources.iter().filter(|resource| resource["id"]["platform"] == platform);
        assert_eq!(of_platform().count(), 17, "{platform}: {run}");
        for resource in of_platform() {
            assert_eq!(
                (&resource["state"], &resource["cause"]),
                (&"unknown".into(), &"NotInSnapshot".into())
            );
        }
    }
}
