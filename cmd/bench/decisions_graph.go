package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/dig"
	"go.uber.org/fx"
	"go.uber.org/zap"

	"erp.internal/modules/access"
	"erp.internal/modules/identity"
	organizations "erp.internal/modules/organization"
	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/background"
	"erp.internal/platform/httpx"
	"erp.internal/platform/journal"
	"erp.internal/platform/pg"
	"erp.internal/platform/place"
)

const (
	currentTimeout = 30 * time.Second // until what is read is held in memory
	currentPause   = 100 * time.Millisecond
)

// decider is the server's modules in this process, without what answers requests.
type decider struct {
	authorizer authz.Authorizer
	catalogue  *authz.Catalogue
	tasks      []background.Task
}

// newDecider puts the modules together as cmd/erp does.
func newDecider(db *pg.DB) (*decider, error) {
	var d decider
	var tasks struct {
		fx.In
		All []background.Task `group:"tasks"`
	}
	app := fx.New(
		fx.NopLogger,
		fx.Supply(db, httpx.About{Name: "bench"}, httpx.Settings{}, identity.Settings{}, zap.NewNop()),
		fx.Provide(
			fx.Annotate(authz.NewCatalogue, fx.ParamTags(`group:"permissions"`)),
		),
		journal.Module(), organizations.Module(), identity.Module(), access.Module(),
		fx.Populate(&d.authorizer, &d.catalogue, &tasks),
	)
	if err := app.Err(); err != nil {
		return nil, fmt.Errorf("put the modules together: %w", dig.RootCause(err))
	}
	d.tasks = tasks.All
	return &d, nil
}

// follow keeps up with changes until stop is called: only so is anything held in memory. It returns when what one
// question needs is held, which shows in that its answer allocates nothing.
func (d *decider) follow(ctx context.Context, one asked) (stop func(), err error) {
	stop = background.Start(ctx, zap.NewNop(), d.tasks)
	for begun := time.Now(); ; {
		if err := d.answer(one); err != nil {
			stop()
			return nil, err
		}
		if testing.AllocsPerRun(10, func() { _ = d.answer(one) }) == 0 {
			return stop, nil
		}
		if time.Since(begun) > currentTimeout {
			stop()
			return nil, errors.New("decisions are not held in memory")
		}
		if err := pause(ctx, currentPause); err != nil {
			stop()
			return nil, err
		}
	}
}

// asked is a question in the form that the modules want it in.
type asked struct {
	question
	caller context.Context
	target place.Place
}

func ask(ctx context.Context, questions []question) []asked {
	all := make([]asked, 0, len(questions))
	for _, q := range questions {
		all = append(all, asked{
			question: q,
			caller:   authn.With(ctx, authn.Principal{UserID: q.user, SignedIn: true}),
			target:   place.Department(organizationOf(q.department), q.department),
		})
	}
	return all
}

// agrees asks a question and says whether the answer is the policy's; it is what is timed.
func (d *decider) agrees(a *asked) bool {
	return (authz.Require(a.caller, d.authorizer, a.permission, a.target) == nil) == a.answer.allowed()
}

// answer asks a question.
//
// Errors: another answer than the policy's.
func (d *decider) answer(a asked) error {
	err := authz.Require(a.caller, d.authorizer, a.permission, a.target)
	if err != nil && !errors.Is(err, authz.ErrForbidden) {
		return err
	}
	if (err == nil) != a.answer.allowed() {
		return fmt.Errorf("erp and the policy disagree: may user %d do %s to department %d? erp says %v, the policy %v",
			a.user, a.permission, a.department, err == nil, a.answer.allowed())
	}
	return nil
}

// answerAll asks questions one after another.
//
// Errors: those of answer.
func (d *decider) answerAll(all []asked) error {
	for _, a := range all {
		if err := d.answer(a); err != nil {
			return err
		}
	}
	return nil
}
