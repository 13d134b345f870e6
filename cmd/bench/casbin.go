package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/casbin/casbin/v3"
	"github.com/casbin/casbin/v3/model"

	"erp.internal/cmd/bench/report"
	"erp.internal/platform/place"
)

// casbinModel is roles with domains. The permission is compared first, which spares casbin most of the questions whether
// the user has a rule's role.
const casbinModel = `
[request_definition]
r = sub, dom, act
[policy_definition]
p = sub, act
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && g(r.sub, p.sub, r.dom)
`

const (
	casbinBatch    = 50_000 // rules that are loaded at once
	casbinTurns    = 10     // of casbin with a filled cache, and of the modules, each in turn
	casbinTurn     = 200 * time.Millisecond
	casbinDuration = 2 * time.Second // without a cache
)

// casbinFigures are what casbin takes for the same decisions.
type casbinFigures struct {
	rules   int
	took    time.Duration // to load them
	memory  uint64        // bytes of heap that they take
	asked   int           // how many decisions were the same as the modules'
	domains float64       // how many domains casbin was asked for, for a decision of these
	plain   struct {
		each      float64 // ns
		decisions int     // how many of those that are asked the time allowed
	}
	cached float64 // ns of a decision, when the answers are in the cache
	erp    float64 // ns of the modules' for each of the same decisions
}

// casbinQuestion is a question in the form that casbin wants it in: what it is asked for in turn, until it allows it.
type casbinQuestion struct {
	asked
	each [][]any
}

// measureCasbin loads casbin with the policy and asks it what the modules were asked.
//
// Errors: a decision that is not the modules'.
func measureCasbin(ctx context.Context, d *decider, p *policy, questions []asked) (casbinFigures, error) {
	before := heap()
	begun := time.Now()
	e, rules, err := loadCasbin(ctx, p)
	if err != nil {
		return casbinFigures{}, fmt.Errorf("load casbin: %w", err)
	}
	f := casbinFigures{rules: rules, took: time.Since(begun), memory: heap() - before}
	all := make([]casbinQuestion, 0, len(questions))
	for _, a := range questions {
		all = append(all, newCasbinQuestion(a, p))
	}
	if err := f.timePlain(ctx, e.Enforcer, all); err != nil {
		return f, err
	}
	if err := f.fillCache(ctx, e, d, all); err != nil {
		return f, err
	}
	return f, f.timeCached(ctx, e, d, all)
}

// loadCasbin returns an enforcer that holds whatever of the policy is in force now. Its Enforcer is the one without a cache.
func loadCasbin(ctx context.Context, p *policy) (e *casbin.CachedEnforcer, rules int, err error) {
	m, err := model.NewModelFromString(casbinModel)
	if err != nil {
		return nil, 0, err
	}
	if e, err = casbin.NewCachedEnforcer(m); err != nil {
		return nil, 0, err
	}
	var batch [][]string
	add := func(batch [][]string) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		_, err := e.AddGroupingPoliciesEx(batch) // those that are there already are left out
		return err
	}
	for _, g := range p.grants {
		if !g.term.inForce() {
			continue
		}
		batch = append(batch, []string{casbinUser(g.user), casbinRole(g.role), casbinDomain(g.organization, g.department)})
		if len(batch) == casbinBatch {
			if err := add(batch); err != nil {
				return nil, 0, err
			}
			batch = nil
		}
	}
	if err := add(batch); err != nil {
		return nil, 0, err
	}
	for role, permissions := range p.roles {
		for _, permission := range permissions {
			if _, err := e.AddPolicy(casbinRole(int64(role)), string(permission)); err != nil {
				return nil, 0, err
			}
		}
	}
	return e, len(m["g"]["g"].Policy) + len(m["p"]["p"].Policy), nil
}

func casbinUser(id int64) string { return "user:" + strconv.FormatInt(id, 10) }
func casbinRole(id int64) string { return "role:" + strconv.FormatInt(id, 10) }

func casbinDomain(organization, department int64) string {
	switch {
	case department != 0:
		return "dept:" + strconv.FormatInt(department, 10)
	case organization != 0:
		return "org:" + strconv.FormatInt(organization, 10)
	default:
		return "system"
	}
}

// newCasbinQuestion saves casbin the search for the department's ancestors.
func newCasbinQuestion(a asked, p *policy) casbinQuestion {
	q := casbinQuestion{asked: a}
	add := func(t place.Place) {
		q.each = append(q.each, []any{casbinUser(a.user), casbinDomain(t.Organization, t.Department), string(a.permission)})
	}
	for _, department := range p.above(a.department) {
		add(place.Department(a.target.Organization, department))
	}
	add(place.Organization(a.target.Organization))
	add(place.System())
	return q
}

// agree asks the question and gives how many domains were asked for.
//
// Errors: another answer than the policy's, which is the modules'.
func (q *casbinQuestion) agree(enforce func(...any) (bool, error)) (domains int, err error) {
	allowed := false
	for _, one := range q.each {
		domains++
		if allowed, err = enforce(one...); err != nil {
			return 0, fmt.Errorf("ask casbin: %w", err)
		}
		if allowed {
			break
		}
	}
	if allowed != q.answer.allowed() {
		return 0, fmt.Errorf("casbin and erp disagree: may user %d do %s to department %d? casbin says %v", q.user, q.permission, q.department, allowed)
	}
	return domains, nil
}

// timePlain asks as many of the questions as the time allows.
func (f *casbinFigures) timePlain(ctx context.Context, e *casbin.Enforcer, all []casbinQuestion) error {
	begun, done := time.Now(), 0
	for ; time.Since(begun) < casbinDuration && done < len(all); done++ {
		if _, err := all[done].agree(e.Enforce); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	f.plain.each, f.plain.decisions = float64(time.Since(begun).Nanoseconds())/float64(done), done
	return nil
}

// fillCache asks all of the questions, and the modules too.
func (f *casbinFigures) fillCache(ctx context.Context, e *casbin.CachedEnforcer, d *decider, all []casbinQuestion) error {
	domains := 0
	for n := range all {
		asked, err := all[n].agree(e.Enforce)
		if err != nil {
			return err
		}
		if err := d.answer(all[n].asked); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		domains += asked
	}
	f.asked, f.domains = len(all), float64(domains)/float64(len(all))
	return nil
}

// timeCached asks questions whose answers are all in the cache, and the modules in turn.
func (f *casbinFigures) timeCached(ctx context.Context, e *casbin.CachedEnforcer, d *decider, all []casbinQuestion) error {
	var cached, erp []float64
	for range casbinTurns {
		took, err := timePasses(all, func(q *casbinQuestion) error {
			_, err := q.agree(e.Enforce)
			return err
		})
		if err != nil {
			return err
		}
		cached = append(cached, took)
		took, err = timePasses(all, func(q *casbinQuestion) error {
			if !d.agrees(&q.asked) {
				return fmt.Errorf("erp changed its mind about user %d", q.user)
			}
			return nil
		})
		if err != nil {
			return err
		}
		erp = append(erp, took)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	f.cached, f.erp = report.Median(cached), report.Median(erp)
	return nil
}

// timePasses asks all of the questions again and again for a turn, and gives the ns of one.
func timePasses(all []casbinQuestion, do func(*casbinQuestion) error) (float64, error) {
	begun, passes := time.Now(), 0
	for ; time.Since(begun) < casbinTurn; passes++ {
		for n := range all {
			if err := do(&all[n]); err != nil {
				return 0, err
			}
		}
	}
	return float64(time.Since(begun).Nanoseconds()) / float64(passes*len(all)), nil
}
