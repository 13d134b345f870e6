package httpx

import (
	"bytes"
	"strings"
	"testing"

	"erp.internal/platform/page"
)

type shownItem struct {
	Name string `json:"name"`
}

// A page that several callers share is encoded once, and all get the same bytes as a caller alone.
func TestItems_shared(t *testing.T) {
	t.Parallel()
	made := 0
	dto := func(name string) shownItem {
		made++
		return shownItem{strings.ToUpper(name)}
	}
	found := page.Page[string]{Items: []string{"a", "b<"}}
	for callers, shared := range map[int]*page.Shared{1: nil, 3: new(page.Shared)} {
		found.Shared, made = shared, 0
		for range callers {
			var body bytes.Buffer
			if err := marshal(&body, SharedList(nil, new(ListInput), found, dto).Body); err != nil || body.String() != `[{"name":"A"},{"name":"B<"}]` {
				t.Errorf("%s, %v", body.String(), err)
			}
		}
		if made != 2 {
			t.Errorf("%d callers made %d items of 2", callers, made)
		}
	}
	found.Shared, made = new(page.Shared), 0
	for range 2 {
		if err := marshal(new(bytes.Buffer), List(nil, new(ListInput), found, dto).Body); err != nil {
			t.Error(err)
		}
	}
	if made != 4 {
		t.Errorf("items that differ for each caller were made %d times", made)
	}
	var none bytes.Buffer
	if err := marshal(&none, List(nil, new(ListInput), page.Page[string]{}, dto).Body); err != nil || none.String() != `[]` {
		t.Errorf("no items: %s, %v", none.String(), err)
	}
}
