package app

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
)

// Watchers are all who hear of what happens to users.
type Watchers []ports.Watcher

func (w Watchers) administratorMade(ctx context.Context, user domain.UserID) error {
	for _, watcher := range w {
		if err := watcher.AdministratorMade(ctx, int64(user)); err != nil {
			return err
		}
	}
	return nil
}

func (w Watchers) leaving(ctx context.Context, user domain.UserID, forGood bool) error {
	for _, watcher := range w {
		if err := watcher.Leaving(ctx, int64(user), forGood); err != nil {
			return err
		}
	}
	return nil
}
