package patch_test

import (
	"errors"
	"strings"
	"testing"

	"erp.internal/platform/patch"
)

var errLong = errors.New("too long")

func shout(s string) (string, error) {
	if len(s) > 5 {
		return s, errLong
	}
	return strings.ToUpper(s), nil
}

func TestField(t *testing.T) {
	t.Parallel()
	old, other := "old", "new"
	for name, tc := range map[string]struct {
		field          patch.Field[string]
		now            *string
		after, normal  *string
		leaves, alters bool
	}{
		"leave":               {patch.Field[string]{}, &old, &old, &old, true, false},
		"leave none":          {patch.Field[string]{}, nil, nil, nil, true, false},
		"set":                 {patch.Set("new"), &old, &other, new("NEW"), false, true},
		"set where none was":  {patch.Set("new"), nil, &other, new("NEW"), false, true},
		"set what it is":      {patch.Set("old"), &old, &old, new("OLD"), false, false},
		"clear":               {patch.Clear[string](), &old, nil, nil, false, true},
		"clear none":          {patch.Clear[string](), nil, nil, nil, false, false},
		"to a value":          {patch.To(&other), &old, &other, new("NEW"), false, true},
		"to nil":              {patch.To[string](nil), &old, nil, nil, false, true},
		"set the zero value":  {patch.Set(""), &old, new(""), new(""), false, true},
		"set zero where none": {patch.Set(""), nil, new(""), new(""), false, true},
	} {
		if got := tc.field.Apply(tc.now); !same(got, tc.after) {
			t.Errorf("%s: %v", name, got)
		}
		if got, err := tc.field.ApplyNormal(tc.now, shout); !same(got, tc.normal) || err != nil {
			t.Errorf("%s, in normal form: %v, %v", name, got, err)
		}
		if tc.field.Leaves() != tc.leaves || patch.Alters(tc.field, tc.now) != tc.alters {
			t.Errorf("%s: leaves %v, alters %v", name, tc.field.Leaves(), patch.Alters(tc.field, tc.now))
		}
		if value := tc.field.Value(); (value != nil) != (!tc.leaves && tc.after != nil) {
			t.Errorf("%s: the value is %v", name, value)
		}
	}
	if _, err := patch.Set("a novel").ApplyNormal(nil, shout); !errors.Is(err, errLong) {
		t.Errorf("got %v", err)
	}
}

func same(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
