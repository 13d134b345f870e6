package app

import (
	"context"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/page"
)

// Holding implements authz.Holders.
type Holding struct {
	decisions *Decisions
	repo      ports.Grants
}

var _ authz.Holders = (*Holding)(nil)

// NewHolding makes the use case.
func NewHolding(decisions *Decisions, repo ports.Grants) *Holding {
	return &Holding{decisions: decisions, repo: repo}
}

// Holding implements authz.Holders.
func (h *Holding) Holding(ctx context.Context, role int64) (page.Condition, error) {
	scope, err := h.decisions.Scope(ctx, GrantRead)
	if err != nil {
		return nil, err
	}
	return h.repo.Holding(domain.RoleID(role), scope), nil
}
