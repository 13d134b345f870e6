package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"erp.internal/cmd/bench/report"
)

const (
	revocationsDatabase = "erp_bench_revocations"

	revokedUsers      = 200 // one after the other
	bystanders        = 16  // connections of others, half of them to each server
	revocationTimeout = 10 * time.Second

	revocationTarget       = 300 * time.Millisecond
	revocationMedianTarget = 60 * time.Millisecond
)

// revocations is how long it takes until a grant that was ended counts for nothing, with two servers on one database.
type revocations struct {
	there []time.Duration // from the answer that the grant is ended until the other server refuses
	late  int             // users whose first request after that answer was granted by the server that gave it
}

// revoked is a user whose grant is to end.
type revoked struct {
	enrolled
	grant int64
}

// replicas are two servers on one database.
type replicas struct {
	side          *sideDatabase
	here, there   *process
	administrator caller // of here, where grants are ended
	organization  int64
}

// path is what users ask for, each time.
func (r *replicas) path() string { return "/organizations/" + strconv.FormatInt(r.organization, 10) }

// measureRevocations starts two servers of its own, on a database of its own.
func (b *bench) measureRevocations(ctx context.Context, s *report.Section) (err error) {
	fmt.Fprintf(b.progress, "revocations: %d%s\n", revokedUsers, b.through())
	side, err := b.db.createSide(ctx, revocationsDatabase)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, side.drop()) }()
	r := &replicas{side: side}
	for name, replica := range map[string]**process{"here": &r.here, "there": &r.there} {
		dir := filepath.Join(b.dir, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			return fmt.Errorf("make a directory: %w", err)
		}
		if *replica, err = startErp(ctx, b.options, dir, "DATABASE_URL="+side.through(b.pooler)); err != nil {
			return err
		}
		defer (*replica).stop()
	}
	client := newClient(r.here.addr, 1)
	defer client.CloseIdleConnections()
	if r.administrator.token, err = signIn(client); err != nil {
		return err
	}
	r.administrator.client = client
	users, others, err := r.people(ctx)
	if err != nil {
		return err
	}
	if err := b.db.settle(ctx); err != nil {
		return err
	}
	leave := r.bystand(others)
	found, err := r.endAll(ctx, users)
	if err := errors.Join(err, leave()); err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "  %-12s %s\n", "elsewhere", report.Median(found.there))
	found.report(s, b.through())
	return nil
}

// through says which pooler is in between.
func (o options) through() string {
	if o.pooler == "" {
		return ""
	}
	return ", through the pooler at " + o.pooler
}

// people makes an organization and those who may see it: the users whose grants are ended, and others.
func (r *replicas) people(ctx context.Context) (users []revoked, others []enrolled, err error) {
	var made answered
	body := map[string]string{"name": "Revocations", "description": description}
	if err := r.administrator.expect(http.StatusCreated, http.MethodPost, "/organizations/", body, &made); err != nil {
		return nil, nil, err
	}
	r.organization = made.ID
	member, err := r.administrator.role("member")
	if err != nil {
		return nil, nil, err
	}
	all, err := r.side.enrol(ctx, "member", revokedUsers+bystanders)
	if err != nil {
		return nil, nil, err
	}
	for n, u := range all {
		grant, err := r.administrator.allow(u.id, member, r.organization, 0)
		if err != nil {
			return nil, nil, err
		}
		if n < revokedUsers {
			users = append(users, revoked{u, grant})
		} else {
			others = append(others, u)
		}
	}
	return users, others, nil
}

// bystand lets others ask both servers, each as soon as it has its answer, until they leave.
func (r *replicas) bystand(others []enrolled) (leave func() error) {
	var over atomic.Bool
	var all sync.WaitGroup
	errs := make([]error, len(others))
	for n, other := range others {
		server := []*process{r.here, r.there}[n%2]
		op := operation{
			title: "bystander", status: http.StatusOK, check: checkGet,
			prepare: func(request *fasthttp.Request, _ *rand.Rand) {
				request.Header.SetMethod(http.MethodGet)
				request.URI().SetPath(r.path())
			},
		}.signedIn(other.token)
		all.Go(func() { _, errs[n] = connection(server.addr, op, &over) })
	}
	return func() error {
		over.Store(true)
		all.Wait()
		return errors.Join(errs...)
	}
}

// endAll ends the users' grants, one after the other.
func (r *replicas) endAll(ctx context.Context, users []revoked) (revocations, error) {
	here, there := newClient(r.here.addr, 1), newClient(r.there.addr, 1)
	defer here.CloseIdleConnections()
	defer there.CloseIdleConnections()
	found := revocations{}
	for _, u := range users {
		if ctx.Err() != nil {
			return found, ctx.Err()
		}
		r.here.forgetLog()
		r.there.forgetLog()
		if err := r.end(u, caller{here, u.token}, caller{there, u.token}, &found); err != nil {
			return found, err
		}
	}
	return found, nil
}

// end ends one grant here and asks both servers until they refuse.
func (r *replicas) end(u revoked, here, there caller, found *revocations) error {
	for _, c := range []caller{here, there} {
		for range 2 { // the second is answered from memory
			if err := c.expect(http.StatusOK, http.MethodGet, r.path(), nil, nil); err != nil {
				return err
			}
		}
	}
	if err := r.administrator.expect(http.StatusNoContent, http.MethodDelete, "/grants/"+strconv.FormatInt(u.grant, 10), nil, nil); err != nil {
		return err
	}
	ended := time.Now()
	var granted int
	var errHere error
	var both sync.WaitGroup
	both.Go(func() { granted, errHere = r.untilRefused(here) })
	_, errThere := r.untilRefused(there)
	took := time.Since(ended)
	both.Wait()
	if err := errors.Join(errHere, errThere); err != nil {
		return err
	}
	found.there = append(found.there, took)
	if granted > 0 {
		found.late++
	}
	return nil
}

// untilRefused asks without a pause, and gives how often it was granted.
func (r *replicas) untilRefused(c caller) (granted int, err error) {
	var response fasthttp.Response
	for begun := time.Now(); time.Since(begun) < revocationTimeout; granted++ {
		if err := c.send(http.MethodGet, r.path(), nil, &response); err != nil {
			return granted, err
		}
		switch status := response.StatusCode(); status {
		case http.StatusOK:
		case http.StatusForbidden, http.StatusNotFound:
			return granted, nil
		default:
			return granted, fmt.Errorf("after a grant ended: %w", refused(status, response.Body(), nil))
		}
	}
	return granted, fmt.Errorf("%s still granted what it should not %s after the grant had ended", c.client.Addr, revocationTimeout)
}

func (r *revocations) report(s *report.Section, through string) {
	slowest := time.Duration(0)
	for _, took := range r.there {
		slowest = max(slowest, took)
	}
	t := s.Table("until a grant that ended is refused"+through, "there: median", "slowest", "target", "", "here: not at once", "target", "")
	t.Row(fmt.Sprintf("%d, one after the other", len(r.there)), milliseconds(report.Median(r.there)), milliseconds(slowest),
		fmt.Sprintf("median < %d ms, slowest < %d ms", revocationMedianTarget.Milliseconds(), revocationTarget.Milliseconds()),
		t.Verdict("elsewhere", report.Median(r.there) < revocationMedianTarget && slowest < revocationTarget),
		fmt.Sprint(r.late), "0", t.Verdict("here", r.late == 0))
}
