package dbtest

// Absent is absent, for this package's test.
var Absent = absent
