package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// document is what these tests look at of the OpenAPI document.
type document struct {
	Info struct {
		Description string
		Contact     struct{ Name, URL string }
	}
	Servers []struct{ URL string }
	Tags    []struct{ Name, Description string }
	Paths   map[string]map[string]struct {
		OperationID string
		Summary     string
		Tags        []string
		Security    []map[string][]string
		Responses   map[string]any
	}
}

func documentWith(t *testing.T, settings ...string) document {
	t.Helper()
	var d document
	if err := json.Unmarshal([]byte(command(t, settings, "openapi").out.String()), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// What strangers' tools ask of a document, besides what the linters of `make api-check` look for.
func TestOpenAPI_saysOfEachOperation(t *testing.T) {
	t.Parallel()
	d := documentWith(t)
	described := map[string]bool{}
	for _, tag := range d.Tags {
		described[tag.Name] = tag.Description != ""
	}
	for path, operations := range d.Paths {
		for method, op := range operations {
			route := strings.ToUpper(method) + " " + path
			if op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1 || !described[op.Tags[0]] {
				t.Errorf("%s has no id, no summary, or no tag that is described: %+v", route, op)
			}
			if op.Responses["422"] == nil || op.Responses["503"] == nil {
				t.Errorf("%s does not say that it answers 422 and 503, as every operation may", route)
			}
			if op.Security == nil || (len(op.Security) == 0) != slices.Contains(public, route) {
				t.Errorf("%s does not say whether its caller must be signed in: security %v", route, op.Security)
			}
		}
	}
}

// The document names the server and who runs it, also behind a proxy that serves it below a path.
func TestOpenAPI_saysWhereTheServerIs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		setting string
		want    []struct{ URL string }
		contact string
	}{
		"when PUBLIC_URL has a path": {"PUBLIC_URL=https://erp.example.org/core/", []struct{ URL string }{{"/core"}, {"https://erp.example.org/core"}}, "https://erp.example.org/core"},
		"when PUBLIC_URL has none":   {"PUBLIC_URL=https://erp.example.org", []struct{ URL string }{{"/"}, {"https://erp.example.org"}}, "https://erp.example.org"},
		"when it is not set":         {"HTTP_ADDR=127.0.0.1:8123", []struct{ URL string }{{"/"}, {"http://127.0.0.1:8123"}}, "http://127.0.0.1:8123"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := documentWith(t, tc.setting)
			if diff := cmp.Diff(tc.want, d.Servers); diff != "" {
				t.Error(diff)
			}
			if d.Info.Contact.URL != tc.contact || d.Info.Contact.Name == "" || d.Info.Description == "" {
				t.Errorf("it says of itself %+v", d.Info)
			}
		})
	}
}
