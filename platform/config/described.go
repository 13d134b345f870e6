package config

import (
	"cmp"
	"reflect"
	"strings"
)

// Setting is a setting as the documentation lists it, in Markdown.
type Setting struct {
	Name, Default, Meaning string
}

// Described lists the settings of the structs.
func Described(of ...any) []Setting {
	var all []Setting
	for _, settings := range of {
		t := reflect.TypeOf(settings).Elem()
		for i := range t.NumField() {
			tag := t.Field(i).Tag
			name, _, _ := strings.Cut(tag.Get("env"), ",")
			written := tag.Get("envDefault")
			if written != "" {
				written = "'" + written + "'"
			}
			all = append(all, Setting{name, markdown(cmp.Or(written, tag.Get("unset"), "none")), markdown(tag.Get("doc"))})
		}
	}
	return all
}

// markdown puts code between backticks, which a struct's tag cannot hold.
func markdown(doc string) string { return strings.ReplaceAll(doc, "'", "`") }
