module erp.internal/migrations

go 1.26
