package domain

import (
	"encoding/binary"
	"time"
)

// AttemptLimits bound the attempts that do not succeed (ASVS 6.3.1).
type AttemptLimits struct {
	Account    int           // at one account, from one known device, or in one session, within LockFor
	LockFor    time.Duration // how long no more are taken then
	Address    int           // from one network, within AddressFor
	AddressFor time.Duration
}

// Counter is what failures are counted by. Each has a count of its own, so that what strangers do to an account's costs
// its owner nothing who is signed in, or tries from a device that is known.
type Counter struct {
	Kind CounterKind
	Key  []byte
	// Network is where the attempt comes from, by which it is counted and limited too; nil where it is not.
	Network []byte
	// Account is what attempts of strangers at an account are counted and locked by, whatever it was named by; nil for other
	// attempts.
	Account []byte
}

// CounterKind says what a counter's key is of.
type CounterKind string

// The counters.
const (
	AccountCounter CounterKind = "account" // attempts of strangers with a name, whether there is such an account or not
	DeviceCounter  CounterKind = "device"  // of a device that has signed in to the account before
	SessionCounter CounterKind = "session" // of somebody who is signed in
	NetworkCounter CounterKind = ""        // by the network alone
)

// OfStrangers counts attempts at an account from where nobody is known. They are counted twice: by the name, so that too many
// at once are answered alike whether names belong to one account, to two, or to none; and by the account, so that it is locked
// by all of them. user is 0 for nobody's name, which is counted as if it were an account.
func OfStrangers(name AccountName, user UserID, origin Origin) Counter {
	digest := name.Digest()
	account := digest[:]
	if user != 0 {
		account = key(int64(user))
	}
	return Counter{Kind: AccountCounter, Key: digest[:], Network: origin.Network(), Account: account}
}

// OfDevice counts attempts from a device that the account knows.
func OfDevice(id DeviceID) Counter { return Counter{Kind: DeviceCounter, Key: key(int64(id))} }

// OfSession counts attempts of somebody who is signed in.
func OfSession(id SessionID) Counter { return Counter{Kind: SessionCounter, Key: key(int64(id))} }

// OfNetwork counts attempts by where they come from alone: at what nobody can guess.
func OfNetwork(origin Origin) Counter { return Counter{Network: origin.Network()} }

func key(id int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(id)) //nolint:gosec // as PostgreSQL's int8send does
}

// Verdict reports whether an attempt may be evaluated.
type Verdict struct {
	Locked         bool // by failures, or by as many attempts under another name as may fail, which are being evaluated
	Busy           bool // as many attempts as may fail are being evaluated
	AddressLimited bool
	KnownNetwork   bool          // somebody has signed in from there within NetworkLife
	RetryAfter     time.Duration // of Locked and AddressLimited
}
