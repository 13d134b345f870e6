package page_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"erp.internal/platform/page"
)

func TestCursor_survivesItsOpaqueForm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sort := page.Sort{Field: "name", Desc: rapid.Bool().Draw(t, "desc")}
		want := page.Cursor{Sort: sort.String(), Key: strings.ReplaceAll(rapid.String().Draw(t, "key"), "\x00", ""), ID: rapid.Int64().Draw(t, "id")}
		got, err := page.ParseCursor(want.String(), sort)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestParseCursor_refusesWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	byName := page.Sort{Field: "name"}
	for name, s := range map[string]string{
		"not base64":            "%%%",
		"not JSON":              "YWJj",
		"with NUL":              page.Cursor{Sort: "name", Key: "a\x00", ID: 1}.String(),
		"of another order":      page.Cursor{Sort: "-name", Key: "a", ID: 1}.String(),
		"of an id out of range": "eyJzIjoibmFtZSIsImsiOiJhIiwiaSI6OTk5OTk5OTk5OTk5OTk5OTk5OTk5fQ",
	} {
		if c, err := page.ParseCursor(s, byName); !errors.Is(err, page.ErrCursor) {
			t.Errorf("%s: got %v, %v", name, c, err)
		}
	}
	if c, err := page.ParseCursor("", byName); c != nil || err != nil {
		t.Errorf("no cursor: got %v, %v", c, err)
	}
}

// Whatever is given as a cursor gives a cursor or ErrCursor.
func FuzzParseCursor(f *testing.F) {
	f.Add("eyJzIjoibmFtZSIsImsiOiJhIiwiaSI6MX0")
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := page.ParseCursor(s, page.Sort{Field: "name"}); err != nil && !errors.Is(err, page.ErrCursor) {
			t.Errorf("%q: %v", s, err)
		}
	})
}
