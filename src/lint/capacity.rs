//! What nodes have for pods, and what pods request. Sizes are rows of `data/instance_types.tsv`; EKS and its add-ons take their
//! part of every node.

use serde_json::Value;

use super::amounts::{amount, cores, gibibytes};
use super::pods::Workload;
use super::world::{World, items};

const INSTANCE_TYPES: &str = include_str!("data/instance_types.tsv");

const BILLION: i128 = 1_000_000_000;
const MEBIBYTE: i128 = 1 << 20;

/// What the DaemonSets of EKS request on every node: VPC CNI, kube-proxy and the EBS CSI driver's node part.
const DAEMONS: (i128, i128) = (180 * BILLION / 1000, 120 * MEBIBYTE * BILLION);

/// An amount of CPU and of memory, in billionths.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Capacity {
    pub(super) memory: i128,
    pub(super) cpu: i128,
}

impl Capacity {
    /// Whether this has room for that.
    pub(super) fn holds(self, wanted: Capacity) -> bool {
        wanted.cpu <= self.cpu && wanted.memory <= self.memory
    }

    pub(super) fn add(&mut self, other: Capacity, times: i128) {
        self.cpu += other.cpu * times;
        self.memory += other.memory * times;
    }

    /// For people: `1.50 CPU and 3.00 GiB`.
    pub(super) fn text(self) -> String {
        format!("{} CPU and {}", cores(self.cpu), gibibytes(self.memory))
    }
}

/// The nodes that an environment makes.
#[derive(Clone, Copy)]
pub(super) struct Nodes {
    /// A group of them, as a resource of the world.
    pub(super) group: usize,
    /// How many there may be.
    pub(super) count: i128,
    /// What all have for pods.
    pub(super) all: Capacity,
    /// The most that one has.
    pub(super) largest: Capacity,
}

impl Nodes {
    /// The nodes of an environment; `None` where it makes none, or of a type that is not known.
    pub(super) fn of(world: &World) -> Option<Nodes> {
        let mut nodes: Option<Nodes> = None;
        for (index, group) in world.managed("eks", "NodeGroup") {
            let parameters = &group.value["spec"]["forProvider"];
            let instance = items(parameters, "/instanceTypes").filter_map(Value::as_str).next();
            let node = capacity_of(instance.unwrap_or("t3.medium"))?;
            let scaling = &parameters["scalingConfig"];
            let count =
                ["maxSize", "desiredSize"].iter().find_map(|key| scaling.get(key)?.as_f64()).unwrap_or(1.0);
            #[expect(clippy::cast_possible_truncation, reason = "a number of nodes is small")]
            let count = count.clamp(0.0, 1e6) as i128;
            let empty =
                Nodes { group: index, count: 0, all: Capacity::default(), largest: Capacity::default() };
            let all = nodes.get_or_insert(empty);
            all.count += count;
            all.all.add(node, count);
            all.largest.cpu = all.largest.cpu.max(node.cpu);
            all.largest.memory = all.largest.memory.max(node.memory);
        }
        nodes
    }
}

/// How many pods a workload has on these nodes.
pub(super) fn pods_of(workload: &Workload<'_>, nodes: Nodes) -> i128 {
    if workload.resource.id.kind == "DaemonSet" { nodes.count } else { i128::from(workload.replicas()) }
}

/// What a pod requests: the sum of its containers, or the largest of those that run before.
pub(super) fn requested(workload: &Workload<'_>) -> Capacity {
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
