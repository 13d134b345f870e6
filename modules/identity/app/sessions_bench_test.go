package app

import (
	"context"
	"testing"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/cache"
)

// oneSession is a repository with one session, which counts how often it is asked.
type oneSession struct {
	ports.Sessions
	live    ports.LiveSession
	lookUps int
}

func (r *oneSession) ByToken(context.Context, [32]byte) (ports.LiveSession, bool, error) {
	r.lookUps++
	return r.live, true, nil
}

func (*oneSession) Seen(context.Context, domain.SessionID) error { return nil }

// allTold is when every change elsewhere has been told here.
type allTold struct{}

func (allTold) Current(time.Time) bool { return true }

// BenchmarkSessions_Check is what each request of a signed-in caller pays: a session that is held in memory. It is to
// take less than 500 ns and to allocate nothing.
func BenchmarkSessions_Check(b *testing.B) {
	now := time.Now()
	repo := &oneSession{live: ports.LiveSession{
		Session: domain.Session{ID: 1, UserID: 1, LastSeenAt: now, ExpiresAt: now.Add(12 * time.Hour)},
		Active:  true,
	}}
	settings := Settings{Policy: domain.DefaultPolicy(), SessionIdle: 30 * time.Minute, SessionTTL: 12 * time.Hour}
	hub := cache.NewHub(allTold{}, func(ctx context.Context) (context.Context, bool) { return ctx, true })
	sessions := NewSessions(repo, nil, hub, settings)
	token := domain.NewToken()
	if _, err := sessions.Check(b.Context(), token); err != nil {
		b.Fatal(err)
	}

	b.ReportAllocs()
	for b.Loop() {
		who, err := sessions.Check(b.Context(), token)
		if err != nil || who.UserID != 1 {
			b.Fatal(who, err)
		}
	}
	if repo.lookUps != 1 {
		b.Errorf("the database was asked %d times", repo.lookUps)
	}
}
