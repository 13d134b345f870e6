package period

import "time"

// State is what a period is at a moment.
type State string

// The states, in the order of time.
const (
	Scheduled State = "scheduled" // to begin later
	Active    State = "active"
	Expired   State = "expired" // over; also of an empty period, once its end is reached
)

// State returns the period's state at a moment.
func (p Period) State(moment time.Time) State {
	switch {
	case p.Until != nil && !p.Until.After(moment):
		return Expired
	case p.From != nil && p.From.After(moment):
		return Scheduled
	default:
		return Active
	}
}
