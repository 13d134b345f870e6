package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The templates compile against the platform as it is. Whether the module works is what .ci/module tries.
func TestTemplates_compile(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	w := named(t, "payroll", "leave_request")
	files, _, err := planned(root, w)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range files {
		path, inModule := strings.CutPrefix(f.path, "modules/payroll/")
		if !inModule {
			continue
		}
		if path == "go.mod" { // the directory is elsewhere
			f.content = bytes.ReplaceAll(f.content, []byte("=> ../../"), []byte("=> "+root+"/"))
			f.content = bytes.ReplaceAll(f.content, []byte("=> ../"), []byte("=> "+root+"/modules/"))
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), f.content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	vet := exec.CommandContext(t.Context(), "go", "vet", "-mod=mod", "./...")
	vet.Dir = dir
	vet.Env = append(vet.Environ(), "GOWORK=off")
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
