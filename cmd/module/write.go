package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

// templates are the files of a module, below the directories that they go to. Their names hold the words that place names
// below, their texts @{.Word} for each method of words.
//
//go:embed templates
var templates embed.FS

// makeModule writes the module's files and the workspace's lines, and returns their paths. When it fails, nothing of it stays.
func makeModule(ctx context.Context, root string, w words) (written []string, err error) {
	files, before, err := planned(root, w)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, undo(root, w, before))
		}
	}()
	for _, f := range files {
		path := filepath.Join(root, f.path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // source code
			return nil, err
		}
		if err := os.WriteFile(path, f.content, 0o644); err != nil { //nolint:gosec // source code
			return nil, err
		}
		written = append(written, f.path)
	}
	return written, tidy(ctx, filepath.Join(root, "modules", w.Module))
}

// planned returns all files as they will be, and those of them that exist as they are.
func planned(root string, w words) (files, before []file, err error) {
	if files, err = render(w); err != nil {
		return nil, nil, err
	}
	goModule, err := goModuleOf(root, w)
	if err != nil {
		return nil, nil, err
	}
	workspace, err := joined(root, w)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range workspace {
		content, err := os.ReadFile(filepath.Join(root, f.path))
		if err != nil {
			return nil, nil, err
		}
		before = append(before, file{f.path, content})
	}
	return slices.Concat(files, goModule, workspace), before, nil
}

// undo takes away what was written.
func undo(root string, w words, before []file) error {
	errs := []error{os.RemoveAll(filepath.Join(root, "modules", w.Module)), os.RemoveAll(filepath.Join(root, "web/src", w.Module))}
	migration, err := filepath.Glob(filepath.Join(root, "migrations", w.Number+"_"+w.Module+"_*"))
	errs = append(errs, err)
	for _, path := range migration {
		errs = append(errs, os.Remove(path))
	}
	for _, f := range before {
		errs = append(errs, os.WriteFile(filepath.Join(root, f.path), f.content, 0o644)) //nolint:gosec // source code
	}
	return errors.Join(errs...)
}

// file is a file to write.
type file struct {
	path    string // from the root of the checkout
	content []byte
}

// render returns the module's files.
func render(w words) ([]file, error) {
	var files []file
	err := fs.WalkDir(templates, "templates", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := templates.ReadFile(path)
		if err != nil {
			return err
		}
		target := placed(strings.TrimSuffix(strings.TrimPrefix(path, "templates/"), ".tmpl"), w)
		content, err := fill(path, string(text), w)
		if err != nil {
			return err
		}
		if strings.HasSuffix(target, ".go") {
			if content, err = format.Source(content); err != nil { // names of other lengths stand in other columns
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		files = append(files, file{target, content})
		return nil
	})
	return files, err
}

// placed returns where a template's file goes.
func placed(path string, w words) string {
	name := w.Entity
	plural := w.Plural
	if strings.HasPrefix(path, "web/") { // where files are named as what they export
		name, plural = w.Var(), w.Vars()
	}
	return strings.NewReplacer("NUMBER", w.Number, "MODULE", w.Module, "TYPES", w.Types(), "TYPE", w.Type(), "PLURAL", plural, "ENTITY", name).Replace(path)
}

func fill(name, text string, w words) ([]byte, error) {
	parsed, err := template.New(name).Delims("@{", "}").Parse(text)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = parsed.Execute(&b, w)
	return b.Bytes(), err
}

// goModuleOf returns go.mod and go.sum: those of the module organization, which asks for the same versions of the same packages,
// and for organization itself.
func goModuleOf(root string, w words) ([]file, error) {
	const own = "erp.internal/modules/organization"
	text, err := os.ReadFile(filepath.Join(root, "modules/organization/go.mod"))
	if err != nil {
		return nil, err
	}
	sums, err := os.ReadFile(filepath.Join(root, "modules/organization/go.sum"))
	if err != nil {
		return nil, err
	}
	goMod := strings.NewReplacer(
		"module "+own, "module erp.internal/modules/"+w.Module,
		"\terp.internal/platform v0.0.0\n", "\t"+own+" v0.0.0\n\terp.internal/platform v0.0.0\n",
		"\terp.internal/platform => ", "\t"+own+" => ../organization\n\terp.internal/platform => ",
	).Replace(string(text))
	dir := "modules/" + w.Module + "/"
	return []file{{dir + "go.mod", []byte(goMod)}, {dir + "go.sum", sums}}, nil
}

// joined returns go.work and the root's go.mod with the module in them.
func joined(root string, w words) ([]file, error) {
	module := "erp.internal/modules/" + w.Module
	var all []file
	for _, in := range []struct {
		path  string
		lines []string
	}{
		{"go.work", []string{"\t./modules/" + w.Module}},
		{"go.mod", []string{"\t" + module + " v0.0.0", "\t" + module + " => ./modules/" + w.Module}},
	} {
		content, err := os.ReadFile(filepath.Join(root, in.path))
		if err != nil {
			return nil, err
		}
		text := string(content)
		for _, line := range in.lines {
			if text, err = inOrder(text, line, w.Module); err != nil {
				return nil, fmt.Errorf("%s: %w", in.path, err)
			}
		}
		all = append(all, file{in.path, []byte(text)})
	}
	return all, nil
}

// inOrder puts a line among those of the other modules, which begin and go on alike and are sorted.
func inOrder(text, line, module string) (string, error) {
	start, end, _ := strings.Cut(line, "modules/"+module)
	start += "modules/"
	kind := strings.Split(end, "modules/"+module)[0] // " v0.0.0", " => ./", or "" in go.work
	lines, at := strings.SplitAfter(text, "\n"), -1
	for i, other := range lines {
		rest, isModule := strings.CutPrefix(other, start)
		if !isModule || !strings.Contains(rest, kind) {
			continue
		}
		if at = i; strings.TrimSuffix(other, "\n") > line {
			return strings.Join(append(lines[:i:i], append([]string{line + "\n"}, lines[i:]...)...), ""), nil
		}
	}
	if at < 0 {
		return "", fmt.Errorf("no line begins with %q", start)
	}
	return strings.Join(append(lines[:at+1:at+1], append([]string{line + "\n"}, lines[at+1:]...)...), ""), nil
}

// tidy lets Go write into the module's go.mod and go.sum what it needs besides.
func tidy(ctx context.Context, dir string) error {
	command := exec.CommandContext(ctx, "go", "mod", "tidy")
	command.Dir = dir
	command.Env = append(command.Environ(), "GOWORK=off")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go mod tidy in %s: %w\n%s", dir, err, out)
	}
	return nil
}
