package http_test

import (
	"testing"

	"go.uber.org/fx"

	"erp.internal/migrations"
	"erp.internal/modules/organization"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func newClient(tb testing.TB, options ...fx.Option) *apitest.Client {
	tb.Helper()
	return apitest.New(tb, migrations.Files, append(options, organization.Module(), apitest.Open())...)
}
