package httpx

import (
	"bytes"
	"testing"
)

// Encoded bodies that are equal are in memory once while they are sent, and not at all afterwards; one that only has the same
// digest stays by itself.
func TestEncodings(t *testing.T) {
	t.Parallel()
	var s encodings
	text := []byte(`["a"]`)
	first, equal, other := NewJSON(text), NewJSON(bytes.Clone(text)), NewJSON([]byte(`["b"]`))
	other.digest = first.digest
	a, b, c := s.join(first), s.join(equal), s.join(other)
	if a.JSON != first || b.JSON != first {
		t.Error("equal bodies are not shared")
	}
	if c.JSON != other {
		t.Error("a body with the same digest is sent as another")
	}
	s.leave(a)
	s.leave(c)
	if again := s.join(NewJSON(text)); again.JSON != first {
		t.Error("it is not shared any more, though it is being sent")
	} else {
		s.leave(again)
	}
	s.leave(b)
	if len(s.sent) != 0 {
		t.Errorf("%d are in memory afterwards", len(s.sent))
	}
}
