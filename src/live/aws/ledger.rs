//! What was asked of AWS: counted by operation, and each attempt by itself for those who want to see it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::caller::CallName;

/// One attempt of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// What was asked, and in which region.
    pub name: CallName,
    /// The HTTP status of the answer; `None` without one.
    pub status: Option<u16>,
    /// The size of the answer.
    pub bytes: usize,
    /// How long it took.
    pub duration: Duration,
}

/// What was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Every attempt, in the order in which they ended.
    pub attempts: Vec<CallRecord>,
    /// Calls without an answer, by service and operation.
    pub failures: BTreeMap<(String, String), usize>,
}

impl Ledger {
    pub(super) fn record(&mut self, record: CallRecord) {
        self.attempts.push(record);
    }

    pub(super) fn count_failure(&mut self, name: &CallName) {
        *self.failures.entry((name.service.clone(), name.operation.clone())).or_default() += 1;
    }

    /// How often each operation was asked for, retries included.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<(&str, &str), usize> {
        let mut counts = BTreeMap::new();
        for attempt in &self.attempts {
            let key = (attempt.name.service.as_str(), attempt.name.operation.as_str());
            *counts.entry(key).or_default() += 1;
        }
        counts
    }
}

impl fmt::Display for CallRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CallName { service, operation, region } = &self.name;
        write!(formatter, "aws {service}:{operation} {region}: ")?;
        match self.status {
            Some(status) => write!(formatter, "{status}, {} bytes", self.bytes)?,
            None => formatter.write_str("no answer")?,
        }
        write!(formatter, ", {} ms", self.duration.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_counted_by_operation() {
        let record = |operation: &str, status| CallRecord {
            name: CallName {
                service: "ec2".to_owned(),
                operation: operation.to_owned(),
                region: "eu-central-1".to_owned(),
            },
            status,
            bytes: 10,
            duration: Duration::from_millis(7),
        };
        let mut ledger = Ledger::default();
        ledger.record(record("DescribeVpcs", None));
        ledger.record(record("DescribeVpcs", Some(200)));
        ledger.record(record("DescribeSubnets", Some(200)));
        assert_eq!(ledger.counts()[&("ec2", "DescribeVpcs")], 2);
        let lines: Vec<String> = ledger.attempts.iter().map(ToString::to_string).collect();
        assert_eq!(lines[0], "aws ec2:DescribeVpcs eu-central-1: no answer, 7 ms");
        assert_eq!(lines[1], "aws ec2:DescribeVpcs eu-central-1: 200, 10 bytes, 7 ms");
    }
}
