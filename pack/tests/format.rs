//! The format is what the documents say, and what is written is read back.

mod common;

use common::{Fixture, Recipe, h100, h200};
use wgtune_pack::{
    Builder, Capability, Condition, CooperativeMatrix, Device, Dims, ElementType, Entry, Error, Feature, Formula,
    Manifest, Needs, Pack, PartHash, Program, Relation, Workload, keygen, sign_pack,
};

fn fixture(recipes: &[Recipe]) -> Fixture {
    let mut fixture = Fixture::new();
    recipes.iter().for_each(|recipe| drop(fixture.add(recipe)));
    fixture
}

fn recipes() -> Vec<Recipe> {
    let on = |name, device| Recipe::new(name, Some(device));
    vec![on("one", h100()), on("two", h200()), Recipe { shape: [512, 256, 256], ..on("one", h100()) }]
}

#[test]
fn the_same_contents_are_the_same_bytes() {
    let mut turned = recipes();
    turned.reverse();
    let (one, other) = (fixture(&recipes()).finish(), fixture(&turned).finish());
    assert!(one == other, "the order of entries shows in the bytes");
    let (secret, public) = keygen([3; 32]).unwrap();
    let signed = fixture(&recipes()).builder.finish_signed(&secret).unwrap();
    assert!(signed == sign_pack(one, &secret).unwrap(), "signing afterwards gives other bytes");
    assert!(Pack::open_signed(signed, &[public]).is_ok());
}

/// Another reader of archives finds what the document says of them.
#[test]
fn archives_are_as_documented() {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(fixture(&recipes()).finish())).unwrap();
    let mut names = Vec::new();
    for index in 0..zip.len() {
        let file = zip.by_index(index).unwrap();
        let (date, mode) = (file.last_modified().unwrap(), file.unix_mode());
        assert_eq!((date.year(), date.month(), date.day(), mode), (1980, 1, 1, Some(0o100_644)));
        assert_eq!(file.compression(), zip::CompressionMethod::Deflated);
        names.push(file.name().unwrap().into_owned());
    }
    assert!(names.is_sorted() && names.contains(&"manifest.json".to_owned()), "{names:?}");
}

#[test]
fn what_is_written_is_read_back() {
    let mut fixture = fixture(&recipes());
    let matrix = CooperativeMatrix { m: 16, n: 8, k: 4, factors: ElementType::F16, sum: ElementType::F32 };
    let features = vec![Feature::F16, Feature::Subgroups, Feature::Float32Atomics, Feature::Cooperative(matrix)];
    let needs = Needs { features, ..Needs::default() };
    let text = fixture.builder.text(&common::wgsl("three"));
    let program = fixture.builder.program(&common::program(text)).unwrap();
    let mut entry = fixture.entry(&Recipe { needs, ..Recipe::new("three", Some(h100())) }, program);
    let sides = ["tiles", "m*n"].map(common::formula);
    let [left, right] = sides;
    entry.admits.conditions = vec![Condition { left, relation: Relation::AtMost, right }];
    let entry = Entry { id: entry.identify(), ..entry };
    fixture.builder.entry(entry.clone());
    let pack = Pack::open(fixture.finish()).unwrap();
    let read = pack.manifest().entries.iter().find(|read| read.id == entry.id);
    assert_eq!((pack.skipped(), read), (&[] as &[_], Some(&entry)));
    assert_eq!(pack.evidence(&entry), Ok(Some(common::evidence("three"))));
    assert_eq!(pack.manifest().device_of(&entry), Some(&h100()));
}

/// What tools need that rewrite packs: every entry's program, and entries of one pack in another.
#[test]
fn entries_are_copied_as_they_are() {
    let bytes = fixture(&recipes()).finish();
    let pack = Pack::open(bytes.clone()).unwrap();
    let mut builder = Builder::new(Manifest { entries: Vec::new(), ..pack.manifest().clone() });
    for entry in &pack.manifest().entries {
        assert_eq!(builder.copy(&pack, entry).as_ref(), Ok(&entry.id));
    }
    assert_eq!(builder.manifest().entries.len(), 3);
    assert!(builder.clone().finish().unwrap() == bytes, "a copy of all entries is another pack");
    builder.dates(5, 7);
    let dated = Pack::open(builder.finish().unwrap()).unwrap();
    assert_eq!((dated.manifest().first_ms, dated.manifest().last_ms), (5, 7));
}

#[test]
fn programs_of_entries_are_read_at_all_sizes() {
    let pack = Pack::open(fixture(&recipes()[..1]).finish()).unwrap();
    let entry = &pack.manifest().entries[0];
    let at = |m: u64| Dims::from([("b", 1), ("m", m), ("n", 32), ("k", 4)].map(|(name, size)| (name.to_owned(), size)));
    let program = pack.program(entry, &at(64), &Device::boundless()).unwrap();
    assert_eq!((program.outputs()[0].bytes, program.temporary_bytes()), (4 * 64 * 32, &[4 * 4 * 2][..]));
    let cases = [
        (Dims::new(), Device::boundless(), "its sizes have no value"),
        (at(u64::MAX), Device::boundless(), "a tensor has no size"),
        (at(1 << 40), Device::boundless(), "would launch"),
        (
            at(64),
            Device { capability: Capability { workgroup_size: [8; 3], ..Capability::portable() }, ..h100() },
            "no workgroups of",
        ),
    ];
    for (dims, device, message) in cases {
        let why = pack.program(entry, &dims, &device).unwrap_err();
        assert!(why.contains(message), "{why}");
    }
}

/// What the tuner has in its lists, applications may ask for.
#[test]
fn workloads_of_the_tuner_are_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../workloads");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            Workload::parse(line).unwrap_or_else(|error| panic!("{error}"));
            count += 1;
        }
    }
    assert!(count > 100, "{count} lines");
}

/// Threads may choose from one pack.
#[test]
fn packs_are_shared_by_threads() {
    fn is_shared<T: Send + Sync + 'static>(_: &T) {}
    is_shared(&Pack::open(fixture(&recipes()).finish()).unwrap());
}

/// A text that several entries share is there once.
#[test]
fn parts_are_stored_once() {
    let one = fixture(&recipes()[..1]).finish();
    let both = fixture(&[recipes()[0].clone(), recipes()[2].clone()]).finish();
    assert!(both.len() < one.len() + 400, "{} bytes became {}", one.len(), both.len());
}

/// An entry of the index takes about 1 KB at most, unpacked.
#[test]
fn entries_are_small() {
    let pack = Pack::open(fixture(&recipes()).finish()).unwrap();
    for entry in &pack.manifest().entries {
        let bytes = serde_json::to_string(entry).unwrap().len();
        assert!(bytes <= 1100, "{bytes} bytes");
    }
}

/// What is tried, how a good builder is spoilt, and what is said of it.
type Spoilt = (&'static str, fn(&mut Fixture), &'static str);

#[test]
fn what_no_reader_would_use_is_not_written() {
    let cases: [Spoilt; 6] = [
        (
            "no value",
            |fixture| {
                let text = fixture.builder.text(&common::wgsl("x"));
                let program = Program { run: Vec::new(), ..common::program(text) };
                let program = fixture.builder.program(&program).unwrap();
                fixture.add_with(&Recipe::new("x", None), program);
            },
            "runs nothing",
        ),
        ("twice", |fixture| drop(fixture.add(&Recipe::new("one", Some(h100())))), "the same id"),
        (
            "no program",
            |fixture| drop(fixture.add_with(&Recipe::new("x", None), PartHash::of(b""))),
            "the pack has no `programs/",
        ),
        (
            "a lie",
            |fixture| drop(fixture.add(&Recipe { shape: [8, 256, 256], ..Recipe::new("x", None) })),
            "does not admit",
        ),
        (
            "no number",
            |fixture| drop(fixture.add(&Recipe { ratio: [f64::NAN; 3], ..Recipe::new("x", None) })),
            "invalid type: null",
        ),
        (
            "no operation",
            |fixture| {
                let entry = fixture.entry(&Recipe::new("x", None), PartHash::of(b""));
                fixture.builder.entry(Entry { operation: String::new(), ..entry });
            },
            "its operation is not in the pack",
        ),
    ];
    for (what, spoil, message) in cases {
        let mut fixture = fixture(&recipes());
        spoil(&mut fixture);
        match fixture.builder.finish() {
            Err(Error::Build(why)) if why.contains(message) => {}
            got => panic!("{what}: {:?}", got.map(|bytes| bytes.len())),
        }
    }
}

/// The ids of the examples in the document are those of their canonical JSON, and those that are made here.
#[test]
fn ids_are_as_documented() {
    let document = include_str!("../../docs/pack-format.md");
    let entry = Fixture::new().entry(&Recipe::new("one", Some(h100())), PartHash::of(b"program"));
    let ids = [("device", h100().id()), ("operation", common::matmul().id()), ("entry", entry.identify())];
    for (what, id) in ids {
        let has_id = |line: &&str| line.starts_with("{\"") && hash_of(line).starts_with(&id);
        let line = document.lines().find(has_id).unwrap_or_else(|| panic!("no JSON of the {what} {id}"));
        let is_same = match what {
            "device" => serde_json::from_str(line).ok() == Some(h100()),
            "operation" => serde_json::from_str(line).ok() == Some(common::matmul()),
            _ => true,
        };
        assert!(is_same && document.contains(&format!("`{id}`")), "{what} {id}: {line}");
    }
}

fn hash_of(text: &str) -> String {
    PartHash::of(text.as_bytes()).to_string()
}

/// A formula of the tuner keeps its text.
#[test]
fn formulas_are_texts_in_json() {
    let formula: Formula = serde_json::from_str("\"ceil(n/64)*b\"").unwrap();
    assert_eq!(serde_json::to_string(&formula).unwrap(), "\"ceil(n/64)*b\"");
}

/// What editors read is what the code reads. With `WGTUNE_BLESS` set it is written anew first.
#[cfg(feature = "schema")]
#[test]
fn the_schema_is_that_of_the_code() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/pack.schema.json");
    let made = format!("{:#}\n", wgtune_pack::schema());
    if std::env::var_os("WGTUNE_BLESS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(kept == made, "`WGTUNE_BLESS=1 cargo test -p wgtune-pack --features schema --test format` writes it anew");
    let mut undescribed = Vec::new();
    without_description(&wgtune_pack::schema(), "", &mut undescribed);
    assert!(undescribed.is_empty(), "keys without a description:\n{}", undescribed.join("\n"));
}

/// Keys that say nothing of themselves.
#[cfg(feature = "schema")]
fn without_description(schema: &serde_json::Value, at: &str, found: &mut Vec<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if property["description"].as_str().is_none_or(str::is_empty) {
            found.push(format!("{at}/{name}"));
        }
    }
    for (name, definition) in schema["definitions"].as_object().into_iter().flatten() {
        without_description(definition, name, found);
    }
}
