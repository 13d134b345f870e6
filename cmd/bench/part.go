package main

import (
	"context"
	"slices"

	"erp.internal/cmd/bench/report"
)

// part is something that is measured: it makes the section of the report that is named for it.
type part struct {
	section string
	names   []string // what -only calls it, or pieces of it; nil: its section
	measure func(*bench, context.Context, *report.Section) error
}

// parts are all that can be measured, in the order in which they are: one that makes this process large comes last.
func parts() []part {
	return []part{
		{section: "contenders", names: contestNames(), measure: (*bench).measureContest},
		{section: "starts", measure: (*bench).measureStarts},
		{section: "ladder", measure: (*bench).measureLadder},
		{section: "starvation", measure: (*bench).measureStarvation},
		{section: "writes", measure: (*bench).measureWrites},
		{section: "reads", measure: (*bench).measureReads},
		{section: "floods", measure: (*bench).measureFloods},
		{section: "sign-in", measure: (*bench).measureSignIns}, // after the floods, whose server would count its failures
		{section: "readers", measure: (*bench).measureReaders},
		{section: "memory", measure: (*bench).measureMemory},
		{section: "idle", measure: (*bench).measureIdle},
		{section: "arrivals", measure: (*bench).measureArrivals},
		{section: "revocations", measure: (*bench).measureRevocations},
		{section: "decisions", measure: (*bench).measureDecisions},
	}
}

// names are what -only takes.
func names() []string {
	var all []string
	for _, p := range parts() {
		all = append(all, p.called()...)
	}
	return all
}

func (p part) called() []string {
	if p.names == nil {
		return []string{p.section}
	}
	return p.names
}

// wants reports whether something is to be measured.
func (o options) wants(names ...string) bool {
	return len(o.only) == 0 || slices.ContainsFunc(names, func(name string) bool { return slices.Contains(o.only, name) })
}
