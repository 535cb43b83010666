// Package bunstore keeps the rooms' rows in the host's own database: SQLite, PostgreSQL, MySQL or MariaDB.
//
// It is the floor under the rooms' storages (bunstore/feedstore and its neighbours), and has what they share:
//
//   - [DB]: the host's *sql.DB, used and never changed or closed, with a prefix for every table and index name;
//   - [Session]: where statements run: on the pool, in a transaction of engawa's own, or in one of the host's;
//   - [Session.Within]: the unit of work, which begins a transaction, or sets a savepoint in the host's;
//   - [Stroke]: a unit of work in one statement, for what is done all day;
//   - interning: the host's ids (tenants, persons, orgs) stand in one row each, tables hold small numbers;
//   - the transactional outbox, as the event.Store of a relay;
//   - [Migrator]: a group of migrations for each room, which never run by themselves.
//
// A host names the database and passes the result to sns.Open, or to a room's own storage:
//
//	store, err := bunstore.New(bunstore.Config{DB: db, Dialect: bunstore.PostgreSQL})
//
// # Why the statements are text
//
// bun maps rows to structs here, quotes names and knows the dialects. Its query builder inlines every argument and
// never prepares, which was measured at 1.2 to 4.4 times the time of a prepared statement, and on a host's bun.Tx it
// inlines in the host's dialect. So statements are text in which {posts} is a table of engawa's, ? an argument and ?*
// a list of them; each is compiled once, prepared on the pool when it is used again, and its rows are scanned by bun's tags.
//
// # Caveats
//
//   - Times are stored as whole microseconds since 1970 (bigint), because the drivers disagree on time zones.
//   - A transaction on SQLite takes the write lock with its first statement, so that reading and then writing cannot fail.
//   - On MySQL and MariaDB transactions run in READ COMMITTED, which costs a round trip each unless the DSN says so for
//     the whole pool: transaction_isolation (MySQL) or tx_isolation (MariaDB).
//   - On MySQL and MariaDB a migration is not atomic; each of its statements can be run twice.
package bunstore
