// Command module writes a new module: its rooms, its migration, its policy and requests, its views, and the lines in go.work
// and go.mod. See docs/new-module.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	err := run(context.Background(), ".", os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "make module:", err)
		os.Exit(1)
	}
}

// run writes a module into the checkout at root.
func run(ctx context.Context, root string, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("module", flag.ContinueOnError)
	var w wish
	flags.StringVar(&w.Module, "name", "", "NAME: the module, such as payroll")
	flags.StringVar(&w.Entity, "entity", "", "ENTITY: what it holds, such as payslip or leave_request")
	flags.StringVar(&w.Plural, "plural", "", "PLURAL: several of them, where English has more than an s for that")
	flags.StringVar(&w.Korean, "korean", "", "KOREAN: what one is called in Korean, such as 급여명세서")
	if err := flags.Parse(args); err != nil {
		return err
	}
	words, err := w.words()
	if err != nil {
		return err
	}
	if err := words.free(root); err != nil {
		return err
	}
	written, err := makeModule(ctx, root, words)
	if err != nil {
		return err
	}
	for _, path := range written {
		fmt.Fprintln(out, path)
	}
	fmt.Fprintf(out, next, words.Module)
	return nil
}

// next is what is left to do by hand.
const next = `
Now let the program and the console have it, a line in each:

	cmd/erp/graph.go           %[1]s.Module(),                  (and its import)
	web/src/shell/modules.ts   export { %[1]s } from "@/%[1]s";

Then run: make types docs && make lint test web-test. docs/new-module.md says what each file is for.
`
