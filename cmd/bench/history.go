package main

import (
	"math"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// act is what a client did to an object.
type act int

const (
	readAct act = iota
	writeAct
	deleteAct
)

// asking is the input of an operation.
type asking struct {
	key    int
	act    act
	writes string // the value that is written
}

// answering is its output.
type answering struct {
	missing bool   // the object was not found
	value   string // that was read
}

// object is a state: what an object holds, or that it was deleted.
type object struct {
	deleted bool
	value   string
}

// happened is an operation with the times between which it took place.
type happened struct {
	asking
	answering
	client      int
	begun, done time.Duration // since the run began
	unknown     bool          // of a change: there was no answer that says whether it was made
}

// oneObject is what an object does that all clients see alike: each read finds what was written last, and a deleted one stays
// deleted.
func oneObject(first string) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return object{value: first} },
		Step: func(state, input, output any) (bool, any) {
			was, _ := state.(object)
			in, _ := input.(asking)
			out, _ := output.(answering)
			if out.missing {
				return was.deleted, was
			}
			switch in.act {
			case writeAct:
				return !was.deleted, object{value: in.writes}
			case deleteAct:
				return !was.deleted, object{deleted: true}
			default:
				return !was.deleted && was.value == out.value, was
			}
		},
		Equal: func(a, b any) bool { return a == b },
	}
}

// operationsOf is the history of an object as the checker reads it. A change without an answer may have been made at any time
// after it was asked for, also never: then after all else.
func operationsOf(history []happened) []porcupine.Operation {
	all := make([]porcupine.Operation, 0, len(history))
	for _, h := range history {
		op := porcupine.Operation{ClientId: h.client, Input: h.asking, Output: h.answering, Call: int64(h.begun), Return: int64(h.done)}
		if h.unknown {
			op.Return = math.MaxInt64
		}
		all = append(all, op)
	}
	return all
}

// staleBy is the history with reads that may be stale by a bound: each may have begun so much earlier.
func staleBy(history []happened, bound time.Duration) []happened {
	all := slices.Clone(history)
	for i := range all {
		if all[i].act == readAct {
			all[i].begun -= bound
		}
	}
	return all
}

// decisive leaves out the answers that decide nothing. No value is written twice, so all answers that saw the same one lie
// between its change and the next one: of these the first to be done and the last to begin decide (Gibbons and Korach, Testing
// Shared Memories, 1997). The checker tries orders, of which there are far too many of all answers of a busy object.
func decisive(history []happened) []happened {
	var all []happened
	type ends struct{ firstDone, lastBegun happened }
	seen := map[answering]*ends{}
	for _, h := range history {
		if h.act != readAct && !h.missing {
			all = append(all, h)
			continue
		}
		of := seen[h.answering]
		if of == nil {
			seen[h.answering] = &ends{h, h}
			continue
		}
		if h.done < of.firstDone.done {
			of.firstDone = h
		}
		if h.begun > of.lastBegun.begun {
			of.lastBegun = h
		}
	}
	for _, of := range seen {
		if all = append(all, of.firstDone); of.lastBegun != of.firstDone {
			all = append(all, of.lastBegun)
		}
	}
	return all
}

// consistent checks a history in which no read is older than the bound. Objects are checked one by one, which is enough
// (Herlihy and Wing, locality), and one after the other, since each check takes memory; within is the time for each.
func consistent(history []happened, first func(key int) string, stale, within time.Duration) porcupine.CheckResult {
	byKey := map[int][]happened{}
	for _, h := range history {
		byKey[h.key] = append(byKey[h.key], h)
	}
	for key, own := range byKey {
		if result := porcupine.CheckOperationsTimeout(oneObject(first(key)), operationsOf(decisive(staleBy(own, stale))), within); result != porcupine.Ok {
			return result
		}
	}
	return porcupine.Ok
}
