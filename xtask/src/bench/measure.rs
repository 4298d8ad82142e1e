//! Runs a command several times and takes the median wall time and the peak of its resident memory.

use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// What a command cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Median wall time.
    pub(crate) wall: Duration,
    /// The highest resident memory seen in any run, in bytes; zero where the system does not tell.
    pub(crate) peak_memory: u64,
}

impl std::fmt::Display for Cost {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:.1} ms", self.wall.as_secs_f64() * 1000.0)?;
        if self.peak_memory > 0 {
            write!(formatter, ", {:.0} MB", self.peak_memory as f64 / 1e6)?;
        }
        Ok(())
    }
}

/// How often a command is run to look at its memory.
const WATCHED: usize = 3;

/// How many times as long `slow` takes as `fast`.
pub(crate) fn ratio(slow: Cost, fast: Cost) -> f64 {
    slow.wall.as_secs_f64() / fast.wall.as_secs_f64().max(1e-9)
}

/// Runs what `prepare` makes this many times; only the command it returns is timed.
pub(crate) fn median(runs: usize, prepare: impl FnMut() -> Result<Command>) -> Result<Cost> {
    median_of_verdicts(runs, &[0], prepare)
}

/// The same for commands whose exit status is a verdict: what else they end with than one of these is an error.
pub(crate) fn median_of_verdicts(
    runs: usize,
    verdicts: &[i32],
    mut prepare: impl FnMut() -> Result<Command>,
) -> Result<Cost> {
    let mut walls = Vec::with_capacity(runs);
    for _ in 0..runs {
        walls.push(wall_of_verdict(&mut prepare()?, verdicts)?);
    }
    // Looking at a process that ends in a few milliseconds would take a part of them.
    let mut peak_memory = 0;
    for _ in 0..WATCHED {
        peak_memory = peak_memory.max(watched(&mut prepare()?, verdicts)?);
    }
    walls.sort_unstable();
    let wall = walls.get(walls.len() / 2).copied().context("at least one run")?;
    Ok(Cost { wall, peak_memory })
}

/// Runs a command once and takes its wall time, with nothing that watches it meanwhile.
pub(crate) fn wall(command: &mut Command) -> Result<Duration> {
    wall_of_verdict(command, &[0])
}

fn wall_of_verdict(command: &mut Command, verdicts: &[i32]) -> Result<Duration> {
    command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    let start = Instant::now();
    let status = command.status()?;
    let wall = start.elapsed();
    ensure_verdict(command, status, verdicts)?;
    Ok(wall)
}

/// Runs a command once and takes the peak of its memory, in bytes.
fn watched(command: &mut Command, verdicts: &[i32]) -> Result<u64> {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).spawn()?;
    let mut peak = 0;
    let pause = Duration::from_micros(500);
    let status = loop {
        peak = peak.max(peak_memory_of(child.id()));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(pause);
    };
    ensure_verdict(command, status, verdicts)?;
    Ok(peak)
}

fn ensure_verdict(command: &Command, status: ExitStatus, verdicts: &[i32]) -> Result<()> {
    let is_verdict = status.code().is_some_and(|code| verdicts.contains(&code));
    ensure!(is_verdict, "{command:?} ended with {status}");
    Ok(())
}

/// `VmHWM` of a running process, which Linux keeps; elsewhere zero.
fn peak_memory_of(process: u32) -> u64 {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) else { return 0 };
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes: u64 = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
    kibibytes * 1024
}
