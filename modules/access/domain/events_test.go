package domain_test

import (
	"testing"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/change"
	"erp.internal/platform/change/changetest"
)

func TestEvents_tellOfEveryField(t *testing.T) {
	t.Parallel()
	changetest.EveryField(t, func(before, after domain.Role) []change.Event {
		return []change.Event{after.ChangedFrom(before)}
	}, nil, "BuiltIn") // which never changes
}
