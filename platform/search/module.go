package search

import (
	"context"
	"time"

	"go.uber.org/fx"
	"go.uber.org/zap"

	"erp.internal/platform/background"
	"erp.internal/platform/httpx"
)

// Module provides GET /search, and Indexes with the task that maintains them. Modules provide their indexes to the group
// "searched", and the kinds of objects that are found to the group "found".
func Module() fx.Option {
	return fx.Module("search",
		fx.Provide(
			fx.Annotate(NewIndexes, fx.ParamTags(`group:"searched"`)),
			fx.Annotate(NewRoutes, fx.ParamTags(``, `group:"found"`), fx.As(new(httpx.Routes)), fx.ResultTags(`group:"routes"`)),
			fx.Annotate(task, fx.ResultTags(`group:"tasks"`)),
		),
	)
}

// Indexes are the indexes of every module.
type Indexes struct {
	all []*Index
	log *zap.Logger
}

// NewIndexes makes the indexes.
func NewIndexes(all []*Index, log *zap.Logger) *Indexes { return &Indexes{all: all, log: log} }

// Prepare fills all indexes, and samples them. The server does so before it serves, so that no row is missing from an answer.
//
// Errors: errs.Unavailable.
func (x *Indexes) Prepare(ctx context.Context) error {
	if err := x.Fill(ctx); err != nil {
		return err
	}
	return x.sample(ctx)
}

// Fill fills all indexes: see Index.Fill.
//
// Errors: errs.Unavailable.
func (x *Indexes) Fill(ctx context.Context) error {
	for _, index := range x.all {
		begun := time.Now()
		filled, err := index.Fill(ctx)
		if err != nil {
			return err
		}
		if filled > 0 {
			x.log.Info("filled what rows are searched by", zap.String("table", index.table), zap.Int("rows", filled), zap.Duration("took", time.Since(begun)))
		}
	}
	return nil
}

const (
	// filling is how often rows are filled that SQL or a server of an earlier version wrote.
	filling = 2 * time.Second
	// samplings is how many times rows are filled before they are sampled again.
	samplings = 300
)

func task(x *Indexes) background.Task {
	return background.Task{Name: "fill what is searched", Run: func(ctx context.Context) error {
		for n := 1; ; n++ {
			err := x.Fill(ctx)
			if err == nil && n%samplings == 0 {
				err = x.sample(ctx)
			}
			if err != nil && ctx.Err() == nil {
				x.log.Warn("what rows are searched by could not be filled", zap.Error(err))
			}
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(filling):
			}
		}
	}}
}

func (x *Indexes) sample(ctx context.Context) error {
	for _, index := range x.all {
		if err := index.Sample(ctx); err != nil {
			return err
		}
	}
	return nil
}
