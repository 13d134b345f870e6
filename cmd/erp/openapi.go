package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.uber.org/zap"

	"erp.internal/platform/httpx"
	"erp.internal/platform/pg"
)

type openapiCommand struct {
	Format string `enum:"json,yaml" default:"json" help:"json or yaml."`
}

// Run prints the document. It needs no database.
func (o openapiCommand) Run(c console) error {
	s, err := load(c)
	if err != nil {
		return err
	}
	var api *httpx.API
	if err := assemble(graph(s, &pg.DB{}, zap.NewNop()), &api); err != nil {
		return err
	}
	if o.Format == "yaml" {
		document, err := api.OpenAPIYAML()
		if err != nil {
			return err
		}
		_, err = c.out.Write(document)
		return err
	}
	document, err := api.OpenAPI()
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, document, "", "  "); err != nil {
		return fmt.Errorf("write OpenAPI document: %w", err)
	}
	_, err = fmt.Fprintln(c.out, indented.String())
	return err
}
