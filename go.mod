module erp.internal

go 1.26

ignore ./web/node_modules

require (
	erp.internal/migrations v0.0.0
	erp.internal/modules/organization v0.0.0
	erp.internal/platform v0.0.0
)

replace (
	erp.internal/migrations => ./migrations
	erp.internal/modules/organization => ./modules/organization
	erp.internal/platform => ./platform
)
