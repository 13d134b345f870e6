package journal_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"erp.internal/platform/change"
	"erp.internal/platform/httpx"
	"erp.internal/platform/journal"
	"erp.internal/platform/pg"
)

// Of concurrent equal requests only one is carried out, however close the commit of another is.
func TestAnswers_Begin_atOnce(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	answers := journal.NewAnswers(db)
	kept := pg.Reads("kept", pg.Build.Select("count(*)").From("journal.answers").Where("actor_id = ?")).With
	for round := range int64(200) {
		request := httpx.KeyedRequest{Caller: change.Actor{Kind: change.User, ID: round}, Key: "k"}
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				err := db.InTx(t.Context(), func(ctx context.Context) error {
					if err := answers.Begin(ctx, request); err != nil {
						return err
					}
					if n, err := pg.One(ctx, db, kept(round), pg.Int, nil); err != nil || n != 0 {
						t.Errorf("round %d: begun with %d answers kept, %v", round, n, err)
					}
					answers.Keep(ctx, request, httpx.KeptAnswer{})
					return nil
				})
				if err != nil && !errors.Is(err, change.ErrUnderWay) {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}
