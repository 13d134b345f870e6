package search

import (
	"context"

	"erp.internal/platform/pg"
)

// batch is how many rows are filled by one transaction.
const batch = 1000

// Fill fills the rows that have no forms yet: those from before they were searched, and those whose texts were changed
// without. Each batch is a transaction of its own, so that it can be interrupted and repeated; servers that fill at once
// take different rows. It returns how many it filled.
//
// Errors: errs.Unavailable.
func (x *Index) Fill(ctx context.Context) (filled int, err error) {
	for {
		n, err := x.fillBatch(ctx)
		if filled += n; err != nil || n < batch {
			return filled, err
		}
	}
}

type unfilled struct {
	id    int64
	texts [mostTexts]*string
}

func (x *Index) fillBatch(ctx context.Context) (filled int, err error) {
	err = x.db.InTx(ctx, func(ctx context.Context) error {
		rows, err := pg.All(ctx, x.db, x.find.With(batch), func(u *unfilled) []any {
			into := []any{&u.id}
			for i := range x.texts {
				into = append(into, pg.NullText(&u.texts[i]))
			}
			return into
		})
		if filled = len(rows); err != nil || filled == 0 {
			return err
		}
		ids, search, grams := make([]int64, filled), make([]string, filled), make([]string, filled)
		for i, row := range rows {
			forms := FormsOf(row.texts[:x.texts]...)
			ids[i], search[i], grams[i] = row.id, forms.Keys, forms.Grams
		}
		_, err = x.db.Exec(ctx, x.store.With(ids, search, grams))
		return err
	})
	return filled, err
}
