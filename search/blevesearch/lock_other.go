//go:build !unix

package blevesearch

import "os"

// lockDir only makes the file: on these systems the lock of each tenant's root.bolt keeps a second process out, when it
// opens the tenant.
func lockDir(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}
