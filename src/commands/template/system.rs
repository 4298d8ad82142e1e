//! The machine as charts see it: its clock, its randomness, its time zone.

use std::time::{SystemTime, UNIX_EPOCH};

use plimsoll_gotemplate::Environment;

/// The machine.
#[derive(Debug)]
pub(crate) struct System {
    time_zone: String,
}

impl System {
    /// The machine with the time zone of the process.
    pub(crate) fn new() -> System {
        let named = std::env::var("TZ").ok().map(|zone| zone.trim_start_matches(':').to_owned());
        let time_zone = named.filter(|zone| !zone.is_empty()).or_else(zone_of_machine);
        System { time_zone: time_zone.unwrap_or_else(|| "UTC".to_owned()) }
    }

    /// The namespace that the process is told, where no flag says one.
    pub(crate) fn namespace(&self) -> String {
        std::env::var("HELM_NAMESPACE").unwrap_or_default()
    }
}

/// The name that `/etc/localtime` links to.
fn zone_of_machine() -> Option<String> {
    let target = std::fs::read_link("/etc/localtime").ok()?;
    let target = target.to_str()?;
    target.split_once("zoneinfo/").map(|(_, name)| name.to_owned())
}

impl Environment for System {
    fn now(&self) -> i128 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        // A machine without randomness cannot make keys; a predictable one would be worse than none.
        getrandom::fill(bytes).expect("the system's source of randomness is there on every supported system");
    }

    fn time_zone(&self) -> &str {
        &self.time_zone
    }
}
