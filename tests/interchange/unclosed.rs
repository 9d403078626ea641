//! Cache files that tuning still appends to end anywhere; damaged ones of other formats must not take us down.

use super::*;

/// As Kernel Tuner writes: a header whose object `cache` stays open, then lines that end in commas.
fn appended() -> String {
    let text = String::from_utf8(written(&small(), Format::KernelTuner)).unwrap();
    text.strip_suffix("}\n}").unwrap().to_owned() + ","
}

#[test]
fn complete_entries_of_a_cut_file_are_read() {
    let text = appended();
    // Where each entry's own brace is behind.
    let ends: Vec<usize> = text.match_indices("},\n").map(|(at, _)| at + 1).chain([text.len() - 1]).collect();
    let entries_at = text.find("\"cache\": {").unwrap() + "\"cache\": {".len();
    for end in entries_at..=text.len() {
        let complete = ends.iter().filter(|at| **at <= end).count();
        let got = read(&text[..end]).unwrap_or_else(|error| panic!("{error}: {}", &text[..end]));
        assert_eq!(got.entries, small().entries[..complete], "{}", &text[..end]);
        assert_eq!(got.params, small().params);
    }
    assert_eq!(read(&text).unwrap(), small());
}

#[test]
fn a_file_may_end_within_a_character() {
    let text = appended().replace("nhwc", "nhwc€");
    let at = text.rfind('€').unwrap() + 1;
    let got = parse(&text.as_bytes()[..at], Path::new("file")).unwrap();
    assert_eq!(got.entries.len(), 2);
}

#[test]
fn no_cut_is_a_panic() {
    for format in Format::ALL {
        let bytes = written(&small(), format);
        for end in 0..bytes.len() {
            if let Ok(got) = parse(&bytes[..end], Path::new("file")) {
                let known = |entry: &Entry| small().entries.iter().any(|other| other.values == entry.values);
                let is_table = format == Format::Csv;
                assert!(is_table || got.entries.iter().all(known), "{}: {end}", format.name());
            }
        }
    }
}

#[test]
fn a_cut_gzip_file_is_named_as_that() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packer, &written(&small(), Format::KernelTuner)).unwrap();
    let bytes = packer.finish().unwrap();
    let error = parse(&bytes[..bytes.len() - 9], Path::new("file.gz")).unwrap_err().to_string();
    assert!(error.starts_with("`file.gz` is a damaged gzip file"), "{error}");
}
