package httpx

import (
	"bytes"
	"io"
	"sync"

	"github.com/cespare/xxhash/v2"
)

// pieceSize is how large the pieces of a body are that is held back. Most bodies fit into one.
const pieceSize = 32 << 10

// piece is a part of a body. All but the last are full.
type piece struct {
	bytes [pieceSize]byte
	n     int
}

func (p *piece) filled() []byte { return p.bytes[:p.n] }

var pieces = sync.Pool{New: func() any { return new(piece) }}

// body is what is held back of an answer: in pieces, so that a long one is never copied to make room for more.
type body []*piece

// add puts b at the end.
func (b *body) add(more []byte) {
	for len(more) > 0 {
		if len(*b) == 0 || (*b)[len(*b)-1].n == pieceSize {
			p := pieces.Get().(*piece) //nolint:forcetypeassert // the pool makes nothing else
			p.n = 0
			*b = append(*b, p)
		}
		last := (*b)[len(*b)-1]
		n := copy(last.bytes[last.n:], more)
		last.n += n
		more = more[n:]
	}
}

func (b body) size() int {
	if len(b) == 0 {
		return 0
	}
	return (len(b)-1)*pieceSize + b[len(b)-1].n
}

func (b body) hash(into *xxhash.Digest) {
	for _, p := range b {
		_, _ = into.Write(p.filled()) // a hash takes everything
	}
}

func (b body) equal(other body) bool {
	if len(b) != len(other) {
		return false
	}
	for i, p := range b {
		if !bytes.Equal(p.filled(), other[i].filled()) {
			return false
		}
	}
	return true
}

// send writes the body and lets each piece go once it is written.
func (b *body) send(w io.Writer) error {
	defer b.drop()
	for i, p := range *b {
		if _, err := w.Write(p.filled()); err != nil {
			return err
		}
		(*b)[i] = nil
		pieces.Put(p)
	}
	return nil
}

// drop lets all pieces go.
func (b *body) drop() {
	for i, p := range *b {
		if p != nil {
			(*b)[i] = nil
			pieces.Put(p)
		}
	}
	*b = (*b)[:0]
}

// sharedFrom is from which size on equal bodies are held once, however many clients are taking them.
const sharedFrom = 256 << 10

// bodies are the long ones that are being sent. Slow readers of one tree hold it once: they asked for the same, so they
// were answered the same, byte for byte.
type bodies struct {
	mu   sync.Mutex
	sent map[uint64]*sharedBody // by digest
}

type sharedBody struct {
	body
	readers int
}

// send is body.send for a body that others may be taking too.
func (s *bodies) send(w io.Writer, b *body, digest uint64) error {
	if b.size() < sharedFrom {
		return b.send(w)
	}
	shared := s.join(b, digest)
	if shared == nil {
		return b.send(w)
	}
	defer s.leave(shared, digest)
	for _, p := range shared.body {
		if _, err := w.Write(p.filled()); err != nil {
			return err
		}
	}
	return nil
}

// join gives the body that is equal to b and being sent, which from now on is b; nil when another one has its digest.
func (s *bodies) join(b *body, digest uint64) *sharedBody {
	s.mu.Lock()
	defer s.mu.Unlock()
	shared := s.sent[digest]
	if shared == nil {
		if s.sent == nil {
			s.sent = map[uint64]*sharedBody{}
		}
		shared = &sharedBody{body: *b}
		*b = nil
		s.sent[digest] = shared
	} else if !shared.equal(*b) {
		return nil
	}
	shared.readers++
	b.drop()
	return shared
}

func (s *bodies) leave(shared *sharedBody, digest uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if shared.readers--; shared.readers == 0 {
		delete(s.sent, digest)
		shared.drop()
	}
}
