//! The rules of the house, read off the sources: imports point down, outside crates stay behind their fences, files are
//! tidy, lists are complete.

mod planted;
mod scan;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use scan::{Named, paths, without_comments_and_strings};

/// The floor of each module. A module imports from lower floors only, and from itself.
const FLOORS: &[(&str, u32)] = &[
    ("base", 0),
    ("workload", 1),
    ("space", 1),
    ("code", 2),
    ("record", 2),
    ("model", 2),
    ("op", 3),
    ("search", 3),
    ("check", 4),
    ("backend", 4),
    ("store", 4),
    ("interchange", 4),
    ("custom", 5),
    ("measure", 5),
    ("probe", 5),
    ("predict", 5),
    ("vendor", 5),
    ("tune", 6),
    ("replay", 6),
    ("graph", 6),
    ("pack", 6),
    ("report", 6),
    ("campaign", 7),
    ("cli", 8),
    ("main", 8),
];

/// Imports between neighbours of one floor, with the reason why each may be.
const NEIGHBOURS: &[(&str, &str, &str)] =
    &[("main", "cli", "the program is the door of the command line, and no more")];

/// Where a path may be named.
enum Only {
    In(&'static [&'static str]),
    FromFloor(u32),
    Nowhere,
}

struct Fence {
    /// A crate, the beginning of a path, a macro with its `!`, or with `*::` before it any part of a path.
    path: &'static str,
    only: Only,
    why: &'static str,
}

const fn fence(path: &'static str, only: Only, why: &'static str) -> Fence {
    Fence { path, only, why }
}

/// From here on modules may touch the world.
const WORLDLY: Only = Only::FromFloor(4);

const FENCES: &[Fence] = &[
    fence("wgpu", Only::In(&["backend/wgpu"]), "its next major version is one folder's work"),
    fence("cudarc", Only::In(&["backend/cuda"]), "the others see routines, which are plain data"),
    fence("naga", Only::In(&["check"]), "everyone else asks what `check` found out"),
    fence("rusqlite", Only::In(&["store"]), "records are plain data everywhere else"),
    fence("clap", Only::In(&["cli"]), "a library has no command line"),
    fence("indicatif", Only::In(&["cli"]), "a library draws no bars"),
    fence(
        "faer",
        Only::In(&["model", "backend/cpu"]),
        "matrices stay inside the models, and libraries in their machine",
    ),
    fence("flate2", Only::In(&["interchange"]), "other rooms see recordings, not files"),
    fence("lzma_rust2", Only::In(&["interchange"]), "other rooms see vectors, not files"),
    fence("base64", Only::In(&["interchange"]), "other rooms see bytes"),
    fence("csv", Only::In(&["interchange"]), "other rooms see recordings, not files"),
    fence("plotters", Only::In(&["report"]), "pictures are reports"),
    fence("rayon", Only::In(&["backend/cpu"]), "pools of threads belong to what is timed on them"),
    fence("pulp", Only::In(&["backend/cpu"]), "vectors are native kernels' own"),
    fence("gemm", Only::In(&["backend/cpu"]), "libraries are called by the machine that they run on"),
    fence("matrixmultiply", Only::In(&["backend/cpu"]), "libraries are called by the machine that they run on"),
    fence("sysinfo", Only::In(&["backend"]), "processes and processors are the business of machines"),
    fence("toml", Only::In(&["custom"]), "kernel files are read and written in one room"),
    fence("schemars", Only::In(&["custom"]), "their schema is made from what reads them"),
    fence("codespan_reporting", Only::In(&["custom"]), "messages that show a user's file are made in one room"),
    fence("npyz", Only::In(&["custom"]), "other rooms see where a file's elements begin"),
    fence(
        "wgtune_pack",
        Only::In(&["base", "code", "record", "backend", "pack", "cli/pack"]),
        "the rest sees programs, not packs",
    ),
    fence("getrandom", Only::In(&["cli/pack"]), "only keys are not to be repeated"),
    fence("minijinja", Only::In(&["code"]), "templates are one language of `code`"),
    fence("std::fs", WORLDLY, "low floors know no disk"),
    fence("std::time", WORLDLY, "low floors know no clock"),
    fence("print!", WORLDLY, "low floors do not print"),
    fence("println!", WORLDLY, "low floors do not print"),
    fence("eprint!", WORLDLY, "low floors do not print"),
    fence("eprintln!", WORLDLY, "low floors do not print"),
    fence("dbg!", Only::Nowhere, "it is a tool for a moment"),
    fence("rand::rng", Only::Nowhere, "every random number comes from a seed"),
    fence("rand::random", Only::Nowhere, "every random number comes from a seed"),
    fence("rand::make_rng", Only::Nowhere, "every random number comes from a seed"),
    fence("*::thread_rng", Only::Nowhere, "every random number comes from a seed"),
    fence("*::from_os_rng", Only::Nowhere, "every random number comes from a seed"),
];

/// A folder that grows by a file or folder and a line in its list.
struct Family {
    /// `*` stands for every folder there.
    folder: &'static str,
    /// The file in the folder that lists the members.
    list: &'static str,
    /// What a member has in its source and a helper beside it has not.
    mark: &'static str,
}

const FAMILIES: &[Family] = &[
    Family { folder: "src/search", list: "mod.rs", mark: "impl Searcher for" },
    Family { folder: "src/model", list: "mod.rs", mark: "impl Model for" },
    Family { folder: "src/op", list: "mod.rs", mark: "impl Operator for" },
    Family { folder: "src/op/*", list: "mod.rs", mark: "impl Template for" },
];

const MOST_LINES: usize = 500;

#[test]
fn imports_point_down_and_fences_hold() {
    let sources = sources(&["src"]);
    report(sources.iter().flat_map(|(path, text)| imports(path, text)).collect());
}

#[test]
fn the_library_declares_only_modules_with_a_floor() {
    report(lib_declarations(&fs::read_to_string(root().join("src/lib.rs")).unwrap()));
}

#[test]
fn files_are_tidy() {
    let sources = sources(&["src", "tests", "benches", "examples", "pack"]);
    report(sources.iter().flat_map(|(path, text)| tidiness(path, text)).collect());
}

#[test]
fn lists_are_complete() {
    let mut missing = Vec::new();
    for family in FAMILIES {
        let folders = expand(family.folder);
        let members: Vec<Vec<String>> = folders.iter().map(|folder| family.members(folder)).collect();
        if members.concat().is_empty() {
            missing.push(format!("{}: nothing there has `{}`; was it renamed?", family.folder, family.mark));
        }
        for (folder, members) in folders.iter().zip(&members) {
            let text = fs::read_to_string(root().join(folder).join(family.list)).unwrap_or_default();
            missing.extend(unlisted(&format!("{folder}/{}", family.list), &text, members));
        }
    }
    report(missing);
}

/// What a source imports or names that its place does not allow.
fn imports(path: &str, source: &str) -> Vec<String> {
    let Some(place) = Place::of(path) else { return Vec::new() };
    if floor(&place.module).is_none() {
        return vec![format!("{path}:1: the module `{}` has no floor", place.module)];
    }
    let named = paths(source);
    let wrong = named.iter().flat_map(|named| {
        let upward = place.reference(named).err();
        let fenced = FENCES.iter().filter_map(|fence| place.trespass(fence, named));
        upward.into_iter().chain(fenced).map(|what| format!("{path}:{}: {what}", named.line))
    });
    wrong.collect()
}

/// Where a source file stands.
struct Place {
    module: String,
    /// The path below `src`, without `.rs` or `/mod.rs`.
    room: String,
}

impl Place {
    /// The place of a path below `src`; none for the library's root, which only declares the modules.
    fn of(path: &str) -> Option<Self> {
        let room = path.strip_prefix("src/")?.strip_suffix(".rs")?;
        let room = room.strip_suffix("/mod").unwrap_or(room);
        let module = room.split('/').next()?;
        (module != "lib").then(|| Self { module: module.to_owned(), room: room.to_owned() })
    }

    /// Says what is wrong with a path as a reference to one of our own modules, if it is one.
    fn reference(&self, named: &Named) -> Result<(), String> {
        let text = named.segments.join("::");
        let is_main = self.module == "main";
        // The program is a crate of its own: there `super` may reach the root and the library has a name.
        let supers = named.segments.iter().filter(|segment| *segment == "super").count();
        let depth = named.depth + if is_main { 1 } else { self.room.split('/').count() };
        if supers >= depth {
            return Err(format!("`{text}` leaves the room; say `crate::`"));
        }
        if named.segments[0] != if is_main { "wgtune" } else { "crate" } {
            return Ok(());
        }
        match named.segments.get(1).map(String::as_str) {
            // Also a `pub(crate)`.
            None if !named.imported => Ok(()),
            None | Some("*" | "self") => Err(format!("`{text}` names every module at once")),
            Some(module) => self.downward(module),
        }
    }

    fn downward(&self, to: &str) -> Result<(), String> {
        let from = self.module.as_str();
        let Some(to_floor) = floor(to) else { return Err(format!("`{to}` is no module with a floor")) };
        let from_floor = floor(from).expect("asked before");
        let excused = NEIGHBOURS.iter().any(|(a, b, _)| (*a, *b) == (from, to));
        if from == to || to_floor < from_floor || excused {
            return Ok(());
        }
        Err(format!("`{from}` (floor {from_floor}) imports `{to}` (floor {to_floor})"))
    }

    fn trespass(&self, fence: &Fence, named: &Named) -> Option<String> {
        let allowed = match fence.only {
            Only::In(rooms) => rooms.iter().any(|room| is_below(&self.room, room)),
            Only::FromFloor(lowest) => floor(&self.module) >= Some(lowest),
            Only::Nowhere => false,
        };
        (!allowed && fence.names(named)).then(|| format!("`{}` is fenced off here: {}", fence.path, fence.why))
    }
}

impl Fence {
    fn names(&self, named: &Named) -> bool {
        if let Some(part) = self.path.strip_prefix("*::") {
            return named.segments.iter().any(|segment| segment == part);
        }
        if self.path.ends_with('!') {
            return named.segments.last().is_some_and(|last| last == self.path);
        }
        // One word in an expression is a local name, not a crate.
        let is_crate = named.imported || named.segments.len() > 1;
        is_crate && is_below(&named.segments.join("/"), &self.path.replace("::", "/"))
    }
}

fn floor(module: &str) -> Option<u32> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

/// Whether a path of `/` parts is another one or lies in it.
fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Lines of the library's root that are neither attributes nor declarations of modules with a floor.
fn lib_declarations(source: &str) -> Vec<String> {
    let text = without_comments_and_strings(source);
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with("#"));
    lines
        .filter(|(_, line)| {
            let module = line.trim().strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';'));
            module.is_none_or(|module| module == "main" || floor(module).is_none())
        })
        .map(|(number, line)| format!("src/lib.rs:{}: `{line}` declares no module with a floor", number + 1))
        .collect()
}

fn tidiness(path: &str, source: &str) -> Vec<String> {
    let lines = source.lines().count();
    let headless = !source.starts_with("//! ");
    let long = lines > MOST_LINES;
    let wrong = [
        headless.then(|| format!("{path}:1: the first line is no `//!` sentence that says what the file is for")),
        long.then(|| format!("{path}:{lines}: more than {MOST_LINES} lines; split it")),
    ];
    wrong.into_iter().flatten().collect()
}

/// The members of a folder that its list only declares (`mod name;`) but does not list (`name::…`).
fn unlisted(list: &str, source: &str, members: &[String]) -> Vec<String> {
    let named: BTreeSet<String> = paths(source)
        .into_iter()
        .map(|named| named.segments)
        .filter(|segments| segments.len() > 1)
        .flat_map(|segments| segments.into_iter().find(|segment| segment != "self"))
        .collect();
    let missing = members.iter().filter(|member| !named.contains(*member));
    missing.map(|member| format!("{list}:1: `{member}` is not in the list")).collect()
}

impl Family {
    /// The modules of a folder that have the mark: files, and folders in any of whose files it is.
    fn members(&self, folder: &str) -> Vec<String> {
        let modules = entries(&root().join(folder)).into_iter().filter(|path| !path.ends_with(self.list));
        let marked = modules.filter(|path| sources(&[&relative(path)]).iter().any(|(_, text)| self.marks(text)));
        marked.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
    }

    fn marks(&self, source: &str) -> bool {
        without_comments_and_strings(source).contains(self.mark)
    }
}

/// The folders that a family's pattern means; none where there is no such folder yet.
fn expand(folder: &str) -> Vec<String> {
    let Some(parent) = folder.strip_suffix("/*") else {
        return if root().join(folder).is_dir() { vec![folder.to_owned()] } else { Vec::new() };
    };
    entries(&root().join(parent)).iter().filter(|path| path.is_dir()).map(|path| relative(path)).collect()
}

/// Every Rust file below these folders, with its text.
fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut sources = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(entries(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push((relative(&path), fs::read_to_string(&path).unwrap()));
        }
    }
    sources.sort();
    sources
}

/// Folders that peers were built in: what lies there is not ours.
const BUILT: [&str; 3] = ["target", "venv", "patched"];

/// What lies in a folder, in order; nothing where there is none.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    entries.retain(|entry| entry.file_name().is_none_or(|name| !BUILT.iter().any(|built| name == *built)));
    entries.sort();
    entries
}

fn relative(path: &Path) -> String {
    let parts = path.strip_prefix(root()).unwrap().iter().map(|part| part.to_str().unwrap());
    parts.collect::<Vec<_>>().join("/")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn report(violations: Vec<String>) {
    assert!(violations.is_empty(), "{} against the rules of the house:\n{}", violations.len(), violations.join("\n"));
}
