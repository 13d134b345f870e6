package http_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"testing"
)

// Sessions come in pages like every list, the newest first: of somebody who signs in again and again there are many. A
// client that knows of no pages gets the first one.
func TestSessions_comeInPages(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	id, alice := h.user(t, "alice@example.com", "secret123")
	for range 4 {
		h.SignIn(t, "alice@example.com", "secret123")
	}
	for _, path := range []string{"/auth/sessions", fmt.Sprintf("/users/%d/sessions", id)} {
		who := alice
		if path != "/auth/sessions" {
			who = h.admin
		}
		whole := h.As(t, who, "GET", path, "").Want(t, 200)
		if len(whole.List) != 5 || whole.Header.Get("Link") != "" {
			t.Fatalf("%s gives %d, Link %q", path, len(whole.List), whole.Header.Get("Link"))
		}
		var ids []any
		for next := path + "?limit=2&count=true"; next != ""; {
			a := h.As(t, who, "GET", next, "").Want(t, 200)
			if total := a.Header.Get("X-Total-Count"); total != "5" || len(a.List) > 2 {
				t.Errorf("%s: %d of %s", next, len(a.List), total)
			}
			for _, session := range a.List {
				ids = append(ids, session["id"])
			}
			next = ""
			if link := regexp.MustCompile(`^<(/[^>]*)>; rel="next"$`).FindStringSubmatch(a.Header.Get("Link")); link != nil {
				next = link[1]
			}
		}
		if !slices.EqualFunc(ids, whole.List, func(id any, session map[string]any) bool { return id == session["id"] }) {
			t.Errorf("%s in pages: %v", path, ids)
		}
		for q, n := range map[string]int{"Go-http-client": 5, "127.0.0.": 5, "Firefox": 0} {
			if found := h.As(t, who, "GET", path+"?q="+url.QueryEscape(q), "").Want(t, 200).List; len(found) != n {
				t.Errorf("%s with q=%s: %d", path, q, len(found))
			}
		}
		h.As(t, who, "GET", path+"?limit=1001", "").Want(t, 422)
		h.As(t, who, "GET", path+"?after=nothing", "").Want(t, 422)
	}
}
