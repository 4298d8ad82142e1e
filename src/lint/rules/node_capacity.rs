//! The nodes that the environment makes hold the pods that it renders: what they request fits, each pod on one node and all of
//! them together. Sizes are rows of `data/instance_types.tsv`; EKS and its add-ons take their part of every node.

use serde_json::Value;

use crate::lint::amounts::{amount, cores, gibibytes};
use crate::lint::findings::Findings;
use crate::lint::pods::Workload;
use crate::lint::world::{World, items};

const INSTANCE_TYPES: &str = include_str!("../data/instance_types.tsv");

const BILLION: i128 = 1_000_000_000;
const MEBIBYTE: i128 = 1 << 20;

/// What the DaemonSets of EKS request on every node: VPC CNI, kube-proxy and the EBS CSI driver's node part.
const DAEMONS: (i128, i128) = (180 * BILLION / 1000, 120 * MEBIBYTE * BILLION);

/// What a node has for pods: CPU and memory.
#[derive(Clone, Copy, Default)]
struct Capacity {
    cpu: i128,
    memory: i128,
}

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    let mut all = Capacity::default();
    let mut largest = Capacity::default();
    let mut first = None;
    let mut nodes = 0;
    for (index, group) in world.managed("eks", "NodeGroup") {
        let parameters = &group.value["spec"]["forProvider"];
        let instance = items(parameters, "/instanceTypes").filter_map(Value::as_str).next();
        let Some(node) = capacity_of(instance.unwrap_or("t3.medium")) else { return };
        let scaling = &parameters["scalingConfig"];
        let count =
            ["maxSize", "desiredSize"].iter().find_map(|key| scaling.get(key)?.as_f64()).unwrap_or(1.0);
        #[expect(clippy::cast_possible_truncation, reason = "a number of nodes is small")]
        let count = count.clamp(0.0, 1e6) as i128;
        nodes += count;
        all.cpu += node.cpu * count;
        all.memory += node.memory * count;
        largest = Capacity { cpu: largest.cpu.max(node.cpu), memory: largest.memory.max(node.memory) };
        first = first.or(Some(index));
    }
    let Some(group) = first else { return };
    let mut wanted = Capacity::default();
    for workload in world.workloads().filter(|workload| workload.resource.cluster == "workload") {
        let pod = requested(&workload);
        if pod.cpu > largest.cpu || pod.memory > largest.memory {
            let message = format!(
                "a pod requests {} CPU and {}, more than any node has for pods: {} CPU and {}",
                cores(pod.cpu),
                gibibytes(pod.memory),
                cores(largest.cpu),
                gibibytes(largest.memory)
            );
            findings.tell(workload.index, workload.path("containers"), message);
        }
        let replicas =
            if workload.resource.id.kind == "DaemonSet" { nodes } else { i128::from(workload.replicas()) };
        wanted.cpu += pod.cpu * replicas;
        wanted.memory += pod.memory * replicas;
    }
    if wanted.cpu > all.cpu || wanted.memory > all.memory {
        let message = format!(
            "all pods request {} CPU and {}, but {nodes} nodes have {} CPU and {} for them",
            cores(wanted.cpu),
            gibibytes(wanted.memory),
            cores(all.cpu),
            gibibytes(all.memory)
        );
        findings.tell(group, "spec.forProvider.scalingConfig", message);
    }
}

/// What a pod requests: the sum of its containers, or the largest of those that run before.
fn requested(workload: &Workload<'_>) -> Capacity {
    let mut pod = Capacity::default();
    let mut before = Capacity::default();
    for container in workload.containers() {
        let of = |resource: &str| {
            let limit = || container.value.pointer(&format!("/resources/limits/{resource}"));
            amount(container.value.pointer(&format!("/resources/requests/{resource}")).or_else(limit))
        };
        let (cpu, memory) = (of("cpu"), of("memory"));
        if container.is_init {
            before = Capacity { cpu: before.cpu.max(cpu), memory: before.memory.max(memory) };
        } else {
            pod = Capacity { cpu: pod.cpu + cpu, memory: pod.memory + memory };
        }
    }
    Capacity { cpu: pod.cpu.max(before.cpu), memory: pod.memory.max(before.memory) }
}

/// What EKS leaves of an instance: it reserves CPU by steps, memory by the number of pods, and 100 MiB before it evicts.
fn capacity_of(instance: &str) -> Option<Capacity> {
    let row = INSTANCE_TYPES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .find(|line| line.split('\t').next() == Some(instance))?;
    let numbers: Vec<i128> = row.split('\t').skip(1).filter_map(|column| column.parse().ok()).collect();
    let [cpus, mebibytes, pods] = numbers.as_slice() else { return None };
    let steps = [(1, 60), (1, 10), (2, 5)];
    let mut left = *cpus;
    let mut reserved = 0;
    for (cpus, milli) in steps {
        let taken = left.min(cpus);
        reserved += taken * milli;
        left -= taken;
    }
    reserved += left * 25 / 10;
    let memory = mebibytes - (255 + 11 * pods) - 100;
    // The system itself takes some of the memory that the type names.
    let usable = memory * 97 / 100;
    Some(Capacity {
        cpu: (cpus * 1000 - reserved) * BILLION / 1000 - DAEMONS.0,
        memory: usable * MEBIBYTE * BILLION - DAEMONS.1,
    })
}
