package postgres

import (
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	"erp.internal/platform/place"
)

// What a grant is at a moment; its parameter is the moment, null for now.
const (
	moment = "coalesce(?::timestamptz, now())"
	over   = "ended_at <= " + moment
	past   = "valid_until <= " + moment
	ahead  = "valid_from > " + moment
)

// inState is domain.Grant.At in SQL; domain/testdata/grant_states.json holds both to the same answers.
func inState(query squirrel.SelectBuilder, state domain.State, at *time.Time) squirrel.SelectBuilder {
	if state == "" {
		return query
	}
	query = query.Where("granted_at <= "+moment, at)
	if state == domain.Ended {
		return query.Where(over, at)
	}
	query = query.Where("("+over+") IS NOT TRUE", at)
	if state == domain.Expired {
		return query.Where(past, at)
	}
	query = query.Where("("+past+") IS NOT TRUE", at)
	if state == domain.Scheduled {
		return query.Where(ahead, at)
	}
	return query.Where("("+ahead+") IS NOT TRUE", at)
}

// inEffect is domain.Grant.Effect in SQL.
func inEffect(query squirrel.SelectBuilder, filter ports.GrantFilter) squirrel.SelectBuilder {
	switch filter.Effect {
	case "":
		return query
	case domain.EffectEnded, domain.EffectExpired:
		return inState(query, domain.State(filter.Effect), filter.At)
	case domain.UserDeactivated:
		return notOver(query, filter.At).Where("user_id = ANY(?)", filter.Inactive)
	case domain.GivesNothing:
		return notOver(query, filter.At).Where("user_id <> ALL(?)", filter.Inactive).Where(squirrel.Expr("NOT (?)", gives(filter)))
	case domain.InForce:
		query = inState(query, domain.Active, filter.At)
	default:
		query = inState(query, domain.Scheduled, filter.At)
	}
	return query.Where("user_id <> ALL(?)", filter.Inactive).Where(gives(filter))
}

// notOver holds what is active or scheduled.
func notOver(query squirrel.SelectBuilder, at *time.Time) squirrel.SelectBuilder {
	return query.Where("granted_at <= "+moment, at).Where("("+over+") IS NOT TRUE", at).Where("("+past+") IS NOT TRUE", at)
}

// gives reports whether a grant's role holds something for its place. Written so, the planner can tell how many grants do.
func gives(filter ports.GrantFilter) squirrel.Sqlizer {
	return squirrel.Expr("(organization_id IS NULL AND role_id = ANY(?) OR organization_id IS NOT NULL AND department_id IS NULL AND role_id = ANY(?) OR department_id IS NOT NULL AND role_id = ANY(?))",
		filter.Giving[place.SystemLevel], filter.Giving[place.OrganizationLevel], filter.Giving[place.DepartmentLevel])
}
