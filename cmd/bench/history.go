package main

import (
	"math"
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

// objects is what objects do that all clients see alike: each read finds what was written last, and a deleted one stays
// deleted. Objects are checked one by one, which is enough (Herlihy and Wing, locality).
func objects(first func(key int) string) porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			byKey := map[int][]porcupine.Operation{}
			for _, op := range history {
				in, _ := op.Input.(asking) // as all are
				byKey[in.key] = append(byKey[in.key], op)
			}
			var all [][]porcupine.Operation
			for key, ops := range byKey {
				// The object was written before all else, by nobody.
				written := porcupine.Operation{Input: asking{key, writeAct, first(key)}, Output: answering{}, Call: math.MinInt64, Return: math.MinInt64 + 1}
				all = append(all, append([]porcupine.Operation{written}, ops...))
			}
			return all
		},
		Init: func() any { return object{} },
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

// operationsOf is the history as the checker reads it. Reads may be stale by a bound: each may have begun so much earlier. A
// change without an answer may have been made at any time after it was asked for, also never: then after all else.
func operationsOf(history []happened, stale time.Duration) []porcupine.Operation {
	all := make([]porcupine.Operation, 0, len(history))
	for _, h := range history {
		op := porcupine.Operation{ClientId: h.client, Input: h.asking, Output: h.answering, Call: int64(h.begun), Return: int64(h.done)}
		if h.act == readAct {
			op.Call -= int64(stale)
		}
		if h.unknown {
			op.Return = math.MaxInt64
		}
		all = append(all, op)
	}
	return all
}

// consistent checks a history in which no read is older than the bound.
func consistent(history []happened, first func(key int) string, stale, within time.Duration) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(objects(first), operationsOf(history, stale), within)
}
