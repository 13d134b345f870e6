package http_test

import (
	"testing"

	"go.uber.org/fx"

	"erp.internal/migrations"
	"erp.internal/modules/organization"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func newClient(t testing.TB, options ...fx.Option) *apitest.Client {
	t.Helper()
	return apitest.New(t, migrations.Files, append(options, organization.Module())...)
}
