package bunstore

// Expand is a text with its macros written out for the database, such as {posts} for the table: for scripts that are
// handed to a DBA.
func (db *DB) Expand(text string) string { return db.expandDDL(text) }
