//! The layout of the file: whose it is, which version it has, and the steps from each version to the next.

use rusqlite::Connection;

use super::Trouble;

/// Marks a SQLite file as ours, in its header: "wgtu".
const APPLICATION_ID: i64 = 0x7767_7475;

/// Step `i` turns layout `i` into layout `i + 1`; layout 0 is an empty file. Steps are only ever added.
const STEPS: &[&str] = &[
    include_str!("v1.sql"),
    include_str!("v2.sql"),
    include_str!("v3.sql"),
    include_str!("v4.sql"),
    include_str!("v5.sql"),
];

/// The newest layout, which this program reads and writes.
pub(super) const LAYOUT: i64 = STEPS.len() as i64;

/// Brings the file to the newest layout, or says why it must not be touched.
pub(super) fn bring_up_to_date(connection: &mut Connection) -> Result<(), Trouble> {
    migrate(connection, STEPS)
}

fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), Trouble> {
    let newest = steps.len() as i64;
    if layout(connection, newest)? == newest {
        return Ok(());
    }
    // Another process may be doing the same: ask again once nobody else can write.
    let transaction = super::writing(connection)?;
    let found = header(&transaction)?.layout;
    for step in steps.iter().skip(found as usize) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", newest)?;
    Ok(transaction.commit()?)
}

/// The file's layout, if the file is ours or empty and not newer than `newest`.
fn layout(connection: &mut Connection, newest: i64) -> Result<i64, Trouble> {
    let found = header(&*connection.transaction()?)?;
    match found {
        Header { application_id: 0, layout: 0, tables: 0 } => Ok(0),
        Header { application_id: APPLICATION_ID, layout, .. } if layout > newest => Err(Trouble::Newer(layout)),
        Header { application_id: APPLICATION_ID, layout, .. } if layout > 0 => Ok(layout),
        _ => Err(Trouble::Foreign),
    }
}

/// What tells whose file it is. To be read within one transaction, lest another process finish making the file
/// between two of the answers.
struct Header {
    application_id: i64,
    layout: i64,
    tables: i64,
}

fn header(connection: &Connection) -> rusqlite::Result<Header> {
    let number = |sql| connection.query_row(sql, [], |row| row.get(0));
    Ok(Header {
        application_id: number("PRAGMA application_id")?,
        layout: number("PRAGMA user_version")?,
        tables: number("SELECT count(*) FROM sqlite_schema")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROWING: [&str; 3] =
        ["CREATE TABLE a (x); INSERT INTO a VALUES (1);", "ALTER TABLE a ADD y DEFAULT 2;", "UPDATE a SET x = x + y;"];

    #[test]
    fn every_older_layout_reaches_the_newest_one() {
        for start in 0..=GROWING.len() {
            let mut connection = Connection::open_in_memory().unwrap();
            if start > 0 {
                migrate(&mut connection, &GROWING[..start]).unwrap();
            }
            migrate(&mut connection, &GROWING).unwrap();
            let sum: i64 = connection.query_row("SELECT x * 10 + y FROM a", [], |row| row.get(0)).unwrap();
            assert_eq!((sum, header(&connection).unwrap().layout), (32, 3), "from layout {start}");
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &GROWING[..1]).unwrap();
        assert!(migrate(&mut connection, &[GROWING[0], "ALTER TABLE a ADD y; nonsense"]).is_err());
        let columns: i64 =
            connection.query_row("SELECT count(*) FROM pragma_table_info('a')", [], |row| row.get(0)).unwrap();
        assert_eq!((columns, header(&connection).unwrap().layout), (1, 1));
    }

    #[test]
    fn files_of_others_and_of_the_future_are_refused() {
        let ours = format!("PRAGMA application_id = {APPLICATION_ID};");
        let cases = [
            ("CREATE TABLE theirs (x)".into(), "another program"),
            ("PRAGMA application_id = 7".into(), "another program"),
            ("PRAGMA user_version = 1".into(), "another program"),
            (format!("{ours} PRAGMA user_version = -1"), "another program"),
            (format!("{ours} PRAGMA user_version = 9"), "newer wgtune (layout 9"),
        ];
        for (sql, want) in cases {
            let mut connection = Connection::open_in_memory().unwrap();
            connection.execute_batch(&sql).unwrap();
            let trouble = migrate(&mut connection, STEPS).unwrap_err().to_string();
            assert!(trouble.contains(want), "{sql}: {trouble}");
        }
    }
}
