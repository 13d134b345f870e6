package http

import (
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/httpx"
)

// Session is a session as answers show it.
type Session struct {
	ID         int64     `json:"id"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at" doc:"Rounded to the minute"`
	Address    string    `json:"address"`
	UserAgent  string    `json:"user_agent"`
	Current    bool      `json:"current" doc:"Whether it is the session of this request"`
}

// sessionOf returns a session as the answer to a request of the current one shows it.
func sessionOf(current int64) func(domain.Session) Session {
	return func(s domain.Session) Session {
		return Session{
			ID: int64(s.ID), CreatedAt: s.CreatedAt, LastSeenAt: s.LastSeenAt,
			Address: s.Origin.Address, UserAgent: s.Origin.UserAgent, Current: int64(s.ID) == current,
		}
	}
}

// SignIn is an attempt to sign in as answers show it.
type SignIn struct {
	ID        int64     `json:"id"`
	At        time.Time `json:"at"`
	Address   string    `json:"address"`
	UserAgent string    `json:"user_agent"`
	Outcome   string    `json:"outcome" enum:"signed_in,code_redeemed,password_changed,wrong_password,wrong_code,locked,inactive,limited,password_expired,password_withdrawn,code_withdrawn"`
	MadeBy    *int64    `json:"made_by" doc:"For a success: the user who set the password or started the reset that was used; null for the user themselves or the operator"`
}

func signInOf(s domain.SignIn) SignIn {
	return SignIn{ID: s.ID, At: s.At, Address: s.Origin.Address, UserAgent: s.Origin.UserAgent, Outcome: string(s.Outcome), MadeBy: (*int64)(s.MadeBy)}
}

// newestFirst are the parameters of lists of sessions and of attempts.
type newestFirst struct {
	httpx.ListInput
	Sort string `query:"sort" default:"-id" enum:"id,-id" doc:"Sort field; prefix - for descending order"`
}
