module erp.internal/modules/organization

go 1.26

require (
	erp.internal/migrations v0.0.0
	erp.internal/platform v0.0.0
)

replace (
	erp.internal/migrations => ../../migrations
	erp.internal/platform => ../../platform
)
