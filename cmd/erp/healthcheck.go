package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

type healthcheckCommand struct{}

// Run asks the server at HTTP_ADDR whether it is ready.
func (healthcheckCommand) Run(c console) error {
	s, err := load(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.http.DialAddr()+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("HTTP_ADDR: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no server answers at %s: start it or correct HTTP_ADDR", s.http.DialAddr())
	}
	defer answer.Body.Close() //nolint:errcheck // only its status is read
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server at %s is not ready (status %d): see its log", s.http.DialAddr(), answer.StatusCode)
	}
	_, err = fmt.Fprintln(c.out, "ready")
	return err
}
