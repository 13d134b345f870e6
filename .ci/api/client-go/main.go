// Program client-go uses the Go client that oapi-codegen makes of the API's document, as a stranger's program would:
//
//	go run ./client-go http://127.0.0.1:8000 admin@example.com PASSWORD
//
// `make api-check` compiles it. Package generated is made by check.sh and not committed.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	_ "github.com/oapi-codegen/runtime" // which the generated package imports: keeps it in go.mod

	client "erp.internal/api-check/client-go/generated"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: client-go URL EMAIL PASSWORD")
	}
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, url, email, password string) error {
	open, err := client.NewClientWithResponses(url)
	if err != nil {
		return err
	}
	session, err := open.LoginWithResponse(ctx, client.CredentialsBody{Email: email, Password: &password})
	if err != nil {
		return err
	}
	if session.JSON200 == nil {
		return fmt.Errorf("signing in: %s", session.Body)
	}
	api, err := client.NewClientWithResponses(url, client.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+session.JSON200.AccessToken)
		return nil
	}))
	if err != nil {
		return err
	}

	key := fmt.Sprintf("client-go-%d", time.Now().UnixNano())
	name := "한빛병원 " + key
	create := func() (*client.CreateOrganizationResponse, error) {
		return api.CreateOrganizationWithResponse(ctx, &client.CreateOrganizationParams{IdempotencyKey: &key}, client.CreateOrganizationBody{Name: name})
	}
	made, err := create()
	if err != nil {
		return err
	}
	if made.JSON201 == nil {
		return fmt.Errorf("creating an organization: %s", made.Body)
	}
	same, err := create()
	if err != nil {
		return err
	}
	if same.JSON201 == nil || same.JSON201.Id != made.JSON201.Id {
		return fmt.Errorf("sending it again with the same key: %s", same.Body)
	}
	position := int64(0)
	ward, err := api.CreateDepartmentWithResponse(ctx, nil, client.CreateDepartmentBody{OrganizationId: made.JSON201.Id, Name: "심장내과", SortOrder: &position})
	if err != nil {
		return err
	}
	if ward.JSON201 == nil {
		return fmt.Errorf("creating a department: %s", ward.Body)
	}
	version := ward.HTTPResponse.Header.Get("ETag")
	moved, err := api.MoveDepartmentWithResponse(ctx, ward.JSON201.Id, &client.MoveDepartmentParams{IfMatch: &version}, client.MoveDepartmentBody{ParentId: nil, Position: &position})
	if err != nil {
		return err
	}
	if moved.JSON200 == nil {
		return fmt.Errorf("moving it: %s", moved.Body)
	}
	other := `"99"`
	again, err := api.MoveDepartmentWithResponse(ctx, ward.JSON201.Id, &client.MoveDepartmentParams{IfMatch: &other}, client.MoveDepartmentBody{})
	if err != nil {
		return err
	}
	if again.ApplicationproblemJSON412 == nil || again.ApplicationproblemJSON412.Code != "stale" {
		return fmt.Errorf("moving it by another version: %s", again.Body)
	}

	limit, sort, ids := int64(1), client.ListOrganizationsParamsSort("-name"), []int64{made.JSON201.Id, ward.JSON201.Id}
	listed, err := api.ListOrganizationsWithResponse(ctx, &client.ListOrganizationsParams{Limit: &limit, Sort: &sort, Id: &ids})
	if err != nil {
		return err
	}
	if listed.JSON200 == nil {
		return fmt.Errorf("listing organizations: %s", listed.Body)
	}
	tree, err := api.DepartmentTreeWithResponse(ctx, made.JSON201.Id, nil)
	if err != nil {
		return err
	}
	if tree.JSON200 == nil || len(*tree.JSON200) != 1 {
		return fmt.Errorf("reading the tree: %s", tree.Body)
	}
	file, err := api.ExportGrants(ctx, &client.ExportGrantsParams{})
	if err != nil {
		return err
	}
	if err := file.Body.Close(); err != nil {
		return err
	}
	fmt.Println(made.JSON201.Id, (*tree.JSON200)[0].Name, len(*listed.JSON200), file.Status)
	return nil
}
