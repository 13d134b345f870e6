package httpx

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"erp.internal/platform/await"
)

func bodyOf(text []byte) *body {
	b := new(body)
	b.add(text)
	return b
}

// A body is what was written, however that came and wherever its pieces end.
func TestBody(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var b body
		var want, got bytes.Buffer
		for _, size := range rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 100), rapid.IntRange(pieceSize-1, 2*pieceSize+1)), 0, 6).Draw(t, "sizes") {
			chunk := bytes.Repeat([]byte{byte('a' + size%26)}, size)
			b.add(chunk)
			want.Write(chunk)
		}
		if b.size() != want.Len() {
			t.Errorf("it has %d bytes, and not %d", b.size(), want.Len())
		}
		if !b.equal(*bodyOf(want.Bytes())) {
			t.Error("it is not equal to itself in one piece")
		}
		if err := b.send(&got); err != nil || !bytes.Equal(got.Bytes(), want.Bytes()) || len(b) != 0 {
			t.Errorf("sent are %d bytes, %v; %d pieces are left", got.Len(), err, len(b))
		}
	})
}

// taker takes what it is sent once it may.
type taker struct {
	may   chan struct{}
	taken bytes.Buffer
	err   error
}

func (s *taker) Write(b []byte) (int, error) {
	<-s.may
	if s.err != nil {
		return 0, s.err
	}
	return s.taken.Write(b)
}

// Long bodies that are equal are in memory once while they are taken, and not at all afterwards, also when a client goes
// away; one that only has the same digest stays by itself.
func TestBodies(t *testing.T) {
	t.Parallel()
	var s bodies
	const digest = 7
	long := bytes.Repeat([]byte("0123456789"), minShared/8)
	other := append(bytes.Clone(long[:len(long)-1]), '!')
	texts := [][]byte{long, long, long, other, []byte("short")}
	takers, ended := make([]*taker, len(texts)), make(chan int, len(texts))
	for i, text := range texts {
		takers[i] = &taker{may: make(chan struct{})}
		go func() {
			_ = s.send(takers[i], bodyOf(text), digest)
			ended <- i
		}()
		if i == 0 {
			await.That(t, "the first is being taken", func() bool { return s.readers(digest) == 1 })
		}
	}
	await.That(t, "those that are equal are in memory once", func() bool { return s.readers(digest) == 3 })
	takers[1].err = errors.New("the client went away")
	for _, one := range takers {
		close(one.may)
	}
	for range takers {
		if i := <-ended; i != 1 && !bytes.Equal(takers[i].taken.Bytes(), texts[i]) {
			t.Errorf("%d got another body", i)
		}
	}
	if len(s.sent) != 0 {
		t.Errorf("%d are in memory afterwards", len(s.sent))
	}
}

// readers returns how many take the body of a digest together.
func (s *bodies) readers(digest uint64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if shared := s.sent[digest]; shared != nil {
		return shared.readers
	}
	return 0
}
