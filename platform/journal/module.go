package journal

import (
	"context"
	"time"

	"go.uber.org/fx"
	"go.uber.org/zap"

	"erp.internal/platform/background"
	"erp.internal/platform/cache"
	"erp.internal/platform/change"
	"erp.internal/platform/httpx"
	"erp.internal/platform/pg"
)

// preparing is the interval of Prepare. It is short, since the first run of a task comes after its interval, and a server may be
// restarted every day.
const preparing = time.Hour

// Module provides *change.Door, httpx.Refused and httpx.Answers; *cache.Hub, which receives the events of every server; and the
// journal's routes, tasks and permission. It needs *pg.DB, authz.Authorizer and *zap.Logger.
func Module() fx.Option {
	return fx.Module("journal",
		fx.Provide(
			fx.Private,
			New,
		),
		fx.Provide(
			NewAnswers,
			func(a *Answers) httpx.Answers { return a },
			func(j *Journal) httpx.Refused { return j.Refuse },
			func(j *Journal, db *pg.DB) *cache.Hub { return cache.NewHub(j, db.Outside) },
			fx.Annotate(newDoor, fx.ParamTags("", "", "", "", `group:"events"`)),
			fx.Annotate(events, fx.ResultTags(`group:"events,flatten"`)),
			fx.Annotate(permissions, fx.ResultTags(`group:"permissions,flatten"`)),
			fx.Annotate(NewRoutes, fx.As(new(httpx.Routes)), fx.ResultTags(`group:"routes"`)),
			fx.Annotate(tasks, fx.ResultTags(`group:"tasks,flatten"`)),
		),
	)
}

// newDoor makes the door, which knows the kinds of events of every module.
func newDoor(j *Journal, db *pg.DB, hub *cache.Hub, log *zap.Logger, kinds []change.Kind) (*change.Door, error) {
	door := change.NewDoor(db, j, hub, log)
	return door, door.Declare(kinds...)
}

func events() []change.Kind {
	return []change.Kind{{Name: Refused, Means: "Requests of a known caller were refused: `reason` says which, and how often."}}
}

func tasks(j *Journal, answers *Answers, door *change.Door, hub *cache.Hub) []background.Task {
	return []background.Task{
		{Name: "follow the journal", Run: func(ctx context.Context) error {
			j.Follow(ctx, hub.Kinds(), hub.Invalidate, hub.InvalidateAll)
			return nil
		}},
		{Name: "write refusals", Run: func(ctx context.Context) error { return j.writeRefusals(ctx, door) }},
		{Name: "prune answers", Every: pruning, Run: answers.Prune},
		{Name: "prepare the journal", Every: preparing, Run: j.Prepare},
	}
}
