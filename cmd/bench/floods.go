package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"erp.internal/cmd/bench/report"
)

const (
	honestUsers  = 50 // each signs in once, on a device that has signed in before, all at once
	floodSignIns = 160
	floodCreates = 150
	floodLead    = 500 * time.Millisecond // how long a flood goes on before the honest come
	floodTimeout = 2 * time.Minute
	honestTarget = 3.0 // how many times as long as without a flood the slowest may take
)

// flood is what honest people meet while others ask without a pause.
type flood struct {
	title              string
	strangers, creates int                  // requests at once
	emails             func(n int64) string // that the strangers try
	together           bool                 // from one address
	asked              atomic.Int64         // requests of the flood that were answered meanwhile
	statuses           map[int]int          // of the honest
	slowest            time.Duration        // of those that signed in
}

// person is somebody honest.
type person struct{ email, address, cookie string }

func theFloods() []*flood {
	nobody := func(n int64) string { return fmt.Sprintf("nobody-%d@example.com", n) }
	honest := func(n int64) string { return knownEmail(int(n % honestUsers)) }
	return []*flood{
		{title: "nothing else"},
		{title: fmt.Sprintf("%d creates with a taken email", floodCreates), creates: floodCreates},
		{title: fmt.Sprintf("%d sign-ins from one address", floodSignIns), strangers: floodSignIns, emails: nobody, together: true},
		{title: fmt.Sprintf("%d sign-ins from many, emails of nobody", floodSignIns), strangers: floodSignIns, emails: nobody},
		{title: fmt.Sprintf("%d sign-ins from many, the same %d accounts", floodSignIns, honestUsers), strangers: floodSignIns, emails: honest},
		{title: "both, the same accounts", strangers: floodSignIns, creates: floodCreates, emails: honest},
	}
}

// measureFloods measures on a server of its own, which believes this machine about addresses, so that each request can
// come from another one.
func (b *bench) measureFloods(ctx context.Context, s *report.Section) error {
	erp, err := startErp(ctx, b.options, b.dir, "DATABASE_URL="+b.db.url, "TRUSTED_PROXIES=127.0.0.1")
	if err != nil {
		return err
	}
	defer erp.stop()
	client := newClient(erp.addr, honestUsers+floodSignIns+floodCreates)
	defer client.CloseIdleConnections()
	client.ReadTimeout = floodTimeout
	token, err := signIn(client)
	if err != nil {
		return err
	}
	administrator := caller{client, token}
	people := make([]person, honestUsers)
	for n := range people {
		p := &people[n]
		*p = person{email: fmt.Sprintf("flooded-%s", knownEmail(n)), address: fmt.Sprintf("10.0.0.%d", n+1)}
		if err := administrator.expect(http.StatusCreated, http.MethodPost, "/users", map[string]string{"email": p.email, "password": userPassword}, nil); err != nil {
			return err
		}
		if status := p.signIn(client); status != http.StatusOK {
			return fmt.Errorf("sign in before the floods: answered %d", status)
		}
	}
	floods := theFloods()
	for _, f := range floods {
		f.run(client, administrator, people)
		fmt.Fprintf(b.progress, "  %-40s %v, the slowest %s; %d others were answered\n", f.title, f.statuses, f.slowest.Round(time.Millisecond), f.asked.Load())
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	reportFloods(s, floods)
	return nil
}

// run lets the honest sign in, all at once, in the middle of the flood.
func (f *flood) run(client *fasthttp.HostClient, administrator caller, people []person) {
	var over atomic.Bool
	var others sync.WaitGroup
	var number atomic.Int64
	for range f.strangers {
		others.Go(func() {
			for !over.Load() {
				n := number.Add(1)
				attempt := person{email: "flooded-" + f.emails(n), address: fmt.Sprintf("10.%d.%d.%d", 1+n>>16&127, n>>8&255, n&255)}
				if f.together {
					attempt.address = "10.200.0.1"
				}
				attempt.send(client, wrongPassword, nil)
				f.asked.Add(1)
			}
		})
	}
	for range f.creates {
		others.Go(func() {
			for !over.Load() {
				_ = administrator.send(http.MethodPost, "/users", map[string]string{"email": people[0].email, "password": userPassword}, &fasthttp.Response{})
				f.asked.Add(1)
			}
		})
	}
	if f.strangers+f.creates > 0 {
		time.Sleep(floodLead)
	}
	var all sync.WaitGroup
	statuses, took := make([]int, len(people)), make([]time.Duration, len(people))
	for n := range people {
		all.Go(func() {
			begun := time.Now()
			statuses[n] = people[n].signIn(client)
			took[n] = time.Since(begun)
		})
	}
	all.Wait()
	over.Store(true)
	others.Wait()
	f.statuses = map[int]int{}
	for n, status := range statuses {
		if f.statuses[status]++; status == http.StatusOK {
			f.slowest = max(f.slowest, took[n])
		}
	}
}

// signIn signs in, and keeps the cookie by which the server knows the device, where it sets one.
func (p *person) signIn(client *fasthttp.HostClient) (status int) {
	var response fasthttp.Response
	status = p.send(client, userPassword, &response)
	for _, cookie := range response.Header.Cookies() {
		parsed := fasthttp.AcquireCookie()
		if parsed.ParseBytes(cookie) == nil && strings.Contains(string(parsed.Key()), "device") {
			p.cookie = string(parsed.Key()) + "=" + string(parsed.Value())
		}
		fasthttp.ReleaseCookie(parsed)
	}
	return status
}

// send tries a password; a status of 0 is no answer.
func (p *person) send(client *fasthttp.HostClient, password string, response *fasthttp.Response) (status int) {
	if response == nil {
		response = &fasthttp.Response{}
	}
	var request fasthttp.Request
	request.SetRequestURI("http://" + client.Addr + "/auth/session")
	request.Header.SetMethod(http.MethodPost)
	request.Header.SetContentType("application/json")
	request.Header.Set("X-Forwarded-For", p.address)
	if p.cookie != "" {
		request.Header.Set("Cookie", p.cookie)
	}
	content, err := json.Marshal(map[string]string{"email": p.email, "password": password})
	if err != nil {
		return 0
	}
	request.SetBody(content)
	if err := client.Do(&request, response); err != nil {
		return 0
	}
	return response.StatusCode()
}

func reportFloods(s *report.Section, floods []*flood) {
	t := s.Table("meanwhile, without a pause", fmt.Sprintf("of %d honest sign-ins", honestUsers), "slowest", "others answered", "target", "")
	alone := floods[0].slowest
	for _, f := range floods {
		done := fmt.Sprintf("%d signed in", f.statuses[http.StatusOK])
		for _, status := range slices.Sorted(maps.Keys(f.statuses)) {
			if status != http.StatusOK {
				done += fmt.Sprintf(", %d %d", f.statuses[status], status)
			}
		}
		t.Row(f.title, done, report.Number("%.0f ms", f.slowest.Seconds()*1e3), fmt.Sprint(f.asked.Load()),
			fmt.Sprintf("all, <= %.0f times alone", honestTarget), t.Verdict(f.title, f.statuses[http.StatusOK] == honestUsers && f.slowest.Seconds() <= honestTarget*alone.Seconds()))
	}
}
