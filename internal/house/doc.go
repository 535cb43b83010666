// Package house holds the rules of this repository as tests: what may import what, which modules a room links, that
// everything exported is documented, and that no file grows without a reason. It has no other code.
package house
