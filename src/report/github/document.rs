//! A text of whole blocks that has to fit a limit: what matters most first, then the smallest; nothing is cut in the middle.

/// A text: what always stands there, and sections of what fits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// What it begins with.
    pub head: String,
    /// What follows, in this order.
    pub sections: Vec<Section>,
    /// What it ends with.
    pub foot: String,
}

/// A list of blocks with what stands around it, if any of them does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Before the first block.
    pub open: String,
    /// The blocks.
    pub blocks: Vec<Block>,
    /// After the last block.
    pub close: String,
}

/// A piece that stands there as a whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its text.
    pub text: String,
    /// The smaller, the sooner it is taken.
    pub rank: Rank,
}

/// In which order blocks are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Rows of the overview, in this order.
    Overview(usize),
    /// What must not be missed, in this order.
    Alert(usize),
    /// Tables beside the overview, in this order.
    Table(usize),
    /// Details, smallest first.
    Detail,
}

/// A text that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// The text.
    pub text: String,
    /// How many blocks found no place.
    pub omitted: usize,
}

impl Section {
    /// A section of blocks that are taken in their order.
    #[must_use]
    pub fn ranked(open: String, texts: Vec<String>, close: String, rank: fn(usize) -> Rank) -> Section {
        let blocks =
            texts.into_iter().enumerate().map(|(index, text)| Block { text, rank: rank(index) }).collect();
        Section { open, blocks, close }
    }
}

impl Document {
    /// The text within a limit in bytes. `note` tells how many blocks found no place; it is asked only if there are some.
    #[must_use]
    pub fn fit(&self, limit: usize, note: impl Fn(usize) -> String) -> Fitted {
        let total: usize = self.sections.iter().map(|section| section.blocks.len()).sum();
        let everything: Vec<Vec<bool>> =
            self.sections.iter().map(|section| vec![true; section.blocks.len()]).collect();
        let complete = self.text(&everything, "");
        if complete.len() <= limit {
            return Fitted { text: complete, omitted: 0 };
        }
        // No count is longer than that of all.
        let mut left = limit.saturating_sub(self.head.len() + self.foot.len() + note(total).len());
        let mut order: Vec<(usize, usize, &Block)> = self
            .sections
            .iter()
            .enumerate()
            .flat_map(|(section, of)| {
                of.blocks.iter().enumerate().map(move |(block, value)| (section, block, value))
            })
            .collect();
        order.sort_by_key(|(section, block, value)| (value.rank, value.text.len(), *section, *block));
        let mut taken: Vec<Vec<bool>> =
            self.sections.iter().map(|section| vec![false; section.blocks.len()]).collect();
        let mut opened = vec![false; self.sections.len()];
        let mut omitted = 0;
        for (section, block, value) in order {
            let around = &self.sections[section];
            let frame = if opened[section] { 0 } else { around.open.len() + around.close.len() };
            match left.checked_sub(value.text.len() + frame) {
                Some(rest) => {
                    left = rest;
                    opened[section] = true;
                    taken[section][block] = true;
                }
                None => omitted += 1,
            }
        }
        Fitted { text: self.text(&taken, &note(omitted)), omitted }
    }

    fn text(&self, taken: &[Vec<bool>], note: &str) -> String {
        let mut text = self.head.clone();
        for (section, taken) in self.sections.iter().zip(taken) {
            let blocks: Vec<&str> = section
                .blocks
                .iter()
                .zip(taken)
                .filter_map(|(block, is_taken)| is_taken.then_some(block.text.as_str()))
                .collect();
            if blocks.is_empty() {
                continue;
            }
            text.push_str(&section.open);
            blocks.iter().for_each(|block| text.push_str(block));
            text.push_str(&section.close);
        }
        text.push_str(note);
        text.push_str(&self.foot);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        let details = ["a long detail\n", "short\n", "middling\n"];
        Document {
            head: "head\n".to_owned(),
            sections: vec![
                Section::ranked("[\n".to_owned(), vec!["row\n".to_owned()], "]\n".to_owned(), Rank::Overview),
                Section::ranked(
                    "<\n".to_owned(),
                    details.map(str::to_owned).into(),
                    ">\n".to_owned(),
                    |_| Rank::Detail,
                ),
                Section::default(),
            ],
            foot: "foot\n".to_owned(),
        }
    }

    #[test]
    fn everything_stands_there_where_it_fits() {
        let fitted = document().fit(100, |_| "note".to_owned());
        assert_eq!(fitted.text, "head\n[\nrow\n]\n<\na long detail\nshort\nmiddling\n>\nfoot\n");
        assert_eq!(fitted.omitted, 0);
    }

    #[test]
    fn the_smallest_come_first_and_keep_their_order() {
        let fitted = document().fit(48, |count| format!("{count} more\n"));
        assert_eq!(fitted.text, "head\n[\nrow\n]\n<\nshort\nmiddling\n>\n1 more\nfoot\n");
        assert_eq!(fitted.omitted, 1);
    }

    #[test]
    fn no_limit_is_exceeded() {
        for limit in 17..100 {
            let fitted = document().fit(limit, |count| format!("{count} more\n"));
            assert!(fitted.text.len() <= limit, "{limit}: {}", fitted.text);
        }
    }
}
