package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"go.uber.org/fx"
	"go.uber.org/zap"

	"erp.internal/platform/authn"
	"erp.internal/platform/change"
	"erp.internal/platform/config"
	"erp.internal/platform/errs"
	"erp.internal/platform/httpx"
	"erp.internal/platform/metrics"
	"erp.internal/platform/pg"
)

type docsCommand struct {
	Table string `arg:"" enum:"endpoints,errors,events,settings,metrics" help:"endpoints, errors, events, settings or metrics."`
}

// Run prints the table. It needs no database.
func (d docsCommand) Run(c console) error {
	s, err := load(c)
	if err != nil {
		return err
	}
	switch d.Table {
	case "settings":
		return printSettings(c.out, s)
	case "metrics":
		return printMetrics(c.out)
	}
	var api *httpx.API
	var door *change.Door
	var lists errorLists
	if err := assemble(graph(s, &pg.DB{}, zap.NewNop()), &api, &door, &lists); err != nil {
		return err
	}
	switch d.Table {
	case "endpoints":
		return printEndpoints(c.out, api.Operations())
	case "events":
		return printEvents(c.out, door.Kinds())
	}
	return printErrors(c.out, lists.All)
}

// errorLists are the errors of each part of the program.
type errorLists struct {
	fx.In
	All []errs.List `group:"errors"`
}

func printEndpoints(out io.Writer, operations []httpx.Operation) error {
	var tags []string
	byTag := map[string][][]string{}
	for _, op := range operations {
		if byTag[op.Tag] == nil {
			tags = append(tags, op.Tag)
		}
		byTag[op.Tag] = append(byTag[op.Tag], []string{code(op.Method + " " + op.Path), op.Summary, needs(op.Access), fmt.Sprint(statusOf(op))})
	}
	for i, tag := range tags {
		if i > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "### %s\n\n", tag)
		if err := printTable(out, []string{"method and path", "does", "needs", "success"}, byTag[tag]); err != nil {
			return err
		}
	}
	return nil
}

// needs describes what the caller of an operation needs.
func needs(access authn.Access) string {
	switch access {
	case authn.Public:
		return "nothing"
	case authn.SignedIn, authn.SignedInOrPending:
		return "a session"
	}
	return code(access.AccessName())
}

func statusOf(op httpx.Operation) int {
	if op.Status == 0 {
		return http.StatusOK
	}
	return op.Status
}

func printErrors(out io.Writer, lists []errs.List) error {
	var answers, rules [][]string
	for _, r := range httpx.Refusals(lists) {
		answers = append(answers, []string{fmt.Sprint(r.Status), code(r.Code), r.When})
	}
	for _, r := range httpx.Rules(lists) {
		rules = append(rules, []string{code(r.Code), r.Value})
	}
	fmt.Fprint(out, "### Codes of answers\n\n")
	if err := printTable(out, []string{"status", "`code`", "when"}, answers); err != nil {
		return err
	}
	fmt.Fprint(out, "\n### Codes inside `errors`\n\n")
	return printTable(out, []string{"`code`", "the value"}, rules)
}

func printEvents(out io.Writer, kinds []change.Kind) error {
	var rows [][]string
	for _, k := range kinds {
		rows = append(rows, []string{code(k.Name), k.Means})
	}
	return printTable(out, []string{"`kind`", "meaning"}, rows)
}

func printSettings(out io.Writer, s settings) error {
	var rows [][]string
	for _, setting := range config.Described(s.parts()...) {
		rows = append(rows, []string{code(setting.Name), setting.Default, setting.Meaning})
	}
	return printTable(out, []string{"variable", "default", "meaning"}, rows)
}

func printMetrics(out io.Writer) error {
	var rows [][]string
	for _, m := range metrics.All() {
		labels := make([]string, len(m.Labels))
		for i, label := range m.Labels {
			labels[i] = code(label)
		}
		rows = append(rows, []string{code(m.Name), strings.Join(labels, ", "), m.Help})
	}
	return printTable(out, []string{"metric", "labels", "meaning"}, rows)
}

func printTable(out io.Writer, head []string, rows [][]string) error {
	var table strings.Builder
	line := func(cells []string) { table.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(head)
	table.WriteString("|" + strings.Repeat("---|", len(head)) + "\n")
	for _, row := range rows {
		line(row)
	}
	_, err := io.WriteString(out, table.String())
	return err
}

func code(text string) string { return "`" + text + "`" }
