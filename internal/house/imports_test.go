package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden lists anew")

const module = "github.com/engawa-sns/engawa"

// pkg is what go list tells of a package.
type pkg struct {
	ImportPath string
	Name       string
	Dir        string
	Imports    []string
	Deps       []string
	GoFiles    []string
	Module     *struct{ Path string }
	Standard   bool
}

// list runs go list from the root of the module.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Name,Dir,Imports,Deps,GoFiles,Module,Standard"}, args...)...)
	cmd.Dir = root(t)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// within is the path of a package inside the module: "" for the root, and false for another module's.
func within(path string) (string, bool) {
	if path == module {
		return "", true
	}
	return strings.CutPrefix(path, module+"/")
}

// under reports whether a package is one of the folders or below one.
func under(path string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return path == f || strings.HasPrefix(path, f+"/") })
}

var (
	rooms   = []string{"feed", "reaction", "moderation", "guideline", "search", "insight"}
	drivers = []string{"modernc.org/sqlite", "github.com/jackc/pgx/v5", "github.com/go-sql-driver/mysql", "github.com/mattn/go-sqlite3"}

	// floor0 may import these of the module, and nothing but the standard library beside it.
	floor0 = map[string][]string{
		"":                       {},
		"calendar":               {},
		"calendar/jp":            {"calendar"},
		"event":                  {""},
		"directory":              {""},
		"directory/sqldirectory": {""},
		"internal/fold":          {},
	}
	// allowed are third-party modules on floor 0.
	allowedOnFloor0 = map[string][]string{"internal/fold": {"golang.org/x/text"}, "directory": {"golang.org/x/text"}}

	// onlyThere are modules that one part of the house keeps to itself.
	onlyThere = map[string][]string{
		"github.com/uptrace/bun":         {"bunstore", "internal/dbtest", "examples"},
		"github.com/blevesearch/bleve":   {"search/blevesearch", "examples"},
		"github.com/ikawaha/kagome":      {"search/ja", "moderation/text/internal/mine"},
		"github.com/goccy/go-yaml":       {"moderation", "guideline", "examples"},
		"modernc.org/sqlite":             {"internal/dbtest", "examples"},
		"github.com/jackc/pgx":           {"internal/dbtest", "examples"},
		"github.com/go-sql-driver":       {"internal/dbtest", "examples"},
		"github.com/go-playground":       {"internal/valid"},
		"github.com/yuin/goldmark":       {"feed/body"},
		"github.com/teambition/rrule-go": {"guideline"},
		"github.com/sergi/go-diff":       {"guideline"},
		"go.opentelemetry.io/":           {"examples"},
		"github.com/schollz/progressbar": {"examples"},
		"github.com/mattn/go-isatty":     {"examples"},
	}
)

func TestImports(t *testing.T) {
	for _, p := range list(t, "./...") {
		path, _ := within(p.ImportPath)
		for _, imported := range p.Imports {
			own, isOwn := within(imported)
			if room := first(path); slices.Contains(rooms, room) && isOwn {
				if other := first(own); slices.Contains(rooms, other) && other != room {
					t.Errorf("%s imports %s: rooms do not know one another: state what is needed as an interface, and adapt it in sns", path, own)
				}
				if under(own, "bunstore", "sns", "examples") {
					t.Errorf("%s imports %s, which stands above it", path, own)
				}
			}
			if own, ok := floor0[path]; ok {
				checkFloor0(t, path, imported, own)
			}
			for outside, where := range onlyThere {
				if strings.HasPrefix(imported, outside) && !under(path, where...) {
					t.Errorf("%s imports %s: only %s may", path, imported, strings.Join(where, ", "))
				}
			}
			if isOwn && under(own, "examples") && !under(path, "examples") {
				t.Errorf("%s imports %s: examples are the top", path, own)
			}
			if isOwn && own == "sns" && !under(path, "examples", "sns") {
				t.Errorf("%s imports sns, which stands above it", path)
			}
		}
	}
}

func checkFloor0(t *testing.T, path, imported string, may []string) {
	t.Helper()
	if own, ok := within(imported); ok {
		if !slices.Contains(may, own) {
			t.Errorf("%s imports %s: floor 0 may not", path, own)
		}
		return
	}
	if !strings.Contains(first(imported), ".") {
		return // the standard library
	}
	if !slices.ContainsFunc(allowedOnFloor0[path], func(m string) bool { return strings.HasPrefix(imported, m) }) {
		t.Errorf("%s imports %s: floor 0 has the standard library only", path, imported)
	}
}

func first(path string) string {
	head, _, _ := strings.Cut(path, "/")
	return head
}

// TestOneRoomAlone: the chat of examples/moderationonly links one room.
func TestOneRoomAlone(t *testing.T) {
	for _, p := range list(t, "-deps", "./examples/moderationonly") {
		if path, own := within(p.ImportPath); own && (under(path, "sns", "feed", "reaction") || under(path, "bunstore/feedstore", "bunstore/reactionstore", "bunstore/hourstore")) {
			t.Errorf("examples/moderationonly links %s", path)
		}
	}
}

// TestLinkedModules compares the modules that each part links with a golden list, so that nobody adds weight unseen.
func TestLinkedModules(t *testing.T) {
	for _, part := range []string{"", "event", "calendar/jp", "directory", "directory/sqldirectory", "feed", "reaction", "bunstore", "bunstore/feedstore", "bunstore/reactionstore", "moderation", "bunstore/moderationstore", "guideline", "bunstore/guidelinestore", "examples/moderationonly", "search", "bunstore/searchstore", "guideline/training", "guideline/steward", "bunstore/trainingstore", "bunstore/stewardstore", "sns", "sns/jsonl", "sns/slackexport", "sns/mattermostexport"} {
		dir := filepath.Join(root(t), part)
		if _, err := os.Stat(dir); err != nil {
			continue // that part of the house is not built yet
		}
		t.Run(part, func(t *testing.T) {
			var modules []string
			for _, p := range list(t, "-deps", "./"+part) {
				if !p.Standard && p.Module != nil && p.Module.Path != module {
					modules = append(modules, p.Module.Path)
				}
			}
			slices.Sort(modules)
			modules = slices.Compact(modules)
			golden := filepath.Join("testdata", "links", strings.ReplaceAll("engawa/"+part, "/", "_")+".txt")
			if *update {
				if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, []byte(strings.Join(append(modules, ""), "\n")), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			b, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Fields(string(b)), modules); diff != "" && len(modules)+len(b) > 0 {
				t.Errorf("the modules that %q links have changed (-golden +now); run go test ./internal/house -update if that is meant:\n%s", part, diff)
			}
			for _, m := range modules {
				if slices.Contains(drivers, m) && part != "examples/moderationonly" {
					t.Errorf("%q links the driver %s: drivers are for tests and examples", part, m)
				}
			}
		})
	}
}
