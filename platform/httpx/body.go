package httpx

import (
	"bytes"
	"io"
	"sync"

	"github.com/cespare/xxhash/v2"
)

// pieceSize is the size of the pieces of a buffered body. Most bodies fit into one.
const pieceSize = 32 << 10

// piece is a part of a body. All but the last are full.
type piece struct {
	bytes [pieceSize]byte
	n     int
}

func (p *piece) filled() []byte { return p.bytes[:p.n] }

var pieces = sync.Pool{New: func() any { return new(piece) }}

// body is a buffered answer. It is a list of pieces, so that growing it copies nothing.
type body []*piece

// add appends to the body.
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
		_, _ = into.Write(p.filled()) // a hash returns no error
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

// send writes the body and returns each piece to the pool once it is written.
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

// drop returns all pieces to the pool.
func (b *body) drop() {
	for i, p := range *b {
		if p != nil {
			(*b)[i] = nil
			pieces.Put(p)
		}
	}
	*b = (*b)[:0]
}

// minShared is the size from which equal bodies are kept in memory only once, however many clients read them.
const minShared = 256 << 10

// bodies are the long bodies that are being sent. Slow readers of one tree share one copy, since their answers are equal
// byte for byte.
type bodies struct {
	mu   sync.Mutex
	sent map[uint64]*sharedBody // by digest
}

type sharedBody struct {
	body
	readers int
}

// send is body.send, sharing the body with other readers of an equal one.
func (s *bodies) send(w io.Writer, b *body, digest uint64) error {
	if b.size() < minShared {
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

// join takes over b and returns the shared body that equals it; nil, leaving b, when a different body has its digest.
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
