package erp_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

// Comments, messages and descriptions keep to the words of the documentation: see TestWords. Of tests, only comments count.
// Migrations stay as they were released.
func TestWords_ofSources(t *testing.T) {
	t.Parallel()
	for path, text := range filesOf(t, ".go", ".ts", ".vue") {
		if path == "words_test.go" || path == "sources_test.go" || strings.HasSuffix(path, "schema.d.ts") {
			continue
		}
		for _, prose := range proseOf(path, text) {
			for _, found := range flawsOf(prose) {
				t.Errorf("%s: %s", path, found)
			}
		}
	}
}

// The rule itself is tried, so that it cannot pass by reading nothing.
func TestWords_ofSources_areRead(t *testing.T) {
	t.Parallel()
	for path, sources := range map[string]struct {
		text   string
		flawed bool
	}{
		"comment.go":    {"package p\n\n// Whoever asks\n// waits.\nvar x int\n", true},
		"message.go":    {"package p\n\nvar x = \"the server is told of it\"\n", true},
		"quote_test.go": {"package p\n\nvar x = \"the server is told of it\"\n", false},
		"tag.go":        {"package p\n\ntype t struct{ a int `doc:\"Change one's name\"` }\n", true},
		"plain.go":      {"package p\n\n// The caller waits.\nvar x = \"the user is asked\"\n", false},
		"comment.ts":    {"/** Whether one\n * may. */\nconst x = 1; // fine\n", true},
		"line.vue":      {"<template><p /></template>\n<script>\n// whoever\n</script>\n", true},
		"messages.ts":   {"export const messages = { en: { a: \"Change one's name\" } };\n", true},
		"code.ts":       {"const whoever = \"https://example.org\";\n", false},
	} {
		flawed := false
		for _, prose := range proseOf(path, sources.text) {
			flawed = flawed || len(flawsOf(prose)) > 0
		}
		if flawed != sources.flawed {
			t.Errorf("%s is flawed: %v, want %v", path, flawed, sources.flawed)
		}
	}
}

// proseOf returns the comments of a source, and the texts that it may show to users.
func proseOf(path, text string) []string {
	switch {
	case strings.HasSuffix(path, ".go"):
		return goProse(path, text)
	case strings.HasSuffix(path, "messages.ts"):
		return []string{text}
	default:
		return scriptComments(text)
	}
}

func goProse(path, text string) []string {
	file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments)
	if err != nil { // such as a template: its words are those of what is made of it
		return nil
	}
	var prose []string
	for _, c := range file.Comments {
		prose = append(prose, c.Text())
	}
	if strings.HasSuffix(path, "_test.go") {
		return prose
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			prose = append(prose, strings.Trim(literal.Value, "`\""))
		}
		return true
	})
	return prose
}

var (
	// A line comment follows a space or a bracket, unlike the // of an address.
	scriptComment = regexp.MustCompile(`(?s)/\*.*?\*/|<!--.*?-->|(?m:(?:^|[\s{(;,])//[^\n]*)`)
	commentMarks  = regexp.MustCompile(`(?m)^\s*(//|\*)`)
)

// scriptComments returns the comments of TypeScript and of Vue; lines of comments that follow each other are one.
func scriptComments(text string) []string {
	var prose []string
	last := -1
	for _, at := range scriptComment.FindAllStringIndex(text, -1) {
		comment := commentMarks.ReplaceAllString(strings.TrimSpace(text[at[0]:at[1]]), "")
		if last >= 0 && strings.TrimSpace(text[last:at[0]]) == "" {
			prose[len(prose)-1] += " " + comment
		} else {
			prose = append(prose, comment)
		}
		last = at[1]
	}
	return prose
}
