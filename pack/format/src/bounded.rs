//! Lists and maps that are refused while they are read, once they are longer than any honest index has them: a count that is
//! looked at afterwards has cost its memory.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::limits::MOST_ENTRIES;

/// At most [`MOST_ENTRIES`] things in their order.
pub(crate) struct List<T>(pub Vec<T>);

/// At most [`MOST_ENTRIES`] things by name; of those with the same name, the last.
pub(crate) struct Map<T>(pub BTreeMap<String, T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Listing(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Map<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Mapping(PhantomData))
    }
}

struct Listing<T>(PhantomData<T>);

struct Mapping<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Listing<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MOST_ENTRIES}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut read: A) -> Result<List<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(one) = read.next_element()? {
            check_count(list.len() + 1)?;
            list.push(one);
        }
        Ok(List(list))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Mapping<T> {
    type Value = Map<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MOST_ENTRIES} things by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut read: A) -> Result<Map<T>, A::Error> {
        let (mut map, mut count) = (BTreeMap::new(), 0);
        while let Some((name, one)) = read.next_entry()? {
            count += 1;
            check_count(count)?;
            map.insert(name, one);
        }
        Ok(Map(map))
    }
}

fn check_count<E: Error>(count: usize) -> Result<(), E> {
    if count > MOST_ENTRIES { Err(E::custom(format!("a list of it is longer than {MOST_ENTRIES}"))) } else { Ok(()) }
}
