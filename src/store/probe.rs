//! What was found out about devices, in the `probe` table.

use rusqlite::{Connection, Row, named_params};

use super::{Store, StoreError, row, writing};
use crate::base::DeviceIdentity;
use crate::record::Probe;

/// The newest probe of each device, those of the newest first.
const NEWEST: &str =
    "SELECT probe FROM probe WHERE id IN (SELECT max(id) FROM probe GROUP BY device_id) ORDER BY id DESC";

impl Store {
    /// Keeps what was found out about a device. Older findings stay, and count no more.
    pub fn insert_probe(&mut self, probe: &Probe) -> Result<(), StoreError> {
        append(&mut self.connection, probe).map_err(|error| self.error(error))
    }

    /// What was found out last about a device, if it was ever asked.
    pub fn probe(&self, device: &DeviceIdentity) -> Result<Option<Probe>, StoreError> {
        Ok(self.probes()?.into_iter().find(|probe| probe.device == *device))
    }

    /// What was found out last about each device, the newest first.
    pub fn probes(&self) -> Result<Vec<Probe>, StoreError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(NEWEST)?;
            statement.query_map([], probe)?.collect::<Result<_, _>>()
        };
        read().map_err(|error| self.error(error))
    }
}

fn append(connection: &mut Connection, probe: &Probe) -> rusqlite::Result<()> {
    let transaction = writing(connection)?;
    let device = row::known_device(&transaction, &probe.device)?;
    transaction.execute(
        "INSERT INTO probe (device_id, at_ms, probe) VALUES (:device, :at_ms, :probe)",
        named_params! { ":device": device, ":at_ms": probe.at_ms as i64, ":probe": row::json(probe) },
    )?;
    transaction.commit()
}

fn probe(row: &Row) -> rusqlite::Result<Probe> {
    row::from_json(row, "probe")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::stats::Estimate;
    use crate::base::{DeviceFacts, ElementType};
    use crate::record::{Missing, PROBE_FORMAT, Quantity, Reading};

    fn probe(device: &DeviceIdentity, flops: f64) -> Probe {
        let value = Estimate { value: flops, low: flops / 1.1, high: flops * 1.1 };
        let quantity = Quantity::Arithmetic(ElementType::F32);
        Probe {
            format: PROBE_FORMAT,
            tool: "0.0.0".to_owned(),
            device: device.clone(),
            readings: vec![Reading { quantity, value, samples_ns: vec![0.1, 0.3], how: "by heart".to_owned() }],
            missing: vec![Missing { quantity: Quantity::ClockStep, why: "no clock".to_owned() }],
            at_ms: 7,
        }
    }

    #[test]
    fn the_newest_of_each_device_counts_and_comes_back_exactly() {
        let mut store = Store::in_memory().unwrap();
        let one = DeviceFacts::portable().identity;
        let other = DeviceIdentity { driver_info: "2".to_owned(), ..one.clone() };
        assert_eq!(store.probe(&one).unwrap(), None);
        for (device, flops) in [(&one, 1e12), (&other, 2e12), (&one, 3e12)] {
            store.insert_probe(&probe(device, flops)).unwrap();
        }
        assert_eq!(store.probe(&one).unwrap(), Some(probe(&one, 3e12)));
        assert_eq!(store.probes().unwrap(), [probe(&one, 3e12), probe(&other, 2e12)]);
        let unknown = DeviceIdentity { device: 9, ..one };
        assert_eq!(store.probe(&unknown).unwrap(), None);
    }
}
