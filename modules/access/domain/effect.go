package domain

import "time"

// Effect is what a grant does at some moment: it is in force, or the first of the reasons why it is not.
type Effect string

// The effects. A grant that is over stays over; one that is not gives nothing to a deactivated user, nor by a role that
// holds nothing for its place, also when it is to begin later.
const (
	InForce         Effect = "in_force"
	EffectEnded            = Effect(Ended)
	EffectExpired          = Effect(Expired)
	UserDeactivated Effect = "user_deactivated"
	GivesNothing    Effect = "gives_nothing"
	EffectScheduled        = Effect(Scheduled)
)

// Effect gives what the grant does at a moment: userActive says whether its user may sign in then, and gives whether its
// role holds something for its place then.
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
