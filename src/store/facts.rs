//! What devices can do, in the `facts` table.

use rusqlite::{Connection, Row, named_params};

use super::{Store, StoreError, row, writing};
use crate::base::{DeviceFacts, DeviceIdentity};

impl Store {
    /// Keeps what a device can do, in place of what was kept of it before.
    pub fn keep_facts(&mut self, facts: &DeviceFacts) -> Result<(), StoreError> {
        if self.facts(&facts.identity)?.as_ref() == Some(facts) {
            return Ok(());
        }
        put(&mut self.connection, facts).map_err(|error| self.error(error))
    }

    /// What a device can do, if something was measured on it since stores keep that.
    pub fn facts(&self, device: &DeviceIdentity) -> Result<Option<DeviceFacts>, StoreError> {
        let Some(device) = self.device_id(device)? else { return Ok(None) };
        let read = || {
            let mut statement = self.connection.prepare_cached("SELECT facts FROM facts WHERE device_id = :device")?;
            statement.query_map(named_params! { ":device": device }, facts_of)?.next().transpose()
        };
        read().map_err(|error| self.error(error))
    }
}

fn put(connection: &mut Connection, facts: &DeviceFacts) -> rusqlite::Result<()> {
    let transaction = writing(connection)?;
    let device = row::known_device(&transaction, &facts.identity)?;
    transaction.execute(
        "INSERT OR REPLACE INTO facts (device_id, facts) VALUES (:device, :facts)",
        named_params! { ":device": device, ":facts": row::json(facts) },
    )?;
    transaction.commit()
}

fn facts_of(row: &Row) -> rusqlite::Result<DeviceFacts> {
    row::from_json(row, "facts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_facts_of_each_device_come_back() {
        let mut store = Store::in_memory().unwrap();
        let one = DeviceFacts::portable();
        let mut better = one.clone();
        better.features.f16 = true;
        let mut other = one.clone();
        other.identity.driver_info = "2".to_owned();
        assert_eq!(store.facts(&one.identity).unwrap(), None);
        for facts in [&one, &other, &better, &better] {
            store.keep_facts(facts).unwrap();
        }
        assert_eq!(store.facts(&one.identity).unwrap(), Some(better));
        assert_eq!(store.facts(&other.identity).unwrap(), Some(other));
    }
}
