//! The table of `docs/mutants.md`: which check rejects which mutant.

use std::fmt::{self, Write};
use std::path::{Path, PathBuf};

use super::mutant::{Family, Mutant};

/// A right kernel, and what was found in its mutants.
pub struct Section {
    /// The kernel.
    pub family: &'static Family,
    /// One for each mutant.
    pub rows: Vec<Row>,
}

/// A mutant, and what rejects it in each tier.
pub struct Row {
    /// The mutant.
    pub mutant: &'static Mutant,
    /// What rejects it in the light tier.
    pub light: Option<Finding>,
    /// What rejects it first in the full tier.
    pub full: Option<Finding>,
}

/// A check that rejected, without the numbers that it tells.
#[derive(Clone)]
pub struct Finding {
    check: &'static str,
    data: Option<String>,
}

/// What rejections say, and the name of the check that says so, in the order in which they are looked for. Outputs and
/// temporaries are filled with a NaN of their own, of which arithmetic may leave just any: one name for both.
const CHECKS: &[(&str, &str)] = &[
    ("changes its input", "input changed"),
    ("beyond the end of its temporary", "guard of a temporary"),
    ("writes beyond the end", "guard of the output"),
    ("never written", "NaN or not written"),
    (": NaN", "NaN or not written"),
    ("add up to", "projection"),
    ("two runs", "two runs differ"),
    ("and the naive kernel", "agreement"),
    ("checked elements", "wrong value"),
];

impl Finding {
    /// Reads it off a rejection.
    pub fn read(why: &str) -> Result<Self, String> {
        let (_, check) =
            CHECKS.iter().find(|(says, _)| why.contains(says)).ok_or(format!("an unknown check: {why}"))?;
        let data = why.rsplit_once("(inputs: ").map(|(_, data)| data.trim_end_matches(')').to_owned());
        Ok(Self { check, data })
    }
}

/// As `wrong value, small integers`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.check)?;
        self.data.iter().try_for_each(|data| write!(f, ", {data}"))
    }
}

/// The file, below the root of the repository; what is above this line in it is written by hand.
const FILE: &str = "docs/mutants.md";
const ABOVE: &str = "<!-- Below this line `WGTUNE_BLESS=1 cargo test --test mutants` writes. -->\n";

/// How the file differs from what was found. With `WGTUNE_BLESS` set it is made to agree first.
pub fn blessed_or_change(sections: &[Section]) -> Option<String> {
    let before = std::fs::read_to_string(path()).unwrap_or_default().replace("\r\n", "\n");
    let Some((preface, table)) = before.split_once(ABOVE) else {
        return Some(format!("{FILE} has lost the line `{}`", ABOVE.trim_end()));
    };
    let now = text(sections);
    if std::env::var_os("WGTUNE_BLESS").is_some() {
        std::fs::write(path(), [preface, ABOVE, &now].concat()).expect("the file can be written");
        return None;
    }
    let changed = table.lines().zip(now.lines()).find(|(before, now)| before != now);
    let (before, now) = changed.or((table != now).then_some(("(less or more)", "(another number of lines)")))?;
    let remedy = "`WGTUNE_BLESS=1 cargo test --test mutants` writes it anew; then read the difference";
    Some(format!("{FILE}: a line was `{before}` and is now `{now}`; {remedy}"))
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE)
}

fn text(sections: &[Section]) -> String {
    let rows = || sections.iter().flat_map(|section| &section.rows);
    let count = |is: fn(&Row) -> bool| rows().filter(|row| is(row)).count();
    let (rejected, light) = (count(|row| row.full.is_some()), count(|row| row.light.is_some()));
    let (kernels, excused_count) = (sections.len(), count(|row| row.full.is_none()));
    let mut text = format!(
        "\nOf {kernels} kernels {rejected} mutants are rejected, {light} of them by the light tier. \
         {excused_count} are not, for reasons.\n"
    );
    tally(&mut text, sections);
    sections.iter().for_each(|section| listed(&mut text, section));
    excused(&mut text, sections);
    text
}

/// How many mutants each check is the first to reject.
fn tally(text: &mut String, sections: &[Section]) {
    text.push_str("\n| first check that rejects | mutants |\n|---|--:|\n");
    let findings = || sections.iter().flat_map(|section| &section.rows).filter_map(|row| row.full.as_ref());
    let mut names: Vec<String> = findings().map(Finding::to_string).collect();
    names.sort_unstable();
    names.dedup();
    let count = |name: &str| findings().filter(|finding| finding.to_string() == name).count();
    let mut counted: Vec<(usize, String)> = names.into_iter().map(|name| (count(&name), name)).collect();
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counted.iter().for_each(|(count, name)| writeln!(text, "| {name} | {count} |").expect("text"));
}

fn listed(text: &mut String, Section { family, rows }: &Section) {
    let Family { workload, template, config, .. } = family;
    write!(text, "\n## `{workload}`\n\n`{template}` with `{config}`\n\n").expect("text");
    text.push_str("| mistake | light tier | full tier |\n|---|---|---|\n");
    for Row { mutant, light, full } in rows.iter().filter(|row| row.full.is_some()) {
        let name = |finding: &Option<Finding>| finding.as_ref().map_or("passes".to_owned(), Finding::to_string);
        let split = mutant.split.map_or(String::new(), |most| format!(" (grid split by {most})"));
        writeln!(text, "| {}{split} | {} | {} |", mutant.mistake, name(light), name(full)).expect("text");
    }
}

fn excused(text: &mut String, sections: &[Section]) {
    text.push_str("\n## Not rejected\n\n| kernel | change | why |\n|---|---|---|\n");
    for section in sections {
        for mutant in section.rows.iter().filter(|row| row.full.is_none()).map(|row| row.mutant) {
            let why = mutant.excuse.unwrap_or_default();
            writeln!(text, "| `{}` | {} | {why} |", section.family.workload, mutant.mistake).expect("text");
        }
    }
}
