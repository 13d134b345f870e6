package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// outcome is what a client was answered.
type outcome int

const (
	acknowledged outcome = iota
	denied               // nothing was stored, says the answer
	unknown              // it may be stored, or there was no answer
	other                // neither: a fault of the server
)

// ledger is what one client asked for and was answered, in its order: organizations that it created, and descriptions
// that it gave one of them.
type ledger struct {
	url     string
	client  int
	created map[string]outcome
	own     int64  // the organization whose description changes
	name    string // its
	given   []outcome
}

func newLedger(url string, client int) *ledger {
	return &ledger{url: url, client: client, created: map[string]outcome{}}
}

// keep asks until ctx ends.
func (l *ledger) keep(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		if l.own != 0 && n%2 == 1 {
			o, _ := change(l.url, http.MethodPut, fmt.Sprintf("/organizations/%d", l.own), fmt.Sprintf(`{"description":"%d"}`, len(l.given)))
			l.given = append(l.given, o)
			continue
		}
		name := fmt.Sprintf("client %d, organization %d", l.client, n)
		o, id := change(l.url, http.MethodPost, "/organizations", fmt.Sprintf(`{"name":%q}`, name))
		l.created[name] = o
		if l.own == 0 && o == acknowledged {
			l.own, l.name = id, name
		}
	}
}

type counts struct {
	acknowledged, denied, unknown, other int
	unknownStored, lost, stored          int // stored though denied
}

func (c *counts) add(o counts) {
	c.acknowledged += o.acknowledged
	c.denied += o.denied
	c.unknown += o.unknown
	c.other += o.other
	c.unknownStored += o.unknownStored
	c.lost += o.lost
	c.stored += o.stored
}

func (c *counts) count(o outcome, stored bool) {
	switch o {
	case acknowledged:
		c.acknowledged++
		if !stored {
			c.lost++
		}
	case denied:
		c.denied++
		if stored {
			c.stored++
		}
	case unknown:
		c.unknown++
		if stored {
			c.unknownStored++
		}
	default:
		c.other++
	}
}

// against compares the ledger with what is stored: descriptions by the names of their organizations. Of the descriptions
// that were given only the last can be seen: it must not be older than the last that was acknowledged, nor be denied.
func (l *ledger) against(stored map[string]string) counts {
	var c counts
	for name, o := range l.created {
		_, there := stored[name]
		c.count(o, there)
	}
	last := -1
	_, _ = fmt.Sscan(stored[l.name], &last)
	for i, o := range l.given {
		c.count(o, o == acknowledged && i <= last || o != acknowledged && i == last)
	}
	return c
}

var client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// change asks for a change. It is not cut off when the time is over: its outcome counts.
func change(url, method, path, body string) (outcome, int64) {
	status, answer, err := ask(context.Background(), method, url+path, body)
	var said struct {
		ID   int64
		Code string
	}
	_ = json.Unmarshal(answer, &said) // what is not understood has no code
	switch {
	case err != nil, status == http.StatusServiceUnavailable && said.Code == "outcome_unknown":
		return unknown, 0
	case status == http.StatusOK, status == http.StatusCreated:
		return acknowledged, said.ID
	case status == http.StatusServiceUnavailable && said.Code == "database_unavailable":
		time.Sleep(10 * time.Millisecond) // as a client obeys Retry-After, if for a shorter time
		return denied, 0
	}
	return other, 0
}

func ask(ctx context.Context, method, url, body string) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close() //nolint:errcheck // all is read by then
	var answer json.RawMessage
	err = json.NewDecoder(response.Body).Decode(&answer)
	return response.StatusCode, answer, err
}
