package house

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// maxLines is how long a file may be; longer ones stand in longFiles with their reason.
const maxLines = 600

var longFiles = map[string]string{}

// files calls f with every Go file of the module, by its path from the root.
func files(t *testing.T, f func(path string, text []byte)) {
	t.Helper()
	top := root(t)
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != top) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, path)
		f(filepath.ToSlash(rel), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFilesAreShort(t *testing.T) {
	files(t, func(path string, text []byte) {
		if n := bytes.Count(text, []byte("\n")); n > maxLines && longFiles[path] == "" {
			t.Errorf("%s has %d lines: at %d it is two files", path, n, maxLines)
		}
	})
}

// foreign are paths and registries of the machines that this was written on.
var foreign = regexp.MustCompile(`/work/|/tmp/[a-z]|proxy\.golang\.org|registry\.npmjs`)

// TestSpeaksOfItselfAlone keeps the traces of machines out of the source.
func TestSpeaksOfItselfAlone(t *testing.T) {
	files(t, func(path string, text []byte) {
		if under(path, "internal/house") {
			return
		}
		if found := foreign.Find(text); found != nil {
			t.Errorf("%s: %q does not belong here", path, found)
		}
	})
}

// TestDocumented wants a package comment for every package, and a comment for everything exported.
func TestDocumented(t *testing.T) {
	documented := map[string]bool{}
	files(t, func(path string, text []byte) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			return
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		documented[dir] = documented[dir] || file.Doc != nil
		if file.Name.Name == "main" {
			return
		}
		undocumented := func(name *ast.Ident, doc ...*ast.CommentGroup) {
			for _, d := range doc {
				if d != nil {
					return
				}
			}
			if name.IsExported() {
				t.Errorf("%s: %s has no comment", fset.Position(name.Pos()), name.Name)
			}
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.Name == "init" && d.Recv == nil {
					t.Errorf("%s: no init functions: whoever needs something makes it", fset.Position(d.Pos()))
				}
				if !implementsKnown(d) {
					undocumented(d.Name, d.Doc)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						undocumented(s.Name, s.Doc, d.Doc)
					case *ast.ValueSpec:
						for _, name := range s.Names {
							undocumented(name, s.Doc, s.Comment, d.Doc)
						}
					}
				}
			}
		}
	})
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

// implementsKnown reports methods whose comment stands at the interface that they implement: those of an unexported
// type, of the storages, and of the standard library's small interfaces.
func implementsKnown(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return false
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if index, ok := typ.(*ast.IndexExpr); ok {
		typ = index.X
	}
	if name, ok := typ.(*ast.Ident); ok && (!name.IsExported() || name.Name == "Store" || name.Name == "Outbox") {
		return true
	}
	switch d.Name.Name {
	case "String", "Error", "Unwrap", "Is", "MarshalText", "UnmarshalText", "MarshalJSON", "UnmarshalJSON", "Len", "Less", "Swap":
		return true
	}
	return false
}

// TestEveryVerbHasAnExample wants each exported method of a room's Service in an Example whose output is checked.
func TestEveryVerbHasAnExample(t *testing.T) {
	verbs, shown := map[string]map[string]bool{}, map[string]map[string]bool{}
	services := append(slices.Clone(rooms), "guideline/training", "guideline/steward")
	for _, room := range services {
		verbs[room], shown[room] = map[string]bool{}, map[string]bool{}
	}
	files(t, func(path string, text []byte) {
		room := filepath.ToSlash(filepath.Dir(path))
		if verbs[room] == nil {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			return
		}
		if !strings.HasSuffix(path, "_test.go") {
			for _, decl := range file.Decls {
				if d, ok := decl.(*ast.FuncDecl); ok && d.Recv != nil && d.Name.IsExported() && receiver(d) == "Service" {
					verbs[room][d.Name.Name] = true
				}
			}
			return
		}
		for _, e := range doc.Examples(file) {
			if e.Output == "" && !e.EmptyOutput {
				continue
			}
			ast.Inspect(e.Code, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if f, ok := call.Fun.(*ast.SelectorExpr); ok {
						shown[room][f.Sel.Name] = true
					}
				}
				return true
			})
		}
	})
	for _, room := range services {
		for verb := range verbs[room] {
			if !shown[room][verb] {
				t.Errorf("%s: no Example with checked output calls Service.%s", room, verb)
			}
		}
	}
	for _, room := range []string{"feed", "guideline/training", "guideline/steward"} {
		if len(verbs[room]) == 0 {
			t.Errorf("the Service of %s has no methods: what was looked at?", room)
		}
	}
}

// receiver is the name of the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	name, _ := typ.(*ast.Ident)
	if name == nil {
		return ""
	}
	return name.Name
}
