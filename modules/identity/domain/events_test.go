package domain_test

import (
	"testing"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/change"
	"erp.internal/platform/change/changetest"
	"erp.internal/platform/place"
)

func TestEvents_tellOfEveryField(t *testing.T) {
	t.Parallel()
	email, err := domain.ParseEmail("kim@example.org")
	if err != nil {
		t.Fatal(err)
	}
	changetest.EveryField(t, func(before, after domain.User) []change.Event {
		return after.ChangedFrom(before)
	}, []any{email, place.Organization(int64(7))}, "LastSignIn") // which the sign-in's own event tells
}
