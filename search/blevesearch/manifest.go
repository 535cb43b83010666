package blevesearch

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/engawa-sns/engawa"
)

// format is the version of everything that this package writes: segments with their keys and rows, and the manifest.
const format = "2"

const (
	manifestName = "manifest.json"
	currentName  = "CURRENT"
	boltName     = "root.bolt"
)

// manifest stands in every generation. bleve checks no checksum when it opens an index; ours does.
type manifest struct {
	Format string `json:"format"`
	Tenant string `json:"tenant"`
	// Damaged says that this generation began empty because the one before could not be used, and must be rebuilt.
	Damaged string `json:"damaged,omitempty"`
	// Files are the segments that were complete when the manifest was written. They never change.
	Files map[string]fileSum `json:"files"`
	// Root is the sum of root.bolt, after the index was closed in order; nil while it is open.
	Root *fileSum `json:"root,omitempty"`

	// half are segments that are not as they were written, or not to their end; a crash leaves some that nothing refers to.
	half []string
}

type fileSum struct {
	Size int64  `json:"size"`
	CRC  uint32 `json:"crc32c"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sumFile(path string) (fileSum, error) {
	f, err := os.Open(path)
	if err != nil {
		return fileSum{}, err
	}
	defer f.Close()
	h := crc32.New(castagnoli)
	n, err := io.Copy(h, f)
	return fileSum{Size: n, CRC: h.Sum32()}, err
}

// dirName is a directory's name for a tenant.
func dirName(tenant engawa.TenantID) string {
	sum := sha256.Sum256([]byte(tenant))
	return "t-" + hex.EncodeToString(sum[:16])
}

// writeFile writes a small file wholly or not at all.
func writeFile(path string, b []byte) error {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

func (m *manifest) write(dir string) error {
	b, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, manifestName), append(b, '\n'))
}

func readManifest(dir string) (manifest, error) {
	var m manifest
	b, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return m, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&m); err != nil {
		return m, fmt.Errorf("%s cannot be read: %w", manifestName, err)
	}
	return m, nil
}

// verify checks a generation that is not open, before bleve maps its files.
func verify(dir string, tenant engawa.TenantID) (manifest, error) {
	m, err := readManifest(dir)
	if err != nil {
		return m, err
	}
	if m.Format != format {
		return m, fmt.Errorf("it has format %q and this is %q", m.Format, format)
	}
	if m.Tenant != string(tenant) {
		return m, errors.New("it belongs to another tenant")
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return m, err
	}
	for _, f := range files {
		name := f.Name()
		path := filepath.Join(dir, name)
		switch {
		case strings.HasSuffix(name, ".zap"):
			want, known := m.Files[name]
			if known {
				got, err := sumFile(path)
				if err != nil {
					return m, err
				}
				if got != want {
					return m, fmt.Errorf("%s has changed since it was written", name)
				}
			} else if err := checkFooter(path); err != nil {
				m.half = append(m.half, name)
			}
		case name == boltName && m.Root != nil:
			got, err := sumFile(path)
			if err != nil {
				return m, err
			}
			if got != *m.Root {
				return m, fmt.Errorf("%s has changed since it was written", name)
			}
		}
	}
	if m.Root != nil {
		if _, err := os.Stat(filepath.Join(dir, boltName)); err != nil {
			return m, fmt.Errorf("%s is missing", boltName)
		}
		for name := range m.Files {
			if _, err := os.Stat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
				return m, fmt.Errorf("%s is missing", name)
			}
		}
	}
	return m, nil
}

// errHalf is of a segment that is not as it was written.
var errHalf = errors.New("the segment is damaged or not complete")

// checkFooter compares the CRC-32 at the end of a segment.
func checkFooter(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if len(b) < 8 || crc32.ChecksumIEEE(b[:len(b)-4]) != binary.BigEndian.Uint32(b[len(b)-4:]) {
		return errHalf
	}
	return nil
}

// note adds the checksums of segments that are new.
func (ix *tenantIndex) note() error {
	v := ix.view.Load()
	if v == nil {
		return nil
	}
	files := map[string]fileSum{}
	changed := false
	for _, s := range v.snapshot.Segments() {
		p, ok := s.Segment().(interface{ Path() string })
		if !ok {
			continue
		}
		name := filepath.Base(p.Path())
		sum, ok := ix.man.Files[name]
		if !ok {
			var err error
			if sum, err = sumFile(p.Path()); err != nil {
				return err
			}
			changed = true
		}
		files[name] = sum
	}
	if !changed && len(files) == len(ix.man.Files) && ix.man.Root == nil {
		return nil
	}
	ix.man.Files, ix.man.Root = files, nil
	return ix.man.write(ix.dir)
}

// seal notes everything, after the storage was closed.
func (ix *tenantIndex) seal() error {
	files, err := os.ReadDir(ix.dir)
	if err != nil {
		return err
	}
	known := ix.man.Files
	ix.man.Files = map[string]fileSum{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".zap") {
			continue
		}
		sum, ok := known[f.Name()]
		if !ok {
			if sum, err = sumFile(filepath.Join(ix.dir, f.Name())); err != nil {
				return err
			}
		}
		ix.man.Files[f.Name()] = sum
	}
	sum, err := sumFile(filepath.Join(ix.dir, boltName))
	if err != nil {
		return err
	}
	ix.man.Root = &sum
	return ix.man.write(ix.dir)
}
