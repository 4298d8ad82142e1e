//! What goes wrong: drawn from a seed, so that a run that fails can be repeated.

use serde_json::{Value, json};

/// Faults that are still to come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    random: u64,
    /// How many more there may be.
    left: u32,
    /// The chance of one at a request, in percent.
    percent: u64,
    /// How many more comments are written without an answer.
    dropped_writes: u32,
    /// For how many seconds limits want to be waited for, where they say it; more than the program waits in real time.
    patience: u64,
}

/// What happens to one request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fault {
    /// It is refused and not carried out.
    Refused { status: u16, headers: Vec<(&'static str, String)>, body: Value },
    /// It is carried out or not, and answered with an error.
    Broken { status: u16, is_carried_out: bool },
    /// It is carried out or not, and the connection ends without an answer.
    Dropped { is_carried_out: bool },
    /// It is carried out, and the connection ends in the middle of the answer.
    CutShort,
    /// A list answers with its first page, whatever page was asked for.
    DuplicatePage,
}

impl Faults {
    pub(crate) fn of_seed(seed: u64, most: u32, percent: u64) -> Faults {
        Faults {
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d,
            left: most,
            percent,
            dropped_writes: 0,
            patience: 61,
        }
    }

    /// The same, of those that pass within seconds of real time.
    pub(crate) fn short_of_seed(seed: u64, most: u32, percent: u64) -> Faults {
        Faults { patience: 1, ..Faults::of_seed(seed, most, percent) }
    }

    /// So many comments are written, and the connection ends before it is told.
    pub(crate) fn dropping_writes(number: u32) -> Faults {
        Faults { dropped_writes: number, ..Faults::default() }
    }

    /// The next number of splitmix64.
    fn draw(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    pub(super) fn next(&mut self, method: &str, path: &str) -> Option<Fault> {
        if self.dropped_writes > 0 && method == "POST" && path.ends_with("/comments") {
            self.dropped_writes -= 1;
            return Some(Fault::Dropped { is_carried_out: true });
        }
        if self.left == 0 || self.draw(100) >= self.percent {
            return None;
        }
        self.left -= 1;
        let is_carried_out = self.draw(2) == 0;
        let patience = self.patience;
        let kind = match self.draw(10) {
            // These are waited for a minute, or until a fixed time.
            1..=3 if patience < 60 => 0,
            kind => kind,
        };
        Some(match kind {
            0 => Fault::Refused {
                status: 403,
                headers: vec![("retry-after", patience.to_string())],
                body: json!({"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}),
            },
            1 => Fault::Refused {
                status: 403,
                headers: Vec::new(),
                body: json!({"message": "You have exceeded a secondary rate limit and have been temporarily blocked."}),
            },
            2 => Fault::Refused {
                status: 403,
                headers: vec![
                    ("x-ratelimit-remaining", "0".to_owned()),
                    ("x-ratelimit-reset", "1000".to_owned()),
                ],
                body: json!({"message": "API rate limit exceeded for installation."}),
            },
            3 => Fault::Refused {
                status: 422,
                headers: Vec::new(),
                body: json!({
                    "message": "Validation Failed",
                    "errors": [{"resource": "IssueComment", "code": "unprocessable", "field": "data",
                        "message": "was submitted too quickly after a previous comment"}],
                }),
            },
            4 => Fault::Refused {
                status: 429,
                headers: vec![("retry-after", patience.min(5).to_string())],
                body: json!({"message": "Too many requests"}),
            },
            5 | 6 => Fault::Broken { status: [500, 502, 503, 504][self.draw(4) as usize], is_carried_out },
            7 => Fault::Dropped { is_carried_out },
            8 => Fault::CutShort,
            _ => Fault::DuplicatePage,
        })
    }
}
