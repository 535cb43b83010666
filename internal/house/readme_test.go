package house

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program is the first Go program of a README.
func program(t *testing.T, readme string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), readme))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```go\n")
	code, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatalf("%s has no Go program", readme)
	}
	return code
}

// TestReadmeProgram compiles and runs the program of the README, as a reader would.
func TestReadmeProgram(t *testing.T) {
	code := program(t, "README.md")
	if n := strings.Count(code, "\n"); n > 30 {
		t.Errorf("the program has %d lines: at most 30", n)
	}
	if code != program(t, "README.ja.md") {
		t.Error("the programs of the two READMEs differ")
	}
	dir := t.TempDir()
	source, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "program.exe")
	if err := os.WriteFile(source, []byte(code), 0o644); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", binary, source)
	build.Dir = root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.Command(binary)
	run.Dir = dir // where it makes its database
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if want := "はじめまして #自己紹介\n"; string(out) != want {
		t.Errorf("it prints %q, want %q", out, want)
	}
}
