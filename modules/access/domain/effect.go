package domain

import "time"

// Effect is whether a grant is in force at a moment, or else the first reason why not.
type Effect string

// The effects. Ended and expired come first. UserDeactivated and GivesNothing, for a role without a permission for the place,
// also apply to scheduled grants.
const (
	InForce         Effect = "in_force"
	EffectEnded            = Effect(Ended)
	EffectExpired          = Effect(Expired)
	UserDeactivated Effect = "user_deactivated"
	GivesNothing    Effect = "gives_nothing"
	EffectScheduled        = Effect(Scheduled)
)

// Effect returns the effect of the grant at a moment: userActive says whether its user may sign in then, and gives whether its
// role has a permission for its place then.
func (g Grant) Effect(moment time.Time, userActive, gives bool) Effect {
	switch state := g.At(moment); {
	case state == Ended, state == Expired:
		return Effect(state)
	case !userActive:
		return UserDeactivated
	case !gives:
		return GivesNothing
	case state == Active:
		return InForce
	default:
		return EffectScheduled
	}
}
