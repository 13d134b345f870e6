package domain_test

import (
	"testing"

	"erp.internal/modules/organization/domain"
	"erp.internal/platform/change"
	"erp.internal/platform/change/changetest"
)

func TestEvents_tellOfEveryField(t *testing.T) {
	t.Parallel()
	changetest.EveryField(t, func(before, after domain.Organization) []change.Event {
		return []change.Event{after.ChangedFrom(before)}
	}, nil)
	changetest.EveryField(t, func(before, after domain.Department) []change.Event {
		return []change.Event{after.ChangedFrom(before)}
	}, nil, "OrganizationID") // which never changes
}
